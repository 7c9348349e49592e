"""Other definitions, thresholds and layers, and what is kept the same."""

import pytest

from saecore.claims.seed_dependence.chance import other_nulls
from saecore.claims.seed_dependence.meaning import definitions
from saecore.measures.seeds.matching import DEFINITIONS


def test_the_claims_definition_is_one_of_six_and_gives_the_claims_share(found):
    shares = definitions.shares_by_definition(found.model.base)
    assert tuple(shares) == DEFINITIONS
    assert shares["same partner"] == found.model.shared
    assert shares["decoder"].estimate > shares["same partner"].estimate


def test_the_share_falls_with_the_threshold_and_nulls_fall_first(found):
    base, levels = found.model.base, [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    curves = definitions.by_threshold(base, other_nulls(base), levels)
    assert len(curves.nulls) == 5
    ours = curves.real.share[0]
    assert (ours.diff() <= 0).all()
    assert float(ours[4]) == pytest.approx(base.pair.share())
    assert all(float(line[3]) <= float(ours[3]) for line in curves.nulls.values())


def test_the_first_layer_shares_least_as_planted(found):
    layers = definitions.shares_by_layer(found.model.base)
    assert list(layers.share) == list(layers.null) == [0, 1]
    gain = layers.share[1].estimate - layers.share[0].estimate
    assert gain == pytest.approx(0.2)


def test_the_same_initialisation_brings_its_latents_back(found):
    kept = definitions.control(found.model.base)
    assert len(kept) == 7
    assert (True, True, True) not in kept
    for (init, *_), share in kept.items():
        assert (share.estimate == 1) == init
        assert 0 <= share.low < share.high <= 1


def test_what_the_initialisation_adds_is_taken_seed_by_seed(found):
    base = found.model.base
    kept = definitions.control(base)
    added = definitions.steered(base)
    gap = kept[True, False, False].estimate - kept[False, False, False].estimate
    assert added.estimate == pytest.approx(gap)
    assert added.low > 0


def test_what_is_kept_is_said_in_words(found):
    kept = definitions.control(found.model.base)
    words = definitions.in_words(kept)
    assert list(words.values()) == list(kept.values())
    assert words["init same order other data same"] == kept[True, False, True]
