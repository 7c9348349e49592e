import pytest

from saecore.claims.absorption.below import other_parents
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
    assert not found.asked


@pytest.fixture(scope="module")
def kinds(setting):
    mute = setting.letters._replace(asked=False)
    return other_parents.read_kinds(
        setting, {"first letter": setting.letters, "unasked": mute}
    )


def test_letters_have_the_rate_of_the_study(kinds, study):
    one = kinds["first letter", "base"]
    few = study.setting.profile.few_seeds
    expected = [float(s.rates.absorbed.nanmean()) for s in study.base[:few]]
    assert one.absorbed.share.estimate == pytest.approx(sum(expected) / few)
    assert one.absorbed.excess.estimate == pytest.approx(one.absorbed.share.estimate)
    assert one.specific.share == one.absorbed.share


def test_every_kind_has_a_row_per_setting_and_gaps_where_nothing_is_asked(kinds):
    rows = other_parents.rows_of_kinds(kinds)
    assert [(row["parent"], row["SAE"]) for row in rows] == [
        ("first letter", "moderate"),
        ("first letter", "base"),
        ("unasked", "moderate"),
        ("unasked", "base"),
    ]
    asked, unasked = rows[1], rows[3]
    assert asked["null"] == 0
    assert unasked["absorbed"] is unasked["null"] is None
    assert unasked["SAEBench, full"] == pytest.approx(asked["SAEBench, full"])
    assert asked["labels"] == asked["labels that count"] == 3


def test_the_tasks_are_ones_that_can_be_asked():
    for task in other_parents.PARENT_TASKS.values():
        assert prompts(task)
