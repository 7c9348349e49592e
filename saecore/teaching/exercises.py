"""The exercises of a page, read from its Markdown.

An exercise is a MyST directive with its level as title, a hint that is folded, and a
solution, which may span cells:

    ```{exercise} Level 2
    :label: ex-threshold
    ...
    ```
    ```{hint}
    :class: dropdown
    ...
    ```
    ```{solution-start} ex-threshold
    :class: dropdown
    ```

The number that `record` states under the exercise's label in its solution is the
answer.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from saecore.report.paths import ReportError

BLOCK = re.compile(
    r"^```\{(?P<name>[\w-]+)\}[ \t]*(?P<title>[^\n]*)\n(?P<body>.*?)^```[ \t]*$\n?",
    re.M | re.S,
)
LEVEL_TITLE = re.compile(r"Level (?P<level>[1-4])")
OPTIONS = re.compile(r"^:[\w-]+:.*\n?", re.M)
PREDICTION = "-predict"
"""How the label of an exercise ends that is to be answered before the page is run."""


class Exercise(NamedTuple):
    """One exercise as it stands on its page."""

    label: str
    level: int
    """From 1, a reading of the page, to 4, an experiment."""
    text: str
    hint: str
    """"" if it has none."""
    checked: bool
    """Whether its solution records a number to check answers by."""

    @property
    def predicts(self) -> bool:
        """Whether it asks for a guess before the page is run."""
        return self.label.endswith(PREDICTION)


def exercises(page: Any) -> list[Exercise]:
    """The exercises of a notebook in their order.

    Raises ReportError if one has no label or no level from 1 to 4.
    """
    found: list[Exercise] = []
    answered = recorded_names(page.cells)
    for block in BLOCK.finditer(markdown(page.cells)):
        if block["name"] == "exercise":
            found.append(_exercise(block, answered))
        elif block["name"] == "hint" and found:
            found[-1] = found[-1]._replace(hint=OPTIONS.sub("", block["body"]).strip())
    return found


def predictions(page: Any) -> list[str]:
    """The texts of the exercises of a page that ask for a guess before it is run."""
    label = re.compile(rf"^:label: \S+{PREDICTION}$", re.M)
    return [
        OPTIONS.sub("", block["body"]).strip()
        for block in BLOCK.finditer(markdown(page.cells))
        if block["name"] == "exercise" and label.search(block["body"])
    ]


def _exercise(block: re.Match[str], answered: set[str]) -> Exercise:
    label = re.search(r"^:label: (\S+)$", block["body"], re.M)
    level = LEVEL_TITLE.match(block["title"])
    if label is None or level is None:
        raise ReportError(
            "an exercise has a label and as its title a level, `Level 1` to `Level 4`, "
            f"but this has {block['title']!r}: {block['body'][:60]!r}"
        )
    text = OPTIONS.sub("", block["body"]).strip()
    return Exercise(label[1], int(level["level"]), text, "", label[1] in answered)


def markdown(cells: Sequence[Any]) -> str:
    """All prose of some cells."""
    return "\n\n".join(c.source for c in cells if c.cell_type == "markdown")


def recorded_names(cells: Sequence[Any]) -> set[str]:
    """The names under which solutions on a page record numbers."""
    code = "\n".join(
        cell.source
        for cell in cells
        if cell.cell_type == "code" and "solution" in cell.metadata.get("tags", [])
    )
    return set(re.findall(r"record\(\s*\"([\w-]+)\"", code))
