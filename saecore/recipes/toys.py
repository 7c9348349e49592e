"""The recipe of a toy SAE: a tiny dictionary of a toy world."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

from saecore.recipes import keys
from saecore.source.worlds.toys import Toy, patterns
from saecore.source.worlds.trees import Tree

Variant = Literal["relu", "tied", "batchtopk", "matryoshka"]
STEP = 6e5
"""Cost of a step, in the units of `Recipe.cost`."""


@dataclass(frozen=True)
class ToyRecipe:
    """One toy SAE: its world, its kind, its width, and the weight of its sparsity
    penalty.

    * relu: L1 weighted by decoder norms; encoder and decoder free
    * tied: the same with the encoder held equal to the decoder transposed
    * matryoshka: relu with the mean of the errors of nested widths (the zoo's rule:
      1, 2, 4 of four latents, 1, 3, 6, 12 of twelve; Bussmann et al. 2503.17547)
    * batchtopk: the `k` * batch largest latents of a batch and no penalty (2412.06410)

    `seed` draws the directions, the initialisation and the rows, each by a stream of
    its own. Defaults: Adam with learning rate 1e-3 that falls to 0 over the last fifth,
    8,000 batches of 1,024 rows; the paper (2409.14507, section 3) takes 3e-4 and 100
    million rows at a penalty of 3e-5, with which 8,000 steps do not converge.
    `bias_start`: the encoder's bias starts at 0.1, so that every latent fires on some
    rows at first; from 0 some never do, even on independent features. `biases=False`
    holds both biases at 0.
    """

    folder: ClassVar[str] = "toys"

    toy: Toy | Tree
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
    def needs(self) -> tuple[()]:
        """Nothing: its world is a table."""
        return ()

    @property
    def cost(self) -> float:
        """So much a step."""
        return STEP * self.steps

    @property
    def key(self) -> str:
        """sha256 of everything that was asked for."""
        return keys.key(self)

    @property
    def alike(self) -> tuple[Any, ...]:
        """What recipes have in common that are trained side by side."""
        rows = len(patterns(self.toy).active) if self.counted else 0
        toy = (self.toy.n_features, self.toy.d_model, rows)
        training = (
            self.steps,
            self.batch,
            self.lr,
            self.decay,
            self.bias_start,
            self.biases,
        )
        return (*toy, self.variant, self.width, self.k, *training)

    def rate(self, step: int) -> float:
        """The learning rate of a step."""
        left = (self.steps - step) / max(1, self.decay * self.steps)
        return self.lr * min(1.0, left)

    @property
    def slug(self) -> str:
        """A readable name, not unique by itself."""
        sparsity = (
            f"k{self.k:g}" if self.variant == "batchtopk" else f"l{self.penalty:g}"
        )
        bare = "" if self.biases else "-nobias"
        shape = f"w{self.width}-{sparsity}-of{self.toy.n_features}"
        return f"{self.variant}{bare}-{shape}-seed{self.seed}"


def _check(recipe: ToyRecipe) -> None:
    if recipe.variant not in get_args(Variant):
        known = ", ".join(get_args(Variant))
        raise ValueError(
            f"a toy's variant is one of {known}, not {recipe.variant!r}: choose one",
        )
    if (
        recipe.width < 1
        or recipe.steps < 1
        or recipe.batch < 1
        or recipe.lr <= 0
        or not 0 <= recipe.decay <= 1
    ):
        raise ValueError(
            "width, steps and batch must be at least 1, lr above 0 and decay in [0, "
            f"1], but width={recipe.width}, steps={recipe.steps}, "
            f"batch={recipe.batch}, lr={recipe.lr}, decay={recipe.decay} were asked "
            "for: correct them"
        )
    if recipe.variant == "batchtopk":
        fine = 0 < recipe.k <= recipe.width and recipe.penalty == 0
    else:
        fine = recipe.k == 0 and recipe.penalty > 0
    if not fine:
        raise ValueError(
            "a toy has either a penalty above 0 or, as BatchTopK, penalty=0 and k in "
            f"(0, width], but {recipe.variant} with penalty={recipe.penalty} and "
            f"k={recipe.k} was asked for: drop one of them"
        )
