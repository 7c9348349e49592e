"""The chapter on words that the papers define differently: a table per word, with our
number for each meaning.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from saecore.book.front.stored_numbers import stored_number
from saecore.report.digits import people_text

_HEAD = "| meaning | where | measured here |\n|---|---|---|\n"


def words_defined(root: Path) -> list[dict[str, Any]]:
    """The words of book/definitions.toml; none without the file."""
    path = root / "book" / "definitions.toml"
    if not path.is_file():
        return []
    return tomllib.loads(path.read_text(encoding="utf-8"))["word"]


def definitions_markdown(words: list[dict[str, Any]], pages: Path) -> str:
    """A section per word; numbers come from the executed `pages`."""
    return "\n".join(_section(word, pages) for word in words)


def _section(word: Mapping[str, Any], pages: Path) -> str:
    rows = "".join(_row(meaning, pages) for meaning in word["meaning"])
    page = word["page"]
    return (
        f"## {word['name']}\n\n{word['text'].strip()}\n\n"
        f":::{{container}} sae-definitions\n{_HEAD}{rows}:::\n\n"
        f"In code: `{word['function']}`. On its page: "
        f"[](notebooks/{page}.ipynb).\n"
    )


def _row(meaning: Mapping[str, Any], pages: Path) -> str:
    found = stored_number(pages, meaning["number"]) if "number" in meaning else None
    shown = people_text(*found) if found else "–"
    formula = ", ".join(f"${part}$" for part in meaning["formula"])
    name = f"**{meaning['name']}** [{formula}]{{.sae-formula}}"
    name += f" [`{meaning['option']}`]{{.sae-small}}" * bool(meaning["option"])
    return f"| {name} | {meaning['place']} | {shown} |\n"
