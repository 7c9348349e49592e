"""The published matchings of 2501.16615, recomputed; skipped where they are not at
hand.
"""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from saecore.measures.algebra.intervals import over_pairs
from saecore.measures.seeds.many_seeds import alone, triple_consistency

SHARED = Path(os.environ.get("SAECORE_SHARED", Path(__file__).parents[3] / "shared"))
FOLDER = SHARED / "data" / "published" / "seed_overlap"

pytestmark = pytest.mark.skipif(
    not (FOLDER / "alignment.npz").exists(), reason="published matchings not at hand"
)


@pytest.fixture(scope="module")
def arrays():
    return np.load(FOLDER / "alignment.npz")


@pytest.fixture(scope="module")
def numbers() -> list[dict[str, str]]:
    return list(csv.DictReader((FOLDER / "published_numbers.csv").open()))


def partners(arrays, kind: str) -> torch.Tensor:
    """[seed, seed, latent] of the nine 32,768-wide seeds; the pair (1, 2) was not
    published: -1.
    """
    partner = torch.full((9, 9, 32768), -1, dtype=torch.int32)
    for s in range(9):
        partner[s, s] = torch.arange(32768)
        for t in range(s + 1, 9):
            name = f"{kind}_k32-sae-mlp-32k-seed{s + 1}-seed{t + 1}__layer6"
            if name in arrays:
                partner[s, t] = torch.from_numpy(arrays[name].astype(np.int32))
                partner[t, s, partner[s, t].long()] = torch.arange(
                    32768, dtype=torch.int32
                )
    return partner


def test_nine_seeds_agree_on_four_fifths_of_the_partners_and_on_half_of_the_triples(
    arrays,
):
    decoder, encoder = partners(arrays, "decoder"), partners(arrays, "encoder")
    agreement = (decoder == encoder).double().mean(2)
    agreement[(decoder < 0).all(2)] = torch.nan
    found = over_pairs(agreement, level=0.95)
    assert found.estimate == pytest.approx(0.798, abs=5e-4)
    assert 0.001 < found.standard_error < 0.006
    few = [0, 2, 3, 4]
    assert triple_consistency(decoder[few][:, few].long()) == pytest.approx(
        0.523, abs=0.015
    )
    assert triple_consistency(encoder[few][:, few].long()) == pytest.approx(
        0.521, abs=0.015
    )


def test_agreement_falls_with_width_as_published(arrays, numbers):
    published = {
        int(row["value"]): float(row["number"])
        for row in numbers
        if row["figure"] == "sae_overlap_fraction"
        and row["metric"].startswith("same partner")
    }
    for width, name in {
        32: "k32-sae-mlp-32__layer6",
        131072: "k32-sae-mlp-131k__layer6",
    }.items():
        same = arrays[f"decoder_{name}"] == arrays[f"encoder_{name}"]
        assert same.mean() == pytest.approx(published[width], abs=2e-4)


def test_the_histogram_of_nine_seeds_gives_the_published_curve(numbers):
    donut = {
        int(r["value"]): float(r["number"])
        for r in numbers
        if r["figure"] == "sae_overlap_donut"
    }
    line = {
        int(float(r["value"])): float(r["number"])
        for r in numbers
        if r["figure"] == "sae_overlap_line"
    }
    curve = alone(torch.tensor([donut[r] for r in range(1, 10)], dtype=torch.float64))
    for seeds, expected in line.items():
        assert float(curve[seeds - 1]) == pytest.approx(expected, abs=0.002)
