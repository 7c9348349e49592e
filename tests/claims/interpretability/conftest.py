"""A small planted case: texts of thirty tokens, rows that are the tokens'
directions with a little noise, and SAEs that have one latent for each of them.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import pytest
import torch

from saecore import profiles
from saecore.claims.interpretability.headline import study
from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim
from saecore.source.model.language_model import open_model
from saecore.source.model.texts import SampledText
from saecore.source.tasks.labelled_tokens import token_kinds
from saecore.zoo.baselines import basis, top_k_dictionary
from saecore.zoo.store import Zoo

WORDS, TEXTS, LENGTH = 30, 300, 70


class Planted(NamedTuple):
    """What there is in the planted case."""

    words: torch.Tensor
    """The tokens that occur, the commonest first."""
    directions: torch.Tensor
    """Of each of them."""
    tokens: torch.Tensor
    rows: torch.Tensor


class PlantedZoo(Zoo):
    """Gives what was planted for every recipe; makes nothing."""

    def __init__(self, root, planted):
        super().__init__(root, workers=1)
        self.planted, self.asked = planted, []

    def get_all(self, recipes):
        wanted = list(dict.fromkeys(recipes))
        self.asked += wanted
        return {one: self.gives(one) for one in wanted}

    def model(self, model, dtype="float32") -> Any:
        """A reader whose stream is the direction of each token."""
        return Reading(self.planted)

    def gives(self, recipe):
        """Token latents for an SAE, dense directions for a basis."""
        if isinstance(recipe, SampledText):
            return self.planted.tokens
        if isinstance(recipe, SAERecipe):
            return token_latents(self.planted.directions)
        if isinstance(recipe, BaselineRecipe):
            seed = ["coordinates", "ica", "pca", "random"].index(str(recipe.kind))
            draw = torch.Generator().manual_seed(10 * seed + recipe.seed)
            dense = torch.randn(WORDS, 160, generator=draw) / 160**0.5
            return basis(dense.T.contiguous(), dense, torch.zeros(160))
        return self.planted.rows


class Reading(NamedTuple):
    """A language model that knows tokens alone."""

    planted: Planted
    d_model: int = 160

    def read(self, tokens, layers):
        which = (tokens[..., None] == self.planted.words).int().argmax(-1)
        return dict.fromkeys(layers, self.planted.directions[which])


def token_latents(directions):
    """An SAE with one latent per direction, of which the strongest alone is active."""
    every = basis(directions.T.contiguous(), directions, torch.zeros(160))
    return top_k_dictionary(every, 1)


@pytest.fixture(scope="session")
def profile():
    tiny = profiles.read("tiny")
    return replace(tiny, layers=(0, 1), sequences=TEXTS, length=LENGTH)


@pytest.fixture(scope="session")
def planted(profile):
    """Common and rare tokens; the commonest is a token with a label of its own."""
    draw = torch.Generator().manual_seed(1)
    places = token_kinds(open_model(profile.folder))["part"]["place"]
    others = [n for n in range(1000, 1100) if n not in places][: WORDS - 1]
    words = torch.tensor([places[0], *others])
    often = 0.8 ** torch.arange(WORDS)
    which = torch.multinomial(
        often, TEXTS * LENGTH, replacement=True, generator=draw
    ).view(TEXTS, LENGTH)
    directions = torch.linalg.qr(torch.randn(160, WORDS, generator=draw))[0].T
    rows = directions[which[:, 1:].flatten()]
    rows = rows + 0.003 * torch.randn(rows.shape, generator=draw)
    return Planted(words, directions.contiguous(), words[which], rows)


@pytest.fixture(scope="session")
def zoo(planted, tmp_path_factory):
    return PlantedZoo(tmp_path_factory.mktemp("zoo"), planted)


@pytest.fixture(scope="session")
def claim():
    return Claim.read("interpretability")


@pytest.fixture(scope="session")
def found(zoo, profile, claim):
    """The study of the planted case."""
    return study(zoo, profile, claim)
