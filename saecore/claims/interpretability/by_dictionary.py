"""The claim's sections on the base layer: the scores of every dictionary, and the same
for bases that are made as sparse as the SAE.
"""

from contextlib import suppress
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.interpretability.explainer import EXPLAINED_LATENTS, Explainer
from saecore.claims.interpretability.grid import frontier
from saecore.claims.interpretability.headline import Study
from saecore.errors import Unsuited
from saecore.measures.explaining.fragments import at_density
from saecore.measures.explaining.interpretability import Autointerp, drawn_latents
from saecore.recipes.sae import SAERecipe
from saecore.report.figures import NAMES
from saecore.source.model.neurons import read_neurons
from saecore.zoo.baselines import top_k_dictionary

NEURONS = "MLP neurons"
TEXTS_AT_ONCE = 64  # texts read at a time
SPARSE_WAYS = ("as it is", "top k", "at the SAE's density")
"""The ways in which another basis is explained."""


class ScoresByDictionary(NamedTuple):
    """Scores of every dictionary on the base layer."""

    scores: dict[str, Autointerp]
    """By the dictionary's name in the book: SAEs first, then the other bases."""
    kinds: list[str]
    """The names of one dictionary of each kind: what a figure shows."""
    neurons: Float[Tensor, "neuron fragment pos"] | None
    """Activations of drawn MLP neurons; None where the model has no such neurons."""

    def rows(self) -> list[dict[str, str | float]]:
        """The scores as rows of a table."""
        return autointerp_rows(self.scores)


def scores_by_dictionary(study: Study) -> ScoresByDictionary:
    """Simulation scores, with their halves and controls, of SAEs of six architectures,
    three sparsities and three widths, of the other bases and of MLP neurons.
    """
    of_base = dict(zip(seed_names(study), study.of_base, strict=True))
    recipes = _other_saes(study)
    saes = study.zoo.get_all(recipes.values())
    of_saes = {n: study.explainer.explained(saes[one]) for n, one in recipes.items()}
    of_bases = {
        name if len(drawn) == 1 else f"{name}, draw {n}": one
        for name, drawn in study.of_bases.items()
        for n, one in enumerate(drawn)
    }
    neurons = neuron_activations(study.explainer, study.profile.layer)
    of_neurons = {}
    if neurons is not None:
        of_neurons = {NEURONS: study.explainer.scored(neurons)}
    kinds = [name for name in of_saes if name in NAMES.values()]
    first = [of if of in of_bases else f"{of}, draw 0" for of in study.of_bases]
    return ScoresByDictionary(
        of_base | of_saes | of_bases | of_neurons,
        [seed_names(study)[0], *kinds, *first, *of_neurons],
        neurons,
    )


def seed_names(study: Study) -> list[str]:
    """The names of the base SAEs in tables."""
    return [f"{NAMES['topk']} (base), seed {n}" for n in range(len(study.of_base))]


def _other_saes(study: Study) -> dict[str, SAERecipe]:
    """The SAEs beside the base: an architecture, a sparsity or a width of their own."""
    grid, k, width = frontier(study.profile), study.compared.k, study.profile.width
    return {
        **{NAMES[a]: of[k] for a, of in grid.frontier.items() if a != "topk"},
        **{f"TopK, k {n}": one for n, one in grid.frontier["topk"].items() if n != k},
        **{
            f"TopK, width {w}": one
            for w, one in grid.widths["topk"].items()
            if w != width
        },
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
    """The other bases made as sparse as the SAE, in two ways; by name."""

    as_it_is: dict[str, Autointerp]
    """One of each basis, unchanged."""
    top_k: dict[str, Autointerp]
    """With the k largest components of each row: the paper's control."""
    at_density: dict[str, Autointerp]
    """With the largest activations of each component, so that it fires as often as the
    mean latent of the base.
    """

    def means(self) -> dict[str, dict[str, float]]:
        """Mean scores by the way in which a basis is explained, then by its name."""
        ways = zip(SPARSE_WAYS, self, strict=True)
        return {way: {n: one.score for n, one in of.items()} for way, of in ways}

    def rows(self) -> list[dict[str, str | float]]:
        """All scores as rows of a table."""
        ways = zip(SPARSE_WAYS, self, strict=True)
        return autointerp_rows(
            {f"{n}, {way}": one for way, of in ways for n, one in of.items()}
        )


def as_sparse(study: Study, found: ScoresByDictionary) -> AsSparse:
    """Simulation scores of the other bases as sparse as the SAE: is its lead only
    sparsity? The top k is that of Cunningham et al. (2309.08600), appendix G; density
    is ours.
    """
    explained, k = study.explainer.explained, study.compared.k
    density = float(study.of_base[0].scores.density.mean())
    first = {name: drawn[0] for name, drawn in study.compared.bases.items()}
    plain = {name: drawn[0] for name, drawn in study.of_bases.items()}
    cut = {name: explained(one, density=density) for name, one in first.items()}
    if found.neurons is not None:
        plain[NEURONS] = found.scores[NEURONS]
        cut[NEURONS] = study.explainer.scored(at_density(found.neurons, density))
    by_top_k = {
        name: explained(top_k_dictionary(one, k)) for name, one in first.items()
    }
    return AsSparse(plain, by_top_k, cut)


def autointerp_rows(scores: dict[str, Autointerp]) -> list[dict[str, str | float]]:
    """Scores as rows of a table, one per dictionary."""
    return [{"dictionary": name} | one.columns() for name, one in scores.items()]
