"""Meta-SAEs: small BatchTopK SAEs whose rows are the decoder rows of another SAE, and their nulls."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.measures.nearest import unit_rows
from saecore.shapes import Dictionary
from saecore.source.seeds import stable_seed
from saecore.zoo import recipe as recipes
from saecore.zoo.recipe import SAERecipe
from saecore.zoo.train import Rows

RowKind = Literal["decoder", "same_covariance", "gaussian"]
SILENT_EPOCHS = 10


@dataclass(frozen=True)
class MetaRecipe:
    """A BatchTopK SAE of `width` latents, `k` of them active per row on average, that learns from the unit
    decoder rows of `sae` (Bussmann et al. 2502.04878, section 5).

    `rows` says which rows: "decoder" the SAE's own; the nulls are as many unit rows without structure,
    "same_covariance" Gaussian rows of the same mean and covariance, normalised, and "gaussian" isotropic
    ones. Every latent of the SAE gives one row, also those that never fire. `share` of the rows are trained
    on; which ones depends on the SAE's width alone, so that every meta-SAE of an SAE, and every null, is
    tested on the same latents. `seed` is that of the initialisation and of a null's draw; the order of the
    batches is the same for all.

    Departures from the paper (49,152 rows, batches of 4,096, learning rate 1e-4, 2,000 epochs): we have
    about 2,000 rows. Batches of 256 then make about eight steps per epoch, and 400 epochs 3,200 steps, as
    many as in the authors' code (2,000); with batches of 4,096 an epoch would be one step. The learning rate
    is the zoo's rule unless `lr` is given. A latent is silent after ten epochs without firing.

    Raises ValueError for a recipe that cannot be trained.
    """

    sae: SAERecipe
    width: int
    k: float = 4
    seed: int = 0
    rows: RowKind = "decoder"
    share: float = 0.8
    epochs: int = 400
    batch: int = 256
    lr: float | None = None

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
            seed=stable_seed("meta", self.seed),  # no SAE that this one may learn from begins like it
            rows=self.epochs * train,
            batch=min(self.batch, train),
            lr=self.lr,
            silent_after=SILENT_EPOCHS * train,
        )

    @property
    def train_rows(self) -> int:
        """Number of decoder rows that are trained on."""
        return round(self.share * self.sae.width)

    @property
    def key(self) -> str:
        """sha256 of everything that was asked for."""
        return recipes.key(self)

    @property
    def slug(self) -> str:
        """A readable name, not unique by itself."""
        null = "" if self.rows == "decoder" else f"-{self.rows}"
        return f"meta-w{self.width}-k{self.k:g}-seed{self.seed}{null}-{self.sae.slug}"


class DecoderRows(NamedTuple):
    """What a meta-SAE learns from, and what is held back."""

    rows: Float[Tensor, "latent d_model"]
    """Unit rows, in the order of the SAE's latents (a null's row has nothing to do with its latent)."""
    train: Int[Tensor, " trained"]
    """Indices of the rows that are trained on, ascending."""
    held: Int[Tensor, " held"]
    """Indices of the rows that are held back, ascending."""


def decoder_rows(recipe: MetaRecipe, sae: Dictionary) -> DecoderRows:
    """The rows of a meta-SAE of `sae`, which is what `recipe.sae` gives; the same whenever it is asked.

    Raises ValueError if `sae` has another width.
    """
    rows = unit_rows(sae.W_dec.detach().cpu().float())
    if len(rows) != recipe.sae.width:
        raise ValueError(
            f"the decoder must be that of the recipe's SAE, of width {recipe.sae.width}, but has {len(rows)} "
            "rows: pass the SAE that the zoo gives for recipe.sae"
        )
    generator = torch.Generator().manual_seed(stable_seed("meta split"))
    order = torch.randperm(len(rows), generator=generator)
    train, held = order[: recipe.train_rows].sort().values, order[recipe.train_rows :].sort().values
    if recipe.rows != "decoder":
        rows = _null(recipe, rows)
    return DecoderRows(rows, train, held)


def _null(recipe: MetaRecipe, rows: Tensor) -> Tensor:
    """As many unit rows without structure."""
    generator = torch.Generator().manual_seed(stable_seed("meta null", recipe.rows, recipe.seed))
    noise = torch.randn(rows.shape, generator=generator, dtype=torch.float64)
    if recipe.rows == "gaussian":
        return unit_rows(noise).float()
    centred = rows.double() - rows.double().mean(0)
    values, axes = torch.linalg.eigh(centred.T @ centred / len(rows))
    drawn = rows.double().mean(0) + (noise * values.clamp(min=0).sqrt()) @ axes.T
    return unit_rows(drawn).float()


def meta_rows(recipe: MetaRecipe, sae: Dictionary) -> Rows:
    """The rows as the trainer takes them: thresholds are set on the rows that are trained on, as no others
    may be spent; `check` holds those that are held back.

    The trainer centres the rows by the mean of those it trains on; the finished b_dec is that mean plus what
    was learnt beyond it, so "no meta-latent" stands for the mean row.
    """
    rows, train, held = decoder_rows(recipe, sae)
    known = rows[train]
    mean = known.mean(0, dtype=torch.float64).float()
    scale = float((known - mean).square().sum(1, dtype=torch.float64).mean().sqrt())
    return Rows(known, known, rows[held], mean, scale)


def _check(recipe: MetaRecipe) -> None:
    if recipe.rows not in get_args(RowKind):
        raise ValueError(
            f"a meta-SAE's rows are one of {', '.join(get_args(RowKind))}, but {recipe.rows!r} was asked "
            "for: choose one"
        )
    if not 0 < recipe.share < 1 or recipe.train_rows < 16 or recipe.sae.width - recipe.train_rows < 2:
        raise ValueError(
            "a meta-SAE must be trained on 16 decoder rows or more and tested on 2 or more, but "
            f"share={recipe.share} of {recipe.sae.width} rows was asked for: take a wider SAE, or another "
            "share"
        )
    if recipe.epochs < 1 or recipe.batch < 1:
        raise ValueError(
            f"a meta-SAE needs at least one epoch and one row per batch, but epochs={recipe.epochs} and "
            f"batch={recipe.batch} were asked for: raise them"
        )
    _ = recipe.training  # its own checks
