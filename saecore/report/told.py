"""A conclusion in prose that its number chooses.

>>> number = (0.31, 0.28, 0.34)
>>> said = {"holds": "It is more: {number}.", "fails": "No.", "undecided": "Open."}
>>> chosen_sentence(number, above=0.2, **said)
'It is more: {number}.'
>>> told(number, above=0.2, **said)  # doctest: +SKIP
"""

from collections.abc import Sequence
from typing import Any

from saecore.report.judging.rule import Condition, Measured, measured
from saecore.report.ranged import Ranged
from saecore.report.rendering import FACES, TOLD
from saecore.report.results import fair_atol, page_tolerance

Told = Ranged | Sequence[float] | float
"""A number with its interval, as (value, low, high) or an object; or an exact one."""


def told(
    number: Told,
    *,
    holds: str,
    fails: str,
    undecided: str,
    above: Told | None = None,
    below: Told | None = None,
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Show the one of three sentences that `chosen_sentence` picks, as a paragraph.

    "{number}" in a sentence is the number as people read it, with its interval, and
    "{than}" what it is compared with. A rerun must choose the same sentence; the
    numbers may drift as those of `record`.
    """
    from IPython.display import display

    said = {"holds": holds, "fails": fails, "undecided": undecided}
    sentence = chosen_sentence(number, above=above, below=below, **said)
    numbers = {"number": list(_measured(number))}
    than = above if below is None else below
    numbers |= {"than": list(_measured(than if than is not None else 0.0))}
    twin: dict[str, Any] = {"name": "told", "sentence": sentence, "numbers": numbers}
    twin |= page_tolerance(rtol=(rtol, 0.02), atol=(atol, 1e-6))
    twin["atol"] = fair_atol(twin)
    display({TOLD: twin, **FACES[TOLD](twin)}, raw=True)


def chosen_sentence(
    number: Told,
    *,
    holds: str,
    fails: str,
    undecided: str,
    above: Told | None = None,
    below: Told | None = None,
) -> str:
    """The sentence that a number chooses: `holds` if its whole interval lies above (or
    below) the other number's, `fails` if it lies at or on the other side, else
    `undecided`.

    Give `above` or `below`: a constant, or another measured number; a tie of two
    measured ones is undecided. Raises ValueError unless exactly one is given.
    """
    if (above is None) == (below is None):
        raise ValueError(
            "a sentence is chosen by a number above or below another one, so give one "
            f"of above= and below=, got above={above}, below={below}"
        )
    than = above if below is None else below
    numbers = {"number": _measured(number)}
    if isinstance(than, float | int):
        bound: float | str = float(than)
    else:
        bound, numbers["than"] = "than", _measured(than)
    condition = Condition("number", "above" if below is None else "below", bound)
    return {True: holds, False: fails, None: undecided}[condition.holds(numbers)]


def _measured(number: Any) -> Measured:
    """Raises ValueError if the ends of an interval are out of order."""
    if isinstance(number, Ranged):
        return measured((number.estimate, number.low, number.high))
    return measured(tuple(number) if isinstance(number, Sequence) else number)
