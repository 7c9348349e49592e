"""Which SAEs came from a pack, for the pages that use them."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from saecore.packs.writing import packable
from saecore.zoo.artefact import NOTE, folder_of
from saecore.zoo.plan import everything_under
from saecore.zoo.store import Zoo


def packs_of(zoo: Zoo, recipes: Iterable[Any]) -> dict[str, int]:
    """By the sha256 of a pack, how many came from it of the SAEs that some recipes are
    or rest on.
    """
    notes = (folder_of(zoo.root, one) / NOTE for one in _saes(recipes))
    made = [json.loads(note.read_text())["made"] for note in notes if note.is_file()]
    return dict(Counter(one["pack"]["sha256"] for one in made if "pack" in one))


def _saes(recipes: Iterable[Any]) -> list[Any]:
    return packable(everything_under(list(recipes)))


def said(packs: dict[str, int]) -> str:
    """A sentence for a page; empty if nothing came from a pack."""
    parts = [
        f"{number} SAE{'s' * (number > 1)} of this page came from the pack "
        f"{sha256[:12]}"
        for sha256, number in packs.items()
    ]
    if not parts:
        return ""
    return (
        f"{' and '.join(parts)}, in float16: numbers may differ from those of SAEs "
        "trained here, within the tolerances that are recorded."
    )
