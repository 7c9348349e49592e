"""A small random language model, on disk and opened, and texts for it."""

import pytest
import torch

from saecore.source.model.language_model import open_model
from saecore.source.tasks.facts import read_facts
from saecore.tiny_lm.corpus import KINDS
from saecore.tiny_lm.material import prepare
from saecore.tiny_lm.model_folder import write_folder
from saecore.tiny_lm.recipe import TrainingRecipe, new_model

RECIPE = TrainingRecipe(d_model=16, heads=2, d_mlp=32, length=32)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A small random model of the shipped family, as a folder."""
    made = prepare(
        stories=[],
        wordnet=None,
        facts=read_facts(),
        vocabulary=3000,
        lines=dict.fromkeys(KINDS, 20),
    ).tokeniser
    model = new_model(RECIPE, vocabulary=made.get_vocab_size()).eval()
    for parameter in model.parameters():
        # far enough from zero that every path through the model shows
        parameter.data.mul_(4)
    path = tmp_path_factory.mktemp("models") / "random"
    write_folder(model, made, path, training={})
    return path


@pytest.fixture(scope="module")
def model(folder):
    """The same, opened."""
    return open_model(folder)


@pytest.fixture(scope="module")
def tokens(model):
    """Five random texts of 24 tokens."""
    ids = torch.randint(
        1, model.vocab_size, (5, 24), generator=torch.Generator().manual_seed(0)
    )
    ids[:, 0] = model.bos
    return ids
