"""Fidelity: how much an SAE keeps of the rows that it reads, with how many latents, and
of the language model that goes on from its rows.
"""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.audit.numbers import AuditNumber, Null, number
from saecore.audit.rows import AuditedRows
from saecore.errors import Unsuited
from saecore.measures.algebra.intervals import Interval, bootstrap, wilson
from saecore.measures.dictionary.encoded import Encoded, residual
from saecore.measures.dictionary.fidelity import ablation_edit, loss_recovered, splice
from saecore.measures.meta.variance_explained import by_pursuit, isotropic
from saecore.source.model.next_token import losses
from saecore.sparse import row_of

_LOSS_TEXTS = 64
"""Texts on which losses are computed, four times."""
PURSUED_ROWS, PURSUED_ATOMS = 1024, 32
"""Rows, and at most so many directions a row, of the null of FVU."""
_TEXTS = "bootstrap over texts"


def kept_of_rows(one: Encoded, read: AuditedRows, *, level: float) -> list[AuditNumber]:
    """FVU, L0 and live latents of an SAE on the rows.

    The null of FVU is what as many random directions a row leave at best (matching
    pursuit; at most 32), for a dictionary must beat what knows nothing with its own
    number of latents. Intervals are over texts.
    """
    name = read.sae
    draw = torch.Generator().manual_seed(0)
    error = residual(one, read.rows).double().square().sum(1)
    spread = (read.rows - read.rows.mean(0)).double().square().sum(1)
    both = torch.stack([_by_text(error, read), _by_text(spread, read)], 1)
    fvu = bootstrap(both, generator=draw, statistic=_ratio, level=level)
    counts = torch.bincount(row_of(one.active).long(), minlength=len(read.rows))
    l0 = bootstrap(_by_text(counts.double(), read), generator=draw, level=level)
    live = wilson(int((one.fired > 0).sum()), one.width, level=level)
    atoms = max(1, min(PURSUED_ATOMS, round(one.l0)))
    says = f"{atoms} of as many random directions a row, the best that greed finds"
    return [
        number("fidelity", "FVU", name, fvu, over=_TEXTS,
               null=Null(_random_fvu(one, read, atoms), says),
               says="fraction of variance unexplained; 0 is perfect, the mean row "
               "gives 1"),
        number("fidelity", "L0", name, l0, over=_TEXTS,
               says="mean number of active latents a row"),
        number("fidelity", "live latents", name, live, over="over latents (Wilson)",
               says="share of latents that fire on these rows at all"),
    ]  # fmt: skip


def _by_text(values: Float[Tensor, " row"], read: AuditedRows) -> Tensor:
    return values.view(-1, read.together).mean(1)


def _ratio(both: Float[Tensor, "text two"]) -> Tensor:
    return both[:, 0].sum() / both[:, 1].sum()


def _random_fvu(one: Encoded, read: AuditedRows, atoms: int) -> float:
    draw = torch.Generator().manual_seed(0)
    rows = read.rows[:: max(1, len(read.rows) // PURSUED_ROWS)][:PURSUED_ROWS]
    directions = isotropic(rows, min(one.width, 16_384), generator=draw)
    atoms = min(atoms, rows.shape[1])
    found = by_pursuit(directions, rows, count=atoms, centre=rows.mean(0))
    return 1 - found.centred


def kept_of_loss(sae: Any, read: AuditedRows, *, level: float) -> list[AuditNumber]:
    """Loss recovered with the SAE's reconstruction in the place of the stream, from a
    stream of zeros and from one that is the mean row; over texts.

    Raises Unsuited for the embedding, which no block writes, and ValueError where the
    layer does not matter for the loss.
    """
    layer = read.site.post_layer
    if layer is None:
        raise Unsuited(
            "loss recovered needs a layer that writes the stream, but this SAE reads "
            "the embedding: take an SAE of a later layer for it"
        )
    edits: dict[str, Callable[[Tensor], Tensor] | None] = {
        "clean": None,
        "spliced": splice(sae),
        "zero": ablation_edit(torch.zeros_like(read.rows[0])),
        "mean": ablation_edit(read.rows.mean(0)),
    }
    tokens, cost = read.tokens[:_LOSS_TEXTS], {}
    for name, change in edits.items():
        each = losses(read.model, tokens, edit=_edit(layer, change, read))
        cost[name] = each.mean(1).double()
    table = torch.stack([cost[name].cpu() for name in edits], 1)
    clean, spliced, zero, mean = table.mean(0).tolist()
    loss_recovered(clean=clean, spliced=spliced, zero=zero, mean=mean)  # refuses
    name = read.sae
    nulls = {
        "zeros": Null((zero - mean) / (zero - clean), "the mean row in its place"),
        "the mean row": Null(0.0, "the mean row in its place, 0 by definition"),
    }
    return [
        number("fidelity", f"loss recovered from {what}", name,
               _recovered(table, column, level), over=_TEXTS, null=nulls[what],
               says=f"share of the loss that {what} cost which is not lost with the "
               "SAE in place; 1 is perfect")
        for what, column in (("zeros", 2), ("the mean row", 3))
    ]  # fmt: skip


def _edit(
    layer: int, change: Callable[[Tensor], Tensor] | None, read: AuditedRows
) -> Any:
    """An edit in the model's own precision, on the stream as the SAE reads it: what
    centring takes off no layer norm sees.
    """
    if change is None:
        return None

    def edit(stream: Tensor) -> Tensor:
        x = stream.float()
        x = x - x.mean(-1, keepdim=True) if read.centred else x
        return change(x).to(stream.dtype)

    return layer, edit


def _recovered(
    table: Float[Tensor, "text four"], column: int, level: float
) -> Interval:
    def share(x: Tensor) -> Tensor:
        clean, spliced, ablated = x[:, 0].mean(), x[:, 1].mean(), x[:, column].mean()
        return (ablated - spliced) / (ablated - clean)

    draw = torch.Generator().manual_seed(0)
    return bootstrap(table, generator=draw, statistic=share, level=level)
