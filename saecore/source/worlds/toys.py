"""Toy worlds of absorption: a handful of orthonormal features, one of which may be the
parent of another.

A row is the sum of the directions of its active features, each with magnitude 1 (the
parent's may vary):

    row = sum over active features f of activation_f * direction_f,    directions
    orthonormal in R^50.

The parent and the child fire together with probability p11, the parent alone with p10,
the child alone with p01; all other features fire independently. p01 = 0 is a hierarchy:
the child implies its parent. The worlds of Chanin et al. (2409.14507, section 3 and
appendix A.3) are named below; all others of this kind are a `Toy` too.

With n features there are only 2^n different rows, and `patterns` states them all with
their probabilities; a tree of features (`worlds.trees`) has as few. So expectations are
exact sums, a batch is a count of each (the trainer's way), and drawing rows is drawing
from a list. `sae_lens.synthetic` draws the
same rows one at a time (`ActivationGenerator` with `hierarchy_modifier`; the tests hold
them together); it states no patterns, has no child that fires without its parent, and
costs 5 s to import.
"""

import itertools
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from saecore.seeding import stable_seed

PARENT, CHILD = 0, 1
"""Feature indices; all features from 2 on are independent of everything."""


@dataclass(frozen=True)
class Toy:
    """The recipe of a toy world: how often each feature fires, and how the child
    depends on its parent.

    `probability` is the share of rows in which each feature fires (parent, child,
    others), `given_parent` the share of the parent's rows in which the child fires too
    (None: independent of it), `parent_std` the standard deviation of the parent's
    magnitude about 1, `child_magnitude` the child's magnitude where it fires (all
    others have 1). Raises ValueError, in one sentence, for a toy that cannot be.
    """

    probability: tuple[float, ...] = (0.25, 0.05, 0.05, 0.05)
    given_parent: float | None = None
    parent_std: float = 0.0
    d_model: int = 50
    child_magnitude: float = field(default=1.0, metadata={"unsaid": 1.0})

    def __post_init__(self) -> None:
        _check(self)

    @property
    def n_features(self) -> int:
        """Number of features, the parent and the child included."""
        return len(self.probability)

    @property
    def p11(self) -> float:
        """Probability of parent and child together."""
        given = (
            self.probability[CHILD] if self.given_parent is None else self.given_parent
        )
        return self.probability[PARENT] * given

    @property
    def p10(self) -> float:
        """Probability of the parent without the child."""
        return self.probability[PARENT] - self.p11

    @property
    def p01(self) -> float:
        """Probability of the child without its parent; 0 in a hierarchy (rounding is
        cut).
        """
        alone = self.probability[CHILD] - self.p11
        return alone if alone > 1e-9 else 0.0

    def every_row(self) -> "Patterns":
        """All 2^n patterns of n features and their exact probabilities."""
        active = torch.tensor(
            list(itertools.product((0.0, 1.0), repeat=self.n_features))
        )
        on = active.bool()
        chance = torch.tensor(self.probability, dtype=torch.float64)
        single = torch.where(on, chance, 1 - chance)[:, CHILD + 1 :].prod(1)
        p00 = 1 - self.p11 - self.p10 - self.p01
        pair = [[p00, self.p01], [self.p10, self.p11]]
        active[:, CHILD] *= self.child_magnitude
        family = torch.tensor(pair, dtype=torch.float64)
        both = family[on[:, PARENT].long(), on[:, CHILD].long()]
        return Patterns(active, single * both)


