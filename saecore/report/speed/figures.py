"""The pictures of the page on speed: axes and stored rows in, nothing measured.

Ours has one colour; peers are grey, apart by their dashes.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from saecore.report.figures import INK, NAMES, NULL, chance, colour, ticks
from saecore.report.speed.stored import Lines, Speed

OURS = "ours"
PEER_DASHES: dict[str, Any] = {
    "ours, pure": "--",
    "naive": ":",
    "SAELens": "-",
    "SAELens, fastest": (0, (6, 2)),
    "sparsify": "-.",
    "dictionary_learning": (0, (3, 1, 1, 1, 1, 1)),
}
"""What is drawn besides ours, and how."""
ROOFLINE = "its encoder at the best product"


def step_times(speed: Speed) -> Lines:
    """TopK steps by width and candidate, with the time that the encoder's product
    needs.
    """
    rows = [
        {"width": row["width"], "candidate": row["candidate"], "ms": row["ms"]}
        for row in speed.of("training", kind="topk", d_model=128)
        if row["candidate"] in (OURS, *PEER_DASHES)
    ]
    best = speed.numbers.get("roofline/best")
    floors = [
        {
            "width": row["width"],
            "candidate": ROOFLINE,
            "ms": 2e3 * row["batch"] * row["d_model"] * row["width"] / best,
        }
        for row in speed.of("training", kind="topk", d_model=128, candidate=OURS)
        if best
    ]
    return rows + floors


def step_memory(speed: Speed) -> Lines:
    """Memory beyond weights and Adam by width and candidate, with what the goal
    allows.
    """
    found = speed.of("memory", kind="topk", d_model=128)
    rows = [
        {"width": row["width"], "candidate": row["candidate"], "mb": row["mb"]}
        for row in found
    ]
    allowed = [
        {"width": row["width"], "candidate": "the goal", "mb": row["allowed_mb"]}
        for row in found
        if row["candidate"] == OURS
    ]
    return rows + allowed


def row_times(speed: Speed) -> Lines:
    """Microseconds per row of TopK steps, by rows in a batch and candidate."""
    return [
        {
            "rows in a batch": row["batch"],
            "candidate": row["candidate"],
            "us": 1e3 * row["ms"] / row["batch"],
        }
        for row in speed.of("scaling", kind="topk", width=2048, saes=1)
    ]


def seed_times(speed: Speed) -> Lines:
    """Microseconds per row and SAE of our steps with seeds side by side."""
    return [
        {
            "seeds": row["saes"],
            "architecture": NAMES[row["kind"]],
            "shape": f"{row['d_model']} to {row['width']}",
            "us": 1e3 * row["ms"] / row["batch"] / row["saes"],
        }
        for row in speed.of("scaling", candidate=OURS, batch=1024)
        if row["width"] < 2048
    ]


def roofline_shares(speed: Speed) -> Lines:
    """The share of the roofline of every shape that the book trains, alone."""
    return [
        {
            "architecture": NAMES[row["kind"]],
            "shape": f"{row['d_model']} to {row['width']}",
            "share": row["share"],
            "ms": row["ms"],
        }
        for row in speed.of("roofline", saes=1, batch=1024)
    ]


def draw_curves(ax: Any, rows: Lines, x: str, y: str) -> None:
    """A line per candidate, both axes logarithmic, the legend in the lines' order."""
    names = dict.fromkeys(row["candidate"] for row in rows)
    last = {
        name: [row[y] for row in rows if row["candidate"] == name][-1] for name in names
    }
    for name in sorted(names, key=lambda name: -last[name]):
        mine = [row for row in rows if row["candidate"] == name]
        places, values = [row[x] for row in mine], [row[y] for row in mine]
        ax.plot(places, values, label=name, **_style(name))
    _logarithmic(ax, {row[x] for row in rows}, [row[y] for row in rows])


def _logarithmic(ax: Any, places: Iterable[float], values: Sequence[float]) -> None:
    """Both axes logarithmic, with round numbers beside the values, and a legend."""
    ax.set(xscale="log", yscale="log")
    every = sorted(places)
    ticks(ax.xaxis, every[:: 2 if len(every) > 4 else 1])  # narrow panels hold three
    low, high = min(values), max(values)
    round_ones = [step * 10.0**power for power in range(-1, 5) for step in (1, 2, 5)]
    ticks(ax.yaxis, [one for one in round_ones if low / 2 < one < high * 2])
    ax.legend(fontsize=8.5, loc="upper left", bbox_to_anchor=(1.02, 1.0))


def _style(name: str) -> dict[str, Any]:
    if name == OURS:
        return {"color": colour("topk"), "marker": "o", "linewidth": 2.4}
    if name in PEER_DASHES:
        return {"color": INK, "linestyle": PEER_DASHES[name], "linewidth": 1.3}
    return {"color": NULL, "linestyle": (0, (4, 3)), "linewidth": 1.4}


def draw_seeds(ax: Any, rows: Lines) -> None:
    """A line per architecture and shape: time per SAE against how many are side by
    side.
    """
    known = {name: kind for kind, name in NAMES.items()}
    marks = dict(zip(dict.fromkeys(_column(rows, "shape")), "os^v", strict=False))
    for name, shape in dict.fromkeys(
        (row["architecture"], row["shape"]) for row in rows
    ):
        mine = [
            row for row in rows if (row["architecture"], row["shape"]) == (name, shape)
        ]
        style = {"color": colour(known[name]), "marker": marks[shape]}
        places, values = _column(mine, "seeds"), _column(mine, "us")
        ax.plot(places, values, label=f"{name}, {shape}", **style)
    _logarithmic(ax, set(_column(rows, "seeds")), _column(rows, "us"))
    ax.set_xlabel("seeds side by side")


def draw_roofline(ax: Any, rows: Lines) -> None:
    """A dot per architecture at each shape; 1 would be a step that is all encoder, in
    float32 (bfloat16 products can pass it).
    """
    places = list(dict.fromkeys(row["shape"] for row in rows))
    known = {name: kind for kind, name in NAMES.items()}
    for number, name in enumerate(dict.fromkeys(row["architecture"] for row in rows)):
        mine = [row for row in rows if row["architecture"] == name]
        at = [places.index(row["shape"]) + 0.08 * (number - 2.5) for row in mine]
        style = {"color": colour(known[name]), "label": name}
        ax.plot(at, _column(mine, "share"), "o", **style)
    chance(ax, 1, "the encoder alone")
    ax.set_xticks(range(len(places)), places)
    most = max(1.0, *_column(rows, "share"))
    ax.set(ylim=(0, 1.08 * most), xlabel="d_model to width")
    ax.legend(fontsize=8.5, ncols=2, loc="lower left", bbox_to_anchor=(0.0, 1.02))


def _column(rows: Lines, name: str) -> list[Any]:
    return [row[name] for row in rows]


def trainings(speed: Speed) -> Lines:
    """Whole trainings on rows of the language model, a row per architecture and
    width.
    """
    return [
        {
            "architecture": NAMES[row["kind"]],
            "width": row["width"],
            "rows per CPU second": round(row["rows_per_second"]),
            "system, %": round(100 * row["kernel"], 1),
            "page faults a step": row["faults"],
        }
        for row in speed.rows.get("whole", [])
    ]
