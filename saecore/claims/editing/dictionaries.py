"""The dictionaries that the claim edits with: SAEs, complete bases, MLP neurons."""

from contextlib import suppress

import torch

from saecore.claims.interpretability.bases import bases
from saecore.claims.interpretability.grid import frontier
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.errors import Unsuited
from saecore.measures.editing.patching import Encode, Exchange, exchange_of, signed
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.baselines import BaselineRecipe
from saecore.report.figures import NAMES
from saecore.shapes import Dictionary, Directions
from saecore.source.model.neurons import neuron_directions, read_neurons
from saecore.source.tasks.ioi import Exchanged
from saecore.zoo.store import Zoo

Coder = tuple[Encode, Directions]
"""How rows become activations, and the direction of each."""


def coder(dictionary: Dictionary) -> Coder:
    """A dictionary's encoder and its decoder rows."""
    return dictionary.encode, dictionary.W_dec


def base_saes(zoo: Zoo, profile: Profile) -> list[Dictionary]:
    """The base setting over all of its seeds: what the claim is judged by."""
    return list(zoo.get_all(model_seeds(profile).base).values())


def layer_saes(zoo: Zoo, profile: Profile) -> dict[int, list[Dictionary]]:
    """The base setting at every layer, over few seeds."""
    layers = frontier(profile).layers
    opened = zoo.get_all([one for several in layers.values() for one in several])
    return {
        layer: [opened[one] for one in several] for layer, several in layers.items()
    }


def other_saes(zoo: Zoo, profile: Profile) -> dict[str, Dictionary]:
    """One SAE each: TopK and ReLU at every k, other architectures at the base k."""
    recipes = {
        f"{NAMES[kind]}, k {k}": recipe
        for kind, by_k in frontier(profile).frontier.items()
        for k, recipe in by_k.items()
        if (kind in ("topk", "relu") and k != profile.k)
        or (kind != "topk" and k == profile.k)
    }
    opened = zoo.get_all(recipes.values())
    return {name: opened[recipe] for name, recipe in recipes.items()}


def pca_recipe(profile: Profile, layer: int) -> BaselineRecipe:
    """The principal components of a layer."""
    return bases(profile, WorldProfile()).layers["PCA"][layer]


def principal_components(zoo: Zoo, profile: Profile, layer: int) -> Coder:
    """The principal components of a layer, one direction for both signs."""
    return signed(zoo.get(pca_recipe(profile, layer)))


def complete_bases(zoo: Zoo, profile: Profile, d_model: int) -> dict[str, Coder]:
    """Complete bases of the base layer: ICA, coordinates, a random rotation."""
    ica = zoo.get(bases(profile, WorldProfile()).model["ICA"][0])
    draw = torch.Generator().manual_seed(5)
    turn = torch.linalg.qr(torch.randn(d_model, d_model, generator=draw))[0]
    return {
        "ICA": signed(ica),
        "coordinates": (lambda x: x, torch.eye(d_model)),
        "random rotation": (lambda x: x @ turn.T, turn),
    }


def neurons(exchanged: Exchanged) -> dict[str, Exchange]:
    """The MLP's neurons on pairs of prompts; none in a model that has no neurons which
    add to the stream by themselves.
    """
    model, layer = exchanged.model, exchanged.layer
    with suppress(Unsuited):
        prompts = (exchanged.base_tokens, exchanged.target_tokens)
        base, target = (read_neurons(model, tokens, layer) for tokens in prompts)
        directions = neuron_directions(model, layer)
        return {"MLP neurons": exchange_of(exchanged.base, base, target, directions)}
    return {}
