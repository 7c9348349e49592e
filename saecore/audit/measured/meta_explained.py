"""Variance of decoder rows that a meta-SAE explains, beside rows that have no parts."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.audit.measured.pairs import sampled
from saecore.audit.numbers import AuditNumber, Null, as_null, number, strongest_null
from saecore.audit.weights import AuditedWeights
from saecore.claims.non_atomicity.meta_saes import exactly
from saecore.errors import Unsuited
from saecore.measures.algebra.intervals import Interval, bootstrap
from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.dictionary.nulls import same_moments
from saecore.measures.meta.cluster_null import clustered
from saecore.others.plain import plain_sae
from saecore.recipes.meta import RATE, SILENT_EPOCHS
from saecore.recipes.sae import SAERecipe
from saecore.seeding import stable_seed
from saecore.source.rows_file import RowsFile
from saecore.source.site import Site
from saecore.training.trainer import TrainingRows, train

META_ROWS = 4096
"""Decoder rows that a meta-SAE learns from and is tested on, at most."""
ROWS_A_LATENT = 20
"""Rows for each meta-latent, as on the book's page."""
EPOCHS, BATCH = 400, 256
LEAST_ROWS = 160
"""Fewer rows are not divided into parts to be told from chance."""


class MetaFound(NamedTuple):
    """A meta-SAE of decoder rows, and those of rows without parts."""

    numbers: list[AuditNumber]
    explained: Interval
    """Variance of rows held back, about the mean of those trained on."""
    nulls: dict[str, Interval]


def meta_explained(
    one: AuditedWeights, *, k: int, share: float, level: float
) -> MetaFound:
    """Variance explained by a meta-SAE (Leask et al. 2502.04878, section 5): 1 - sum
    |x - y|^2 / sum |x - mean|^2 over unit decoder rows that were held back, with
    exactly `k` meta-latents a row.

    The meta-SAE is trained on a `share` of the rows (of up to 4,096, drawn), 20 rows a
    meta-latent. Nulls are meta-SAEs trained alike on as many rows of the same mean and
    covariance, and on such rows in clusters as tight as the real ones. Intervals are
    over the latents held back. Raises Unsuited for too few rows.
    """
    rows = unit_rows(one.decoder.some(sampled(one.width, META_ROWS)))
    rows = rows[rows.norm(dim=1) > 0]
    if len(rows) < LEAST_ROWS:
        raise Unsuited(
            f"a meta-SAE learns from {LEAST_ROWS} decoder rows or more, but this SAE "
            f"has {len(rows)}: take a wider SAE"
        )
    width = max(k + 1, len(rows) // ROWS_A_LATENT)
    draw = torch.Generator().manual_seed(stable_seed("audit meta"))
    order = torch.randperm(len(rows), generator=draw)
    known, held = order.split(
        [round(share * len(rows)), len(rows) - round(share * len(rows))]
    )
    noise = torch.randn(rows.shape, generator=draw, dtype=torch.float64)
    drawn = {
        "same covariance": unit_rows(same_moments(rows, noise)).float(),
        "clusters": clustered(rows, known, held, count=width, generator=draw).rows,
    }
    found = _explained(rows[known], rows[held], width, k, level)
    nulls = {
        name: _explained(x[known], x[held], width, k, level)
        for name, x in drawn.items()
    }
    return MetaFound([_number(one, found, nulls, width, k)], found, nulls)


def _number(
    one: AuditedWeights, found: Interval, nulls: dict[str, Interval], width: int, k: int
) -> AuditNumber:
    called = {
        "same covariance": "rows of the same mean and covariance",
        "clusters": "such rows in clusters",
    }
    null: Null = strongest_null([as_null(x, called[name]) for name, x in nulls.items()])
    return number(
        "meta", "explained by a meta-SAE", one.name, found,
        over="bootstrap over the latents held back", null=null,
        says=f"centred variance of decoder rows held back that {k} of {width} "
        "meta-latents explain",
    )  # fmt: skip


def _explained(
    known: Float[Tensor, "row d_model"],
    held: Float[Tensor, "held d_model"],
    width: int,
    k: int,
    level: float,
) -> Interval:
    """Of rows held back, by a meta-SAE of the others."""
    recipe = meta_training(known, width, k)
    mean = known.mean(0, dtype=torch.float64).float()
    spread = float((known - mean).square().sum(1, dtype=torch.float64).mean().sqrt())
    given = TrainingRows(known.contiguous(), known, held, mean, spread)
    (trained,) = train(recipe, [0], given)
    meta = exactly(plain_sae("jumprelu", trained.weights, metadata={}), k)
    left = (held - meta(held)).double().square().sum(1)
    total = (held - held.mean(0)).double().square().sum(1)
    draw = torch.Generator().manual_seed(0)
    return bootstrap(
        torch.stack([left, total], 1),
        generator=draw,
        statistic=lambda x: 1 - x[:, 0].sum() / x[:, 1].sum(),
        level=level,
    )


def meta_training(known: Float[Tensor, "row d_model"], width: int, k: int) -> SAERecipe:
    """How it is trained: as the book's meta-SAEs."""
    rows, d_model = known.shape
    return SAERecipe(
        Site(RowsFile("decoder rows", rows, d_model)), "batchtopk", width, k,
        seed=stable_seed("meta", 0), rows=EPOCHS * rows, batch=min(BATCH, rows),
        lr=RATE, silent_after=SILENT_EPOCHS * rows,
    )  # fmt: skip
