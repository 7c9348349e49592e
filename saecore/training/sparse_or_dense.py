"""Where the pre-activations of a training step are kept: only those that matter, or all
of them.

Every architecture's gradients are written once (`gradients.py`) in the operations
below. `Entries` does them on the few entries that are active, `Table` on the whole
block of rows x latents, which is faster while many are. A block may hold several SAEs
of one shape: their latents stand under each other, and so do their rows.
"""

from functools import cached_property, lru_cache

import torch
from torch import Tensor

from saecore.compiled import availability
from saecore.sparse import Active, dots, pointers, weighted_sums


class Entries:
    """Pre-activations at chosen (row, latent) pairs, row after row."""

    def __init__(
        self,
        crow: Tensor,
        row: Tensor,
        latent: Tensor,
        pre: Tensor,
        *,
        saes: int,
        width: int,
    ) -> None:
        self.crow, self.row, self.latent, self.pre = crow, row, latent, pre
        self.saes, self.latents = saes, saes * width

    def per_latent(self, vector: Tensor) -> Tensor:
        """A number per latent, at every entry."""
        return vector.index_select(0, self.latent)

    def decode(self, value: Tensor, w_dec: Tensor) -> Tensor:
        """Sum of value * direction, per row."""
        return weighted_sums(self.crow, self.latent, value, w_dec)

    def dots(self, rows: Tensor, directions: Tensor) -> Tensor:
        """Inner product of row and direction, at every entry."""
        return dots(self.crow, self.latent, rows, directions)

    def sums(self, weight: Tensor, rows: Tensor) -> Tensor:
        """Sum of weight * row, per latent."""
        return self.sums_of(weight, rows, self.row)

    def sums_of(self, weight: Tensor, vectors: Tensor, index: Tensor) -> Tensor:
        """Sum of weight * vectors[index], per latent."""
        order, starts = self.by_latent
        return weighted_sums(
            starts, index.index_select(0, order), weight.index_select(0, order), vectors
        )

    def totals(self, weight: Tensor) -> Tensor:
        """Sum of the weights, per latent."""
        return weight.new_zeros(self.latents).index_add_(0, self.latent, weight)

    def counts(self, active: Tensor) -> Tensor:
        """Number of active entries, per latent."""
        return self.totals(active.int())

    @cached_property
    def by_latent(self) -> tuple[Tensor, Tensor]:
        """The entries in the order of their latents, and where each latent's begin."""
        return sorted_by_latent(self.latent, self.latents)


def sorted_by_latent(latent: Tensor, latents: int) -> tuple[Tensor, Tensor]:
    """The stable order that sorts the entries by latent, and where each latent's begin;
    both int32.
    """
    if latent.device.type == "cpu" and availability.available():
        from saecore.compiled.by_latent import sort_by_latent

        order = torch.empty_like(latent)
        starts = torch.empty(latents + 1, dtype=torch.int32)
        sort_by_latent(latent.numpy(), order.numpy(), starts.numpy())
        return order, starts
    return torch.argsort(latent, stable=True).int(), pointers(latent, latents)


class Table:
    """All pre-activations [sae, row, latent]."""

    def __init__(self, pre: Tensor) -> None:
        self.pre = pre
        self.saes, _, self.width = pre.shape

    def per_latent(self, vector: Tensor) -> Tensor:
        """A number per latent, broadcast over the rows."""
        return vector.view(self.saes, 1, self.width)

    def decode(self, value: Tensor, w_dec: Tensor) -> Tensor:
        """Sum of value * direction, per row."""
        return self._each(value, w_dec, self.width, lambda v, w: v @ w)

    def dots(self, rows: Tensor, directions: Tensor) -> Tensor:
        """Inner product of row and direction, at every entry."""
        n = len(rows) // self.saes
        products = [
            r @ w.t()
            for r, w in zip(rows.split(n), directions.split(self.width), strict=True)
        ]
        return torch.stack(products)

    def sums(self, weight: Tensor, rows: Tensor) -> Tensor:
        """Sum of weight * row, per latent."""
        return self._each(weight, rows, len(rows) // self.saes, lambda v, r: v.t() @ r)

    def totals(self, weight: Tensor) -> Tensor:
        """Sum of the weights, per latent."""
        return torch.cat([one.sum(0) for one in weight])

    def counts(self, active: Tensor) -> Tensor:
        """Number of active entries, per latent."""
        return active.sum(1).flatten()

    def _each(self, table: Tensor, vectors: Tensor, size: int, product) -> Tensor:
        return torch.cat(
            [
                product(one, part)
                for one, part in zip(table, vectors.split(size), strict=True)
            ]
        )


def top_k_entries(active: tuple[Tensor, Tensor], *, saes: int, width: int) -> Entries:
    """Entries with the same number of latents in every row, from their values and
    latents [row, k].
    """
    value, latent = active
    crow, row = _rows_of_k(*value.shape, value.device)
    return Entries(crow, row, latent.flatten(), value.flatten(), saes=saes, width=width)


@lru_cache(maxsize=4)
def _rows_of_k(n: int, k: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Row pointers, and the row of each entry, of n rows with k entries each."""
    crow = torch.arange(0, n * k + 1, k, dtype=torch.int32, device=device)
    row = torch.arange(n, dtype=torch.int32, device=device).repeat_interleave(k)
    return crow, row


def entries_of(active: Active, row: Tensor, *, saes: int, width: int) -> Entries:
    """Entries from CSR activations and the row of each."""
    return Entries(
        active.crow, row, active.latent, active.value, saes=saes, width=width
    )
