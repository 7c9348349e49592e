"""The panels of a figure laid out again on the width of a phone.

Nothing is drawn anew: the axes of the figure move to another grid, letters stay as
large as they are.
"""

import warnings
from collections.abc import Sequence
from typing import Any

from saecore.report.narrow.labels import (
    collisions,
    fit_labels,
    move_legends,
    name_axes,
)

PHONE = 3.7
"""Inches, at which letters are as large on a phone as those of the wide figure on a
desk.
"""
PHONE_DPI = 190
"""Two pixels for each of a screen of 390."""
_ENOUGH = 4.4
"""A figure of so many inches needs no other."""
_SQUEEZED, _LOWER = 0.76, 0.85
"""A panel may lose so much of its width before it gets a row of its own, and stacked
panels are so much lower.
"""
_LEAST = 1.15
"""Inches of a panel without its labels below which nobody would read it."""


def relaid(fig: Any) -> bool:
    """Lay `fig` out again, one panel below the other where they do not fit beside.

    Returns False, and the figure is of no more use, if it is narrow as it is, its
    panels are not the cells of one grid, their names leave no room to them, or words
    in them would come to lie on one another.
    """
    wide, high = fig.get_size_inches()
    cells = _cells(fig)
    if wide <= _ENOUGH or not cells:
        return False
    rows, across = _shape(cells)
    panels = [ax for axes in cells.values() for ax in axes]
    before = collisions(panels)
    own = min(across, max(1, int(PHONE / (_SQUEEZED * wide / across))))
    name_axes(cells, own)
    down = _stack(fig, [cells[place] for place in sorted(cells)], own)
    lower = _LOWER if down > rows else 1.0
    fig.set_size_inches(PHONE, high / rows * down * lower)
    room = _laid_out(fig)
    move_legends(fig, panels)
    if fit_labels(fig, panels):
        room = _laid_out(fig)
        move_legends(fig, panels)  # panels are narrower now
    room = _laid_out(fig)
    fig.set_layout_engine("none")  # it is done, and takes longer than drawing
    least = min(float(ax.get_window_extent().width) for ax in panels)
    return room and least >= _LEAST * fig.dpi and collisions(panels) <= before


def _laid_out(fig: Any) -> bool:
    """Find the places of all panels; False if there is no room for them."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        fig.get_layout_engine().execute(fig)
    return not said


def _cells(fig: Any) -> dict[tuple[int, int], list[Any]]:
    """By row and column, the axes of a figure; empty if one is not a cell of the same
    grid as the others. Panels that show nothing are taken away.
    """
    cells: dict[tuple[int, int], list[Any]] = {}
    grids = set()
    for ax in list(fig.axes):
        spec = ax.get_subplotspec()
        if spec is None:  # a colour bar, which follows its panels
            continue
        if not ax.axison and not ax.has_data() and not ax.texts:
            ax.remove()
            continue
        if len(spec.rowspan) > 1 or len(spec.colspan) > 1:
            return {}
        grids.add(id(spec.get_gridspec()))
        cells.setdefault((spec.rowspan.start, spec.colspan.start), []).append(ax)
    return cells if len(grids) == 1 else {}


def _shape(cells: dict[tuple[int, int], list[Any]]) -> tuple[int, int]:
    return max(row for row, _ in cells) + 1, max(column for _, column in cells) + 1


def _stack(fig: Any, cells: Sequence[Sequence[Any]], across: int) -> int:
    """Put the cells into a grid of so many columns; returns its rows."""
    down = -(-len(cells) // across)
    grid = fig.add_gridspec(down, across)
    for place, axes in enumerate(cells):
        for ax in axes:
            ax.set_subplotspec(grid[divmod(place, across)])
    return down
