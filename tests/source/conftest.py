"""A language model of which the stream says what was read."""

import pytest
import torch

from saecore.source.model.language_model import OpenModel


class Reader(OpenModel):
    """A model whose stream at layer l holds the token, the layer and ones."""

    def __init__(self) -> None:
        self.n_layers, self.d_model, self.vocab_size, self.tokenizer = 3, 3, 35, self

    def get_vocab(self):
        return {str(token): token for token in range(self.vocab_size)}

    def read(self, tokens, layers, kind="resid_post", *, batch=64):
        return {
            layer: torch.stack(
                [tokens.double(), tokens * 0.0 + layer, tokens * 0.0 + 1], dim=-1
            )
            for layer in layers
        }


@pytest.fixture
def reader() -> OpenModel:
    """The model above."""
    return Reader()
