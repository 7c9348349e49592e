"""Language models to read: the shipped one, and small random ones of other families with its tokeniser."""

import pytest
import torch

from saecore.profiles import TINY
from saecore.source.activations import read_rows
from saecore.source.language_model import OpenModel, open_model

SIZES = {
    "gpt2": {"n_embd": 32, "n_layer": 3, "n_head": 2, "n_positions": 64},
    "gemma2": {
        "hidden_size": 32,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "intermediate_size": 64,
        "sliding_window": 4,
    },
    "gpt_neox": {
        "hidden_size": 32,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    },
}


@pytest.fixture(scope="module")
def shipped():
    return open_model(TINY)


@pytest.fixture(scope="module")
def untrained(shipped):
    """kind -> a random model of that family."""

    def made(kind):
        from transformers import AutoConfig, AutoModelForCausalLM

        config = AutoConfig.for_model(kind, vocab_size=7000, bos_token_id=0, eos_token_id=0, **SIZES[kind])
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(config).eval().requires_grad_(False)
        for weight in model.parameters():
            weight.mul_(4)  # so that what is said depends on the edit clearly
        return OpenModel(model, shipped.tokenizer, identity=shipped.identity)

    return made


class Given:
    """What a source is given, without a zoo: one open model, and the tokens of any text."""

    def __init__(self, model=None, tokens=None, files=None) -> None:
        self._model, self.tokens, self.files = model, tokens, files or {}

    def get(self, recipe):
        """The tokens of a text, or the rows of a site, read on the spot."""
        if recipe.folder == "tokens":
            return self.tokens
        return read_rows(recipe, self)

    def model(self, model):
        """The one model."""
        return self._model

    def file(self, what):
        """A file of the mapping."""
        return self.files[what]


@pytest.fixture
def given():
    """`Given`."""
    return Given
