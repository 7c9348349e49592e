"""What the judge is asked and how its answers are read, whatever form they have."""

import pytest
import torch
from torch.testing import assert_close

from saecore.judge import prompts


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('{"1": 3, "3": 10}', [3, 0, 10]),
        ('Sure!\n```json\n{"2": "4.5"}\n```', [0, 4.5, 0]),
        ("{1: 3, 2: 99, 3: -4, 7: 5, 0: 1}", [3, 10, 0]),
        ("{}", [0, 0, 0]),
        ("{ \n}", [0, 0, 0]),
        ('{"99999999999999999999": 3}', [0, 0, 0]),
    ],
)
def test_activations_are_read_from_whatever_holds_them(answer, expected):
    found = prompts.read_activations(answer, 3)
    assert found is not None
    assert_close(found, torch.tensor(expected).float())


@pytest.mark.parametrize("answer", ["", "none", "{nothing}", "[1, 2]", "1: 3"])
def test_answers_without_activations_are_unread(answer):
    assert prompts.read_activations(answer, 3) is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("[1, 3]", [1, 0, 1]),
        ("It is [2].", [0, 1, 0]),
        ('["1"]', [1, 0, 0]),
        ("[]", [0, 0, 0]),
        ("[9, 0]", [0, 0, 0]),
    ],
)
def test_lists_of_fragments_are_read(answer, expected):
    found = prompts.read_numbers(answer, 3)
    assert found is not None
    assert found.int().tolist() == expected


def test_answers_without_a_list_are_unread():
    assert prompts.read_numbers("the first and the third", 3) is None


def test_passages_that_explain_nothing_are_refused():
    with pytest.raises(ValueError, match="2 tokens and 1 activations"):
        prompts.examples([prompts.Passage((" a", " b"), (1.0,))])
    with pytest.raises(ValueError, match="fires in none"):
        prompts.examples([prompts.Passage((" a",), (0.0,))])


def test_the_largest_activation_of_all_passages_is_ten():
    passages = [
        prompts.Passage((" a", "\n"), (1.0, -3.0)),
        prompts.Passage((" b",), (4.0,)),
    ]
    shown = prompts.examples(passages)
    assert shown == "Fragment 1\n a\t2\n\\n\t0\n\nFragment 2\n b\t10"


def test_fragments_are_numbered_from_one():
    assert prompts.numbered("dogs", (" a", " dog")).splitlines()[2:] == [
        "1\t a",
        "2\t dog",
    ]
    assert "2\t his cat" in prompts.listed("cats", [(" a",), (" his", " cat")])


def test_an_explanation_is_read_without_its_quotation_marks():
    assert prompts.read_explanation(' "words for dogs"\n') == "words for dogs"
