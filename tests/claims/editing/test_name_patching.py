"""Both orders of the latents are those of the measures, at the claim's share."""

import torch

from saecore.claims.editing import name_patching
from saecore.claims.editing.name_patching import curve_rows
from saecore.measures.editing.acdc import pruned
from saecore.measures.editing.patching import PatchingCurve, by_gradient
from tests.claims.editing.conftest import PAIRS


def test_the_pairs_are_as_many_as_the_paper_takes_and_the_models_own(found):
    assert len(found.pairs) == PAIRS
    patching = found.patching
    assert patching.start == patching.exchanged.divergence(patching.exchanged.base)
    assert patching.gradient.shape == patching.exchanged.base.shape


def test_the_gradient_order_is_that_of_the_measure(found):
    on, pair = found.patching, found.exchanges[0]
    curve = on.in_gradient_order(pair, (2, 5))
    divergences = on.exchanged.divergences
    plain = by_gradient(pair, divergences, on.gradient, (2, 5))
    assert torch.equal(curve.divergence, plain.divergence)
    assert curve.latents.tolist() == [0, 2, 5]


def test_another_draw_is_another_order_of_acdc(found):
    on, pair = found.patching, found.pca_exchange
    plain = pruned(
        pair,
        on.exchanged.divergences,
        thresholds=name_patching.ACDC_THRESHOLDS,
        between=True,
        generator=torch.Generator().manual_seed(1),
    )
    assert torch.equal(found.acdc.pca[1].latents, plain.latents)
    sizes = [one.size.tolist() for one in found.acdc.pca]
    assert sizes[0] != sizes[1]


def test_what_is_needed_closes_the_claims_share_and_no_smaller_set_does(found):
    on, curve = found.patching, found.gradient.pca[0]
    few = int(on.needed(curve).latents)
    there = curve.divergence <= on.start * (1 - on.share)
    assert few == int(curve.latents[there].min())


def test_curves_are_rows_at_the_numbers_of_latents_asked_for():
    curve = PatchingCurve(torch.tensor([0, 4, 8]), torch.rand(3), torch.rand(3))
    rows = curve_rows({"one": curve}, (0, 8, 16))
    assert [row["latents"] for row in rows] == [0, 8]
    assert rows[1]["KL"] == float(curve.divergence[2])
