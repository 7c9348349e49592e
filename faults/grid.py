"""The small profile on which faults are tried: one artefact of every kind that needs no
language model, all made within seconds.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.recipes.toys import ToyRecipe
from saecore.source.rows_file import rows_file
from saecore.source.site import Site
from saecore.source.worlds.toys import Toy
from saecore.zoo.artefact import folder_of
from saecore.zoo.store import Zoo

ROWS, D_MODEL, FEATURES = 4000, 16, 32


class Grid(NamedTuple):
    """What is asked for, and where the file lies that it rests on."""

    recipes: tuple[Any, ...]
    places: dict[Any, Path]

    def zoo(self, root: Path, *, workers: int = 1) -> Zoo:
        """A zoo that knows the file."""
        return Zoo(root, workers=workers, places=self.places)

    def made(self, root: Path) -> list[Any]:
        """Everything, made if it is not there."""
        found = self.zoo(root).get_all(self.recipes)
        return [found[one] for one in self.recipes]


def small_grid(folder: Path) -> Grid:
    """Rows of planted directions in a file in `folder`, and what is made of them."""
    path = folder / "rows.npy"
    if not path.is_file():
        np.save(path, _planted())
    source = rows_file(path)
    site = Site(source)
    base = SAERecipe(
        site, "topk", 24, 3, rows=60 * 128, batch=128, warmup=5, silent_after=2560
    )
    saes = base.sweep(architecture=("topk", "batchtopk"), seed=(0, 1))
    toys = [ToyRecipe(Toy(), steps=50, seed=seed) for seed in (0, 1)]
    meta = MetaRecipe(saes[0], 6, 2, epochs=20, batch=8)
    bases = [BaselineRecipe(site, kind) for kind in ("pca", "random")]
    return Grid((site, *saes, meta, *toys, *bases), {source: path})


def _planted() -> np.ndarray:
    draw = np.random.default_rng(0)
    directions = draw.standard_normal((FEATURES, D_MODEL))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    active = draw.random((ROWS, FEATURES)) < 3 / FEATURES
    noise = 0.02 * draw.standard_normal((ROWS, D_MODEL))
    return (active @ directions + noise).astype(np.float32)


def digests(root: Path, recipes: Sequence[Any]) -> dict[str, str]:
    """sha256 of each artefact: of its files, and of its note but for what is a time or
    a memory. What is not there has none.
    """
    return {
        folder.name: _digest(folder)
        for folder in (folder_of(root, one) for one in recipes)
        if folder.is_dir()
    }


def _digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        if path.name == "recipe.json":
            note = json.loads(content)
            del note["digest"]
            note["made"] = _timeless(note["made"])
            content = json.dumps(note, sort_keys=True).encode()
        found.update(f"{path.name} {len(content)}\n".encode() + content)
    return found.hexdigest()


def _timeless(made: Any) -> Any:
    if isinstance(made, dict):
        clocks = ("seconds", "peak_memory")
        return {k: _timeless(v) for k, v in made.items() if k not in clocks}
    return [_timeless(one) for one in made] if isinstance(made, list) else made


def leftovers(root: Path) -> list[str]:
    """What stands in a zoo besides whole artefacts and locks."""
    found = [*root.glob("*/.*"), *root.glob(".*")]
    return sorted(path.name for path in found if path.name != ".locks")
