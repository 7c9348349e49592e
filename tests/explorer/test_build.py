"""What the explorer is built of: a vocabulary, and words with one label."""

from typing import Any, cast

from saecore.explorer import build as explored
from saecore.source.model.language_model import OpenModel


def test_words_with_two_labels_of_one_kind_and_words_of_several_tokens_are_left_out():
    pairs = [
        ("orange", "color"),
        ("orange", "fruit"),
        ("red", "color"),
        ("teal", "color"),
        ("apple", "fruit"),
    ]
    token = {" orange": 3, " red": 4, " apple": 5, "teal": 6}
    assert explored._grouped(pairs, token) == {"color": [4], "fruit": [5]}


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
