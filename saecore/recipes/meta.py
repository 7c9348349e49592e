"""The recipe of a meta-SAE: a small BatchTopK SAE whose rows are the decoder rows of
another SAE, and its nulls.
"""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal, get_args

from saecore.recipes import keys
from saecore.recipes.sae import SAERecipe
from saecore.seeding import stable_seed
from saecore.source.site import Site
from saecore.source.worlds.world import World

RowKind = Literal["decoder", "same_covariance", "clusters", "gaussian"]
PlantedKind = Literal["", "atoms", "bundles"]
RATE = 1.5e-3
"""Learning rate: among rates a factor of two apart, the one with the lowest FVU on rows
that were held back, on average over decoder rows of two SAEs and nulls of the same
covariance. Faster ones learn the rows by heart.
"""
SILENT_EPOCHS = 10


@dataclass(frozen=True)
class MetaRecipe:
    """A BatchTopK SAE of `width` latents, `k` of them active per row on average, that
    learns from the unit decoder rows of `sae` (Bussmann et al. 2502.04878, section 5).

    `rows` says which rows: "decoder" the SAE's own; the nulls are as many unit rows
    without parts, "same_covariance" Gaussian rows of the same mean and covariance,
    normalised, "clusters" such rows in as many clusters as there are meta-latents, as
    tight as those of the real rows, and "gaussian" isotropic ones. `silent` says
    whether latents that never fire give a row too. `planted` puts rows that are known
    in the place of the decoder's: "atoms" of the world that the SAE
    learnt from, or "bundles" of them. `share` of the rows are trained on; which ones
    depends on the SAE's width alone, so that every meta-SAE of an SAE, and every null,
    is tested on the same latents. `seed` is that of the initialisation and of a null's
    draw; the order of the batches is the same for all.

    Departures from the paper (49,152 rows, batches of 4,096, learning rate 1e-4, 2,000
    epochs): we have about 2,000 rows. Batches of 256 then make about eight steps per
    epoch, and 400 epochs 3,200 steps, as many as in the authors' code (2,000); with
    batches of 4,096 an epoch would be one step. The learning rate is `RATE`
    unless `lr` is given. A latent is silent after ten epochs without firing.

    Raises ValueError for a recipe that cannot be trained.
    """

    folder: ClassVar[str] = "metas"

    sae: SAERecipe
    width: int
    k: float = 4
    seed: int = 0
    rows: RowKind = "decoder"
    share: float = 0.8
    epochs: int = 400
    batch: int = 256
    lr: float | None = None
    silent: Literal["kept", "left out"] = field(
        default="kept", metadata={"unsaid": "kept"}
    )
    planted: PlantedKind = field(default="", metadata={"unsaid": ""})

    def __post_init__(self) -> None:
        _check(self)

    @property
    def training(self) -> SAERecipe:
        """How it is trained, in the terms of any SAE."""
        train = self.train_rows
        return SAERecipe(
            self.sae.site,
            "batchtopk",
            self.width,
            self.k,
            seed=stable_seed(
                "meta",
                self.seed,
            ),  # no SAE that this one may learn from begins like it
            rows=self.epochs * train,
            batch=min(self.batch, train),
            lr=self.learning_rate,
            silent_after=SILENT_EPOCHS * train,
        )

    @property
    def learning_rate(self) -> float:
        """The peak learning rate: `lr`, or the default."""
        return RATE if self.lr is None else self.lr

    @property
    def settled(self) -> dict[str, float]:
        """What rules settle for this recipe."""
        return {"lr": self.learning_rate}

    @property
    def hook_name(self) -> str:
        """What it reads, for its cfg.json."""
        return f"W_dec of {self.sae.slug}"

    @property
    def train_rows(self) -> int:
        """Number of decoder rows that are trained on, if all latents fire."""
        return round(self.share * self.sae.width)

    @property
    def alike(self) -> "MetaRecipe":
        """What recipes have in common that are trained side by side: all but the seed,
        which draws the rows too where they are without structure.
        """
        return replace(self, seed=0) if self.rows == "decoder" else self

    @property
    def needs(self) -> tuple[SAERecipe | Site, ...]:
        """The SAE that it learns from, and the rows on which its latents fire."""
        return (self.sae, self.sae.site)

    @property
    def cost(self) -> float:
        """That of any SAE of its size."""
        return self.training.cost

    @property
    def key(self) -> str:
        """sha256 of everything that was asked for."""
        return keys.key(self)

    @property
    def slug(self) -> str:
        """A readable name, not unique by itself."""
        null = "" if self.rows == "decoder" else f"-{self.rows}"
        null += f"-{self.planted}" if self.planted else ""
        return f"meta-w{self.width}-k{self.k:g}-seed{self.seed}{null}-{self.sae.slug}"


def _check(recipe: MetaRecipe) -> None:
    if recipe.rows not in get_args(RowKind):
        raise ValueError(
            f"a meta-SAE's rows are one of {', '.join(get_args(RowKind))}, but "
            f"{recipe.rows!r} was asked for: choose one"
        )
    if recipe.planted and (
        recipe.planted not in get_args(PlantedKind)
        or not isinstance(recipe.sae.site.source, World)
    ):
        raise ValueError(
            "planted rows are atoms or bundles of the world of features that an SAE "
            f"learnt from, but {recipe.planted!r} of {recipe.sae.slug} were asked for: "
            "name an SAE of a world"
        )
    if (
        not 0 < recipe.share < 1
        or recipe.train_rows < 16
        or recipe.sae.width - recipe.train_rows < 2
    ):
        raise ValueError(
            "a meta-SAE must be trained on 16 decoder rows or more and tested on 2 or "
            f"more, but share={recipe.share} of {recipe.sae.width} rows was asked for: "
            "take a wider SAE, or another share"
        )
    if recipe.epochs < 1 or recipe.batch < 1:
        raise ValueError(
            "a meta-SAE needs at least one epoch and one row per batch, but "
            f"epochs={recipe.epochs} and batch={recipe.batch} were asked for: raise "
            "them"
        )
    _ = recipe.training  # its own checks
