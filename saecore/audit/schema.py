"""The JSON that an audit writes, as a JSON Schema (draft 2020-12)."""

from typing import Any

from saecore.audit.numbers import SECTIONS

_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": ["number", "null"]}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    """An object with exactly these fields."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_SECTION: dict[str, Any] = {"enum": list(SECTIONS)}
_SAE = _closed(
    {
        "name": _TEXT,
        "width": {"type": "integer", "minimum": 1},
        "d_model": {"type": "integer", "minimum": 1},
        "architecture": _TEXT,
        "hook_name": _TEXT,
        "model_name": _TEXT,
        "stored_dtype": _TEXT,
        "format": _TEXT,
    }
)
_ONE = _closed(
    {
        "section": _SECTION,
        "name": _TEXT,
        "of": _TEXT,
        "value": _NUMBER,
        "low": _NUMBER,
        "high": _NUMBER,
        "interval": _TEXT,
        "null": _NUMBER,
        "null_low": _NUMBER,
        "null_high": _NUMBER,
        "null_is": _TEXT,
        "says": _TEXT,
    }
)
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "saecore audit",
    **_closed(
        {
            "audit": {"const": 1},
            "saecore": _TEXT,
            "sae": _SAE,
            "against": {"type": "array", "items": _SAE},
            "model": _TEXT,
            "rows": _TEXT,
            "threshold": {"type": "number"},
            "told": {"type": "object", "additionalProperties": _TEXT},
            "numbers": {"type": "array", "items": _ONE},
            "not_measured": {
                "type": "array",
                "items": _closed({"section": _SECTION, "why": _TEXT}),
            },
        }
    ),
}
"""A value of null is one that could not be told (a mean of nothing), a null of null one
that chance says nothing about.
"""
