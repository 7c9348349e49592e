"""Which SAEs came from a pack, for the pages that use them."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from saecore.zoo.store import Zoo


def packs_of(zoo: Zoo, recipes: Iterable[Any]) -> dict[str, int]:
    """By the sha256 of a pack, how many of some recipes' SAEs came from it."""
    wanted = set(recipes)
    found = Counter(
        held.made["pack"]["sha256"]
        for held in zoo.list()
        if held.recipe in wanted and "pack" in held.made
    )
    return dict(found)


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
