"""Erasers at all strengths: what is left of the task, and what they do elsewhere."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from saecore.claims.erasure.erasers import STRENGTHS, ErasersAtLayer, JudgedEraser, harm
from saecore.claims.erasure.headline import Study
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.measures.editing.erasure import Eraser
from saecore.measures.editing.erasure_strength import scaled
from saecore.recipes.explorer import SHOWN_SEEDS, latent_cell
from saecore.report import mean
from saecore.source.tasks.gender import GenderTask
from saecore.source.tasks.other_text import OtherText


class Curve(NamedTuple):
    """One eraser at rising strengths, unedited first."""

    right: list[float]
    """Mean probability of the right pronoun for the judging names."""
    harm: list[float]
    """Mean KL on other text, in nats, where it has nothing to do with gender."""


def pareto(study: Study) -> dict[int, dict[str, list[Curve]]]:
    """What erasers leave of the task against their harm, by layer and eraser; one curve
    per SAE. Harm is that to the texts that choose, which are fewer.
    """
    return {
        layer: {
            name: [_curve(found.task, one, study.texts[0]) for one in several]
            for name, several in erasers_of(found).items()
        }
        for layer, found in study.layers.items()
    }


def erasers_of(found: ErasersAtLayer) -> dict[str, list[Eraser]]:
    """All erasers of a layer, at their own strengths."""
    linear = {name: [one.eraser] for name, one in found.supervised.items()}
    latents = {"one latent": [one.eraser for one in found.chosen]}
    return latents | linear | {"random direction": [found.random.eraser]}


def _curve(task: GenderTask, eraser: Eraser, text: OtherText) -> Curve:
    steps = [scaled(eraser, strength) for strength in (0.0, *STRENGTHS)]
    return Curve(
        [task.right(one, "held out") for one in steps],
        [harm(text.moved(task.layer, one)) for one in steps],
    )


def eraser_curve_rows(
    curves: Mapping[int, Mapping[str, list[Curve]]],
) -> list[dict[str, Any]]:
    """A row per layer, eraser, SAE and strength."""
    return [
        {"layer": layer, "eraser": name, "SAE": number, "strength": strength}
        | {"right": right, "KL": kl}
        for layer, by_name in curves.items()
        for name, several in by_name.items()
        for number, one in enumerate(several)
        for strength, right, kl in zip((0.0, *STRENGTHS), *one, strict=True)
    ]


def matched_rows(study: Study) -> list[dict[str, Any]]:
    """A row per layer and eraser, each at the strength at which the judging names are
    at chance; means over the SAEs that get there.
    """
    return [
        {"layer": layer, "eraser": name} | _matched_row(found.task, several)
        for layer, found in study.layers.items()
        for name, several in _judged(found)
    ]


def _judged(found: ErasersAtLayer) -> Iterator[tuple[str, list[JudgedEraser]]]:
    yield "one latent", found.latents
    yield from ((name, [one]) for name, one in found.supervised.items())
    yield "random direction", [found.random]


def _matched_row(task: GenderTask, several: list[JudgedEraser]) -> dict[str, Any]:
    there = [one for one in several if one.matched.reached]
    edited = [one.matched.eraser for one in there]
    outcomes = [task.outcome(one) for one in edited]
    values = {
        "strength": [one.matched.strength for one in there],
        "KL, no gender": [harm(one.moved) for one in there],
        "KL, all places": [float(one.moved.everywhere.mean()) for one in there],
        "AUROC left": [gender_auroc(task, one) for one in edited],
        "choosing names": [one.chosen for one in outcomes],
        "other sentence": [one.transfer for one in outcomes],
        "length": [one.size for one in outcomes],
    }
    row: dict[str, Any] = {"at chance": f"{len(there)} of {len(several)}"}
    return row | {name: mean(x) if x else None for name, x in values.items()}


def gender_auroc(task: GenderTask, eraser: Eraser) -> float:
    """How well the answers still tell the judging names' gender, whatever they are on
    the whole: AUROC of the lead of "She" over "He".
    """
    from saecore.measures.algebra.classifier_scores import auroc

    leads, female = task.leads(eraser)
    return float(auroc(leads[None], female)[0])


def _named(study: Study, layer: int, number: int, latent: int) -> int | str:
    """A latent, with its place in the explorer where that shows its SAE."""
    if layer != study.profile.layer or number >= SHOWN_SEEDS:
        return latent
    return latent_cell(model_seeds(study.profile).base[number], latent)


def chosen_rows(study: Study) -> list[dict[str, Any]]:
    """A row per layer and SAE: the latent, and how it is erased."""
    return [
        {"layer": layer, "SAE": number}
        | {"latent": _named(study, layer, number, one.latent), "way": one.way}
        | {"active candidates at chance": one.matched.reached}
        | {"judging names at chance": there.matched.reached}
        | {"strength": there.matched.strength, "KL, no gender": harm(there.moved)}
        for layer, found in study.layers.items()
        for number, (one, there) in enumerate(
            zip(found.chosen, found.latents, strict=True)
        )
    ]
