"""Verdicts for a terminal: what a page shows as a card, as text or as JSON."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from saecore.report.judging import card


def as_text(twins: Iterable[Mapping[str, Any]]) -> str:
    """Claim, subject and verdict, then its parts with their numbers; a blank line."""
    return "\n\n".join(card.text(twin) for twin in twins)


def as_json(twins: Iterable[Mapping[str, Any]]) -> str:
    """A list of the verdicts as they are stored, every digit kept."""
    return json.dumps(list(twins), indent=1, ensure_ascii=False, allow_nan=False)
