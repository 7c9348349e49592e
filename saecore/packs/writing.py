"""SAEs of a zoo into a pack."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from saecore.errors import ZooError
from saecore.packs.layout import (
    KINDS,
    PackedSAE,
    file_digest,
    halved,
    save_pack,
    sealed,
)
from saecore.recipes import keys
from saecore.zoo.store import Zoo

NOT_CARRIED = ("log", "pack")
"""Notes of an artefact that a pack does not carry."""


class Written(NamedTuple):
    """A pack that was written."""

    number: int
    """SAEs in it."""
    size: int
    """Bytes."""
    sha256: str
    """Of the file."""


def packable(recipes: Iterable[Any]) -> list[Any]:
    """The recipes whose artefacts are SAEs, each once."""
    return [one for one in dict.fromkeys(recipes) if one.folder in KINDS]


def write_pack(zoo: Zoo, recipes: Iterable[Any], path: Path) -> Written:
    """Write SAEs of the zoo into a pack; nothing is trained.

    Raises ZooError for SAEs that are missing, or of which a weight does not fit into
    float16.
    """
    found: dict[Any, Any] = {one: zoo.find(one) for one in packable(recipes)}
    if missing := [one.slug for one, sae in found.items() if sae is None]:
        raise ZooError(
            "a pack is made of SAEs that are trained, but "
            f"{len(missing)} are missing ({missing[0]}, ...): run `saecore zoo` first"
        )
    if not found:
        raise ZooError("a pack needs at least one SAE, but none was asked for")
    halves = [halved(one.slug, sae.weights) for one, sae in found.items()]
    index = [
        _packed(recipe, sae, weights)
        for (recipe, sae), weights in zip(found.items(), halves, strict=True)
    ]
    save_pack(path, index, halves)
    return Written(len(index), path.stat().st_size, file_digest(path))


def _packed(recipe: Any, sae: Any, weights: dict[str, Any]) -> PackedSAE:
    made = {name: value for name, value in sae.log.items() if name not in NOT_CARRIED}
    described = keys.canonical(recipe)
    one = PackedSAE(described, keys.key(recipe), sae.cfg, made, digest="")
    return sealed(one, weights)
