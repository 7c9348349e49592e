"""A parent, two children and a bystander, and dictionaries of which all is known."""

from typing import Any

import pytest
import torch

from saecore.claims.absorption_metric.headline import Study, try_metrics
from saecore.claims.absorption_metric.known import PLANTED, WORLD, Known, KnownSubject
from saecore.measures.dictionary.nulls import Weights
from saecore.recipes.sae import SAERecipe
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.sparse import Active, sparse
from saecore.zoo.store import Zoo

N, PARENT = 3000, torch.tensor([-1, 0, 0, -1, -1, 4])
"""Features 0 to 3 as in a hierarchy; 4 and 5 are an independent family."""


def truth(share):
    """Parent 0, its children 1 and 2, each in a `share` of its rows; 5 ignores 4."""
    draw = torch.rand(N, 5, generator=torch.Generator().manual_seed(0))
    parent = draw[:, 0] < 0.3
    children = [parent & (draw[:, 1] < share), parent & (draw[:, 1] > 1 - share)]
    others = [draw[:, 2] < 0.3, draw[:, 3] < 0.3, draw[:, 4] < 0.1]
    return torch.stack([parent, *children, *others], 1).float()


@pytest.fixture(scope="session")
def setting():
    """The first family is asked about, the independent one is the control."""
    known = Known(truth(0.2), torch.eye(8)[:6], PARENT)
    noise = torch.randn(N, 8, generator=torch.Generator().manual_seed(1))
    subject = known.on(known.active @ known.directions + 0.01 * noise)
    recipe = SAERecipe(Site(World(d_model=8)), "topk", 6, 2, rows=N)
    saes = {f"k {k}": recipe.sweep(k=[k], seed=range(3)) for k in (1, 2, 3)}
    return KnownSubject(known, subject, torch.tensor([True, False]), saes)


@pytest.fixture(scope="session")
def dictionary(setting):
    """(weights, activations) in which the first child, or both, absorb the parent."""

    def made(children):
        latents, w_dec = setting.known.active.clone(), setting.known.directions.clone()
        for child in children:
            w_dec[child] += w_dec[0]
            latents[latents[:, child] > 0, 0] = 0
        encoder = w_dec.T.clone()
        encoder[:, 0] -= sum(setting.known.directions[c] for c in children)
        return Weights(encoder, w_dec), sparse(latents)

    return made


@pytest.fixture(scope="session")
def trials(setting, dictionary):
    """What was measured of the oracle, of half and of full absorption."""
    children = {"oracle": [], "half": [1], "absorbing": [1, 2]}
    made = {name: dictionary(some) for name, some in children.items()}
    return {
        name: try_metrics(weights, active, setting)
        for name, (weights, active) in made.items()
    }


@pytest.fixture(scope="session")
def small(setting, trials):
    """A study of both subjects, here the same one; three equal seeds of each SAE."""
    tried = {name: [one] * 3 for name, one in trials.items()}
    return Study({WORLD: setting, PLANTED: setting}, {WORLD: tried, PLANTED: tried})


class Encoded(Weights):
    """Weights whose activations on the rows of the setting are known."""

    active: Active

    def encode_sparse(self, rows: torch.Tensor) -> Active:
        return self.active


class AbsorbingZoo(Zoo):
    """A zoo whose SAEs all absorb, and whose untrained ones are oracles."""

    def __init__(self, root: Any, made: Any) -> None:
        super().__init__(root)
        self.made = made

    def make(self, recipes: Any) -> None:
        list(recipes)

    def get(self, recipe: Any) -> Any:
        return self._sae([1, 2])

    def untrained(self, recipe: Any) -> Any:
        return self._sae([])

    def _sae(self, children: list[int]) -> Encoded:
        weights, active = self.made(children)
        sae = Encoded(weights.W_enc, weights.W_dec)
        sae.active = active
        return sae


@pytest.fixture
def absorbing_zoo(tmp_path, dictionary) -> Zoo:
    """`AbsorbingZoo`."""
    return AbsorbingZoo(tmp_path, dictionary)
