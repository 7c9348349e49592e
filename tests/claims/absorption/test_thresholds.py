import pytest

from saecore.claims.absorption import thresholds


def test_gradients_are_exact_on_a_linear_model(setting, study):
    found = thresholds.gradients(setting, study.saes)
    assert found.r == pytest.approx(1, abs=1e-4)
    assert found.slope == pytest.approx(1, abs=1e-4)
    assert (found.same_gradients, found.same_screened) == (1, 1)


def test_the_tables_hold_the_verdicts_own_rate(setting, study):
    moved = thresholds.moved_thresholds(setting, study.saes)
    one = study.saes[setting.grid.base[0]]
    own = moved.absolute[-2]
    assert (own["cosine at least"], own["lead"]) == (setting.rule["cosine"], "1 logits")
    assert own["F1 jump 0.03"] == pytest.approx(float(one.decided.rate.nanmean()))


def test_the_rate_falls_with_the_lead(setting, study):
    moved = thresholds.moved_thresholds(setting, study.saes)
    assert len(moved.absolute) == len(moved.relative) == 9
    for rows in moved:
        rates = [row["F1 jump 0.03"] for row in rows]
        for at in (0, 3, 6):
            assert rates[at] >= rates[at + 1] >= rates[at + 2]
    assert moved.absolute[0]["F1 jump 0.03"] > moved.absolute[2]["F1 jump 0.03"]


def test_a_large_jump_leaves_one_main_latent_per_letter(setting, study):
    one = study.saes[setting.grid.base[0]]
    few = thresholds.with_jump(one, setting, 0.9)
    assert few.silent.sum() > one.found.silent.sum()  # the other half of A
