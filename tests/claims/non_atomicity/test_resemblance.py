"""How close planted meta-latents come to the latents of a small SAE."""

import pytest
import torch

from saecore.claims.non_atomicity import resemblance


def test_planted_parts_are_latents_of_the_small_sae_and_their_sums_are_not(model):
    found = resemblance.resemblance(model, resemblance.closest(model))
    assert found.found.estimate == pytest.approx(1, abs=1e-4)
    assert 0.6 < found.null.estimate < 0.95  # two parts each, or their averages
    assert found.excess.low > 0


def test_there_is_an_array_per_seed_and_an_entry_per_direction(model):
    near = resemblance.closest(model, width=64)
    assert near.width == 64
    assert [len(one) for one in near.cosines["meta-latents"]] == [12, 12, 12]
    assert [len(one) for one in near.cosines["k-means centres"]] == [12, 12, 12]
    live = [int(model.firing(one.sae).sum()) for one in model.grid.base]
    assert [len(one) for one in near.cosines["rows of the large SAE"]] == live
    assert set(near.nulls) == {"k-means centres", "rows of the large SAE"}


def test_the_mode_is_where_most_cosines_are():
    cosines = torch.cat([torch.full((30,), 0.9), torch.linspace(0, 0.8, 60)])
    assert resemblance.mode(cosines) == pytest.approx(0.9, abs=0.02)
    near = resemblance.Closest(3, {"meta-latents": [cosines[:30], cosines[30:]]})
    assert resemblance.pooled_mode(near) == resemblance.mode(cosines)


def test_histograms_are_densities():
    cosines = {"meta-latents": [torch.tensor([0.05, 0.95])], "rows": [torch.rand(50)]}
    columns = resemblance.closest_histograms(resemblance.Closest(3, cosines), bins=10)
    for name in cosines:
        assert sum(columns[name]) / 10 == pytest.approx(1)
    assert columns["meta-latents"][0] == pytest.approx(5)
    assert columns["from"][1:] == columns["to"][:-1]


def test_the_table_has_both_widths_and_the_nulls_of_each(model):
    rows = resemblance.closest_rows(model)
    assert [row["width of the small SAE"] for row in rows] == [16] * 3 + [64] * 3
    assert rows[0]["share above 0.7"] == 1
    wider = resemblance.wider(model)
    assert wider.found.estimate == pytest.approx(rows[3]["median closest cosine"])
