"""The glossary: book/glossary.toml as a page and as a CSV file."""

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PAPERS = {
    "cunningham2023sparse": "Cunningham et al.",
    "chanin2024absorption": "Chanin et al.",
    "paulo2025seeds": "Paulo and Belrose",
    "leask2025canonical": "Leask et al.",
}
"""The four papers by their keys in references.bib."""


def terms(root: Path) -> list[dict[str, Any]]:
    """The terms of book/glossary.toml by their names; none without the file."""
    path = root / "book" / "glossary.toml"
    if not path.is_file():
        return []
    stated = tomllib.loads(path.read_text(encoding="utf-8"))["term"]
    return sorted(stated, key=lambda term: term["name"].lower())


def glossary_markdown(stated: Sequence[Mapping[str, Any]]) -> str:
    """A definition list that Sphinx indexes, and to whose entries {term} leads."""
    entries = "\n".join(_entry(term) for term in stated)
    return f"```{{glossary}}\n{entries}```\n" if stated else "No terms.\n"


def _entry(term: Mapping[str, Any]) -> str:
    lines = [term["means"]]
    for title, said in (
        ("In the papers", _papers(term)),
        ("In libraries", _libs(term)),
    ):
        if said:
            lines.append(f"*{title}:* {'; '.join(said)}.")
    if page := term.get("page"):
        ending = ".ipynb" if page.startswith("notebooks/") else ".md"
        lines.append(f"*See* [](/{page}{ending}).")
    text = "\n\n".join(f"  {line}" for line in lines)
    return f"{term['name']}\n{text}\n\n"


def _papers(term: Mapping[str, Any]) -> list[str]:
    return [
        f"{{cite:t}}`{key}`: {word}" for key, word in term.get("papers", {}).items()
    ]


def _libs(term: Mapping[str, Any]) -> list[str]:
    return [f"{name}: {word}" for name, word in term.get("libraries", {}).items()]


def glossary_csv(stated: Sequence[Mapping[str, Any]]) -> str:
    """A line per term: name, other spellings, meaning, a column per paper, libraries,
    page.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = ["term", "also", "means", *PAPERS.values(), "libraries", "page"]
    writer.writerow(columns)
    for term in stated:
        papers = [term.get("papers", {}).get(key, "") for key in PAPERS]
        also = "; ".join(term.get("also", []))
        row = [term["name"], also, term["means"], *papers, "; ".join(_libs(term))]
        writer.writerow([*row, term.get("page", "")])
    return out.getvalue()


def linked_spellings(stated: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """By spelling, the term to which its first use on a page is linked."""
    return {
        said: term["name"]
        for term in stated
        if term.get("link", True)
        for said in (term["name"], *term.get("also", []))
    }
