"""A pack into a zoo."""

from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from saecore.packs.layout import (
    KINDS,
    BadPack,
    PackedSAE,
    file_digest,
    read_index,
    read_weights,
)
from saecore.recipes import keys
from saecore.zoo.artefact import folder_of, locked, write
from saecore.zoo.sae import SAE, save
from saecore.zoo.store import Zoo


class Taken(NamedTuple):
    """What came of a pack."""

    taken: int
    """SAEs that are new in the zoo."""
    there: int
    """Those that it had already, whoever made them."""
    other_build: int
    """Those whose recipe this version of saecore would follow in another way; they are
    left out.
    """
    sha256: str
    """Of the pack."""


def take_pack(zoo: Zoo, path: Path) -> Taken:
    """Put the SAEs of a pack into the zoo, under the recipes they were made by, where
    these have none yet.

    Each note says `pack`: dtype float16 and the pack's sha256. Every SAE is checked
    before anything of it is written. Raises BadPack for a file that is no pack or is
    damaged.
    """
    sha256, counts = file_digest(path), {"taken": 0, "there": 0, "other_build": 0}
    for number, one in enumerate(read_index(path)):
        counts[_take(zoo, path, number, one, sha256)] += 1
    return Taken(**counts, sha256=sha256)


def _take(zoo: Zoo, path: Path, number: int, one: PackedSAE, sha256: str) -> str:
    try:
        recipe = keys.restored(one.recipe)
        key, folder = keys.key(recipe), folder_of(zoo.root, recipe)
    except Exception as error:  # whatever a hostile description raises
        raise _bad(path, number, f"its recipe cannot be read ({error})") from None
    _allowed(path, number, recipe, folder, zoo.root)
    if key != one.key:
        return "other_build"
    with locked(folder):
        if zoo.find(recipe) is not None:
            return "there"
        weights = read_weights(path, number, one)
        _check(path, number, one, recipe, weights)
        _write(folder, recipe, one, weights, sha256)
    return "taken"


def _allowed(path: Path, number: int, recipe: Any, folder: Path, root: Path) -> None:
    """That it is of a kind that is packed, and goes one folder below that of its kind,
    whatever names it holds.
    """
    if recipe.folder not in KINDS:
        raise _bad(path, number, f"it is of the kind {recipe.folder!r}")
    if folder.parent != root / recipe.folder or folder.name.startswith("."):
        raise _bad(path, number, "its name leads out of the zoo")


def _check(
    path: Path, number: int, one: PackedSAE, recipe: Any, weights: dict[str, Tensor]
) -> None:
    """That cfg.json, weights and recipe belong together."""
    try:
        sae = SAE(dict(one.cfg), weights)
    except (ValueError, KeyError, TypeError) as error:
        raise _bad(path, number, str(error)) from None
    asked = getattr(recipe, "width", None) or sae.width  # a basis: its rows decide
    if sae.width != asked:
        raise _bad(path, number, f"it has {sae.width} latents and should have {asked}")


def _write(
    folder: Path, recipe: Any, one: PackedSAE, weights: dict[str, Tensor], sha256: str
) -> None:
    def fill(part: Path) -> dict[str, Any]:
        save(part, one.cfg, weights)
        return one.made | {"pack": {"dtype": "float16", "sha256": sha256}}

    size = sum(4 * weight.numel() for weight in weights.values())
    write(folder, recipe, fill, size=size)


def _bad(path: Path, number: int, why: str) -> BadPack:
    return BadPack(
        f"each SAE of a pack must be one that the zoo could have made, but number "
        f"{number} of {path} is not: {why}; fetch the pack again"
    )
