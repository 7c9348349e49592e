"""The explorer in the zoo: what it shows of trained SAEs, computed once; explorer.json.

The page, its script and its style are added when a book is built, and may change
without a new artefact.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from saecore.explorer.build import explorer
from saecore.explorer.content import (
    Context,
    Explorer,
    Label,
    Latent,
    ShownDictionary,
    check_explorer,
)
from saecore.recipes.explorer import ExplorerRecipe
from saecore.threads import one_thread
from saecore.zoo.artefact import (
    Advance,
    Maker,
    Refused,
    cpu_seconds,
    folder_of,
    write,
)
from saecore.zoo.artefact_kinds import Kind
from saecore.zoo.disk.note import Damaged

FILE = "explorer.json"
LATENT_BYTES = 8_000
"""About what is said of one latent."""


def make(zoo: Maker, group: Sequence[ExplorerRecipe], advance: Advance) -> Refused:
    """Encode the site's rows with every SAE, and write what is shown of each latent."""
    (recipe,) = group

    def fill(part: Path) -> dict[str, Any]:
        start = cpu_seconds()
        with one_thread():
            shown = explorer(zoo, recipe)
        check_explorer(shown)
        text = json.dumps(shown, separators=(",", ":"), allow_nan=False)
        (part / FILE).write_text(text, encoding="ascii")
        return {"seconds": cpu_seconds() - start}

    size = LATENT_BYTES * sum(one.width for one in (*recipe.saes, recipe.meta))
    write(folder_of(zoo.root, recipe), recipe, fill, size=size)
    return {}


def open_explorer(folder: Path, recipe: ExplorerRecipe, device: str) -> Explorer:
    """The explorer of a folder; Damaged if it shows other SAEs than were asked for."""
    words, shown = json.loads((folder / FILE).read_text(encoding="ascii"))
    found = Explorer(words, [_dictionary(one) for one in shown])
    asked = sorted(one.width for one in (*recipe.saes, recipe.meta))
    if sorted(len(one.latents) for one in found.dictionaries) != asked:
        raise Damaged(f"{folder} should show SAEs of widths {asked} and shows others")
    check_explorer(found)
    return found


def _dictionary(row: list[Any]) -> ShownDictionary:
    one = ShownDictionary(*row)
    return one._replace(latents=[_latent(Latent(*latent)) for latent in one.latents])


def _latent(one: Latent) -> Latent:
    return one._replace(
        labels=[Label(*label) for label in one.labels],
        contexts=[Context(*context) for context in one.contexts],
    )


KIND = Kind(make, open_explorer)
