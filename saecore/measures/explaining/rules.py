"""Explanations without a language model: short lists of predicates, each with the
activation it predicts.

A rule reads: *5.1 where the token is " dog"; 2.0 where the token before has category
"animal"; else 0.01.* The first predicate that holds counts, so a rule is a piecewise
constant function of the text.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.algebra.classifier_scores import agreement_of_counts
from saecore.measures.explaining.predicates import Predicates
from saecore.sparse import Active, matrix

GAIN = 0.02  # by which a further predicate must raise the correlation
LEAST_POSITIONS = 3  # positions that a predicate must hold at to be taken into a rule
TABLE_NUMBERS = 2_000_000  # numbers of one table at a time

PlaceValues = Int[Tensor, "place latent position"]


class Rules(NamedTuple):
    """One rule per latent; shorter rules are filled up with -1."""

    predicate: Int[Tensor, "latent step"]
    """Numbers of the predicates, in the order in which they are asked; -1 beyond the
    end.
    """
    value: Float[Tensor, "latent step"]
    """Mean activation where this is the first predicate of the rule that holds."""
    fires: Bool[Tensor, "latent step"]
    """Whether the rule says "it fires" there: the predicates that tell best, by F1,
    where it does.
    """
    otherwise: Float[Tensor, " latent"]
    """Mean activation where none holds."""
    correlation: Float[Tensor, " latent"]
    """Of the rule with what it was fitted on."""

    @property
    def length(self) -> Int[Tensor, " latent"]:
        """Number of predicates; 0 for a latent that no rule says anything about."""
        return (self.predicate >= 0).sum(1)

    def of(self, latents: Int[Tensor, " latent"]) -> "Rules":
        """The rules of some latents."""
        return Rules(*(part[latents] for part in self))


class Prediction(NamedTuple):
    """What rules say of positions."""

    activation: Float[Tensor, "latent position"]
    """The activation that the rule expects."""
    fires: Bool[Tensor, "latent position"]
    """Whether it says that the latent fires."""


def fitted_rules(
    y: Float[Tensor, "latent position"],
    value: Int[Tensor, "place position"] | PlaceValues,
    predicates: Predicates,
    *,
    most: int,
    gain: float = GAIN,
    least: int = LEAST_POSITIONS,
) -> Rules:
    """Rules fitted to activations `y` greedily: up to `most` predicates, one after the
    other while the correlation rises by `gain`.

    With a rule's pieces g of n_g positions and mean m_g, its squared correlation with y
    is the explained share of the variance, sum_g n_g (m_g - m)^2 / sum (y - m)^2.
    Taking a predicate cuts the piece where none holds yet (n positions, mean u) into
    two: that share rises by

        (S_p - n_p u)^2 n / (n_p (n - n_p)) / sum (y - m)^2,

    where the predicate holds at n_p of those n positions, with sum S_p. So every
    predicate is judged from two tables, [latent, value], of counts and sums; one pass
    over the activations fills them, and every step takes off what it has just covered.
    Only predicates that hold at `least` positions, with a mean above u, are taken: a
    rule lists reasons to fire. `value` may be one for all latents, or each latent's
    own.

    Ours, in place of GPT-4 (Cunningham et al. 2309.08600, appendix A). Raises
    ValueError for `most` below 1.
    """
    if most < 1:
        raise ValueError(
            f"a rule needs room for a predicate, but most={most} was asked for: ask "
            "for 1 or more"
        )
    size = max(
        1, min(TABLE_NUMBERS // max(y.shape[1], 1), TABLE_NUMBERS // predicates.values)
    )
    parts = []
    for start in range(0, len(y), size):
        block = slice(start, start + size)
        own = value if value.ndim == 2 else value[:, block]
        parts.append(_Fit(y[block], own, predicates).rules(most, gain, least))
    return Rules(*(torch.cat(part) for part in zip(*parts, strict=True)))


def predicted(
    rules: Rules,
    value: Int[Tensor, "place position"] | PlaceValues,
    predicates: Predicates,
) -> Prediction:
    """What each rule says at every position: the value of its first predicate that
    holds there.
    """
    shared = value.ndim == 2
    activation = rules.otherwise[:, None].repeat(1, value.shape[-1])
    fires = torch.zeros_like(activation, dtype=torch.bool)
    for i, length in enumerate(rules.length.tolist()):
        own = value if shared else value[:, i]
        for step in reversed(range(length)):  # so that the first has the last word
            holds = predicates.holds(int(rules.predicate[i, step]), own)
            activation[i].masked_fill_(holds, float(rules.value[i, step]))
            fires[i].masked_fill_(holds, bool(rules.fires[i, step]))
    return Prediction(activation, fires)


def rules_in_words(
    rules: Rules, predicates: Predicates, *, words: Sequence[str] | None = None
) -> list[str]:
    """The rules as sentences; `words` are the texts of the tokens."""
    sentences = []
    for predicate, value, otherwise in zip(
        rules.predicate, rules.value, rules.otherwise, strict=True
    ):
        parts = [
            f"{v:.3g} where {predicates.name(p, words)}"
            for p, v in zip(predicate.tolist(), value.tolist(), strict=True)
            if p >= 0
        ]
        sentences.append("; ".join([*parts, f"else {float(otherwise):.3g}"]))
    return sentences


class _Fit:
    """Rules that grow side by side on the same number of positions."""

    def __init__(self, y: Tensor, value: Tensor, predicates: Predicates) -> None:
        self.y, self.value, self.predicates = y, value, predicates
        latents, self.positions = y.shape
        self.open = torch.ones_like(y, dtype=torch.bool)  # where no predicate holds yet
        double = y.double()
        self.counts, self.sums = (
            self._common(double) if value.ndim == 2 else self._tables(self.open)
        )
        self.n, self.s = (
            torch.full((latents,), float(self.positions)).double(),
            double.sum(1),
        )
        self.spread = double.sub_(double.mean(1, keepdim=True)).square_().sum(1)
        self.firing = (y > 0).sum(1).double()

    def _common(self, y: Float[Tensor, "latent position"]) -> tuple[Tensor, Tensor]:
        """The first two tables, where all latents see the same positions: one product
        with the values.
        """
        places, positions = self.value.shape
        index = self.value.T.flatten()
        ones = torch.ones(len(index), dtype=torch.float64)
        crow = places * torch.arange(positions + 1, dtype=torch.int32)
        at = matrix(Active(crow, index, ones), self.predicates.values)
        counts = torch.from_numpy(at.sum(0)).repeat(len(y), 1)
        return counts, torch.from_numpy(np.ascontiguousarray((at.T @ y.T.numpy()).T))

    def _tables(self, where: Bool[Tensor, "latent position"]) -> tuple[Tensor, Tensor]:
        """Numbers and sums of activations by [latent, value] at the flagged
        positions.
        """
        latent, position = where.nonzero(as_tuple=True)
        shape = (len(self.y), self.predicates.values)
        counts, sums = (torch.zeros(shape, dtype=torch.float64) for _ in range(2))
        weight = self.y[latent, position].double()
        for place in self.value:
            value = place[position] if place.ndim == 1 else place[latent, position]
            key = latent * shape[1] + value
            counts += torch.bincount(key, minlength=counts.numel()).view(shape)
            sums += torch.bincount(key, weight, minlength=sums.numel()).view(shape)
        return counts, sums

    def rules(self, most: int, gain: float, least: int) -> Rules:
        latents = len(self.y)
        predicate = torch.full((latents, most), -1)
        number, total, fired = (
            torch.zeros(latents, most, dtype=torch.float64) for _ in range(3)
        )
        explained, reached = torch.zeros_like(self.s), torch.zeros_like(self.s)
        growing = self.spread > 0
        for step in range(most):
            rise, best = self._best(least)
            higher = ((explained + rise) / self.spread).clamp(max=1).sqrt()
            growing = growing & (rise > 0) & (higher - reached >= gain)
            if not growing.any():
                break
            predicate[growing, step] = best[growing]
            explained[growing] += rise[growing]
            reached[growing] = higher[growing]
            taken = self._take(torch.where(growing, best, -1))
            number[:, step], total[:, step], fired[:, step] = taken
        value = total / number.clamp(min=1)
        otherwise = self.s / self.n.clamp(min=1)
        fires = _telling(number, fired, self.firing) & (predicate >= 0)
        kind = self.y.dtype
        return Rules(
            predicate, value.to(kind), fires, otherwise.to(kind), reached.to(kind)
        )

    def _best(self, least: int) -> tuple[Tensor, Tensor]:
        """For each latent the largest rise in explained squares that a further
        predicate gives, and which.
        """
        members = self.predicates.members
        n_p, s_p = (
            torch.from_numpy(table.numpy() @ members)
            for table in (self.counts, self.sums)
        )
        n, mean = self.n[:, None], (self.s / self.n.clamp(min=1))[:, None]
        over = s_p - n_p * mean
        rise = over.square() * n / (n_p * (n - n_p)).clamp(min=1)
        allowed = (n_p >= least) & (over > 0)
        best = torch.where(allowed, rise, 0).max(1)
        return best.values, best.indices

    def _take(self, predicate: Int[Tensor, " latent"]) -> tuple[Tensor, Tensor, Tensor]:
        """Cover where the predicates hold; number of positions, sum of activations and
        number that fire.
        """
        new = torch.zeros_like(self.open)
        for i in (predicate >= 0).nonzero()[:, 0].tolist():
            own = self.value if self.value.ndim == 2 else self.value[:, i]
            new[i] = self.predicates.holds(int(predicate[i]), own) & self.open[i]
        counts, sums = self._tables(new)
        self.open &= ~new
        self.counts -= counts
        self.sums -= sums
        one_place = slice(
            self.predicates.vocabulary
        )  # every position has one value of each place
        number, total = counts[:, one_place].sum(1), sums[:, one_place].sum(1)
        self.n -= number
        self.s -= total
        return number, total, (new & (self.y > 0)).sum(1).double()


def _telling(
    number: Tensor, fired: Tensor, firing: Tensor
) -> Bool[Tensor, "latent step"]:
    """The pieces to call "fires" for the largest F1 = 2 hits / (called + firing): those
    of highest rate.
    """
    order = (fired / number.clamp(min=1)).argsort(dim=1, descending=True)
    called, hits = number.gather(1, order).cumsum(1), fired.gather(1, order).cumsum(1)
    best = agreement_of_counts(hits, called, firing[:, None]).f1.argmax(1)
    chosen = torch.arange(number.shape[1]) <= best[:, None]
    return torch.zeros_like(chosen).scatter_(1, order, chosen) & (fired > 0)
