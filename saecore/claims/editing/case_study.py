"""The paper's case study: a tree of latents that depend on one another, and a rate."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from saecore.claims.editing.dictionaries import layer_saes
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.claims.sites import model_site
from saecore.measures.algebra.intervals import Interval, bootstrap
from saecore.measures.editing.causal_contexts import CONTEXTS, Level, strong_texts
from saecore.measures.editing.causal_tree import (
    BestParents,
    Node,
    best_parents,
    nodes,
    tree,
)
from saecore.profiles import Profile
from saecore.recipes.explorer import latent_cell
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.model.layer_to_layer import LayerToLayer
from saecore.source.tasks.labelled_tokens import token_texts
from saecore.zoo.store import Zoo

ROOTS, SHOWN = 20, 12
"""Latents of the last layer of the rate; places that say what a latent fires on."""


class CaseStudy(NamedTuple):
    """One latent of the last layer, its parents and theirs."""

    model: OpenModel
    texts: Int[Tensor, "text pos"]
    layers: tuple[int, ...]
    """The layer of each level."""
    levels: list[Level]
    """From the lowest layer to the last."""
    fit: Int[Tensor, " latent"]
    """Latents of the last layer with enough places for choosing and for judging."""
    root: Node
    """The latent of the last layer that fires most strongly among those."""
    explored: tuple[int, SAERecipe] | None = None
    """The level that is in the explorer, and its SAE."""


class Rate(NamedTuple):
    """The best parents of latents drawn at random."""

    best: BestParents
    falls: dict[str, Interval]
    """Mean fall with and without controls, as shares of the child's activation."""
    clear: float
    """Share of the latents whose best parent falls further than each random one."""


def case(zoo: Zoo, profile: Profile) -> CaseStudy:
    """The tree below the strongest latent of the last layer."""
    model, layers = open_model(profile.folder), profile.layers
    texts = zoo.get(model_site(profile).text)[-384:, :64]
    streams, saes = model.read(texts, layers), layer_saes(zoo, profile)
    uppers = [LayerToLayer(model, texts, *two) for two in pairwise(layers)]
    levels = [
        Level(saes[layer][0], streams[layer], up)
        for layer, up in zip(layers, [*uppers, None], strict=True)
    ]
    often = strong_texts(levels[-1]) >= 2 * CONTEXTS
    rows = levels[-1].stream[:, 1:].flatten(0, 1)
    strongest = levels[-1].dictionary.encode(rows).amax(0)
    root = tree(levels, int(torch.where(often, strongest, 0).argmax()))
    shown = layers.index(profile.layer), model_seeds(profile).base[0]
    return CaseStudy(model, texts, layers, levels, often.nonzero()[:, 0], root, shown)


def parents_of_many(found: CaseStudy, *, level: float, roots: int = ROOTS) -> Rate:
    """The best parent of each of some latents of the last layer, drawn at random; with
    bootstrap intervals over the latents.
    """
    draw = torch.Generator().manual_seed(1)
    order = torch.randperm(len(found.fit), generator=draw)
    best = best_parents(found.levels, found.fit[order[:roots]].tolist())
    lines = {
        "best parent, where chosen": best.chosen,
        "best parent, elsewhere": best.drop,
        "random parents": best.random,
        "largest of the random parents": best.random_largest,
        "random directions": best.direction,
    }
    again = torch.Generator().manual_seed(2)
    falls = {
        name: bootstrap(values[~values.isnan()], generator=again, level=level)
        for name, values in lines.items()
    }
    clear = float((best.drop > best.random_largest).double().mean())
    return Rate(best, falls, clear)


def tree_rows(found: CaseStudy) -> list[dict[str, Any]]:
    """A row per node, a node before its parents."""
    words, last = token_texts(found.model), len(found.levels) - 1
    return [
        {
            "latent": _node_cell(found, node, "· " * (last - node.level)),
            "fires most on": ", ".join(top_tokens(found, node, words)),
            "fall without it, where chosen": node.chosen,
            "on other places": node.drop,
            "without a random latent": node.random,
            "largest of these": node.random_largest,
            "with a random direction": node.direction,
            "share of others that do as much": node.as_much,
        }
        for node in nodes(found.root)
    ]


def _node_cell(found: CaseStudy, node: Node, before: str) -> str:
    """The name of a node, with its place in the explorer where that has one."""
    said = f"{before}{node_name(found, node)}"
    level, recipe = found.explored or (None, None)
    if recipe is None or node.level != level:
        return said
    return latent_cell(recipe, node.latent, said)


def node_name(found: CaseStudy, node: Node) -> str:
    """Such as "layer 3, 477"."""
    return f"layer {found.layers[node.level]}, {node.latent}"


def top_tokens(found: CaseStudy, node: Node, words: Sequence[str]) -> list[str]:
    """The tokens at the places where a latent fires most strongly, each once."""
    level = found.levels[node.level]
    rows = level.stream[:, 1:].flatten(0, 1)
    activity = level.dictionary.encode(rows)[:, node.latent]
    seen = found.texts[:, 1:].flatten()[activity.topk(SHOWN).indices].tolist()
    return list(dict.fromkeys(words[int(token)].strip() or "space" for token in seen))
