"""The one number that stands for a claim, from its stored verdict: measured, chance,
and what the paper reports on the same axis.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from saecore.report.judging.card import Twin
from saecore.report.published import published

Measurement = tuple[float, float, float]


class Headline(NamedTuple):
    """A number with its interval, what it is compared with, and the paper's."""

    part: Twin
    """The statement that it belongs to."""
    number: Measurement | None
    """Value and ends of the interval; None where it was not measured."""
    null: Measurement | None
    """What it is compared with, mostly chance; None without one."""
    words: str
    """What the number is."""
    null_words: str
    """What the other one is; "" without one."""
    papers: dict[str, float]
    """Published numbers by where they were measured."""


def front_words(root: Path) -> dict[str, Any]:
    """book/front.toml of a checkout; empty if there is none."""
    path = root / "book" / "front.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def headline(twin: Twin, front: Mapping[str, Any]) -> Headline:
    """The headline of a verdict. Raises ValueError if front.toml names a part or a
    published number that is not there.
    """
    part, numbers, words = _part(twin, front), twin["numbers"], twin["words"]
    number, null = (_triple(numbers, part[name]) for name in ("shows", "null"))
    return Headline(
        part,
        number,
        null,
        words.get(part["shows"], ""),
        words.get(part["null"], "") if null else "",
        _papers(twin["claim"], front),
    )


def _part(twin: Twin, front: Mapping[str, Any]) -> Twin:
    parts = {part["name"]: part for part in [*twin["parts"], *twin["left_out"]]}
    core = [name for name, part in parts.items() if part["core"]]
    name = front.get("headlines", {}).get(twin["claim"]) or core[0]
    if name not in parts:
        raise ValueError(
            f"the headline of {twin['claim']!r} must be one of {sorted(parts)}, but "
            f"front.toml names {name!r}: correct it"
        )
    return parts[name]


def _triple(numbers: Mapping[str, Any], name: str) -> Measurement | None:
    if name not in numbers:
        return None
    value, low, high = numbers[name]
    return value, low, high


def _papers(claim: str, front: Mapping[str, Any]) -> dict[str, float]:
    named = front.get("published", {}).get(claim, {})
    return {says: _published(claim, path) for says, path in named.items()}


def _published(claim: str, path: str) -> float:
    """The number of published.toml at a dotted path below the claim."""
    found: Any = published(claim)
    try:
        for step in path.split("."):
            found = found[int(step)] if isinstance(found, list) else found[step]
    except (KeyError, IndexError, TypeError, ValueError):
        raise ValueError(
            f"front.toml names {path!r} below [{claim}] of published.toml, but it is "
            "not there: correct the path"
        ) from None
    return float(found)
