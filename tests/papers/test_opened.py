"""Released SAEs are opened as their format says, one at a time."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from saecore.papers.opened import FetchedSAEs


@pytest.mark.parametrize("name", ["gpt2", "pythia", "gemma"])
def test_each_format_encodes_as_its_equation_says(small, name):
    """On the files' own weights: ReLU, TopK after ReLU, JumpReLU."""
    saes = FetchedSAEs(small[name], [one.name for one in small[name].saes[:2]])
    assert len(saes) == 2
    for sae in saes:
        x = torch.randn(20, sae.d_model, generator=torch.Generator().manual_seed(0))
        pre = x @ sae.W_dec.T - 0.2
        slow = {
            "gpt2": pre.relu(),
            "pythia": torch.where(pre >= pre.topk(4, 1).values[:, -1:], pre, 0).relu(),
            "gemma": torch.where(pre > 0.1, pre, 0),
        }[name]
        assert_close(sae.encode(x), slow, atol=1e-5, rtol=1e-4)
        assert_close(sae(x), slow @ sae.W_dec, atol=1e-4, rtol=1e-4)


def test_what_is_not_asked_for_is_not_described_or_fetched(small, hub):
    saes = FetchedSAEs(small["gpt2"], ["768"])
    saes.fetch()
    assert {one.rpartition("/")[0] for one in hub.files()} == {
        "blocks.8.hook_resid_pre_768"
    }


def test_other_sizes_than_those_of_the_table_are_told(small):
    release = small["gpt2"]
    wrong = replace(release, saes=(release.saes[0]._replace(width=50),))
    with pytest.raises(ValueError, match="must have 50 latents of 32 coordinates, but"):
        FetchedSAEs(wrong)[0]


def test_weights_are_known_by_their_hash(small):
    saes = FetchedSAEs(small["pythia"])
    assert len({saes.digest(one.name) for one in saes.saes}) == 9
    assert all(len(saes.digest(one.name)) == 64 for one in saes.saes)
