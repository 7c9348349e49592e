"""Both orders of the latents are those of the measures, at the claim's share."""

import pytest
import torch
from torch.testing import assert_close

from saecore.claims.editing.name_patching import curve_rows
from saecore.measures.editing.acdc import pruned
from saecore.measures.editing.by_pair import patched_by_pair
from saecore.measures.editing.patching import PatchingCurve, by_gradient
from tests.claims.editing.conftest import PAIRS


def test_the_start_is_the_mean_of_the_pairs_starts(found):
    patching = found.patching
    assert len(patching.starts) == len(found.pairs) == PAIRS
    start = patching.exchanged.divergence(patching.exchanged.base)
    assert patching.start == pytest.approx(start)
    assert patching.gradient.shape == patching.exchanged.base.shape


def test_the_gradient_order_is_that_of_the_measure(found):
    on, pair = found.patching, found.exchanges[0]
    curve = on.in_gradient_order(pair, (2, 5))
    divergences = on.exchanged.divergences
    plain = by_gradient(pair, divergences, on.gradient, (2, 5))
    assert torch.equal(curve.divergence, plain.divergence)
    assert curve.latents.tolist() == [0, 2, 5]


def test_another_draw_is_another_order_of_acdc(found):
    on, pair = found.patching, found.bases["PCA"]
    plain = pruned(
        pair,
        on.exchanged.divergences,
        thresholds=on.thresholds,
        between=True,
        generator=torch.Generator().manual_seed(1),
    )
    assert torch.equal(on.in_acdc_order(pair, 1).latents, plain.latents)
    sizes = [on.in_acdc_order(pair, draw).size.tolist() for draw in (0, 1)]
    assert sizes[0] != sizes[1]


def test_what_is_needed_closes_the_claims_share_and_no_smaller_set_does(found):
    on = found.patching
    curve = on.in_gradient_order(found.bases["PCA"])
    few = int(on.needed(curve).latents)
    there = curve.divergence <= on.start * (1 - on.share)
    assert few == int(curve.latents[there].min())


@pytest.mark.parametrize("find", ["acdc_by_pair", "gradient_by_pair"])
def test_sets_by_pair_close_the_claims_share_of_each_pair(found, find):
    on, pair = found.patching, found.exchanges[0].first(PAIRS - 1)
    sets = getattr(on, find)(pair)
    there = on.exchanged.divergences(
        patched_by_pair(pair, sets.chosen), torch.arange(PAIRS - 1)
    )
    goal = on.goal(PAIRS - 1)
    assert sets.reached.any()
    assert (there <= goal + 1e-4)[sets.reached].all()


def test_divergences_of_one_set_are_those_of_the_curve(found):
    on, pair = found.patching, found.exchanges[0]
    each, curve = on.set_divergences(pair), on.in_gradient_order(pair)
    assert torch.equal(each.counts, curve.latents)
    assert_close(each.each.mean(0).float(), curve.divergence)


def test_curves_are_rows_at_the_numbers_of_latents_asked_for():
    curve = PatchingCurve(torch.tensor([0, 4, 8]), torch.rand(3), torch.rand(3))
    rows = curve_rows({"one": curve}, (0, 8, 16))
    assert [row["latents"] for row in rows] == [0, 8]
    assert rows[1]["KL"] == float(curve.divergence[2])
