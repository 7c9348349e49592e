"""What a dictionary keeps of the rows it reads, and of the language model that goes on
from its rows.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.measures.algebra.assignment import assign
from saecore.measures.algebra.nearest import nearest, unit_rows
from saecore.measures.dictionary.encoded import encoded, mean_square, residual, variance
from saecore.measures.dictionary.recovery import TRUE_FROM
from saecore.measures.dictionary.row_units import directions_of, rebuilt, rows_for
from saecore.shapes import Dictionary, Directions, Latents, Rows, RowScaled

ROWS = 16_384
"""Rows encoded at a time."""
EditOfStream = Callable[[Tensor], Tensor]


class Fidelity(NamedTuple):
    """FVU, L0 and live latents of a dictionary on given rows."""

    fvu: float
    """Fraction of variance unexplained, as in `fvu`."""
    l0: float
    """Mean number of active latents per row."""
    fired: Int[Tensor, " latent"]
    """Number of rows on which each latent is active."""

    @property
    def live(self) -> int:
        """Number of latents that were active at all."""
        return int((self.fired > 0).sum())

    @property
    def live_share(self) -> float:
        """The same as a share of the width."""
        return self.live / max(len(self.fired), 1)


class Recovered(NamedTuple):
    """Loss recovered: the loss of a language model with its stream rebuilt, beside two
    ablations of the stream.
    """

    lost: float
    """What rebuilding costs, in nats per token."""
    of_zero: float
    """Share of the loss recovered from a stream of zeros: 1 is perfect, 0 no better
    than zeros.
    """
    of_mean: float
    """The same from a stream that is the mean row everywhere: the harder of the two to
    beat.
    """


class Mmcs(NamedTuple):
    """MMCS, the mean largest (max) cosine similarity between two sets of directions,
    both ways.
    """

    forward: float
    """Mean over the rows of a of the largest cosine with a row of b; a row of zeros
    counts as 0.
    """
    backward: float
    """Mean over the rows of b of the largest cosine with a row of a."""


class Recovery(NamedTuple):
    """Feature recovery: how much of a world's truth a dictionary holds."""

    of_features: float
    """Mean over features of the largest cosine with a latent: the toy models' MMCS."""
    of_latents: float
    """Mean over latents of the largest cosine with a feature."""
    share: float
    """Share of the features that have a latent of their own at `threshold` (a
    one-to-one matching).
    """


@torch.no_grad()
def fidelity(dictionary: Dictionary | RowScaled, x: Float[Tensor, "..."]) -> Fidelity:
    """FVU, L0 and live latents in one pass over the rows, a block of them at a time.

    Cunningham et al. (2309.08600), figures 6 and 16; their code calls a latent dead
    that fires ten times or less in one chunk of two million rows: count `fired` for
    that. Raises ValueError where rows do not vary, and where `encoded` does.
    """
    w_dec = directions_of(dictionary)
    x = rows_for(w_dec, x)
    if not (spread := variance(x)) > 0:
        raise ValueError(
            f"fidelity needs rows that vary, got {len(x)} equal rows: give more rows"
        )
    fired, error = torch.zeros(len(w_dec), dtype=torch.int64), 0.0
    for block in x.split(ROWS):
        one = encoded(dictionary, block)
        fired += one.fired.cpu()
        error += len(block) * mean_square(residual(one, block))
    return Fidelity(error / len(x) / spread, float(fired.sum()) / len(x), fired)


def splice(dictionary: Dictionary | RowScaled) -> EditOfStream:
    """Splicing: the edit of a stream [seq, pos, d_model] that puts the dictionary's
    reconstruction in its place.

    The first position stays as it is: it holds the token that begins every text, on
    which dictionaries are not trained.
    """
    return _beyond_first(lambda rows: rebuilt(dictionary, rows))


def ablation_edit(row: Float[Tensor, " d_model"]) -> EditOfStream:
    """Zero or mean ablation: the edit that puts one row (zero, or the mean row) in the
    place of all but the first position.
    """
    return _beyond_first(lambda rows: row.to(rows).expand_as(rows))


def _beyond_first(change: Callable[[Tensor], Tensor]) -> EditOfStream:
    def edit(stream: Tensor) -> Tensor:
        rest = stream[:, 1:]
        changed = change(rest.reshape(-1, stream.shape[-1])).view_as(rest)
        return torch.cat([stream[:, :1], changed], 1)

    return edit


