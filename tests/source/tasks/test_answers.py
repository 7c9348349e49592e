"""Accuracy and swaps on a model whose answers are planted: the fact lies at the word up
to a known layer.
"""

import pytest
import torch
from torch.testing import assert_close

from saecore.errors import Unsuited
from saecore.source.model.language_model import OpenModel
from saecore.source.tasks.answers import (
    able,
    accuracy,
    first_position,
    position,
    swap,
)
from saecore.source.tasks.facts import Prompt

FACTS = {"dog": "animal", "cat": "animal", "oak": "tree", "elm": "tree", "saw": "tool"}
ANSWERS = ("animal", "tool", "tree")
VOCABULARY = ["<bos>", "A", "is", "kind", "of", *FACTS, *ANSWERS]


class Planted(OpenModel):
    """Knows every fact; up to layer 1 the answer lies in the stream at the word, then
    at the end.
    """

    def __init__(self):
        self.n_layers, self.vocab_size, self.bos = 4, len(VOCABULARY), 0

    def encode(self, text):
        return [0, *(VOCABULARY.index(word) for word in text.split())]

    def token(self, word):
        return VOCABULARY.index(word)

    def read(self, tokens, layers, kind="resid_post", *, batch=64):
        return {
            layer: torch.nn.functional.one_hot(tokens, self.vocab_size).float()
            for layer in layers
        }

    def logits(self, tokens, *, edit=None, last=False):
        stream = self.read(tokens, [0])[0]
        if edit is not None and edit[0] <= 1:
            stream = edit[1](stream.clone())
        knows = torch.zeros(self.vocab_size, self.vocab_size)
        for word, answer in FACTS.items():
            knows[self.token(word), self.token(answer)] = 1.0
        found = (stream @ knows).cumsum(1)
        return found[:, -1:] if last else found

    def next_logits(self, prompts, *, edit=None, batch=256):
        return torch.cat(
            [
                self.logits(torch.tensor([self.encode(p)]), last=True)[:, -1]
                for p in prompts
            ]
        )


def asked(word, template="A {} is kind of"):
    text = template.format(word)
    return Prompt(
        text, word, FACTS[word], ANSWERS, text[: text.index(word) + len(word)], template
    )


PROMPTS = [asked(word) for word in FACTS]


def test_a_model_that_knows_everything_is_right_and_the_baseline_is_the_commonest_answer():
    found = accuracy(Planted(), PROMPTS)
    assert (found.right, found.exact, found.asked) == (1.0, 1.0, 5)
    assert_close(found.baseline, 2 / 5)


def test_a_model_that_is_wrong_is_counted_as_wrong():
    wrong = [prompt._replace(answer="tool") for prompt in PROMPTS]
    assert_close(accuracy(Planted(), wrong).right, 1 / 5)


def test_right_among_the_choices_need_not_be_right_among_all_tokens():
    narrow = [prompt._replace(answer="tool", choices=("tool",)) for prompt in PROMPTS]
    found = accuracy(Planted(), narrow)
    assert_close((found.right, found.exact), (1.0, 1 / 5))


def test_two_competing_names_have_a_baseline_of_one_half():
    pairs = [asked("dog")._replace(choices=("dog", "animal"))] * 3
    assert accuracy(Planted(), pairs).baseline == 0.5


def test_the_position_is_that_of_the_word():
    assert position(Planted(), asked("dog")) == 2
    assert position(Planted(), asked("dog", "kind of {} is")) == 3


@pytest.mark.parametrize(("layer", "follows"), [(0, 1.0), (1, 1.0), (2, 0.0), (3, 0.0)])
def test_the_answer_follows_the_swap_as_long_as_it_lies_at_the_word(layer, follows):
    found = swap(Planted(), PROMPTS, layer)
    assert (found.follows, found.keeps) == (follows, 1 - follows)
    assert found.asked == 5


def test_only_words_with_another_answer_are_counted():
    assert (
        swap(
            Planted(), [asked("dog"), asked("oak"), asked("cat"), asked("saw")], 0
        ).asked
        == 2
    )


def test_prompts_of_which_no_two_are_alike_cannot_be_swapped():
    with pytest.raises(Unsuited, match="no two do"):
        swap(Planted(), [asked("dog"), asked("oak", "kind of {} is")], 0)


def test_a_model_is_able_if_it_beats_the_commonest_answer_beyond_doubt():
    assert able(Planted(), PROMPTS) == accuracy(Planted(), PROMPTS)
    half = PROMPTS[:2] + [
        PROMPTS[2]._replace(answer="tool"),
        PROMPTS[3]._replace(answer="tool"),
    ]
    assert_close(accuracy(Planted(), half).right, accuracy(Planted(), half).baseline)
    with pytest.raises(
        Unsuited,
        match=r"of 4 questions such as 'A dog is kind of' .* 0.50 right, .* 0.50",
    ):
        able(Planted(), half)


def test_a_lead_of_less_than_two_standard_errors_is_not_enough():
    def mixed(times):
        right, wrong = (
            [PROMPTS[0], PROMPTS[2], PROMPTS[4]],
            [PROMPTS[1]._replace(answer="tool")] * 2,
        )
        return (right + wrong) * times

    assert_close(accuracy(Planted(), mixed(1)).right, 0.6)
    assert_close(accuracy(Planted(), mixed(1)).baseline, 0.6)
    lead = [
        *PROMPTS[:3],
        PROMPTS[3]._replace(answer="tool"),
    ]  # right 3/4, commonest 1/2, error sqrt(3/16/n)
    with pytest.raises(Unsuited):
        able(Planted(), lead)
    assert able(Planted(), lead * 10).asked == 40


def test_a_words_first_and_last_position(shipped):
    asked = [
        Prompt(f"We saw {w} today", w, w[0], (), f"We saw {w}", "")
        for w in ("mirror", "unlikeliest", "Xanthippe")
    ]
    places = [(first_position(shipped, p), position(shipped, p)) for p in asked]
    assert places[0][0] == places[0][1]
    assert places[2][0] < places[2][1]
    for one, (first, last) in zip(asked, places, strict=True):
        ids = shipped.encode(one.text)[first : last + 1]
        assert shipped.decode(ids).strip() == one.word


def test_a_swap_pairs_words_of_equally_many_tokens(shipped):
    """Words of several tokens that have one number of them are exchanged at the last;
    a word of another number has no partner.
    """
    words = ["Xanthippe", "Quetzalcoatl", "Zoroaster", "Themistocles", "mirror"]
    asked = [
        Prompt(f"We saw {w} today:", w, w[0].upper(), tuple("XQZTM"), f"We saw {w}", "")
        for w in words
    ]
    assert swap(shipped, asked, 1).asked == 3
