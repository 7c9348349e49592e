"""Panels that several pages draw: a measure against a setting, shares side by side; and
heat maps, histograms and running shares by seaborn.

Each takes matplotlib axes and plain numbers with their intervals; what the colours mean
stands in `figures`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from saecore.report.figures import INK, NULL, name_curve, ticks
from saecore.report.ranged import Point, Ranged, by_setting


def trend(
    ax: Any,
    points: Mapping[float, Ranged],
    *,
    color: Any,
    label: str = "",
    log: bool = True,
) -> None:
    """A line through estimates with bars for their intervals, named at its last point;
    x is logarithmic.
    """
    places = list(points)
    values = [point.estimate for point in points.values()]
    ax.errorbar(
        places,
        values,
        yerr=bars(points.values()),
        fmt="o-",
        color=color,
        markersize=4.5,
        capsize=2.5,
    )
    if label:
        name_curve(ax, places[-1], values[-1], label, color=color)
    if log:
        ax.set_xscale("log")
    ticks(ax.xaxis, places)


def named_points(
    ax: Any, points: Mapping[str, Ranged], *, colors: Sequence[Any] | None = None
) -> None:
    """One dot with its interval per name, the names below the axis."""
    places = range(len(points))
    for place, point, color in zip(
        places, points.values(), colors or [INK] * len(points), strict=True
    ):
        ax.errorbar(
            [place],
            [point.estimate],
            yerr=bars([point]),
            fmt="o",
            color=color,
            markersize=6,
            capsize=3,
        )
    ax.set_xticks(list(places), list(points))
    ax.set_xlim(-0.6, len(points) - 0.4)


def bars(points: Any) -> list[list[float]]:
    """Lengths of the error bars, below and above; an interval that is not a number has
    none.
    """
    below, above = [], []
    for point in points:
        low, high = (
            end if end == end else point.estimate for end in (point.low, point.high)
        )
        below.append(max(point.estimate - low, 0.0))
        above.append(max(high - point.estimate, 0.0))
    return [below, above]


def null_line(ax: Any, points: Mapping[float, float], label: str = "chance") -> None:
    """A null that varies with the setting: dashed grey, named at its first point."""
    places, values = list(points), list(points.values())
    ax.plot(places, values, color=NULL, linestyle=(0, (4, 3)), linewidth=1.4, zorder=1)
    ax.annotate(
        label,
        (places[0], values[0]),
        xytext=(2, 4),
        textcoords="offset points",
        color=NULL,
        fontsize=9,
    )


def rows_of(
    setting: str, points: Mapping[Any, Point], **more: Mapping[Any, Point]
) -> list[dict[str, Any]]:
    """The plotted points as rows of a table: `by_setting` with one column of keys."""
    return by_setting(points, key=setting, name="share", **more)


def heat_map(
    ax: Any,
    cells: Sequence[Sequence[float]],
    *,
    ends: tuple[float, float],
    colours: str,
    x: Sequence[str],
    y: Sequence[str],
    written: bool = False,
    **options: Any,
) -> Any:
    """A table of numbers as colours between two `ends`, the first row on top, with the
    number in each cell if it is `written`; returns what a colour bar is made of.

    `options` are those of `seaborn.heatmap`; without `cbar=True` there is no bar.
    """
    import seaborn

    known: dict[str, Any] = {"cbar": False, "annot_kws": {"fontsize": 7.5}} | options
    if written:
        known |= {"annot": [[_two_digits(cell) for cell in row] for row in cells]}
    low, high = ends
    seaborn.heatmap(
        cells, ax=ax, vmin=low, vmax=high, cmap=colours, fmt="", xticklabels=list(x),
        yticklabels=list(y), **known,
    )  # fmt: skip
    ax.tick_params(length=0)
    return ax.collections[0]


def _two_digits(value: float) -> str:
    return f"{value:.2f}".replace("-0.00", "0.00")


def outlined(
    ax: Any,
    values: Sequence[float],
    *,
    span: tuple[float, float],
    bins: int,
    color: Any,
    label: str,
) -> None:
    """The outline of a histogram whose bars sum to one; what lies outside goes to the
    outermost ones.
    """
    import seaborn

    low, high = span
    inside = [min(max(value, low), high) for value in values]
    seaborn.histplot(
        x=inside, ax=ax, bins=bins, binrange=span, stat="probability", element="step",
        fill=False, color=color, label=label, linewidth=1.6,
    )  # fmt: skip
    ax.set(ylabel="")


def running_share(ax: Any, values: Sequence[float], **line: Any) -> None:
    """The share of values up to each: the empirical distribution."""
    import seaborn

    seaborn.ecdfplot(x=list(values), ax=ax, **line)
    ax.set(ylabel="")
