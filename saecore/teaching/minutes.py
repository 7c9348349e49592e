"""How long a page takes, by a rule.

Reading: 200 words a minute, and a quarter of a minute for each output that is looked
at. Exercises: by their level, 2, 5, 10 and 20 minutes. Solutions and hints are not
counted, nor is code that is folded.
"""

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from saecore.teaching.exercises import BLOCK, Exercise, exercises
from saecore.teaching.versions import without_solutions

WORDS_A_MINUTE = 200
MINUTES_A_CELL = 0.25
MINUTES_BY_LEVEL = {1: 2, 2: 5, 3: 10, 4: 20}
WORD = re.compile(r"[^\W\d_][\w'’-]*")


class Minutes(NamedTuple):
    """What a page takes, and what that is made of."""

    words: int
    cells: int
    """Cells of code that show something, or that are open."""
    exercises: int
    reading: int
    """Whole minutes, rounded up to the next."""
    solving: int


def minutes(page: Any) -> Minutes:
    """What a notebook takes by the rule, from its text alone."""
    kept = without_solutions(page.cells)
    prose = [BLOCK.sub("", c.source) for c in kept if c.cell_type == "markdown"]
    words = sum(len(WORD.findall(text)) for text in prose)
    cells = sum(_is_seen(cell) for cell in kept)
    reading = words / WORDS_A_MINUTE + cells * MINUTES_A_CELL
    asked = exercises(page)
    return Minutes(words, cells, len(asked), math.ceil(reading), solving(asked))


def solving(asked: Sequence[Exercise]) -> int:
    """Minutes for some exercises."""
    return sum(MINUTES_BY_LEVEL[one.level] for one in asked)


SHOWING = re.compile(r"\b(figure|table|told|record|show_\w+|conclude|say_\w+)\(")


def _is_seen(cell: Any) -> bool:
    folded = {"hide-input", "hide-cell"} & set(cell.metadata.get("tags", []))
    if cell.cell_type != "code" or "hide-cell" in folded:
        return False
    return not folded or bool(SHOWING.search(cell.source))
