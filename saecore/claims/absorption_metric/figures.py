"""The pictures of the pages on metrics: axes and rows in, nothing computed."""

from collections.abc import Mapping, Sequence
from typing import Any

from saecore.claims.absorption_metric.headline import KNOWABLE, RULES
from saecore.claims.absorption_metric.known import PLANTED, WORLD
from saecore.measures.absorption.against_truth.metric_trial import MAINS
from saecore.measures.absorption.metrics import GRADED, METRICS
from saecore.measures.absorption.true_outcomes import OUTCOMES, TRUTH_DEFINITIONS
from saecore.report import figures

_Rows = Sequence[Mapping[str, Any]]
MAIN_COLOURS = dict(
    zip(
        MAINS,
        (figures.colour("topk"), figures.colour("relu"), figures.NULL),
        strict=True,
    )
)
TRUE_END_COLOURS = dict(
    zip(
        OUTCOMES,
        (
            figures.colour("jumprelu"),
            figures.colour("relu"),
            figures.colour("gated"),
            figures.NULL,
        ),
        strict=True,
    )
)
RULE_MARKS = dict(zip(RULES, ("o", "s", "^", "v"), strict=True))
SUBJECT_MARKS = {WORLD: "o", PLANTED: "^"}


def draw_f1(ax: Any, rows: _Rows) -> None:
    """F1 of every metric with its interval, a line each, by subject (shape) and main
    latents (colour).
    """
    for row in rows:
        if row["main latents"] in KNOWABLE:
            style = {"color": MAIN_COLOURS[row["main latents"]], "markersize": 7}
            subject = list(SUBJECT_MARKS).index(row["subject"])
            main = KNOWABLE.index(row["main latents"])
            place = METRICS.index(row["metric"]) + 0.16 * (2 * subject + main - 1.5)
            marker = SUBJECT_MARKS[row["subject"]]
            ends = [row["F1 low"], row["F1 high"]]
            ax.plot(ends, [place] * 2, "-", color=style["color"], linewidth=1)
            ax.plot([row["F1"]], [place], marker, alpha=0.85, **style)
    for main in KNOWABLE:
        ax.plot([], [], "-", color=MAIN_COLOURS[main], label=main)
    for name, marker in SUBJECT_MARKS.items():
        ax.plot([], [], marker, color=figures.INK, label=name)
    ax.set_yticks(range(len(METRICS)), METRICS)
    ax.invert_yaxis()
    ax.grid(axis="y", color="#dddddd")
    ax.set(xlabel="F1 against the strict truth", xlim=(-0.03, 1.03))
    ax.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncol=4, fontsize=8)


def draw_ends(axes: Any, rows: _Rows) -> None:
    """How the cases of every SAE truly end, as stacked bars; a panel per subject."""
    for ax, name in zip(axes, SUBJECT_MARKS, strict=True):
        some = [row for row in rows if row["subject"] == name]
        for place, row in enumerate(some):
            left = 0.0
            for end, color in TRUE_END_COLOURS.items():
                label = end if place == 0 else None
                ax.barh(place, row[end], left=left, color=color, label=label)
                left += row[end]
        ax.set_yticks(range(len(some)), [row["SAE"] for row in some], fontsize=8)
        ax.invert_yaxis()
        ax.set(xlabel="share of the cases", title=name)
    handles, labels = axes[0].get_legend_handles_labels()
    axes[0].figure.legend(handles, labels, loc="outside lower center", ncol=4)


