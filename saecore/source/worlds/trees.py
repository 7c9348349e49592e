"""A tree of features: parents with several children that exclude each other.

The tree of the Matryoshka authors' toy (Bussmann et al. 2503.17547; its description is
`tree.json` in noanabeshima/matryoshka-saes) has three parents, active in .15 of the
rows each; three children of each, in .2 of its parent's rows each and never two at
once; and eight features that stand alone. Here without the eight, and with magnitudes
of exactly 1: so there are only 5^3 = 125 kinds of rows, which can all be stated.
"""

import itertools
from dataclasses import dataclass

import torch

from saecore.source.worlds.toys import Patterns


@dataclass(frozen=True)
class Tree:
    """The recipe of a tree: `parents` that are independent of each other, each with
    `children`.

    Features come parents first, then the children of the first parent, and so on. A
    child fires in a share `child_probability` of its parent's rows, and only there.
    Raises ValueError, in one sentence, for a tree that cannot be.
    """

    parents: int = 3
    children: int = 3
    parent_probability: float = 0.15
    child_probability: float = 0.2
    d_model: int = 50

    def __post_init__(self) -> None:
        _check(self)

    @property
    def n_features(self) -> int:
        """Number of features, parents and children."""
        return self.parents * (1 + self.children)

    @property
    def parent_std(self) -> float:
        """Standard deviation of the parents' magnitudes: all are 1."""
        return 0.0

    def children_of(self, parent: int) -> range:
        """The feature indices of a parent's children."""
        first = self.parents + parent * self.children
        return range(first, first + self.children)

    def every_row(self) -> Patterns:
        """All rows: each family silent, its parent alone, or its parent with one child;
        and their exact probabilities.
        """
        alone = self.parent_probability * (1 - self.children * self.child_probability)
        child = self.parent_probability * self.child_probability
        states = [1 - self.parent_probability, alone, *[child] * self.children]
        active, probability = [], []
        for family in itertools.product(range(len(states)), repeat=self.parents):
            row, chance = torch.zeros(self.n_features), 1.0
            for parent, state in enumerate(family):
                row[parent] = float(state > 0)
                if state > 1:
                    row[self.children_of(parent)[state - 2]] = 1.0
                chance *= states[state]
            active.append(row)
            probability.append(chance)
        chances = torch.tensor(probability, dtype=torch.float64)
        return Patterns(torch.stack(active), chances)


def _check(tree: Tree) -> None:
    rates = (tree.parent_probability, tree.child_probability)
    if not all(0 < rate < 1 for rate in rates) or tree.children * rates[1] > 1:
        raise ValueError(
            "a tree's probabilities lie inside (0, 1), and those of the children that "
            f"exclude each other sum to 1 at most, but {rates} with {tree.children} "
            "children were asked for: lower them"
        )
    if not (1 <= tree.parents <= 4 and 1 <= tree.children <= 4):
        raise ValueError(
            "a tree has 1 to 4 parents with 1 to 4 children each, so that all its rows "
            f"can be stated, not {tree.parents} with {tree.children}: take fewer"
        )
    if tree.d_model < tree.n_features:
        raise ValueError(
            f"orthonormal features need d_model of at least their number, "
            f"{tree.n_features}, but d_model={tree.d_model} was asked for: raise it"
        )
