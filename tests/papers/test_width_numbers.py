"""Numbers over widths against the whole matrix of cosines."""

import pytest
import torch

from saecore.papers.opened import FetchedSAEs
from saecore.papers.width_numbers import (
    decoder_geometry,
    nearest_neighbour,
    novel_latents,
)

NAMES = ["768", "1536", "3072"]


def test_partners_are_those_of_the_whole_matrix(small):
    saes = FetchedSAEs(small["gpt2"], NAMES)
    found = novel_latents(saes)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        best = (saes[j].W_dec @ saes[i].W_dec.T).amax(1)
        pair = f"{NAMES[j]} in {NAMES[i]}"
        share = float((best > 0.7).double().mean())
        assert found[f"reconstruction/{pair}"] == pytest.approx(share, abs=1e-6)
        assert found[f"novel/{pair}"] == int((best <= 0.7).sum())
    pair = "1536 in 768"
    assert found[f"reconstruction by chance/{pair}"] < found[f"reconstruction/{pair}"]
    assert found[f"families 1-1/{pair}"] + found[f"families 1-2/{pair}"] > 0
    assert "families/3072 in 768" not in found


def test_a_sum_of_rows_is_explained_by_its_rows(small):
    found = decoder_geometry(FetchedSAEs(small["gpt2"], ["24576", "49152"]))
    shares = {n: x for n, x in found.items() if n.startswith("explained by")}
    assert set(shares) == {
        f"explained by {name}/49152"
        for name in (
            "its own rows at random", "isotropic directions", "principal axes",
            "rows of 24576",
        )
    }  # fmt: skip
    assert all(0 < x < 1 for x in shares.values())
    assert shares["explained by rows of 24576/49152"] == max(shares.values())


def test_the_nearest_row_is_another_one():
    rows = torch.eye(5)
    assert nearest_neighbour(rows) == 0
    assert nearest_neighbour(torch.cat([rows, rows])) == pytest.approx(1)
