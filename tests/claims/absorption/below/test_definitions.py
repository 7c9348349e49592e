import pytest
import torch

from saecore.claims.absorption.below import definitions
from saecore.measures.absorption.ablation import integrated_gradients
from saecore.measures.absorption.metrics import METRICS


@pytest.fixture(scope="module")
def found(setting, study):
    rows = definitions.definitions(setting, study.saes)
    return {row["metric"]: row for row in rows}


def test_names_are_those_of_the_metrics_page_where_nothing_differs(found):
    shared = [name for name in found if name in METRICS]
    assert len(shared) == 6
    others = set(found) - set(METRICS)
    named = (*METRICS, "the verdict's rule", "paper, gradients")
    assert all(name.startswith(named) for name in others)


def test_the_verdicts_rule_gives_the_verdicts_rate(found, study, setting):
    few = study.base[: setting.profile.few_seeds]
    expected = sum(float(s.rates.absorbed.nanmean()) for s in few) / len(few)
    assert found["the verdict's rule"]["as zero"] == pytest.approx(expected)


def test_linear_models_make_gradients_exact_wherever_the_path_ends(found):
    rates = [
        found[name]["as zero"]
        for name in (
            definitions.PUBLISHED,
            "paper, ablation, lead 1",
            "paper, gradients to the zero vector, lead 1",
        )
    ]
    assert rates == pytest.approx([rates[0]] * 3)
    assert found["paper, ablation, lead 1"]["turned over"] == 0


def test_what_is_turned_over_is_counted_for_the_papers_rule_alone(found):
    counted = [name for name, row in found.items() if row["turned over"] is not None]
    assert len(counted) == 5
    assert all(name.startswith("paper") for name in counted)


def test_planted_absorbers_are_specific_to_their_word(found):
    by_child = found["confirmed by child"]["as zero"]
    assert by_child == pytest.approx(found["confirmed by label"]["as zero"])
    assert by_child > 0


def test_dropping_letters_can_only_raise_the_mean(found):
    for row in found.values():
        assert row["dropped"] >= row["as zero"] - 1e-6


def test_probes_begin_with_the_best_latent_and_cosines_need_not(setting, study):
    rows = definitions.ways_to_choose(setting, study.saes)
    assert rows[0]["main latents per letter"] == pytest.approx(4 / 3)
    assert rows[2]["main latents per letter"] == 1
    agrees = [row["first latent is the best single one"] for row in rows]
    assert min(agrees[:2]) >= 2 / 3
    assert rows[2]["their F1"] is None


# Thresholds and gradients


def test_estimates_are_those_of_the_published_path_where_they_are_needed(
    setting, study
):
    recipe = setting.grid.base[0]
    one, letters = study.saes[recipe], setting.letters
    b_dec = setting.zoo.get(recipe).b_dec
    some = definitions.path_effects(letters, one, origin=b_dec)
    whole = integrated_gradients(
        letters.metric, letters.rows, one.active, one.w_dec, b_dec=b_dec
    )
    needed = one.found.entry[one.found.silent[one.found.case]]
    torch.testing.assert_close(some.entry[needed], whole.entry[needed])


def test_gradients_are_exact_on_a_linear_model(setting, study):
    found = definitions.gradients(setting, study.saes)
    for end in ("b_dec", "zero"):
        assert found.r[end] == pytest.approx(1, abs=1e-4)
        assert found.slope[end] == pytest.approx(1, abs=1e-4)
        assert found.same[end] == 1


def test_the_table_holds_the_verdicts_own_rate(setting, study):
    own = definitions.moved_thresholds(setting, study.saes)[-2]
    one = study.base[0]
    assert (own["cosine at least"], own["lead"]) == (setting.rule["cosine"], "1 logits")
    expected = float(one.rates.absorbed.nanmean())
    assert own["F1 jump 0.03"] == pytest.approx(expected)


def test_the_rate_falls_with_the_lead(setting, study):
    moved = definitions.moved_thresholds(setting, study.saes)
    assert len(moved) == 9
    rates = [row["F1 jump 0.03"] for row in moved]
    for at in (0, 3, 6):
        assert rates[at] >= rates[at + 1] >= rates[at + 2]
    assert rates[0] > rates[2]


def test_a_large_jump_leaves_one_main_latent_per_letter(setting, study):
    one = study.base[0]
    few, _ = definitions.with_jump(one, setting, 0.9)
    assert few.silent.sum() > one.found.silent.sum()  # the other half of A
