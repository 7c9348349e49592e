"""Constants are looked up by name, once stated, and it is known which were."""

import pytest

from saecore.report import Constants


@pytest.fixture
def constants():
    return Constants({"cosine": 0.7, "fdr": 0.05}, claim="differ")


def test_what_was_looked_up_is_remembered_and_nothing_else(constants):
    assert constants.unread() == ["cosine", "fdr"]
    assert "cosine" in constants
    assert list(constants) == ["cosine", "fdr"]
    assert constants == Constants({"cosine": 0.7, "fdr": 0.05})
    assert constants != Constants({"cosine": 0.7, "fdr": 0.1})
    assert len(constants) == 2
    assert constants.filled("{cosine}") == "0.7"
    assert constants.unread() == ["cosine", "fdr"]
    assert constants["cosine"] == 0.7
    assert constants.unread() == ["fdr"]
    assert dict(constants) == {"cosine": 0.7, "fdr": 0.05}
    assert constants.unread() == []


def test_an_unknown_name_is_said_with_those_there_are(constants):
    with pytest.raises(KeyError, match=r"'differ' must be one of .*got 'cosin': check"):
        constants["cosin"]


def test_a_constant_that_is_none_is_neither_moved_nor_filled_in(constants):
    with pytest.raises(ValueError, match=r"'differ' must be one of .*got 'k': check"):
        constants.moved(k=4)
    with pytest.raises(ValueError, match=r"of claim 'differ' must be among .*'k'"):
        constants.filled("{k}")
    assert repr(constants) == "Constants({'cosine': 0.7, 'fdr': 0.05})"


def test_constants_cannot_be_changed(constants):
    with pytest.raises(TypeError):
        constants["cosine"] = 0.5


def test_a_moved_copy_has_its_own_memory(constants):
    assert (constants["cosine"], constants["fdr"]) == (0.7, 0.05)
    moved = constants.moved(fdr=0.1)
    assert moved.unread() == ["cosine", "fdr"]
    assert dict(moved) == {"cosine": 0.7, "fdr": 0.1}


def test_a_rule_is_filled_with_numbers_as_people_write_them():
    text = "At {fdr:.0%}, {k} of {width} and {half:.2f}."
    filled = Constants({"fdr": 0.05, "k": 4, "width": 640, "half": 0.5}).filled(text)
    assert filled == "At 5 %, 4 of 640 and 0.50."
