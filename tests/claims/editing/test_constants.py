"""Every constant of the claim moves an input of its verdict."""

from typing import Any

import pytest

from saecore.claims.editing.headline import erasure_harm, judged_numbers, orders
from saecore.report import Claim
from tests.claims.editing.conftest import WrittenZoo

MOVED = {"confidence": 0.5, "share": 0.9, "candidates": 1, "chance": 0.8, "strength": 2}


@pytest.fixture(scope="module")
def unknowing(model):
    """No latent that knows gender in the second seed: it is pushed as far as allowed."""
    return WrittenZoo(model, knowing=(0,))


def harm(zoo, subject, model, claim):
    saes = [zoo.sae(subject.layer, seed) for seed in (0, 1)]
    return erasure_harm(zoo, subject, model, saes, claim)


def test_all_constants_are_moved_here():
    assert set(MOVED) == set(Claim.read("editing").constants)


def test_confidence_widens_the_intervals(found):
    claim = found.claim.moved(confidence=MOVED["confidence"])
    level = claim.constants["confidence"]
    narrow = judged_numbers(found.gradient, found.acdc, found.harm, level=level)
    wide: Any = found.numbers["model"]
    mean, low, high = wide["patches_acdc_pca"]
    inner: Any = narrow["patches_acdc_pca"]
    assert inner[0] == mean
    assert low < inner[1] < inner[2] < high


def test_the_share_of_the_divergence_moves_patches_and_edits(found):
    share = found.claim.moved(share=MOVED["share"]).constants["share"]
    patching = found.patching._replace(share=share)
    further = orders(patching, found.exchanges, found.pca_exchange)
    moved: Any = judged_numbers(*further, found.harm, level=0.95)
    numbers: Any = found.numbers["model"]
    for name in ("patches", "edit", "patches_acdc", "patches_acdc_pca"):
        assert moved[name][0] > numbers[name][0], name
    for name in ("patches_pca", "edit_pca"):
        assert moved[name] > numbers[name], name


@pytest.mark.parametrize("name", ["candidates", "chance", "strength"])
def test_what_is_tried_and_how_far_moves_the_harm(
    name, unknowing, subject, model, found
):
    before = harm(unknowing, subject, model, found.claim)
    claim = found.claim.moved(**{name: MOVED[name]})
    after = harm(unknowing, subject, model, claim)
    assert after["one latent"] != before["one latent"]
    assert (after["LEACE"] != before["LEACE"]) == (name == "chance")
