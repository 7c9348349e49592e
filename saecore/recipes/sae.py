"""The recipe of one sparse autoencoder: where its rows come from, its shape, how it is
trained.
"""

import dataclasses
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

from saecore.recipes import keys
from saecore.source.site import Site

Architecture = Literal["topk", "batchtopk", "relu", "gated", "jumprelu", "matryoshka"]
Frozen = Literal["", "decoder", "soft-decoder", "encoder"]
"""What stays at its random start in training, or near it."""
PENALISED = ("relu", "gated", "jumprelu")
"""Architectures whose sparsity comes from a penalty that a controller sets."""
RATES = {"narrow": 6e-3, "wide": 3e-3, "penalised": 1.2e-2}
"""Learning rates: of TopK, BatchTopK and Matryoshka below and from width 2,048 on, and
of the penalised. Settled by held-out FVU at equal L0 on a sample of rows of its own, in
a world and on a language model with d_model 160, among rates a factor of two apart: the
best on average, or a lower one within 1 % (`benchmarks/learning_rates.py`).
"""
WIDE = 2048
"""Width from which the rate of the wide holds."""
LATENT_ROW = 100.0
"""Cost of a row and a latent, in the units of `Recipe.cost`."""


@dataclass(frozen=True)
class SAERecipe:
    """One sparse autoencoder: where its rows come from, its shape, and how it is
    trained.

    `width` latents; `k` of them active per row: exactly in TopK, on average in
    BatchTopK and Matryoshka; in ReLU, gated and JumpReLU a controller of the sparsity
    penalty aims at it. `seed` is the initialisation, `data_seed` the order of the
    batches, and neither knows of the other. `rows` is the number of rows seen in
    training (several passes over the site if it has fewer).

    Defaults: batches of 1,024 rows, Adam (.9, .99), 100 steps of warm-up, linear decay
    over the last quarter, learning rate as `RATES` says. `auxk` is the weight of the
    auxiliary loss by which silent latents reconstruct what is missing (1/32, Gao et al.
    2406.04093, appendix A.2; half of d_model latents at most); a latent is silent after
    `silent_after` rows (there ten million, here fewer, as trainings are shorter).
    `prefixes` are the nested widths of Matryoshka (Bussmann et al. 2503.17547), by
    default width/16, /8, /4, /2, /1. `bandwidth` is that of JumpReLU's straight-through
    estimator, in units in which rows have mean square norm 1 (Rajamanoharan et al.
    2407.14435, section 3: 0.001; here larger, as short trainings with small batches see
    too few values that close).

    `frozen` makes a baseline of Korznikov et al. (2602.14111, section 4.1), which
    starts as the SAE of the same seed does and sees the same batches: "decoder" keeps
    the decoder's rows, "soft-decoder" keeps each within a cosine of .8 of its start,
    "encoder" keeps the encoder's rows. All else trains, biases and thresholds included.
    Departures: theirs are trained at one rate, ours at the rule's; and where they leave
    it open whether decoder rows may change their length, ours stay unit vectors.
    `tied` is the SAE of Cunningham et al. (2309.08600, section 2), of ReLU alone: the
    encoder is the decoder, with unit rows, and nothing but the mean of the rows is
    added to its output (there nothing at all, as rows are not centred).
    """

    folder: ClassVar[str] = "saes"

    site: Site
    architecture: Architecture
    width: int
    k: float
    seed: int = 0
    data_seed: int = 0
    rows: int = 2_000_000
    batch: int = 1024
    lr: float | None = None
    warmup: int = 100
    decay: float = 0.25
    auxk: float = 1 / 32
    silent_after: int = 100_000
    prefixes: tuple[int, ...] = ()
    bandwidth: float = 0.05
    frozen: Frozen = field(default="", metadata={"unsaid": ""})
    tied: bool = field(default=False, metadata={"unsaid": False})

    def __post_init__(self) -> None:
        _check(self)

    @property
    def steps(self) -> int:
        """Number of training steps."""
        return self.rows // self.batch

    @property
    def learning_rate(self) -> float:
        """The peak learning rate: `lr`, or the rule's."""
        if self.lr is not None:
            return self.lr
        if self.architecture in PENALISED:
            return RATES["penalised"]
        return RATES["wide" if self.width >= WIDE else "narrow"]

    @property
    def settled(self) -> dict[str, float]:
        """What rules settle for this recipe."""
        return {"lr": self.learning_rate}

    @property
    def training(self) -> "SAERecipe":
        """How it is trained: as it says itself."""
        return self

    @property
    def hook_name(self) -> str:
        """What it reads, for its cfg.json."""
        return self.site.hook_name

    @property
    def nested(self) -> tuple[int, ...]:
        """The nested widths: `prefixes` or their default for Matryoshka, else the whole
        width alone.
        """
        if self.architecture != "matryoshka":
            return (self.width,)
        return self.prefixes or tuple(
            sorted({max(1, self.width // n) for n in (16, 8, 4, 2, 1)})
        )

    def sweep(self, **axes: Iterable[Any]) -> list["SAERecipe"]:
        """This recipe with every combination of the values given for its fields, the
        last axis fastest.
        """
        names = {one.name for one in dataclasses.fields(self)}
        if wrong := sorted(set(axes) - names):
            raise ValueError(
                f"a sweep runs over fields of a recipe, which {wrong} are not: "
                f"choose from {sorted(names)}"
            )
        combinations = itertools.product(*axes.values())
        return [
            dataclasses.replace(self, **dict(zip(axes, values, strict=True)))
            for values in combinations
        ]

    @property
    def alike(self) -> "SAERecipe":
        """What recipes share that are trained side by side: all but the seed."""
        return dataclasses.replace(self, seed=0)

    @property
    def needs(self) -> tuple[Site]:
        """Its rows."""
        return (self.site,)

    @property
    def cost(self) -> float:
        """So much a row and latent."""
        return LATENT_ROW * self.rows * self.width

    @property
    def key(self) -> str:
        """sha256 of everything that was asked for."""
        return keys.key(self)

    @property
    def slug(self) -> str:
        """A readable name, not unique by itself."""
        kind = f"tied-{self.architecture}" if self.tied else self.architecture
        held = f"frozen-{self.frozen}-" if self.frozen else ""
        own = f"{held}{kind}-w{self.width}-k{self.k:g}-seed{self.seed}"
        order = f"-order{self.data_seed}" if self.data_seed else ""
        return f"{own}{order}-{self.site.slug}"


def _check(recipe: SAERecipe) -> None:
    if recipe.architecture not in get_args(Architecture):
        known = ", ".join(get_args(Architecture))
        raise ValueError(
            f"an architecture is one of {known}, but {recipe.architecture!r} was asked "
            "for: choose one"
        )
    if recipe.width < 1 or not 0 < recipe.k <= recipe.width:
        raise ValueError(
            f"k must be above 0 and at most the width, but k={recipe.k} and "
            f"width={recipe.width} were asked for: lower k or widen the SAE"
        )
    if recipe.architecture == "topk" and recipe.k != int(recipe.k):
        raise ValueError(
            f"TopK keeps a whole number of latents per row, not k={recipe.k}: round "
            "it, or take batchtopk"
        )
    if recipe.batch < 1 or recipe.rows < recipe.batch:
        raise ValueError(
            f"training must see at least one batch of rows, but rows={recipe.rows} and "
            f"batch={recipe.batch} were asked for: raise rows or lower batch"
        )
    if recipe.lr is not None and recipe.lr <= 0:
        raise ValueError(
            f"the learning rate must be above 0, but lr={recipe.lr} was asked for: "
            "leave it out for the rule"
        )
    if not (
        0 <= recipe.decay <= 1
        and recipe.warmup >= 0
        and recipe.auxk >= 0
        and recipe.bandwidth > 0
    ):
        raise ValueError(
            "decay must lie in [0, 1], warmup and auxk be at least 0 and bandwidth "
            f"above 0, but decay={recipe.decay}, warmup={recipe.warmup}, "
            f"auxk={recipe.auxk}, bandwidth={recipe.bandwidth} were asked for: correct "
            "them"
        )
    _check_prefixes(recipe)
    _check_held(recipe)


def _check_prefixes(recipe: SAERecipe) -> None:
    if not recipe.prefixes:
        return
    rising = all(a < b for a, b in itertools.pairwise((0, *recipe.prefixes)))
    if (
        recipe.architecture != "matryoshka"
        or not rising
        or recipe.prefixes[-1] != recipe.width
    ):
        raise ValueError(
            "prefixes are Matryoshka's nested widths, rising up to the width, but "
            f"{recipe.prefixes} were asked for with {recipe.architecture} of width "
            f"{recipe.width}: correct them or leave them out"
        )


def _check_held(recipe: SAERecipe) -> None:
    if recipe.frozen not in get_args(Frozen):
        known = ", ".join(repr(one) for one in get_args(Frozen))
        raise ValueError(
            f"frozen is one of {known}, but {recipe.frozen!r} was asked for: choose one"
        )
    if recipe.tied and (recipe.architecture != "relu" or recipe.frozen):
        raise ValueError(
            "only a ReLU SAE with nothing frozen can be tied, but architecture="
            f"{recipe.architecture!r} and frozen={recipe.frozen!r} were asked for: "
            "take relu and leave frozen out"
        )
