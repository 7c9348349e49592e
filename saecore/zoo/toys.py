"""Toy SAEs: tiny dictionaries of toy worlds, kept in the zoo like all others and trained many at a time."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from torch import Tensor

from saecore.source.toys import Toy
from saecore.zoo import recipe as recipes
from saecore.zoo.artefact import Damaged, folder_of, locked, verified, write
from saecore.zoo.progress import Progress
from saecore.zoo.sae import SAE, configuration, read
from saecore.zoo.store import Zoo
from saecore.zoo.threads import one_thread
from saecore.zoo.toy_training import train

Variant = Literal["relu", "tied", "batchtopk", "matryoshka"]
AT_ONCE = 400
"""Runs in one computation."""


@dataclass(frozen=True)
class ToyRecipe:
    """One toy SAE: its world, its kind, its width, and the weight of its sparsity penalty.

    relu        L1 weighted by decoder norms; encoder and decoder free
    tied        the same with the encoder held equal to the decoder transposed
    matryoshka  relu with the mean of the errors of nested widths (the zoo's rule; 1, 2, 4 here;
                Bussmann et al. 2503.17547)
    batchtopk   the `k` * batch largest latents of a batch and no penalty (2412.06410)

    `seed` draws the directions, the initialisation and the rows, each by a stream of its own. Defaults: Adam
    with learning rate 1e-3 that falls to 0 over the last fifth, 8,000 batches of 1,024 rows; the paper
    (2409.14507, section 3) takes 3e-4 and 100 million rows at a penalty of 3e-5, with which 8,000 steps do
    not converge. `bias_start`: the encoder's bias starts at 0.1, so that every latent fires on some rows at
    first; from 0 some never do, even on independent features. `biases=False` holds both biases at 0.
    """

    toy: Toy
    variant: Variant = "relu"
    width: int = 4
    penalty: float = 1e-2
    k: float = 0
    seed: int = 0
    steps: int = 8000
    batch: int = 1024
    lr: float = 1e-3
    decay: float = 0.2
    bias_start: float = 0.1
    biases: bool = True

    def __post_init__(self) -> None:
        _check(self)

    @property
    def prefixes(self) -> tuple[int, ...]:
        """The nested widths of Matryoshka; for all others the width alone."""
        if self.variant != "matryoshka":
            return (self.width,)
        return tuple(sorted({max(1, self.width // part) for part in (16, 8, 4, 2, 1)}))

    @property
    def counted(self) -> bool:
        """Whether its batches are counts of patterns rather than rows."""
        return self.variant != "batchtopk" and self.toy.parent_std == 0

    @property
    def shape(self) -> tuple[Any, ...]:
        """What runs must have in common to be trained side by side."""
        toy = (self.toy.n_features, self.toy.d_model, self.counted)
        training = (self.steps, self.batch, self.lr, self.decay, self.bias_start, self.biases)
        return (*toy, self.variant, self.width, self.k, *training)

    @property
    def slug(self) -> str:
        """A readable name, not unique by itself."""
        sparsity = f"k{self.k:g}" if self.variant == "batchtopk" else f"l{self.penalty:g}"
        bare = "" if self.biases else "-nobias"
        return f"{self.variant}{bare}-w{self.width}-{sparsity}-of{self.toy.n_features}-seed{self.seed}"


def toys(zoo: Zoo, wanted: Iterable[ToyRecipe]) -> dict[ToyRecipe, SAE]:
    """The toy SAEs of the recipes, trained if missing, each as read back from disk; 0.1 to 4 s each.

    SAELens folders of the architectures "standard" and, for BatchTopK, "jumprelu". One process trains at a
    time.
    """
    wanted = list(dict.fromkeys(wanted))
    found = {one: _found(zoo.root, one) for one in wanted}
    if any(sae is None for sae in found.values()):
        with locked(zoo.root / "toys" / "all"):
            found |= {one: _found(zoo.root, one) for one, sae in found.items() if sae is None}
            _make(zoo.root, [one for one, sae in found.items() if sae is None])
        found |= {one: read(folder_of(zoo.root, one)) for one, sae in found.items() if sae is None}
    return {one: sae for one, sae in found.items() if sae is not None}


def _found(root: Path, recipe: ToyRecipe) -> SAE | None:
    """A toy from disk; None if it is missing or damaged."""
    folder = folder_of(root, recipe)
    if not folder.is_dir():
        return None
    try:
        verified(folder, recipe)
        return read(folder)
    except (Damaged, ValueError, KeyError, OSError):
        return None


def _make(root: Path, missing: Sequence[ToyRecipe]) -> None:
    """Train in groups of one shape, and write each toy as soon as its group is done."""
    groups: dict[tuple[Any, ...], list[ToyRecipe]] = {}
    for one in missing:
        groups.setdefault(one.shape, []).append(one)
    shown = Progress(f"training {len(missing)} toys", sum(one.steps for one in missing), unit="steps")
    for group in groups.values():
        for start in range(0, len(group), AT_ONCE):
            part = group[start : start + AT_ONCE]
            begun = _seconds()
            with one_thread():
                trained = train(part, advance=shown.advance)
            each = (_seconds() - begun) / len(part)
            for one, weights in zip(part, trained, strict=True):
                _write(root, one, weights, each)
    shown.close()


def _write(root: Path, recipe: ToyRecipe, weights: dict[str, Tensor], seconds: float) -> None:
    from safetensors.torch import save_file

    kind = "batchtopk" if recipe.variant == "batchtopk" else "relu"
    metadata = {"model_name": "toy", "hook_name": "world", "saecore_recipe": recipes.key(recipe)}
    d_model = recipe.toy.d_model
    cfg = configuration(kind, width=recipe.width, d_model=d_model, k=recipe.k, metadata=metadata)

    def fill(part: Path) -> dict[str, Any]:
        (part / "cfg.json").write_text(json.dumps(cfg, indent=1) + "\n")
        save_file(weights, part / "sae_weights.safetensors")
        return {"seconds": seconds}

    write(folder_of(root, recipe), recipe, fill, size=20_000)


def _seconds() -> float:
    """CPU seconds of this process."""
    return sum(os.times()[:2])


def _check(recipe: ToyRecipe) -> None:
    if recipe.variant not in get_args(Variant):
        known = ", ".join(get_args(Variant))
        raise ValueError(f"a toy's variant is one of {known}, not {recipe.variant!r}: choose one")
    if (
        recipe.width < 1
        or recipe.steps < 1
        or recipe.batch < 1
        or recipe.lr <= 0
        or not 0 <= recipe.decay <= 1
    ):
        raise ValueError(
            "width, steps and batch must be at least 1, lr above 0 and decay in [0, 1], but "
            f"width={recipe.width}, steps={recipe.steps}, batch={recipe.batch}, lr={recipe.lr}, "
            f"decay={recipe.decay} were asked for: correct them"
        )
    if recipe.variant == "batchtopk":
        fine = 0 < recipe.k <= recipe.width and recipe.penalty == 0
    else:
        fine = recipe.k == 0 and recipe.penalty > 0
    if not fine:
        raise ValueError(
            "a toy has either a penalty above 0 or, as BatchTopK, penalty=0 and k in (0, width], but "
            f"{recipe.variant} with penalty={recipe.penalty} and k={recipe.k} was asked for: drop one of them"
        )