def loss_recovered(
    *, clean: float, spliced: float, zero: float, mean: float
) -> Recovered:
    """Loss recovered, (ablated - spliced) / (ablated - clean), for both ablations;
    losses in nats per token.

    The paper states the perplexity alone (section 6.2: 25 becomes 40); its reviewers
    asked how much that is. Raises ValueError unless both ablations cost more than the
    clean model.
    """
    if not min(zero, mean) > clean:
        raise ValueError(
            f"an ablation must cost more than the clean loss {clean:.4g}, but zeros "
            f"give {zero:.4g} and the "
            f"mean {mean:.4g}: this layer does not matter for the loss, choose another"
        )
    shares = ((end - spliced) / (end - clean) for end in (zero, mean))
    return Recovered(spliced - clean, *shares)


def mmcs(a: Directions, b: Float[Tensor, "other d_model"]) -> Mmcs:
    """MMCS, mean max cosine similarity: over the rows of one dictionary, the largest
    cosine with a row of another, both ways.

    The measure of the paper's toy models and of its predecessors ("MMCS"); only the
    first way was used. It rises with the number of directions to choose from: compare
    with random ones. Raises ValueError where d_model differs.
    """
    a, b = unit_rows(a), unit_rows(b)
    ways = (nearest(x, y).value.double().mean() for x, y in ((a, b), (b, a)))
    return Mmcs(*(float(way) for way in ways))


def recovery(
    dictionary: Dictionary,
    features: Float[Tensor, "feature d_model"],
    *,
    threshold: float = TRUE_FROM,
) -> Recovery:
    """Feature recovery: MMCS with the truth both ways, and the share of features
    matched one to one at cosine 0.9.

    The paper's code (replicate_toy_models.py) and the Hungarian variant of its standard
    metrics.
    """
    found = assign(features, dictionary.W_dec)
    own = (found.partner >= 0) & (found.cosine >= threshold)
    return Recovery(
        float(found.nearest.mean()),
        float(found.nearest_back.mean()),
        float(own.double().mean()),
    )


def fvu(x: Rows, reconstruction: Rows) -> float:
    """FVU, fraction of variance unexplained: squared error over squares about the mean.

    fvu = sum_rd (x_rd - y_rd)^2 / sum_rd (x_rd - mean_d)^2, mean over the given rows;
    no unit. The loss of Paulo & Belrose (2501.16615, code `sparsify`). 0 is perfect;
    the mean row alone gives 1. Sums are taken in float64. Raises ValueError where x
    does not vary or shapes differ.
    """
    if x.shape != reconstruction.shape:
        raise ValueError(
            f"fvu compares arrays of one shape, got {tuple(x.shape)} and "
            f"{tuple(reconstruction.shape)}; give the reconstruction of the same rows"
        )
    x = x.double()
    spread = (x - x.mean(0)).square().sum()
    if not spread > 0:
        raise ValueError(
            f"fvu needs rows that vary, got {len(x)} equal rows; give more rows"
        )
    return float((x - reconstruction.double()).square().sum() / spread)


def l0(latents: Latents) -> float:
    """L0: mean number of active (non-zero) latents per row; a number, not a fraction of
    the width.
    """
    return float((latents != 0).sum() / max(len(latents), 1))


class Firing(NamedTuple):
    """Firing frequencies: how often and how strongly each latent fires."""

    fired: Int[Tensor, "latent"]
    """Rows on which the latent is active."""
    frequency: Float[Tensor, "latent"]
    """The number of rows on which it is active over the number of rows."""
    mean: Float[Tensor, "latent"]
    """Mean activation over the rows on which it is active; 0 if none."""
    rows: int
    """Rows looked at."""
    live: int
    """Latents that fired at least once."""
    l0: float
    """Mean number of active latents per row."""

    @property
    def mass(self) -> Float[Tensor, "latent"]:
        """Share of all firings that each latent carries; sums to 1 unless nothing
        fires.
        """
        return self.fired.double() / self.fired.sum().clamp(min=1)


def firing(latents: Latents) -> Firing:
    """Firing counts, frequencies and strengths of every latent over the given rows.

    For more rows than fit, call it on blocks and `pool` the results. The counts of
    2501.16615 (post, Fig 3) are `fired`; its very rare latents have fewer than 100 in
    1e7 rows.
    """
    active = latents != 0
    count = active.sum(0)
    total = latents.double().sum(0)
    return _firing(count, total, len(latents))


def pool(parts: list[Firing]) -> Firing:
    """Pooled firing frequencies: one Firing for several blocks of rows of the same
    dictionary.
    """
    if not parts:
        raise ValueError(
            "pool needs at least one block, got none; call firing on some rows first"
        )
    count = torch.stack([part.fired for part in parts]).sum(0)
    total = torch.stack([part.mean * part.fired for part in parts]).sum(0)
    return _firing(count, total, sum(part.rows for part in parts))


def _firing(count: Tensor, total: Tensor, rows: int) -> Firing:
    mean = total / count.clamp(min=1)
    frequency = count.double() / max(rows, 1)
    return Firing(
        count, frequency, mean, rows, int((count > 0).sum()), float(frequency.sum())
    )
