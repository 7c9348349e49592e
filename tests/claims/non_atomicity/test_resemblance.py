"""How close planted meta-latents come to the latents of a small SAE."""

import pytest
import torch

from saecore.claims.non_atomicity import resemblance


def test_planted_parts_are_latents_of_the_small_sae_and_their_sums_are_not(model):
    found = resemblance.resemblance(model)
    assert found.found.estimate == pytest.approx(1, abs=1e-4)
    assert 0.6 < found.null.estimate < 0.8  # two parts each


def test_there_is_an_array_per_seed_and_an_entry_per_latent(model):
    near = resemblance.closest(model, width=64)
    assert near.width == 64
    assert [len(one) for one in near.meta] == [12, 12, 12]
    assert {len(one) for one in near.large} == {256}


def test_histograms_are_densities():
    near = resemblance.Closest(3, [torch.tensor([0.05, 0.95])], [torch.rand(50)])
    columns = resemblance.closest_histograms(near, bins=10)
    for name in ("meta-latents", "all latents of the large SAE (null)"):
        assert sum(columns[name]) / 10 == pytest.approx(1)
    assert columns["meta-latents"][0] == pytest.approx(5)
    assert columns["from"][1:] == columns["to"][:-1]


def test_the_table_has_both_widths_and_the_null_of_each(model):
    rows = resemblance.closest_rows(model)
    assert [row["width of the small SAE"] for row in rows] == [16, 16, 64, 64]
    assert rows[0]["share above 0.7"] == 1
