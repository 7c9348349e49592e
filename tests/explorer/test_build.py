"""What the explorer is built of: a vocabulary, and labels of tokens."""

from typing import Any, cast

from saecore import profiles
from saecore.explorer import build as explored
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.tasks.labelled_tokens import token_kinds


def test_latents_are_scored_on_labels_that_tokens_have():
    assert set(explored.KINDS) <= set(token_kinds(open_model(profiles.TINY)))


class Speller(OpenModel):
    """A tokeniser of four tokens, and the model that has it."""

    def __init__(self) -> None:
        self.vocab_size, self.tokenizer = 4, cast(Any, self)

    def batch_decode(self, tokens):
        return ["\ufffd", "king", " king", ""]

    def convert_ids_to_tokens(self, tokens):
        return ["Ģ", "▁king", "Ġking", ""]


def test_pieces_of_characters_and_lost_spaces_are_spelled():
    assert explored.vocabulary(Speller()) == ["⟨Ģ⟩", " king", " king", ""]
