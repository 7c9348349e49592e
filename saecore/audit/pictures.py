"""The figures of a report: the book's, drawn of what the audit found."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from saecore.audit.measured.inserted_latents import InsertedFound
from saecore.audit.measured.letters import LettersFound
from saecore.audit.measured.meta_explained import MetaFound
from saecore.audit.measured.narrower import WiderFound
from saecore.audit.measured.pairs import ComparedPair
from saecore.audit.measured.sharing import SharedFound
from saecore.audit.report import AuditReport
from saecore.claims.incompleteness.figures import effects_by_cosine
from saecore.claims.incompleteness.singles import SingleInsertions
from saecore.claims.seed_dependence.figures.definitions import draw_thresholds
from saecore.claims.seed_dependence.figures.verdict import draw_pair
from saecore.claims.seed_dependence.meaning.definitions import ByThreshold
from saecore.measures.explaining.interpretability import Autointerp
from saecore.measures.seeds.matching import sweep
from saecore.report.figures import INK, NULL, chance, colour, png, subplots
from saecore.report.panels import bars

_THRESHOLDS = [step / 50 for step in range(51)]


class DrawnFigure(NamedTuple):
    """A picture, and the sentence that stands for it."""

    section: str
    title: str
    alt: str
    png: str
    """Base64."""


def drawn_figures(report: AuditReport) -> list[DrawnFigure]:
    """Every figure that the report's numbers allow."""
    found, level = report.found, report.threshold
    figures: list[DrawnFigure] = []
    if found.shared is not None:
        for pair in found.shared.pairs:
            figures += _of_pair(pair, level)
        if found.shared.times:
            figures.append(_appearances(found.shared))
    figures += [_cosines(one, level) for one in found.wider]
    figures += [_inserted(one, level) for one in found.inserted]
    if found.meta is not None:
        figures.append(_meta(found.meta))
    if found.fired:
        figures.append(_firing(found.fired))
    if found.rules is not None:
        figures.append(_scores(found.rules.found))
    if found.letters is not None:
        figures.append(_letters(found.letters))
    return figures


def _of_pair(pair: ComparedPair, threshold: float) -> list[DrawnFigure]:
    name = max(pair.nulls, key=lambda x: pair.nulls[x].share("decoder"))
    fig, ax = subplots()
    draw_pair(ax, pair.matching, pair.nulls[name], corner=threshold)
    first = DrawnFigure(
        "shared", f"{pair.of}: latents by their two cosines",
        f"Encoder cosine against decoder cosine of every latent of {pair.of}, with a "
        f"null ({name}); those up and right of the corner at {threshold:g} are shared.",
        png(fig),
    )  # fmt: skip
    lines = {x: sweep(one, _THRESHOLDS).share[0] for x, one in pair.nulls.items()}
    fig, ax = subplots()
    real = sweep(pair.matching, _THRESHOLDS)
    draw_thresholds(ax, ByThreshold(real, lines), chosen=threshold)
    second = DrawnFigure(
        "shared", f"{pair.of}: share by threshold",
        "The share of shared latents falls as the threshold on the cosine rises, under "
        "each of four definitions, beside that of the nulls.",
        png(fig),
    )  # fmt: skip
    return [first, second]


def _appearances(found: SharedFound) -> DrawnFigure:
    fig, (left, right) = subplots(1, 2)
    count = len(found.times)
    left.bar(range(1, count + 1), found.times, color=colour("topk"))
    left.set(xlabel="found in so many SAEs", ylabel="share of latents")
    right.plot(range(1, count + 1), found.lonely, "o-", color=colour("relu"))
    right.set(xlabel="SAEs looked at", ylabel="found in no other", ylim=(0, 1.02))
    return DrawnFigure(
        "shared", "In how many SAEs a latent is found",
        "Left, the share of latents found in one, two and more SAEs; right, the share "
        "found in no other, which falls as more SAEs are looked at.",
        png(fig),
    )  # fmt: skip