def draw_precision(axes: Any, rows: _Rows) -> None:
    """Precision against recall of four rules, a panel per subject; chance as a line."""
    for ax, name in zip(axes, SUBJECT_MARKS, strict=True):
        for row in rows:
            if row["subject"] == name and row["metric"] in RULE_MARKS:
                style = {"color": MAIN_COLOURS[row["main latents"]], "markersize": 7}
                marker = RULE_MARKS[row["metric"]]
                ax.plot([row["recall"]], [row["precision"]], marker, **style)
                _draw_cross(ax, row, style["color"])
        base = next(row["true rate"] for row in rows if row["subject"] == name)
        figures.chance(ax, base, "drawn at random")
        ax.set(xlabel="recall", title=name, xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
    axes[0].set(ylabel="precision")
    for main, color in MAIN_COLOURS.items():
        axes[1].plot([], [], "-", color=color, label=main)
    for rule, marker in RULE_MARKS.items():
        axes[1].plot([], [], marker, color=figures.INK, label=rule)
    handles, labels = axes[1].get_legend_handles_labels()
    outside = {"loc": "outside lower center", "ncol": 3, "fontsize": 8}
    axes[0].figure.legend(handles, labels, **outside)


def draw_definitions(axes: Any, rows: _Rows) -> None:
    """Precision by definition of the truth, with its interval: a panel per subject, a
    line per rule and choice of main latents, from above.
    """
    marks = dict(zip(TRUTH_DEFINITIONS, ("o", "s", "D"), strict=True))
    places = list(dict.fromkeys(_rule_and_main(row) for row in rows))
    for ax, name in zip(axes, SUBJECT_MARKS, strict=True):
        for row in rows:
            if row["subject"] == name:
                style = {"color": MAIN_COLOURS[row["main latents"]]}
                shift = 0.22 * (list(marks).index(row["truth"]) - 1)
                place = places.index(_rule_and_main(row)) + shift
                ends = [row["precision low"], row["precision high"]]
                ax.plot(ends, [place] * 2, "-", linewidth=1, **style)
                ax.plot([row["precision"]], [place], marks[row["truth"]], **style)
        ax.set_yticks(range(len(places)), places, fontsize=8)
        ax.set(xlabel="precision", title=name, xlim=(-0.03, 1.03))
    for definition, marker in marks.items():
        axes[0].plot([], [], marker, color=figures.INK, label=definition)
    axes[0].invert_yaxis()
    handles, labels = axes[0].get_legend_handles_labels()
    axes[0].figure.legend(handles, labels, loc="outside lower center", ncol=3)


def _rule_and_main(row: Mapping[str, Any]) -> str:
    return f"{row['metric']},\n{row['main latents']}"


def _draw_cross(ax: Any, row: Mapping[str, Any], color: Any) -> None:
    """The intervals of precision and recall, through their point."""
    style = {"color": color, "linewidth": 0.8, "alpha": 0.6}
    precision, recall = row["precision"], row["recall"]
    ax.plot([row["recall low"], row["recall high"]], [precision] * 2, "-", **style)
    ax.plot([recall] * 2, [row["precision low"], row["precision high"]], "-", **style)


def draw_metric_rates(axes: Any, rows: _Rows) -> None:
    """The rate that each rule reads against the true rate, a panel per rule."""
    for ax, rule in zip(axes, RULES, strict=True):
        for row in rows:
            if row["metric"] == rule:
                style = {"color": MAIN_COLOURS[row["main"]], "markersize": 4.5}
                marker = SUBJECT_MARKS[row["subject"]]
                ax.plot([row["true"]], [row["read"]], marker, alpha=0.8, **style)
        ax.plot([0, 0.6], [0, 0.6], color=figures.NULL, linewidth=1)
        title = rule.replace("SAEBench, ", "").replace("paper, ", "")
        ax.set_title(title, fontsize=9)
        ax.set_xlabel("true share" if rule in GRADED else "true rate")
    axes[0].set(ylabel="rate that the metric reads")
    for main in KNOWABLE:
        axes[0].plot([], [], "-", color=MAIN_COLOURS[main], label=main)
    for name, marker in SUBJECT_MARKS.items():
        axes[0].plot([], [], marker, color=figures.INK, label=name)
    handles, labels = axes[0].get_legend_handles_labels()
    axes[0].figure.legend(handles, labels, loc="outside lower center", ncol=4)


def draw_ranks(axes: Any, rows: _Rows) -> None:
    """Rank correlation of read and true rates with its interval; a panel per subject,
    a line per rule.
    """
    for ax, name in zip(axes, SUBJECT_MARKS, strict=True):
        for shift, main in zip((-0.12, 0.12), KNOWABLE, strict=True):
            some = [
                row
                for row in rows
                if (row["subject"], row["main latents"]) == (name, main)
            ]
            style = {"color": MAIN_COLOURS[main], "linewidth": 1.6}
            for row in some:
                place = RULES.index(row["metric"]) + shift
                ax.plot([row["low"], row["high"]], [place] * 2, "-", **style)
                ax.plot(
                    [row["rank correlation"]], [place], "o", color=MAIN_COLOURS[main]
                )
            ax.plot([], [], "o", color=MAIN_COLOURS[main], label=main)
        ax.set_yticks(range(len(RULES)), RULES, fontsize=9)
        ax.set(xlabel="rank correlation", title=name)
    axes[0].invert_yaxis()
    axes[0].legend(loc="lower left", fontsize=8)


def draw_recalls(
    ax: Any, found: Mapping[float, Mapping[str, float]], closed_form: float
) -> None:
    """Recall against the share that each child takes, and where the closed form puts
    the step.
    """
    for main in KNOWABLE:
        values = [recall[main] for recall in found.values()]
        ax.plot(list(found), values, "o-", color=MAIN_COLOURS[main], markersize=4.5)
        below = 0.07 if main == KNOWABLE[0] else 0.16
        place = (min(found) * 1.2, values[0] - below)
        ax.annotate(main, place, color=MAIN_COLOURS[main], fontsize=9.5)
    ax.axvline(closed_form, color=figures.NULL, linestyle=(0, (4, 3)), linewidth=1.4)
    place = {"xytext": (4, 0), "textcoords": "offset points"}
    text = {"color": figures.NULL, "fontsize": 9}
    ax.annotate("closed form", (closed_form, 0.05), **place, **text)
    ax.set(xscale="log", ylim=(-0.03, 1.05))
    ax.set_xlabel("share of its parent's rows that each child takes")
    ax.set_ylabel("recall of full absorption")
    figures.ticks(ax.xaxis, list(found))
