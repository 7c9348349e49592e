"""Toy SAEs in the zoo: trained many at a time, written one by one."""

import hashlib
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from torch import Tensor

from saecore.compiled import availability
from saecore.recipes.toys import ToyRecipe
from saecore.threads import one_thread
from saecore.training.toys.toy_trainer import train_toys
from saecore.zoo.artefact import Advance, Maker, Refused, cpu_seconds, folder_of, write
from saecore.zoo.disk import contents
from saecore.zoo.progress import Progress
from saecore.zoo.sae import SAE, configuration, save

AT_ONCE = 400
"""Runs in one computation."""
LANES = 16
"""A toy must not depend on which others are made with it, but where many are trained
together, products of small matrices are rounded by where in memory each begins. So a
toy has a place that hangs on its seed alone, up to multiples of this: 64 bytes, the
widest that processors load, are so many numbers.
"""


def make(zoo: Maker, group: Sequence[ToyRecipe], advance: Advance) -> Refused:
    """Train toys that are alike, 0.1 to 3 s each, and write them.

    SAELens folders of the architectures "standard" and, for BatchTopK, "jumprelu".
    """
    places = _places(group)
    placed = [group[-1] if place is None else group[place] for place in places]
    shown = Progress(
        f"training {len(group)} toys", sum(one.steps for one in placed), unit="steps"
    )
    begun = cpu_seconds()
    with one_thread():
        trained = train_toys(placed, advance=shown.advance)
    each = (cpu_seconds() - begun) / len(group)
    for place, weights in zip(places, trained, strict=True):
        if place is not None:
            _write(zoo.root, group[place], weights, each)
    shown.close()
    return {}


def _places(group: Sequence[ToyRecipe]) -> list[int | None]:
    """Which toy is at each place of the computation; None for a place to fill, which
    compiled steps, one toy after the other, have no need of.
    """
    if availability.available():
        return list(range(len(group)))
    lanes: list[list[int]] = [[] for _ in range(LANES)]
    for number, one in enumerate(group):
        lanes[one.seed % LANES].append(number)
    rows = zip_longest(*lanes)
    return [place for row in rows for place in row]


def lock(recipe: ToyRecipe) -> str:
    """The name of the one lock of all toys that are alike: hundreds are too many."""
    return f"alike-{hashlib.sha256(repr(recipe.alike).encode()).hexdigest()[:12]}"


def _write(
    root: Path,
    recipe: ToyRecipe,
    weights: dict[str, Tensor],
    seconds: float,
) -> None:
    def fill(part: Path) -> dict[str, Any]:
        save(part, cfg_of_toy(recipe), weights)
        return {"seconds": seconds}

    write(folder_of(root, recipe), recipe, fill, size=20_000)


def cfg_of_toy(recipe: ToyRecipe) -> dict[str, Any]:
    """The cfg.json of a toy SAE."""
    kind = "batchtopk" if recipe.variant == "batchtopk" else "relu"
    metadata = {
        "model_name": "toy",
        "hook_name": "world",
        "saecore_recipe": recipe.key,
    }
    return configuration(
        kind,
        width=recipe.width,
        d_model=recipe.toy.d_model,
        k=recipe.k,
        metadata=metadata,
    )


def open_toy(folder: Path, recipe: ToyRecipe, device: str) -> SAE:
    """A toy."""
    sae = contents.stored_sae(folder, device)
    contents.expect_configuration(folder, sae, cfg_of_toy(recipe))
    return sae
