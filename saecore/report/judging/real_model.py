"""The claims on a real language model, SmolLM2-135M: what `saecore results` stored,
read for the section of each page.

The model is too large for every run of the book. Its results are committed, with the
keys of their SAEs and the digest of the study that judged them.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from saecore.report.figures import INK, NULL, figure, name_curve, subplots, ticks
from saecore.report.judging.claim import Conclusion
from saecore.report.judging.run_figures import draw_dot
from saecore.report.judging.study_digest import study_digest
from saecore.report.paths import claims_file

REAL, DETAILS, MADE = "smollm2", "details", "made.json"
"""The profile whose results are stored, and where beside them is what they rest on."""
SUBJECT_NAMES = {"world": "world", "tiny": "small", REAL: "SmolLM2"}
"""Subjects, short enough for an axis."""
SUBJECT_TONES = {"world": "#0072B2", "tiny": INK, REAL: "#D55E00"}
_ACROSS = 4
"""Panels in a row."""
Twins = Mapping[str, Mapping[str, Any]]


class RealModel(NamedTuple):
    """What is stored of one claim."""

    claim: str
    twin: dict[str, Any] | None
    """The verdict as `conclude` stores one; None if the model cannot be asked."""
    refusal: str
    """Why not; empty if it was."""
    made: dict[str, Any]
    """When, on what machine, by which version; with the artefacts of each claim."""
    earlier: bool
    """Whether the study has changed since."""
    details: dict[str, Any]
    """By name: curves, gates, first letters."""

    @property
    def verdict(self) -> str:
        """The verdict, or that there is none."""
        return self.twin["verdict"] if self.twin else "not asked"

    def number(self, name: str) -> tuple[float, float, float]:
        """A number of the verdict with its interval. Raises KeyError without it."""
        if self.twin is None:
            raise KeyError(name)
        value, low, high = self.twin["numbers"][name]
        return value, low, high

    def glued(self, *names: str) -> dict[str, Any]:
        """What prose glues, by `settings`: where the numbers are from, the verdict, and
        some of its numbers, each as "real_" and its name.
        """
        numbers = {f"real_{name}": self.number(name)[0] for name in names}
        return {"real_made": self.said(), "real_verdict": self.verdict} | numbers

    def said(self) -> str:
        """Where the numbers come from, in a sentence for people."""
        own = self.made["claims"][self.claim]
        older = " of an earlier version of this study" if self.earlier else ""
        minutes = max(1, round(own["seconds"] / 60))
        return (
            f"Run{older} of {self.made['date']}, {minutes} min on "
            f"{self.made['machine']['processor']} without training"
        )


def real_model(claim: str, results: Path | None = None) -> RealModel:
    """What is stored of a claim. Raises ValueError if it was never run on the real
    model.
    """
    folder = (results or claims_file().with_name("results")) / REAL
    details = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((folder / DETAILS).glob("*.json"))
    }
    made = details.pop(Path(MADE).stem, {"claims": {}})
    if claim not in made["claims"]:
        raise ValueError(
            f"results of {REAL} must be stored of the claim {claim!r}, but there are "
            f"only {sorted(made['claims'])}: run `saecore results {claim} --profile "
            f"{REAL}`"
        )
    path, own = folder / f"{claim}.json", made["claims"][claim]
    twin = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    earlier = own["digest"] != study_digest(claim)
    return RealModel(claim, twin, own["refusal"], made, earlier, details)


def beside_real(real: RealModel, *conclusions: Conclusion) -> list[dict[str, Any]]:
    """`statement_rows` of what a page has concluded itself, with the stored verdict
    last.
    """
    own = [json.loads(one.path.read_text(encoding="utf-8")) for one in conclusions]
    stored = {REAL: real.twin} if real.twin else {}
    return statement_rows({twin["profile"]: twin for twin in own} | stored)


def statement_rows(twins: Twins) -> list[dict[str, Any]]:
    """A row per statement and subject: the number with its interval, what chance gives,
    and the verdict. `twins` are verdicts by profile; statements are those that the last
    has a number of.
    """
    *_, last = twins.values()
    rows = []
    for part in last["parts"]:
        for profile, twin in twins.items():
            found = {one["name"]: one for one in twin["parts"]}
            shown = twin["numbers"].get(part["shows"])
            if part["name"] in found and shown is not None:
                null = twin["numbers"].get(part["null"])
                rows.append(
                    {
                        "statement": part["name"],
                        "subject": profile,
                        "verdict": found[part["name"]]["verdict"],
                        **_ends("number", shown),
                        **_ends("chance", null),
                    }
                )
    return rows


def _ends(name: str, number: Sequence[float] | None) -> dict[str, float | None]:
    value, low, high = number or (None, None, None)
    return {name: value, f"{name} low": low, f"{name} high": high}


def show_statements(name: str, real: RealModel, *conclusions: Conclusion) -> None:
    """Show the figure of `beside_real` under a name of the page."""
    rows = beside_real(real, *conclusions)
    figure(
        name,
        drawn_subjects(rows),
        caption="Statements of the card by subject; grey, what each is compared with.",
        alt="A panel for each statement, with a dot and its interval for each subject",
        data=rows,
    )


def drawn_subjects(rows: Sequence[Mapping[str, Any]]) -> Any:
    """A figure of `draw_subjects`, as high as its panels need."""
    count = len({row["statement"] for row in rows})
    down, across = max(1, -(-count // _ACROSS)), min(_ACROSS, max(count, 1))
    size = (2.1 * across, 2.0 * down)
    fig, axes = subplots(down, across, figsize=size, squeeze=False)
    draw_subjects(axes, rows)
    return fig


def draw_subjects(axes: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """A panel per statement: its number on each subject with its interval, and grey
    beside it what it is compared with.
    """
    panels: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        panels.setdefault(row["statement"], []).append(row)
    for ax, (name, own) in zip(axes.flat, panels.items(), strict=False):
        ax.set_title(name.replace("_", " "), fontsize=9)
        for place, row in enumerate(own):
            tone = SUBJECT_TONES.get(row["subject"], INK)
            draw_dot(ax, place, _triple(row, "number"), tone)
            draw_dot(ax, place + 0.25, _triple(row, "chance"), NULL)
        names = [SUBJECT_NAMES.get(row["subject"], row["subject"]) for row in own]
        ax.set_xticks(range(len(own)), names)
        ax.set_xlim(-0.5, len(own) - 0.25)
        ax.tick_params(labelsize=8)
    for ax in list(axes.flat)[len(panels) :]:
        ax.set_axis_off()


def _triple(row: Mapping[str, Any], name: str) -> tuple[float, float, float] | None:
    if row[name] is None:
        return None
    return row[name], row[f"{name} low"], row[f"{name} high"]


def gate_rows(real: RealModel) -> list[dict[str, Any]]:
    """A row per task: the share of right answers in context, that of guessing the
    commonest answer, and whether the task is asked.
    """
    return [
        {
            "task": task,
            "right": one["right"],
            "by guess": one["baseline"],
            "questions": one["asked"],
            "asked": "yes" if one["asked of it"] else "no",
        }
        for task, one in real.details["gates"].items()
    ]


def letter_rows_by_setting(real: RealModel) -> list[dict[str, Any]]:
    """A row per setting: the best latents of letters as classifiers."""
    kept = ("architecture", "frozen", "width", "k", "L0", "F1", "low", "high")
    kept += ("precision", "recall", "clean letters")
    return [
        {name: row[name] for name in kept}
        for row in real.details["first_letter"]["settings"]
    ]


def training_curve(real: RealModel, what: str) -> list[dict[str, Any]]:
    """The stored points of one convergence curve ("shared", "explained" or
    "letters").
    """
    points = real.details.get("curves", {"points": []})["points"]
    return [point for point in points if point["what"] == what]


def drawn_curve(rows: Sequence[Mapping[str, Any]], label: str) -> Any:
    """A figure of `draw_training_curve`."""
    fig, ax = subplots(figsize=(6.4, 3.6))
    draw_training_curve(ax, rows, label)
    return fig


def drawn_letters(
    settings: Sequence[Mapping[str, Any]], curve: Sequence[Mapping[str, Any]]
) -> Any:
    """Best latents of letters: F1 and its parts by setting, and F1 over training."""
    fig, (left, right) = subplots(1, 2, figsize=(8.8, 3.9), width_ratios=(3, 2))
    tones = {"F1": INK, "precision": "#0072B2", "recall": "#D55E00"}
    for name, tone in tones.items():
        places = range(len(settings))
        left.plot(places, [row[name] for row in settings], "o", color=tone)
        name_curve(left, len(settings) - 1, settings[-1][name], name, color=tone)
    left.set_xticks(range(len(settings)), map(_setting, settings), rotation=90)
    left.tick_params(labelsize=8)
    left.set(ylabel="mean over letters", ylim=(0, 1))
    draw_training_curve(right, curve, "F1")
    return fig


def _setting(row: Mapping[str, Any]) -> str:
    frozen = f", {row['frozen']} frozen" if row["frozen"] else ""
    return f"{row['architecture']} {row['width']}, {row['k']}{frozen}"


def draw_training_curve(ax: Any, rows: Sequence[Mapping[str, Any]], label: str) -> None:
    """A number against rows seen in training, a line per width, each with its null;
    hollow where fewer rows are unique.
    """
    full = max((row["unique rows"] for row in rows), default=0)
    widths = sorted({row["width"] for row in rows})
    for tone, width in zip(_tones(len(widths)), widths, strict=True):
        own = [row for row in rows if row["width"] == width]
        whole = [row for row in own if row["unique rows"] == min(full, row["rows"])]
        _line(ax, whole, tone, f"{width:,} latents")
        for row in own:
            if row not in whole:
                draw_dot(ax, row["rows"], _point(row), tone, hollow=True)
    ax.set_xscale("log")
    ticks(ax.xaxis, sorted({row["rows"] for row in rows}))
    ax.set(xlabel="rows seen in training", ylabel=label)


def _line(ax: Any, rows: Sequence[Mapping[str, Any]], tone: Any, label: str) -> None:
    known = sorted(
        (row for row in rows if row["value"] is not None), key=lambda row: row["rows"]
    )
    if not known:
        return
    places = [row["rows"] for row in known]
    ax.plot(places, [row["value"] for row in known], color=tone)
    for row in known:
        draw_dot(ax, row["rows"], _point(row), tone)
    nulls = [row["null"] for row in known]
    ax.plot(places, nulls, color=tone, linestyle=(0, (4, 3)), linewidth=1.1)
    name_curve(ax, places[-1], known[-1]["value"], label, color=tone)


def _point(row: Mapping[str, Any]) -> tuple[float, float, float] | None:
    if row["value"] is None:
        return None
    value = float(row["value"])
    low, high = (value if row[end] is None else row[end] for end in ("low", "high"))
    return value, low, high


def _tones(count: int) -> list[Any]:
    return ["#56B4E9", "#0072B2", "#003a5c", INK][:count]
