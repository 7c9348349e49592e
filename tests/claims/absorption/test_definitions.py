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
    rows = definitions.choices(setting, study.saes)
    assert rows[0]["main latents per letter"] == pytest.approx(4 / 3)
    assert rows[2]["main latents per letter"] == 1
    agrees = [row["first latent is the best single one"] for row in rows]
    assert min(agrees[:2]) >= 2 / 3
    assert agrees[2] == 0  # the encoder of a latent that absorbs avoids its children
    assert rows[2]["their F1"] is None
