"""The papers' own numbers, from book/published.toml, each with the place it was read
from.
"""

import tomllib
from typing import Any

from saecore.report.paths import claims_file


def published(claim: str) -> dict[str, Any]:
    """The published numbers that stand beside those of `claim`. Raises ValueError if
    there are none.
    """
    path = claims_file().with_name("published.toml")
    numbers = tomllib.loads(path.read_text(encoding="utf-8"))
    if claim not in numbers:
        raise ValueError(
            f"published numbers exist for {sorted(numbers)}, but {claim!r} was asked "
            "for: add them"
        )
    return numbers[claim]
