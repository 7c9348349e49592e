"""Is an answer to an exercise right, and if not, which mistake was it?

>>> check = checker("tiny", 0)
>>> check("ex-threshold", 0.4)  # doctest: +SKIP
"""

import math
from collections.abc import Callable, Iterator
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

from saecore.report import paths
from saecore.report.digits import people_text
from saecore.report.results import SOLVED
from saecore.teaching.answers import (
    BOOKS_RUN,
    SolvedExercise,
    answer_of,
    answers_of_run,
    stored_answers,
)


class CheckedAnswer(NamedTuple):
    """What is to be said of an answer."""

    right: bool | None
    """None if nothing can be said."""
    message: str

    def _repr_markdown_(self) -> str:
        sign = {True: "✔", False: "✘", None: "?"}[self.right]
        return f"{sign} {self.message}"

    def __str__(self) -> str:
        return self.message


def checker(
    profile: str, world_seed: int, *, pages: Path | None = None
) -> Callable[[str, Any], CheckedAnswer]:
    """`check(label, answer)` for the exercises of this run.

    An answer is compared with what the solution recorded: in this process, if it was
    run here; else in the book's own run, if this is it; else in an executed page of
    this run in the folder `pages` (where `saecore run` writes, if not given).
    """

    def check(label: str, answer: Any) -> CheckedAnswer:
        if answer is ... or answer is None:
            return CheckedAnswer(
                False, "No answer yet: put a number in place of the dots."
            )
        number = _number(answer)
        found, whose = recorded_answer(label, profile, world_seed, pages)
        if found is None:
            return CheckedAnswer(None, whose)
        judged = judged_answer(number, found)
        return judged._replace(message=f"{judged.message} ({whose}.)")

    return check


def _number(answer: Any) -> float:
    """Raises TypeError if it is no number."""
    value = answer.item() if hasattr(answer, "item") else answer
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(
            f"an answer is one number, got {answer!r}: give a number, or an array of "
            "one element"
        )
    return float(value)


def recorded_answer(
    label: str, profile: str, world_seed: int, pages: Path | None = None
) -> tuple[SolvedExercise | None, str]:
    """What the solution recorded, and in words where; or None, and why there is none.

    Raises KeyError, in one sentence, if the book has no exercise of this label.
    """
    run = f"profile {profile}, world seed {world_seed}"
    if label in SOLVED:
        return answer_of(SOLVED[label]), "compared with the solution as run here"
    books = stored_answers()
    if {"profile": profile, "world_seed": world_seed} == BOOKS_RUN:
        if label not in books:
            raise KeyError(
                f"an exercise is asked for by its label, but {label!r} has no "
                f"recorded solution: say one of {', '.join(sorted(books))}"
            )
        return books[label], "compared with the book's run"
    root = paths.checkout()
    folder = pages or (root / "_build" / "page" if root else Path())
    if twin := answers_of_run(folder, profile, world_seed).get(label):
        return answer_of(twin), f"compared with the solution's value of {run}"
    return None, (
        f"Cannot tell: there is no solution's value of {run}. Run the page with its "
        "solutions on it (`python -m saecore run PAGE`), or give its folder as "
        "`checker(..., pages=folder)`."
    )


def judged_answer(number: float, answer: SolvedExercise) -> CheckedAnswer:
    """Whether it is the right number or the nearest of the usual mistakes.

    A number counts as one of these if it is as near to it as a rerun must be. If it is
    near several, the nearest is meant.
    """
    if not math.isfinite(number):
        return CheckedAnswer(False, f"An answer is a finite number, got {number}.")
    near = [(abs(number - answer.value), 0, "")] if _is_right(number, answer) else []
    wrong = answer.mistakes.items()
    near += [
        (abs(number - x), 1, what)
        for what, x in wrong
        if abs(number - x) <= max(answer.rtol * abs(x), answer.atol)
    ]
    said = f"{people_text(number)}"
    if near:
        _, mistaken, what = min(near)
        if not mistaken:
            return CheckedAnswer(True, f"Right.{_distance(number, answer)}")
        return CheckedAnswer(
            False, f"Not yet: {said} is {what}.{_distance(number, answer)}"
        )
    for what, other in _slips(answer):
        if math.isclose(number, other, rel_tol=max(answer.rtol, 1e-6)):
            return CheckedAnswer(False, f"Nearly: {said} {what}.")
    return CheckedAnswer(False, f"Not yet: {said} is off.{_distance(number, answer)}")


def _is_right(number: float, answer: SolvedExercise) -> bool:
    """Within the interval, if the answer has one, or the tolerance of a rerun."""
    low = answer.value if answer.low is None else answer.low
    high = answer.value if answer.high is None else answer.high
    return low - answer.allowed <= number <= high + answer.allowed


def _distance(number: float, answer: SolvedExercise) -> str:
    """How far off in half-widths of the interval; "" if there is no interval."""
    if answer.low is None or answer.high is None or answer.low == answer.high:
        return ""
    half = (answer.high - answer.low) / 2
    off = (number - answer.value) / half
    measured = people_text(answer.value, answer.low, answer.high)
    way = "above" if off > 0 else "below"
    return (
        f" The page measures {measured}: you are {abs(off):.1f} half-widths of the "
        f"interval {way} it."
    )


def _slips(answer: SolvedExercise) -> Iterator[tuple[str, float]]:
    """Slips of the pen that are the same everywhere: in words, and what they give."""
    value = answer.value
    if not value:
        return
    yield "is the answer in per cent: give the share", 100 * value
    yield "is the answer as a share: give it in per cent", value / 100
    yield "has the wrong sign", -value
    if 0 < value < 1:
        yield "is the share of all the others", 1 - value
    yield "is the answer upside down: exchange the two sides of the ratio", 1 / value
