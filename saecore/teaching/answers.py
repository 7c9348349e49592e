"""Right and usual wrong answers to exercises, as the solutions of a run recorded them.

The book's own run has its answers in book/teaching/answers.json, which the committed
pages make; an installed package carries a copy. Those of another run are in its
executed pages, or in this process if the solutions were run in it.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from saecore.report import paths
from saecore.report.rendering import RESULT

BOOKS_RUN = {"profile": "tiny", "world_seed": 0}
"""The run of the committed pages."""


class SolvedExercise(NamedTuple):
    """What the solution of an exercise recorded."""

    value: float
    """The right answer."""
    low: float | None
    high: float | None
    """Its interval, if it has one."""
    rtol: float
    atol: float
    """How far a rerun of it, and so an answer, may be off."""
    mistakes: dict[str, float]
    """Usual wrong answers: in words, and what the same run gives for them."""

    @property
    def allowed(self) -> float:
        """How far an answer may be off."""
        return max(self.rtol * abs(self.value), self.atol)


def answer_of(twin: Mapping[str, Any]) -> SolvedExercise:
    """The answer in the JSON twin of a recorded number."""
    plain = [twin[name] for name in SolvedExercise._fields[:-1]]
    return SolvedExercise(*plain, mistakes=dict(twin["mistakes"]))


def solved_on(page: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The JSON twins of the solutions on an executed page, by the exercise's label."""
    return {twin["name"]: twin for twin in _twins(page) if "mistakes" in twin}


def _twins(page: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for cell in page["cells"]:
        for output in cell.get("outputs", []):
            if RESULT in output.get("data", {}):
                yield output["data"][RESULT]


def stored_answers() -> dict[str, SolvedExercise]:
    """Those of the book's own run; {} if the file is not there."""
    file = answers_file()
    if not file.is_file():
        return {}
    twins = json.loads(file.read_text(encoding="utf-8"))
    return {label: answer_of(twin) for label, twin in twins.items()}


def answers_file() -> Path:
    """book/teaching/answers.json, or the copy that an installed package carries."""
    root = paths.checkout()
    folder = root / "book" / "teaching" if root else Path(__file__).parent
    return folder / "answers.json"


def answers_text(pages: Mapping[str, Mapping[str, Any]]) -> str:
    """The text of answers.json for executed pages, by their names.

    Raises ReportError if two exercises have one label.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, page in pages.items():
        solved = solved_on(page)
        if twice := sorted(solved.keys() & found.keys()):
            raise paths.ReportError(
                f"an exercise has a label of its own, but {twice} on {name} is also on "
                "another page: rename one"
            )
        found |= solved
    return json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def answers_of_run(
    folder: Path, profile: str, world_seed: int
) -> dict[str, dict[str, Any]]:
    """The JSON twins on the executed pages in `folder` that were made with this profile
    and world seed.
    """
    found: dict[str, dict[str, Any]] = {}
    asked = {"profile": profile, "world_seed": world_seed}
    for file in sorted(folder.glob("*.ipynb")):
        page = json.loads(file.read_text(encoding="utf-8"))
        said = page.get("metadata", {}).get("saecore", {}).get("parameters", {})
        if BOOKS_RUN | said == asked:
            found |= solved_on(page)
    return found


def write_answers(root: Path, committed: Path | None = None) -> list[Path]:
    """Write answers.json from the committed pages (or those of another folder); returns
    it if its content changed.
    """
    folder = committed or root / "book" / "notebooks"
    pages = {
        file.stem: json.loads(file.read_text(encoding="utf-8"))
        for file in sorted(folder.glob("*.ipynb"))
    }
    target, text = root / "book" / "teaching" / "answers.json", answers_text(pages)
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return []
    part = target.with_suffix(".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(target)
    return [target]
