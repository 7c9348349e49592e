"""The numbers by which the claim on editing is judged."""

from collections.abc import Mapping
from typing import NamedTuple

import torch

from saecore.claims.editing.compared import (
    BASES,
    ComparedCounts,
    compared_counts,
    savings,
)
from saecore.claims.editing.dictionaries import (
    base_saes,
    coder,
    complete_bases,
    neurons,
    principal_components,
)
from saecore.claims.editing.name_patching import (
    NamePatching,
    name_pairs,
    name_patching,
)
from saecore.claims.gated import require_tasks
from saecore.measures.algebra.intervals import wilson
from saecore.measures.editing.one_set import SetCounts, one_set
from saecore.measures.editing.patching import Exchange
from saecore.profiles import Profile
from saecore.report import Claim, Constants
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.tasks.answers import Accuracy, able, accuracy
from saecore.source.tasks.facts import prompts
from saecore.source.tasks.ioi import Pair
from saecore.zoo.store import Zoo

EditingNumbers = dict[str, tuple[float, float, float] | float | None]


class Study(NamedTuple):
    """What the claim's page shows first."""

    claim: Claim
    zoo: Zoo
    profile: Profile
    model: OpenModel
    pairs: list[Pair]
    """Prompts that differ in one name."""
    patching: NamePatching
    """These patched at the base layer."""
    solved: Accuracy
    """How well the model answers the base prompts."""
    unseen: Accuracy
    """The same in sentences that it was not trained on."""
    exchanges: list[Exchange]
    """Of each seed of the base."""
    bases: dict[str, Exchange]
    """Of the previous decompositions."""
    acdc: ComparedCounts
    """A set for each pair, in the paper's order; on the first pairs."""
    gradient: ComparedCounts
    """The same in gradient order, on all pairs."""
    one_set: SetCounts
    """One set for all pairs, in gradient order."""
    numbers: dict[str, EditingNumbers]
    """What `Claim.judge` decides by, for the one subject, "model"."""


def study(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Study:
    """Judge the claim: names patched at the base layer.

    Raises Unsuited for a model that cannot do the task.
    """
    claim, model = claim or Claim.read("editing"), open_model(profile.folder)
    require_tasks(zoo, profile, model, "ioi")
    constants = claim.constants
    pairs = name_pairs(model, profile, int(constants["pairs"]))
    solved = able(model, [pair.base for pair in pairs])
    able(model, [pair.target for pair in pairs])
    patching = name_patching(model, pairs, profile.layer, constants)
    exchanges = [patching.exchange(coder(one)) for one in base_saes(zoo, profile)]
    bases = base_exchanges(zoo, profile, patching)
    acdc, gradient = orders(patching, exchanges, bases, int(constants["acdc_pairs"]))
    level = constants["confidence"]
    sets = set_counts(patching, exchanges, bases, level=level)
    numbers = judged_numbers(acdc, gradient, sets, level=level)
    numbers |= gate_numbers(patching, solved, constants)
    asked = prompts("ioi", unseen=True, seed=profile.world_seed)
    return Study(
        claim,
        zoo,
        profile,
        model,
        pairs,
        patching,
        solved,
        accuracy(model, asked),
        exchanges,
        bases,
        acdc,
        gradient,
        sets,
        {"model": numbers},
    )


def base_exchanges(
    zoo: Zoo, profile: Profile, patching: NamePatching
) -> dict[str, Exchange]:
    """The previous decompositions on the pairs: PCA, ICA, coordinates, neurons."""
    d_model = patching.exchanged.model.d_model
    coders = complete_bases(zoo, profile, d_model)
    coders |= {"PCA": principal_components(zoo, profile, profile.layer)}
    found = {name: patching.exchange(one) for name, one in coders.items()}
    found |= neurons(patching.exchanged)
    return {name: found[name] for name in BASES if name in found}


def orders(
    patching: NamePatching,
    saes: list[Exchange],
    bases: Mapping[str, Exchange],
    few: int,
) -> tuple[ComparedCounts, ComparedCounts]:
    """A set for each pair: in ACDC's order on the first `few`, by gradient on all."""
    target = patching.exchanged.target
    first = [one.first(few) for one in saes]
    of_bases = {name: one.first(few) for name, one in bases.items()}
    return (
        compared_counts(first, of_bases, target[:few], patching.acdc_by_pair),
        compared_counts(saes, bases, target, patching.gradient_by_pair),
    )


def set_counts(
    patching: NamePatching,
    saes: list[Exchange],
    bases: Mapping[str, Exchange],
    *,
    level: float,
) -> SetCounts:
    """One set for all pairs: the SAEs beside the basis of fewest latents."""
    return one_set(
        [patching.set_divergences(one) for one in saes],
        {name: patching.set_divergences(one) for name, one in bases.items()},
        share=patching.share,
        whole=patching.exchanged.model.d_model,
        level=level,
        generator=torch.Generator().manual_seed(0),
    )


def judged_numbers(
    acdc: ComparedCounts, gradient: ComparedCounts, sets: SetCounts, *, level: float
) -> EditingNumbers:
    """What the SAEs need, what the best basis needs, and the difference, by name."""
    found = {
        "patches": savings(acdc, "latents", level=level),
        "edit": savings(acdc, "size", level=level),
        "numbers": savings(acdc, "numbers", level=level),
        "gradient": savings(gradient, "latents", level=level),
        "one_set": sets,
    }
    numbers: EditingNumbers = {}
    for name, one in found.items():
        numbers[name], numbers[f"{name}_best"] = one.saes.triple, one.basis.triple
        numbers[f"{name}_saved"] = one.saved.triple
    return numbers


def gate_numbers(
    patching: NamePatching, solved: Accuracy, constants: Constants
) -> EditingNumbers:
    """Whether the model can do the task, and what exchanging the whole row does.

    Raises ValueError if a guess is not right as often as the claim's rule says.
    """
    if solved.baseline != constants["chance"]:
        raise ValueError(
            f"the rule says that a guess is right in {constants['chance']:g} of the "
            f"prompts, but in these it is in {solved.baseline:g}: correct the rule"
        )
    hits, level = round(solved.right * solved.asked), constants["confidence"]
    left = patching.exchanged.divergence(patching.exchanged.target)
    return {
        "task_right": wilson(hits, solved.asked, level=level).triple,
        "whole_row": 1 - left / patching.start,
    }
