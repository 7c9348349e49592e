"""The matrices of the family agree with its formulas."""

import pytest

from saecore.claims.absorption_toys import derivation
from saecore.source.worlds.toys import HIERARCHY


def test_sums_by_the_matrices_are_those_by_the_formulas():
    rows = derivation.family_sums(HIERARCHY, seed=1)
    assert [row["delta"] for row in rows] == list(derivation.FAMILY_DELTAS)
    for row in rows:
        assert row["squared error"] == pytest.approx(0, abs=1e-12)
        plain, norms = row["sum of activations"], row["weighted by norms"]
        assert plain == pytest.approx(row["by the formula"])
        assert norms == pytest.approx(row["formula with norms"])


def test_full_absorption_saves_p11_of_the_plain_penalty_and_l0_saves_nothing_before():
    saved = derivation.saved(HIERARCHY, points=11)
    total = 2 * HIERARCHY.p11 + HIERARCHY.p10
    assert saved.plain[-1] == pytest.approx(HIERARCHY.p11 / total)
    assert saved.norms[-1] == pytest.approx((2 - 2**0.5) * HIERARCHY.p11 / total)
    assert saved.l0[:-1] == [0] * 10
    assert saved.l0[-1] == pytest.approx(HIERARCHY.p11 / total)
