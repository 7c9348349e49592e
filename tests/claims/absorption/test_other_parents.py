import pytest

from saecore.claims.absorption import other_parents
from saecore.source.tasks.facts import prompts
from saecore.source.tasks.labelled_words import Labelled


def test_capitals_are_the_same_words_with_one_label(setting):
    letters = setting.letters
    lower = [p._replace(word=p.word.lower()) for p in letters.words.prompts[::2]]
    mixed = [*letters.words.prompts[1::2], *lower]
    words = Labelled(mixed, letters.words.names, letters.words.labels)
    found = other_parents.capitals(letters._replace(words=words))
    assert found.words.names == ("capital",)
    assert found.words.labels[:, 0].sum() == len(mixed) / 2
    assert found.paths is None


def test_every_kind_has_a_row_per_setting_and_gaps_where_nothing_is_asked(
    setting, study
):
    mute = setting.letters._replace(paths=None)
    rows = other_parents.rates_of_kinds(
        setting, {"first letter": setting.letters, "unasked": mute}
    )
    assert [(row["parent"], row["SAE"]) for row in rows] == [
        ("first letter", "base"),
        ("first letter", "width 640, k 4"),
        ("unasked", "base"),
        ("unasked", "width 640, k 4"),
    ]
    asked, unasked = rows[1], rows[3]
    wide = setting.grid.settings["topk"][640, 4]
    rate = study.over(wide, lambda s: s.rate.as_zero)
    assert (asked["absorbed"], asked["low"]) == (rate.estimate, rate.low)
    assert unasked["absorbed"] is None
    assert unasked["SAEBench, full"] == pytest.approx(asked["SAEBench, full"])
    assert asked["labels"] == asked["labels that count"] == 3


def test_the_tasks_are_ones_that_can_be_asked():
    for task in other_parents.PARENT_TASKS.values():
        assert prompts(task)
