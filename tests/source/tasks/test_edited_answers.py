"""Answers after an edit at the word, on a model whose facts lie in the stream at the
word.
"""

import pytest
import torch

from saecore.errors import Unsuited
from saecore.source.model.language_model import OpenModel
from saecore.source.model.resume import Resumed
from saecore.source.tasks.edited_answers import answered, questions
from saecore.source.tasks.facts import Prompt

FACTS = {"dog": "animal", "oak": "tree", "elm": "tree", "saw": "tool"}
CHOICES = ("animal", "tool", "tree")
VOCABULARY = ["<bos>", "A", "is", *FACTS, *CHOICES]


class Planted(OpenModel):
    """A model of which only the vocabulary is known."""

    def __init__(self):
        self.n_layers, self.vocab_size, self.bos = 4, len(VOCABULARY), 0

    def encode(self, text):
        return [0, *(VOCABULARY.index(word) for word in text.split())]

    def token(self, word):
        return VOCABULARY.index(word)


class PlantedText(Resumed):
    """What stands in the stream at a word says the answer at the end."""

    def __init__(self, model, asked):
        self.model, self.choice, self.start = model, asked.choice, asked.place
        words = torch.nn.functional.one_hot(asked.tokens, model.vocab_size)
        self.stream = words.float()[:, self.start :]

    def logits(self, stream, which=slice(None)):
        size = self.model.vocab_size
        knows = torch.zeros(size, size)
        for word, answer in FACTS.items():
            knows[self.model.token(word), self.model.token(answer)] = 1.0
        return (stream @ knows).sum(1, keepdim=True)[..., self.choice]


def prompt(word, template="A {} is"):
    text = template.format(word)
    return Prompt(
        text, word, FACTS[word], CHOICES, text[: text.index(word) + len(word)], template
    )


ASKED = [prompt(word) for word in FACTS]


def test_questions_know_their_word_and_their_answers():
    found = questions(Planted(), ASKED)
    assert found.place == 2
    assert found.answer.tolist() == [0, 2, 2, 1]
    text = PlantedText(Planted(), found)
    said = answered(text, found, torch.arange(4))
    assert said.tolist() == found.answer.tolist()


def test_a_shift_towards_another_word_brings_its_answer_and_touches_no_other_prompt():
    model = Planted()
    found = questions(model, ASKED)
    own, other = torch.tensor([0, 1, 0]), torch.tensor([3, 0, 0])
    word = torch.eye(model.vocab_size)[3:7]
    shift = word[other] - word[own]
    said = answered(PlantedText(model, found), found, own, shift, batch=2)
    assert said.tolist() == found.answer[other].tolist()


def test_prompts_of_different_shape_are_refused_in_a_sentence():
    with pytest.raises(ValueError, match="2 shapes: ask one question") as refused:
        questions(Planted(), [ASKED[0], prompt("oak", "A A {} is")])
    assert not isinstance(refused.value, Unsuited)


def test_a_model_that_splits_some_of_the_words_does_not_suit():
    class Splits(Planted):
        def encode(self, text):
            return super().encode(text.replace("oak", "oak oak"))

    with pytest.raises(
        Unsuited, match="2 shapes: use a model that holds all of the words"
    ):
        questions(Splits(), ASKED)
