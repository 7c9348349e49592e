"""Children that are weaker or stronger than their parents, on planted toys."""

import pytest

from saecore.claims.absorption_toys import magnitudes
from saecore.claims.absorption_toys.grid import MAGNITUDES, SEEDS


def test_a_row_per_magnitude_says_what_absorption_saves_and_what_was_planted(
    by_delta, subject
):
    zoo = by_delta(lambda recipe: float(recipe.toy.child_magnitude == 1))
    rows = magnitudes.magnitude_rows(zoo, subject, level=0.95)
    by_size = {row["child's magnitude"]: row for row in rows}
    assert list(by_size) == sorted([*MAGNITUDES, 1.0])
    assert by_size[1.0]["delta of 0.5 or more"] == SEEDS
    assert by_size[1.0]["gap"] == 1
    assert by_size[4.0]["delta of 0.5 or more"] == 0


def test_absorption_saves_something_at_every_magnitude_and_little_of_a_weak_child():
    saved = [magnitudes.saved_by_absorption(child) for child in (1e-3, 0.25, 1.0, 4.0)]
    assert min(saved) > 0
    assert saved[:3] == sorted(saved[:3])
    assert saved[2] == pytest.approx(0.05 * (2 - 2**0.5) / 0.3)
