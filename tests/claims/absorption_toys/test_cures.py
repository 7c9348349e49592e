"""Changes of the SAE, on planted toys."""

import pytest

from saecore.claims.absorption_toys import cures
from saecore.claims.absorption_toys.grid import TOY_PENALTY


@pytest.fixture
def found(by_delta, subject):
    """Tied toys solved, all others absorbed."""
    zoo = by_delta(lambda recipe: 0.0 if recipe.variant == "tied" else 1.0)
    return cures.cures(zoo, subject, level=0.95)


def test_a_row_per_change_says_how_its_seeds_ended(found):
    by_name = {row["setting"]: row for row in found.rows}
    assert list(by_name) == ["tied", "tied, no biases", "narrow"]
    assert by_name["tied"]["solved"] == by_name["narrow"]["absorbed"] == 10
    assert (by_name["tied"]["gap"], by_name["narrow"]["gap"]) == (0, 1)


def test_places_are_the_two_cosines_of_the_parents_latent(found):
    rows = cures.places(found)
    assert len(rows) == 70
    first = {row["setting"]: row for row in reversed(rows)}
    assert first["hierarchy"]["encoder"] == pytest.approx(-(2**-0.5))
    assert first["hierarchy"]["decoder"] == pytest.approx(0, abs=1e-6)
    assert first["tied"]["encoder"] == pytest.approx(0, abs=1e-6)


def test_the_absorbed_solution_has_the_lower_objective(found):
    rows = {row["setting"]: row for row in cures.objectives(found)}
    assert rows["hierarchy"]["ended"] == "absorbed"
    assert rows["tied"]["ended"] == "solved"
    truth = rows["tied"]["least objective"]
    assert truth == pytest.approx(TOY_PENALTY * 0.4, rel=1e-5)
    assert rows["hierarchy"]["least objective"] < truth


def test_controls_are_the_same_changes_on_independent_features(by_delta, subject):
    rows = cures.independent_controls(by_delta(lambda recipe: 0.0), subject)
    assert [row["solved"] for row in rows] == [10, 10, 0]
    assert rows[-1]["setting"] == "narrow"
