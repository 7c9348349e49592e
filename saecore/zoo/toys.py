"""Toy SAEs in the zoo: trained many at a time, written one by one."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from saecore.recipes.toys import ToyRecipe
from saecore.threads import one_thread
from saecore.training.toy_trainer import train_toys
from saecore.zoo.artefact import Advance, Maker, Refused, cpu_seconds, folder_of, write
from saecore.zoo.disk import contents
from saecore.zoo.progress import Progress
from saecore.zoo.sae import SAE, configuration, save

AT_ONCE = 400
"""Runs in one computation."""
TOGETHER_AT_LEAST = 8
"""A computation has a multiple of so many runs: those of a rest would be rounded in
another way, and a toy must not depend on which others are made with it.
"""


def make(zoo: Maker, group: Sequence[ToyRecipe], advance: Advance) -> Refused:
    """Train toys that are alike as one computation, 0.1 to 4 s each, and write them.

    SAELens folders of the architectures "standard" and, for BatchTopK, "jumprelu".
    """
    idle = [group[-1]] * (-len(group) % TOGETHER_AT_LEAST)
    steps = sum(one.steps for one in (*group, *idle))
    shown = Progress(f"training {len(group)} toys", steps, unit="steps")
    begun = cpu_seconds()
    with one_thread():
        trained = train_toys([*group, *idle], advance=shown.advance)
    each = (cpu_seconds() - begun) / len(group)
    for one, weights in zip(group, trained, strict=False):
        _write(zoo.root, one, weights, each)
    shown.close()
    return {}


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
