"""Scores of SAEs by width on tasks whose answer is one planted feature."""

import pytest
import torch

from saecore.claims.incompleteness.below import tasks
from saecore.errors import Unsuited
from saecore.measures.dictionary.nulls import Weights
from tests.claims.incompleteness import planted

CLASSES = 3


def task(first: int) -> tasks.WordTask:
    """Which of three features, from `first` on, is active: one in each row."""
    x = planted.rows(planted.D_MODEL)[:240].clone()
    label = torch.arange(240) // 3 % CLASSES
    x[:, first : first + CLASSES] = torch.nn.functional.one_hot(label).float()
    return tasks.WordTask(x, torch.nn.functional.one_hot(label).bool())


@pytest.fixture(scope="module")
def found():
    """A task of features that all SAEs hold, one of features that only wide ones do."""
    asked = {"easy": task(4), "hard": task(20)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "word_tasks", lambda profile: (asked, ["pronoun"]))
        zoo = planted.PlantedZoo(0.8)
        return tasks.usefulness(zoo, planted.PROFILE, level=0.9)


def test_a_feature_that_is_held_is_read_from_one_latent(found):
    for width in found.widths:
        assert found.scores["easy", "probe on 1", width].estimate == pytest.approx(1)
        for edit in tasks.EDITS:
            assert -1 <= found.scores["easy", edit, width].estimate <= 1
    assert found.scores["hard", "probe on 1", 32].estimate == pytest.approx(1)
    assert found.scores["hard", "probe on 1", 16].estimate < 0.8
    assert found.scores["hard", "probe on 1", 16].level == 0.9


def test_accuracies_have_intervals_inside_0_to_1(found):
    for (_, measure, _), point in found.scores.items():
        if measure in tasks.PROBES:
            assert 0 <= point.low < point.high <= 1


def test_two_classes_have_no_perturbation():
    x, true = task(4)
    two = tasks.WordTask(x[true[:, :2].any(1)], true[true[:, :2].any(1)][:, :2])
    eye = torch.eye(planted.D_MODEL)[:16]
    saes = [Weights(eye.T, eye), Weights(eye.T, eye)]
    generator = torch.Generator().manual_seed(0)
    tables, _ = tasks.scored(two, {16: saes}, generator=generator)
    assert {measure for measure, _ in tables} == set(tasks.PROBES)


def test_probes_on_whole_rows_tell_both_tasks(found):
    assert set(found.whole_rows) == {
        (name, kind)
        for name in ("easy", "hard")
        for kind in ("dense", "mean difference")
    }
    for told in found.whole_rows.values():
        assert float(told.mean()) > 0.95


def test_a_width_is_better_where_the_interval_of_the_difference_says_so(found):
    words = torch.tensor([0.6, 0.7, 0.5, 0.6]).double()
    tables = {
        ("sure", "probe on 1", 16): words.repeat(3, 1),
        ("sure", "probe on 1", 32): words.repeat(3, 1) + 0.2,
        ("noisy", "probe on 1", 16): words.repeat(3, 1),
        ("noisy", "probe on 1", 32): words + torch.tensor([[0.4], [-0.2], [0.1]]),
    }
    made = found._replace(tables=tables, widths=[16, 32])
    assert made.surely_better(16) == {("sure", "probe on 1"): [32]}
    assert made.surely_better(32) == {}
    assert made.lead(("sure", "probe on 1"), 32, 16).low == pytest.approx(0.2)
    assert found.lead(("easy", "probe on 1"), 32, 16).triple == (0, 0, 0)


def test_shuffled_labels_are_told_by_chance(found):
    for chance in found.shuffled.values():
        assert chance == pytest.approx(0.5, abs=0.15)


def test_the_best_width_is_the_narrowest_of_equals(found):
    best = found.best_widths()
    assert best["easy", "probe on 1"] == 16
    assert best["hard", "probe on 1"] == 32
    assert found.tasks == ["easy", "hard"]
    assert found.left_out == ["pronoun"]
    scores = [found.scores[name, "probe on 1", 16].estimate for name in found.tasks]
    assert found.over_tasks("probe on 1", 16) == pytest.approx(sum(scores) / 2)


def test_tasks_that_a_model_lacks_the_words_of_are_left_out(monkeypatch):
    def labelled(model, task, **options):
        raise Unsuited("no words")

    monkeypatch.setattr(tasks.labelled_words, "labelled", labelled)
    monkeypatch.setattr(tasks.language_model, "open_model", lambda folder: None)
    monkeypatch.setattr(tasks.vocabulary, "whole_words", lambda model: [])
    assert tasks.word_tasks(planted.PROFILE) == ({}, list(tasks.QUESTIONS))
    empty = tasks.usefulness(planted.PlantedZoo(1.0), planted.PROFILE, level=0.9)
    assert (empty.tasks, empty.best_widths()) == ([], {})
    assert empty.over_tasks("probe on 1", 16) is None
    assert empty.rise("probe on 1") == 0
