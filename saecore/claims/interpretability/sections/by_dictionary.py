"""The claim's sections on the base layer: the scores of every dictionary, and of bases
that are made as sparse as the SAE.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.interpretability.compared import density_of
from saecore.claims.interpretability.explainer import (
    EXPLAINED_LATENTS,
    TEXTS_AT_ONCE,
    Explainer,
)
from saecore.claims.interpretability.grid import frontier
from saecore.claims.interpretability.headline import Study
from saecore.errors import Unsuited
from saecore.measures.algebra.intervals import Interval
from saecore.measures.explaining.fragments import at_density
from saecore.measures.explaining.interpretability import Autointerp, drawn_latents
from saecore.measures.explaining.leads import mean_of
from saecore.recipes.sae import SAERecipe
from saecore.report import mean
from saecore.report.figures import NAMES
from saecore.source.model.neurons import read_neurons
from saecore.zoo.baselines import top_k_dictionary

NEURONS = "MLP neurons"
BASE, TIED, UNTRAINED = f"{NAMES['topk']} (base)", "tied ReLU", "untrained model"
OTHER_DIRECTIONS = "other directions"
SPARSE = "the same, as sparse as the SAE"
GROUPS = ("SAEs", OTHER_DIRECTIONS, SPARSE, "controls")
"""What the figure puts side by side."""


class ScoresByDictionary(NamedTuple):
    """Scores of every dictionary on the base layer."""

    groups: dict[str, dict[str, list[Autointerp]]]
    """By group, then by the dictionary's name: one per seed or draw."""
    neurons: Float[Tensor, "neuron fragment pos"] | None
    """Activations of drawn MLP neurons; None where the model has no such neurons."""

    def means(self, *, level: float) -> dict[str, dict[str, Interval]]:
        """Mean scores over seeds or draws, each with its interval."""
        return {
            group: {
                name: mean_of([one.scored for one in of], level=level)
                for name, of in kinds.items()
            }
            for group, kinds in self.groups.items()
        }

    def rows(self) -> list[dict[str, str | float]]:
        """All scores as rows of a table, one per dictionary."""
        named = {
            f"{name}{_place(group)}{_draw(number, of)}": one
            for group, kinds in self.groups.items()
            for name, of in kinds.items()
            for number, one in enumerate(of)
        }
        return autointerp_rows(named)


def scores_by_dictionary(study: Study) -> ScoresByDictionary:
    """Simulation scores, with their halves and controls, of SAEs of seven kinds, three
    sparsities and three widths, of the other bases and of MLP neurons, as they are and
    as sparse as the SAE, and of the claim's controls.
    """
    of, recipes = study.of, _other_saes(study)
    saes, explained = study.zoo.get_all(recipes.values()), study.explainer.explained
    others = {
        name: [explained(saes[one], on_other_texts=True)]
        for name, one in recipes.items()
    }
    neurons = neuron_activations(study.explainer, study.profile.layer)
    dense, sparse = dict(of.bases), dict(of.sparse)
    if neurons is not None:
        scored = study.explainer.scored
        cut = at_density(neurons, density_of(of.base))
        dense[NEURONS] = [scored(neurons, on_other_texts=True)]
        sparse[NEURONS] = [scored(cut, on_other_texts=True)]
    controls = {UNTRAINED: of.untrained} | of.frozen | of.tokens
    groups = ({BASE: of.base} | others | {TIED: of.tied}, dense, sparse, controls)
    return ScoresByDictionary(dict(zip(GROUPS, groups, strict=True)), neurons)


def _place(group: str) -> str:
    return ", as sparse" if group == SPARSE else ""


def _draw(number: int, of: list[Autointerp]) -> str:
    return f", {number}" if len(of) > 1 else ""


def _other_saes(study: Study) -> dict[str, SAERecipe]:
    """The SAEs beside the base: an architecture, a sparsity or a width of their own."""
    grid, k, width = frontier(study.profile), study.compared.k, study.profile.width
    widths = {grid.narrow.width: grid.narrow} | grid.widths["topk"]
    return {
        **{NAMES[a]: of[k] for a, of in grid.frontier.items() if a != "topk"},
        **{f"TopK, k {n}": one for n, one in grid.frontier["topk"].items() if n != k},
        **{f"TopK, width {w}": one for w, one in widths.items() if w != width},
    }


def neuron_activations(
    explainer: Explainer, layer: int
) -> Float[Tensor, "neuron fragment pos"] | None:
    """Activations above 0 of drawn MLP neurons at the fragments; None where a model has
    no such neurons (a mixture of experts, say).

    They are no function of the stream after the layer, so they are read from the model.
    """
    tokens, place = explainer.tokens, explainer.places.place
    with suppress(Unsuited):
        number = read_neurons(explainer.model, tokens[:1], layer).shape[-1]
        drawn = drawn_latents(number, EXPLAINED_LATENTS)
        y = torch.empty(len(drawn), *place.shape)
        for some in torch.arange(len(tokens)).split(TEXTS_AT_ONCE):
            fired = read_neurons(explainer.model, tokens[some], layer)[..., drawn]
            there = fired.relu()[torch.arange(len(some))[:, None], place[some]]
            y[:, some] = there.movedim(2, 0)
        return y
    return None


class AsSparse(NamedTuple):
    """Mean scores of another basis in three ways."""

    basis: str
    """Its name in the book."""
    as_it_is: float
    """Unchanged."""
    top_k: float | None
    """With the k largest components of each row: the paper's control. None for neurons,
    which are no function of the row.
    """
    at_density: float
    """With the largest activations of each component, so that it fires as often as the
    mean latent of the base.
    """

    def row(self) -> dict[str, str | float | None]:
        """As a row of a table."""
        return {
            "basis": self.basis,
            "as it is": self.as_it_is,
            "top k": self.top_k,
            "at the SAE's density": self.at_density,
        }


def as_sparse(study: Study, found: ScoresByDictionary) -> list[AsSparse]:
    """Mean simulation scores of the other bases as sparse as the SAE: is its lead only
    sparsity? The top k is that of Cunningham et al. (2309.08600), appendix G; density
    is ours.
    """
    explained, k = study.explainer.explained, study.compared.k
    plain, cut = (_scores(found.groups[name]) for name in (OTHER_DIRECTIONS, SPARSE))
    by_top_k = {
        name: explained(top_k_dictionary(drawn[0], k)).score
        for name, drawn in study.compared.bases.items()
    }
    return [
        AsSparse(name, plain[name], by_top_k.get(name), cut[name]) for name in plain
    ]


def _scores(kinds: Mapping[str, list[Autointerp]]) -> dict[str, float]:
    return {name: mean(one.score for one in of) for name, of in kinds.items()}


def autointerp_rows(
    scores: Mapping[str, Autointerp],
) -> list[dict[str, str | float]]:
    """Scores as rows of a table, one per dictionary."""
    return [{"dictionary": name} | one.columns() for name, one in scores.items()]
