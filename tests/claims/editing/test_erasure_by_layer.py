"""Every eraser at every layer: the tables' rows are means of what is measured."""

import pytest

from saecore.claims.editing import erasure_by_layer
from saecore.claims.editing.erasure_by_layer import Brought, same_effect_rows
from saecore.source.tasks.gender import ErasureOutcome
from tests.claims.editing.conftest import LAYERS


@pytest.fixture(scope="module")
def erasers(zoo, subject):
    return erasure_by_layer.erasers(zoo, subject)


def test_seven_erasers_are_shown_as_they_are_at_every_layer(erasers):
    outcomes = erasure_by_layer.as_they_are(erasers)
    assert tuple(outcomes) == LAYERS
    assert {len(by_name) for by_name in outcomes.values()} == {7}
    assert len(outcomes[0]["latent projected"]) == erasers.shown == 2
    rows = erasure_by_layer.as_they_are_rows(outcomes)
    assert len(rows) == 21
    both = outcomes[0]["latent projected"]
    row = next(r for r in rows if r["eraser"] == "latent projected")
    assert row["other names"] == pytest.approx(sum(o.held_out for o in both) / 2)
    planted = outcomes[1]["latent projected"][0]
    assert planted.chosen < 0.6 < outcomes[1]["random direction"][0].chosen


def test_at_the_same_effect_harm_is_that_of_the_claims_numbers(erasers, found):
    brought = erasure_by_layer.at_same_effect(erasers)
    assert tuple(brought) == LAYERS[:-1]
    base = brought[found.profile.layer]
    for name, several in base.items():
        assert [one.outcome.other_text for one in several] == found.harm[name]
    assert all(one.reached for one in base["one latent"])


def test_a_row_has_the_mean_and_the_ends_of_the_harm():
    outcomes = [ErasureOutcome(0.5, 0.6, 0.7, kl, 1.0) for kl in (0.3, 0.1)]
    several = [Brought(True, outcomes[0], 0.4), Brought(False, outcomes[1], 0.2)]
    (row,) = same_effect_rows({2: {"one latent": several}})
    assert row["KL on other text, mean"] == pytest.approx(0.2)
    assert (row["least"], row["most"]) == (0.1, 0.3)
    assert (row["SAEs"], row["brought to chance"]) == (2, 1)
    assert row["KL with other names at chance"] == pytest.approx(0.3)
    (row,) = same_effect_rows({2: {"LEACE": several[:1]}})
    assert row["SAEs"] is None


def test_all_candidates_together_leave_less_than_nothing_subtracted(erasers):
    left = erasure_by_layer.several_subtracted(erasers)
    task = erasers.tasks[erasers.layer]
    assert 0.5 < left < task.right(lambda x: x, "held out")
