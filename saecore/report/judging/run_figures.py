"""Pictures and tables of verdicts over whole runs: stored parts in, none measured."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from saecore.report.figures import INK, NULL
from saecore.report.judging.card import SIGNS, VERDICT_CSS
from saecore.report.judging.claim import Claim
from saecore.report.judging.stored_runs import StoredPart, StoredRun

TONES = {"holds": "#009e73", "part": "#56b4e9", "fails": "#d55e00", "open": "#9a9a9a"}
"""Colours of the badges, by their class."""
SUBJECTS = {"model": "language model", "world": "world"}
ACROSS = 4
"""Panels in a row."""
RunRows = list[dict[str, Any]]


def claim_rows(runs: Sequence[StoredRun]) -> RunRows:
    """A row per claim and subject, a column per run: the verdicts."""
    rows: RunRows = []
    for name in Claim.names():
        for subject, called in SUBJECTS.items():
            found = {run.name: run.verdicts.get((name, subject)) for run in runs}
            if any(found.values()):
                verdicts = {r: twin and twin["verdict"] for r, twin in found.items()}
                says = Claim.read(name).says
                rows.append({"claim": says, "subject": called} | verdicts)
    return rows


class RunsAgree(NamedTuple):
    """How far runs agree."""

    claims: int
    """Claims on a subject that were judged in several runs."""
    same: int
    """Those with one verdict in all of them."""
    turned: str
    """The others, for people."""
    parts: int
    """Parts that were judged in several runs."""
    same_parts: int
    """Those with one verdict in all of them."""
    opposed: str
    """Those that hold in one run and do not hold in another, for people."""


def runs_agree(runs: Sequence[StoredRun], parts: Sequence[StoredPart]) -> RunsAgree:
    """How many verdicts are the same in all runs that have them."""
    claims: dict[str, list[str]] = {}
    for run in runs:
        for (name, subject), twin in run.verdicts.items():
            world = " (world)" if subject == "world" else ""
            named = name.replace("_", " ") + world
            claims.setdefault(named, []).append(twin["verdict"])
    by_part: dict[str, list[str]] = {}
    for part in parts:
        by_part.setdefault(_label(_key(part)), []).append(part.verdict)
    of_claims, of_parts = _in_several(claims), _in_several(by_part)
    turned = [name for name, some in of_claims.items() if len(some) > 1]
    moved = [some for some in of_parts.values() if len(some) > 1]
    against = [n for n, some in of_parts.items() if {"holds", "does not hold"} <= some]
    return RunsAgree(
        len(of_claims),
        len(of_claims) - len(turned),
        ", ".join(turned) or "none",
        len(of_parts),
        len(of_parts) - len(moved),
        ", ".join(against) or "none",
    )


def _in_several(verdicts: dict[str, list[str]]) -> dict[str, set[str]]:
    """The verdicts of what was judged more than once."""
    return {name: set(some) for name, some in verdicts.items() if len(some) > 1}


def part_rows(parts: Sequence[StoredPart]) -> RunRows:
    """A row per part and run: the verdict, the number with its interval, its chance."""
    return [
        {
            "claim": part.claim,
            "subject": SUBJECTS[part.subject],
            "part": part.part,
            "core": part.core,
            "run": part.run,
            "verdict": part.verdict,
            **_ends("number", part.number),
            **_ends("chance", part.null),
        }
        for part in parts
    ]


def parts_that_turned(parts: Sequence[StoredPart]) -> list[StoredPart]:
    """Parts whose verdict is not the same in all runs, in the order of the book."""
    verdicts: dict[tuple[str, str, str], set[str]] = {}
    for part in parts:
        verdicts.setdefault(_key(part), set()).add(part.verdict)
    return [part for part in parts if len(verdicts[_key(part)]) > 1]


def draw_verdicts(
    ax: Any, parts: Sequence[StoredPart], runs: Sequence[StoredRun]
) -> None:
    """A square with a sign per part and run; core parts have bold names."""
    keys = list(dict.fromkeys(_key(part) for part in parts))
    names = [run.name for run in runs]
    for part in parts:
        place = names.index(part.run), keys.index(_key(part))
        tone = TONES[VERDICT_CSS[part.verdict]]
        ax.plot(*place, "s", color=tone, markersize=13)
        ax.text(*place, SIGNS[part.verdict], color="white", ha="center", va="center")
    core = {_key(part): part.core for part in parts}
    ax.set_yticks(range(len(keys)), [_label(key) for key in keys])
    for label, key in zip(ax.get_yticklabels(), keys, strict=True):
        label.set_fontweight("bold" if core[key] else "normal")
    named = [name.replace(" ", "\n", 1) for name in names]
    ax.set_xticks(range(len(names)), named, fontsize=7.5)
    ax.set(xlim=(-0.6, len(names) - 0.4), ylim=(len(keys) - 0.4, -0.6))
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)


def draw_numbers(axes: Any, parts: Sequence[StoredPart]) -> None:
    """A panel per part: its number in each run with its interval, and its chance."""
    panels: dict[tuple[str, str, str], list[StoredPart]] = {}
    for part in parts:
        panels.setdefault(_key(part), []).append(part)
    for ax, (key, of_part) in zip(axes.flat, panels.items(), strict=False):
        ax.set_title(_label(key).replace(": ", ":\n", 1), fontsize=8)
        for place, part in enumerate(of_part):
            draw_dot(ax, place, part.number, INK)
            draw_dot(ax, place + 0.25, part.null, NULL)
        named = [p.run.rsplit(" ", 1)[-1].replace("-", "-\n") for p in of_part]
        ax.set_xticks(range(len(of_part)), named)
        ax.set_xlim(-0.5, len(of_part) - 0.25)
        ax.tick_params(labelsize=7.5)
    for ax in list(axes.flat)[len(panels) :]:
        ax.set_axis_off()


def panel_shape(parts: Sequence[StoredPart]) -> tuple[int, int]:
    """RunRows and columns of panels for `draw_numbers`."""
    count = len({_key(part) for part in parts})
    return max(1, -(-count // ACROSS)), ACROSS


def draw_dot(
    ax: Any,
    place: float,
    number: tuple[float, float, float] | None,
    color: str,
    *,
    hollow: bool = False,
) -> None:
    """A number with its interval; nothing where there is none."""
    if number is None:
        return
    value, low, high = number
    bar, face = [[value - low], [high - value]], "white" if hollow else color
    shown = {"fmt": "o", "markersize": 4, "capsize": 2, "markerfacecolor": face}
    ax.errorbar([place], [value], yerr=bar, color=color, **shown)


def _ends(
    name: str, number: tuple[float, float, float] | None
) -> dict[str, float | None]:
    value, low, high = number or (None, None, None)
    return {name: value, f"{name} low": low, f"{name} high": high}


def _key(part: StoredPart) -> tuple[str, str, str]:
    return part.claim, part.subject, part.part


def _label(key: tuple[str, str, str]) -> str:
    claim, subject, part = key
    world = ", world" if subject == "world" else ""
    return f"{claim}{world}: {part}".replace("_", " ")