def _check(toy: Toy) -> None:
    if not 2 <= toy.n_features <= 14 or not all(0 < p < 1 for p in toy.probability):
        raise ValueError(
            "a toy has 2 to 14 features with probabilities inside (0, 1), but "
            "probability="
            f"{toy.probability} was asked for: correct it"
        )
    if toy.d_model < toy.n_features:
        raise ValueError(
            "orthonormal features need d_model of at least their number, "
            f"{toy.n_features}, but "
            f"d_model={toy.d_model} was asked for: raise it"
        )
    if toy.given_parent is not None and not 0 <= toy.given_parent <= 1:
        raise ValueError(
            f"given_parent must be a probability, not {toy.given_parent}: correct it"
        )
    if (
        toy.p11 > toy.probability[CHILD] + 1e-9
        or toy.p11 + toy.p10 + toy.p01 > 1 + 1e-9
    ):
        raise ValueError(
            f"the child fires in {toy.probability[CHILD]:g} of the rows, but with its "
            "parent alone it would "
            f"in {toy.p11:g}: lower given_parent or raise the child's probability"
        )
    if not 0 <= toy.parent_std <= 0.25:
        raise ValueError(
            "parent_std must lie in [0, 0.25], so that what fires is positive, not "
            f"{toy.parent_std}: "
            "lower it"
        )
    if not toy.child_magnitude > 0:
        raise ValueError(
            "what fires is positive, so child_magnitude must be above 0, not "
            f"{toy.child_magnitude}: raise it"
        )


INDEPENDENT = Toy()
"""E1, figure 2a: four features, 0.25 and three of 0.05, all independent."""
HIERARCHY = Toy(given_parent=0.2)
"""E2, figures 2b and 3: the child only fires with its parent, still in 0.05 of all
rows.
"""
NOISY = Toy(given_parent=0.2, parent_std=0.1)
"""E4, table 2: the same with "variance 0.1" of the parent's magnitude, which fits as a
standard deviation.
"""
IMPERFECT = Toy(given_parent=0.2 * 0.95)
"""E5, table 3: 95 of 100 firings of the child are with its parent."""
MANY = Toy(probability=(0.4, 0.24) + (0.15,) * 10, given_parent=0.6)
"""E6, figure 12: twelve features for BatchTopK; the child fires in 0.6 of its parent's
rows, only there.
"""


class Patterns(NamedTuple):
    """Every row that a toy can give, in terms of its features; the parent's magnitude
    is 1.
    """

    active: Float[Tensor, "pattern feature"]
    """Magnitude of each feature; 0 where it is silent."""
    probability: Float[Tensor, " pattern"]
    """How often; float64, the sum is 1."""


@runtime_checkable
class TinyWorld(Protocol):
    """A world with so few kinds of rows that all can be stated: a `Toy`, or a tree."""

    @property
    def n_features(self) -> int: ...
    @property
    def d_model(self) -> int: ...
    @property
    def parent_std(self) -> float: ...
    def every_row(self) -> Patterns: ...


@lru_cache(maxsize=128)
def patterns(toy: TinyWorld) -> Patterns:
    """Every kind of row and its exact probability; do not write to them."""
    return toy.every_row()


def toy_activations(
    toy: TinyWorld, n: int, *, generator: Generator
) -> Float[Tensor, "row feature"]:
    """Feature activations of n rows, drawn from `patterns`; 0.1 us per row.

    The parent's magnitude is max(0, N(1, parent_std)) in every row of its own. Raises
    ValueError unless n >= 1.
    """
    if n < 1:
        raise ValueError(
            f"the number of rows must be at least 1, but {n} were asked for: ask for "
            "more"
        )
    every = patterns(toy)
    drawn = every.active[
        torch.multinomial(every.probability, n, replacement=True, generator=generator)
    ]
    if toy.parent_std:
        magnitude = 1 + toy.parent_std * torch.randn(n, generator=generator)
        drawn[:, PARENT] *= magnitude.relu()
    return drawn


def directions(toy: TinyWorld, *, seed: int = 0) -> Float[Tensor, "feature d_model"]:
    """The features' directions: orthonormal rows, drawn uniformly.

    `sae_lens.synthetic.FeatureDictionary` makes its directions orthogonal by gradient
    descent, to a rest that would blur the closed forms; here they are orthonormal to
    rounding.
    """
    generator = Generator().manual_seed(stable_seed("toy directions", seed))
    normal = torch.randn(
        toy.d_model, toy.n_features, generator=generator, dtype=torch.float64
    )
    return torch.linalg.qr(normal).Q.T.float().contiguous()
