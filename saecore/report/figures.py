"""One style for every picture of the book: what a colour means is the same on all
pages.

An architecture has one colour, a width one shade of it, chance is a dashed grey line
with its name, and curves carry their names instead of a legend. The colours are those
of Okabe and Ito, which stay apart for readers who do not see all colours; pictures keep
a light mat, so they are the same in a dark page.
"""

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

from saecore.report.narrow.relaid import PHONE_DPI, relaid
from saecore.report.rendering import FIGURE, NARROW
from saecore.report.results import cell_tolerance, column_pairs, columns_of, show

COLOURS = {
    "topk": "#0072B2",
    "batchtopk": "#56B4E9",
    "relu": "#D55E00",
    "gated": "#E69F00",
    "jumprelu": "#009E73",
    "matryoshka": "#CC79A7",
}
NAMES = {
    "topk": "TopK",
    "batchtopk": "BatchTopK",
    "relu": "ReLU",
    "gated": "Gated",
    "jumprelu": "JumpReLU",
    "matryoshka": "Matryoshka",
}
NULL = "#767676"
INK = "#222222"
STYLE = {
    "figure.figsize": (6.4, 3.6),
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.size": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "axes.axisbelow": True,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
}


def subplots(*shape: int, **options: Any) -> Any:
    """`matplotlib.pyplot.subplots` in the book's style: (figure, axes)."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(STYLE)  # pyright: ignore[reportArgumentType, reportCallIssue]
    return plt.subplots(*shape, **options)


def colour(architecture: str) -> str:
    """The colour of an architecture. Raises ValueError if it has none."""
    if architecture not in COLOURS:
        raise ValueError(
            f"an architecture must be one of {sorted(COLOURS)}, got "
            f"{architecture!r}: check the spelling"
        )
    return COLOURS[architecture]


def shades(architecture: str, count: int) -> list[tuple[float, float, float]]:
    """`count` shades of an architecture's colour, light (narrow) to dark (wide)."""
    from matplotlib.colors import to_rgb

    base = to_rgb(colour(architecture))
    mix = (
        [0.0]
        if count == 1
        else [0.55 - 0.85 * place / (count - 1) for place in range(count)]
    )
    return [_mixed(base, amount) for amount in mix]


def _mixed(base: Sequence[float], amount: float) -> tuple[float, float, float]:
    """Towards white for a positive `amount`, towards black for a negative one."""
    goal = 1.0 if amount > 0 else 0.0
    red, green, blue = (part + abs(amount) * (goal - part) for part in base)
    return red, green, blue


def chance(
    ax: Any,
    value: float,
    label: str = "chance",
    *,
    band: tuple[float, float] | None = None,
) -> None:
    """The null as a dashed grey line across `ax`, named at its right end, with its
    interval as a band.
    """
    if band:
        ax.axhspan(*band, color=NULL, alpha=0.15, linewidth=0)
    ax.axhline(value, color=NULL, linestyle=(0, (4, 3)), linewidth=1.4, zorder=1)
    ax.annotate(
        label,
        (1, value),
        xycoords=("axes fraction", "data"),
        xytext=(-2, 3),
        textcoords="offset points",
        color=NULL,
        ha="right",
        va="bottom",
        fontsize=9,
    )


def name_curve(ax: Any, x: float, y: float, label: str, *, color: Any = INK) -> None:
    """The name of a curve beside its last point, in the curve's colour."""
    ax.annotate(
        label,
        (x, y),
        xytext=(6, 0),
        textcoords="offset points",
        color=color,
        va="center",
        fontsize=9.5,
        annotation_clip=False,
    )


def ticks(axis: Any, values: Sequence[float]) -> None:
    """Name exactly `values` on an axis (`ax.xaxis`), as on a logarithmic one of
    widths.
    """
    from matplotlib.ticker import NullFormatter, NullLocator

    axis.set_ticks(list(values), [_short(value) for value in values])
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def _short(value: float) -> str:
    """150k for 150,000 and 1.2M for 1,200,000; numbers below ten thousand in full."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= max(size, 1e4):
            return f"{value / size:g}{letter}"
    return f"{value:,g}"


def seeds(ax: Any, x: float, values: Sequence[float], *, color: Any) -> None:
    """One dot per seed at `x`, and a bar at their mean."""
    ax.plot(
        [x] * len(values),
        values,
        "o",
        color=color,
        markersize=4,
        alpha=0.55,
        markeredgewidth=0,
    )
    ax.plot(
        [x],
        [sum(values) / len(values)],
        "_",
        color=color,
        markersize=16,
        markeredgewidth=2.4,
    )


def figure(
    name: str,
    fig: Any,
    *,
    alt: str,
    caption: str = "",
    data: Any = None,
    rtol: float | Mapping[str, float] | None = None,
    atol: float | None = None,
) -> None:
    """Show a figure with the sentence that stands for it, and the numbers that it
    plots; stored with it is the same picture for a phone.

    `alt` says what can be seen, for readers who cannot; `caption` is MyST. `data` (as
    in `table`) are the plotted numbers: the page offers them folded below the caption,
    and a rerun must meet them within `rtol` or `atol`; the pixels are not compared.
    Raises ValueError if `alt` is too short to say anything.
    """
    if len(alt.split()) < 4:
        raise ValueError(
            f"alt text must say in a sentence what the figure shows, got {alt!r}: "
            "write what is seen"
        )
    columns = {} if data is None else columns_of(data)
    twin = {"name": name, "alt": alt, "caption": caption}
    twin |= cell_tolerance(rtol, atol, columns) | {"columns": column_pairs(columns)}
    pictures = {"image/png": png(fig)}
    if relaid(fig):
        pictures[NARROW] = _few_colours(png(fig, dpi=PHONE_DPI))
    show(FIGURE, twin, pictures)


def png(fig: Any, *, dpi: int = 144) -> str:
    """The picture as base64 PNG, without the software's name and version; closes
    `fig`.
    """
    import matplotlib.pyplot as plt

    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    plt.close(fig)
    return base64.b64encode(buffer.getvalue()).decode()


def _few_colours(picture: str) -> str:
    """The same in 256 colours, a third of the bytes."""
    from PIL import Image

    buffer = io.BytesIO()
    whole = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB")
    few = whole.quantize(256, dither=Image.Dither.NONE)
    few.save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()
