"""Labels of panels that have moved: axes that were named by a neighbour get names of
their own, and what has become too long is turned, broken or put below another.
"""

import textwrap
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

_Cells = Mapping[tuple[int, int], Sequence[Any]]
_SHORTEST = 8
"""Letters of a line that is never broken further."""
_ABOVE = {"loc": "lower right", "bbox_to_anchor": (1, 1.02)}
_BELOW = {"loc": "outside lower center"}
"""Where a legend goes that has no room, of a panel and of all."""
_NAMES = 0.5
"""Part of the width that the names beside an axis may take."""
_APART, _FEW = 3, 4
"""Pixels between two names below an axis; so many stand aslant, more upright."""


def name_axes(cells: _Cells, across: int) -> None:
    """Panels that the first of a row and the last of a column have spoken for, once
    they stand in a grid of `across` columns.
    """
    for place, (row, column) in enumerate(sorted(cells)):
        for ax in cells[row, column]:
            above = [axes[0] for (_, c), axes in sorted(cells.items()) if c == column]
            before = [axes[0] for (r, _), axes in sorted(cells.items()) if r == row]
            ax.tick_params(labelbottom=True)
            ax.set_xlabel(ax.get_xlabel() or above[-1].get_xlabel())
            if place % across == 0:
                ax.tick_params(labelleft=True)
                ax.set_ylabel(ax.get_ylabel() or before[0].get_ylabel())


def fit_labels(fig: Any, panels: Sequence[Any]) -> bool:
    """Mend what a figure that was just laid out has no room for; returns whether there
    was any.

    Names below an axis that run into each other are turned; names beside one, titles
    and labels that are longer than their place are broken.
    """
    done = [turn(ax) for ax in panels for turn in (_turn_names, _break_names)]
    for ax in panels:
        frame = ax.get_window_extent()
        for text in (ax.title, ax._left_title, ax._right_title, ax.xaxis.label):
            wide = text.get_window_extent().width
            done.append(_break(text, wide, fig.bbox.width - frame.x0))
        high = ax.yaxis.label.get_window_extent().height
        done.append(_break(ax.yaxis.label, high, frame.height))
    return any(done)


def move_legends(fig: Any, panels: Sequence[Any]) -> None:
    """Legends that stand beside their panel, or are wider than what they belong to, get
    another place.
    """
    for ax in panels:
        _move(ax, ax.get_legend(), **_ABOVE)
    for legend in list(fig.legends):
        _move(fig, legend, **_BELOW)


def _turn_names(ax: Any) -> bool:
    texts = [text for text in ax.get_xticklabels() if text.get_text()]
    boxes = sorted((one.get_window_extent() for one in texts), key=lambda box: box.x0)
    if all(one.x1 + _APART <= other.x0 for one, other in pairwise(boxes)):
        return False
    few = len(texts) <= _FEW
    ax.tick_params(axis="x", rotation=40 if few else 90)
    if few:
        for text in texts:
            text.set(ha="right", rotation_mode="anchor")
    return True


def _break_names(ax: Any) -> bool:
    """Break the names left of an axis that take much of the figure's width."""
    texts = [text for text in ax.get_yticklabels() if text.get_text()]
    room = _NAMES * ax.figure.bbox.width
    done = [_break(text, text.get_window_extent().width, room) for text in texts]
    if any(done):
        ax.set_yticks(ax.get_yticks(), [text.get_text() for text in texts])
        _heighten(ax)
    return any(done)


def _heighten(ax: Any) -> None:
    """As much height as the names beside an axis need to stand apart."""
    boxes = [text.get_window_extent() for text in ax.get_yticklabels()]
    boxes = sorted(boxes, key=lambda box: box.y0)
    need = [box.height / max(1, two.y0 - box.y0) for box, two in pairwise(boxes)]
    wide, high = ax.figure.get_size_inches()
    ax.figure.set_size_inches(wide, high * max([1.0, *need]))


def _break(text: Any, long: float, room: float) -> bool:
    """Break a text into lines that fit; a formula stays whole."""
    said = text.get_text()
    if long <= room or "$" in said:
        return False
    letters = max(_SHORTEST, int(0.85 * len(said) * room / long))
    text.set_text(textwrap.fill(said, letters, break_long_words=False))
    return True


def _move(owner: Any, legend: Any, **to: Any) -> None:
    """Make a legend again elsewhere, in as many columns as there is room for, if it has
    none where it is.
    """
    if legend is None:
        return
    room, box = legend.figure.bbox.width, legend.get_window_extent()
    own = owner.get_window_extent()
    if box.width <= own.width and box.x0 < own.x1:
        return
    columns = max(1, int(legend._ncols * room / box.width))
    said = [text.get_text() for text in legend.get_texts()]
    size = legend.get_texts()[0].get_fontsize()
    legend.remove()
    owner.legend(legend.legend_handles, said, ncols=columns, fontsize=size, **to)


def collisions(panels: Sequence[Any]) -> int:
    """How many pairs of words inside of panels lie on one another."""
    import numpy as np

    pairs = 0
    for ax in panels:
        found = [text.get_window_extent().extents for text in ax.texts]
        x0, y0, x1, y1 = np.array(found).reshape(-1, 4).T
        apart = (x0[:, None] >= x1) | (y0[:, None] >= y1)
        pairs += int(np.triu(~(apart | apart.T), 1).sum())
    return pairs
