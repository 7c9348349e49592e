import pytest

from saecore.claims.absorption import definitions
from saecore.measures.absorption.metrics import METRICS


@pytest.fixture(scope="module")
def found(setting, study):
    return definitions.definitions(setting, study.saes)


def test_names_are_those_of_the_metrics_page_where_nothing_differs(found):
    shared = [name for name in found.as_zero if name in METRICS]
    assert len(shared) == 6
    assert set(found.as_zero) == set(found.dropped)
    others = set(found.as_zero) - set(METRICS)
    named = (*METRICS, "the verdict's rule", "paper, gradients, lead 1")
    assert all(name.startswith(named) for name in others)


def test_the_verdicts_rule_gives_the_verdicts_number(found, study):
    assert found.as_zero["the verdict's rule"] == study.absorbed


def test_linear_models_make_gradients_exact(found):
    own = "lead 1, k-sparse probe not asked"
    assert found.as_zero[f"paper, gradients, {own}"].estimate == pytest.approx(
        found.as_zero[f"paper, ablation, {own}"].estimate
    )


def test_planted_absorbers_are_specific_to_their_word(found):
    by_child = found.as_zero["confirmed by child"].estimate
    assert by_child == pytest.approx(found.as_zero["confirmed by label"].estimate)
    assert by_child > 0


def test_dropping_letters_can_only_raise_the_mean(found):
    for name, interval in found.as_zero.items():
        assert found.dropped[name] >= interval.estimate - 1e-6


def test_probes_begin_with_the_best_latent_and_cosines_need_not(setting, study):
    rows = definitions.ways_to_choose(setting, study.saes)
    assert rows[0]["main latents per letter"] == pytest.approx(4 / 3)
    assert rows[2]["main latents per letter"] == 1
    agrees = [row["first latent is the best single one"] for row in rows]
    assert min(agrees[:2]) >= 2 / 3
    assert agrees[2] == 0  # the encoder of a latent that absorbs avoids its children
    assert rows[2]["their F1"] is None


# Thresholds and gradients


def test_gradients_are_exact_on_a_linear_model(setting, study):
    found = definitions.gradients(setting, study.saes)
    assert found.r == pytest.approx(1, abs=1e-4)
    assert found.slope == pytest.approx(1, abs=1e-4)
    assert (found.same_gradients, found.same_screened) == (1, 1)


def test_the_tables_hold_the_verdicts_own_rate(setting, study):
    moved = definitions.moved_thresholds(setting, study.saes)
    one = study.saes[setting.grid.base[0]]
    own = moved.absolute[-2]
    assert (own["cosine at least"], own["lead"]) == (setting.rule["cosine"], "1 logits")
    assert own["F1 jump 0.03"] == pytest.approx(float(one.decided.rate.nanmean()))


def test_the_rate_falls_with_the_lead(setting, study):
    moved = definitions.moved_thresholds(setting, study.saes)
    assert len(moved.absolute) == len(moved.relative) == 9
    for rows in moved:
        rates = [row["F1 jump 0.03"] for row in rows]
        for at in (0, 3, 6):
            assert rates[at] >= rates[at + 1] >= rates[at + 2]
    assert moved.absolute[0]["F1 jump 0.03"] > moved.absolute[2]["F1 jump 0.03"]


def test_a_large_jump_leaves_one_main_latent_per_letter(setting, study):
    one = study.saes[setting.grid.base[0]]
    few = definitions.with_jump(one, setting, 0.9)
    assert few.silent.sum() > one.found.silent.sum()  # the other half of A