def _cosines(found: WiderFound, threshold: float) -> DrawnFigure:
    fig, ax = subplots()
    _histogram(ax, found.largest_cosine, colour("topk"), "the narrower SAE")
    _histogram(ax, found.by_chance, NULL, "null: same covariance")
    ax.axvline(threshold, color=INK, linewidth=0.8)
    ax.set(xlabel="largest cosine with the narrower SAE", ylabel="latents")
    ax.legend()
    return DrawnFigure(
        "novel", f"{found.of}: largest cosines",
        "How near each latent of the wider SAE is to one of the narrower, "
        f"{found.of}, beside a null; those left of {threshold:g} are novel by cosine.",
        png(fig),
    )  # fmt: skip


def _histogram(ax: Any, values: Tensor, color: str, label: str) -> None:
    steps = [step / 50 for step in range(-10, 51)]
    ax.hist(values.tolist(), bins=steps, histtype="step", color=color, label=label)


def _inserted(found: InsertedFound, threshold: float) -> DrawnFigure:
    fig, ax = subplots()
    one = SingleInsertions(found.effects, found.sure, found.cosine)
    effects_by_cosine([ax], {found.of: one}, cosine=threshold)
    return DrawnFigure(
        "novel", f"{found.of}: what each latent does to the error",
        f"Change of the narrower SAE's error by each latent of the wider one "
        f"({found.of}) against its largest cosine; below zero the latent helps.",
        png(fig),
    )  # fmt: skip


def _meta(found: MetaFound) -> DrawnFigure:
    points = {"decoder rows": found.explained, **found.nulls}
    fig, ax = subplots()
    colors = [colour("relu"), *[NULL] * len(found.nulls)]
    for place, (one, color) in enumerate(zip(points.values(), colors, strict=True)):
        ax.errorbar([place], [one.estimate], yerr=bars([one]), fmt="o", color=color,
                    capsize=3)  # fmt: skip
    ax.set_xticks(range(len(points)), list(points))
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.set(ylabel="variance explained, held back", xlim=(-0.6, len(points) - 0.4))
    return DrawnFigure(
        "meta", "Variance of decoder rows that a meta-SAE explains",
        "The variance of decoder rows held back that a meta-SAE explains, beside those "
        "of meta-SAEs of rows without parts.",
        png(fig),
    )  # fmt: skip


def _firing(fired: Sequence[int]) -> DrawnFigure:
    counts = torch.tensor(fired).double()
    fig, ax = subplots()
    ax.hist((counts + 1).log10().tolist(), bins=40, color=colour("topk"))
    ax.set(xlabel="log10 (rows on which a latent fires + 1)", ylabel="latents")
    return DrawnFigure(
        "fidelity", "How often latents fire",
        "How many latents fire on how many rows, on a logarithmic axis; dead latents "
        "stand at zero.",
        png(fig),
    )  # fmt: skip


def _scores(found: Autointerp) -> DrawnFigure:
    fig, ax = subplots()
    kept = found.scores.simulation[~found.scores.simulation.isnan()]
    swapped = found.swapped[~found.swapped.isnan()]
    steps = [step / 20 for step in range(-10, 21)]
    ax.hist(
        kept.tolist(), bins=steps, color=colour("topk"), alpha=0.7, label="own rule"
    )
    ax.hist(swapped.tolist(), bins=steps, histtype="step", color=NULL,
            label="another's rule")  # fmt: skip
    ax.set(xlabel="simulation score", ylabel="latents")
    ax.legend()
    return DrawnFigure(
        "rules", "Scores of rules",
        "How well rules predict latents, beside scores under another latent's rule.",
        png(fig),
    )  # fmt: skip


def _letters(found: LettersFound) -> DrawnFigure:
    fig, ax = subplots()
    places = range(len(found.names))
    ax.plot(places, found.best, "o", color=colour("topk"), label="best latent")
    ax.plot(places, found.probe, "_", color=INK, markersize=10, label="linear probe")
    ax.set_xticks(list(places), list(found.names))
    ax.set(ylabel="F1", ylim=(0, 1.02))
    chance(ax, found.by_chance, "letters shuffled")
    ax.legend()
    return DrawnFigure(
        "letters", "First letters",
        "F1 of the best latent of each first letter, beside that of a linear probe.",
        png(fig),
    )  # fmt: skip
