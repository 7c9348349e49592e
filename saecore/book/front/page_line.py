"""The last line of a page: when, on what, and at what cost it was run; below a claim's
page, its card to embed.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from saecore.book.notes.unsuited_pages import code


def page_line(name: str, facts: Mapping[str, Any], card: str = "") -> str:
    """The line of the page `name` in MyST, from provenance.json; "" if it was not run.

    `card` is the claim whose card the page carries.
    """
    cost = facts.get("notebooks", {}).get(name)
    if not cost:
        return ""
    machine = facts["machine"]
    packages = ", ".join(f"{n} {version}" for n, version in facts["packages"].items())
    lines = [
        ":::{container} sae-run",
        f"Run on {facts['date']}, profile {code(facts['profile'])}, world seed "
        f"{facts['world_seed']}: {cost['seconds']:.0f} s and {cost['peak_mb']:.0f} MB "
        f"of memory on one thread of {machine['processor']}, without the training of "
        f"its SAEs. Python {facts['python']}, {packages}. [What all pages "
        "cost](../reproduce.md).",
    ]
    if card:
        lines += ["", f"{_files(card)}"]
    return "\n".join([*lines, ":::"])


def _files(card: str) -> str:
    """Links to the files of a card, which Sphinx does not know."""
    kinds = {"svg": "picture (SVG)", "json": "data (JSON)"}
    links = [
        f'<a href="../cards/{card}.{kind}">{says}</a>' for kind, says in kinds.items()
    ]
    said = f"The card of this claim as a {' and as '.join(links)}"
    return f"{said}: [how to embed it](../cards.md)."


def copy_with_line(page: Path, target: Path, line: str) -> None:
    """Copy an executed page, with `line` as a last cell if there is one."""
    text = page.read_text(encoding="utf-8")
    if line:
        notebook = json.loads(text)
        cell = {"cell_type": "markdown", "id": "run-line", "metadata": {}}
        notebook["cells"].append(cell | {"source": line})
        text = json.dumps(notebook, ensure_ascii=False)
    target.write_text(text, encoding="utf-8")
