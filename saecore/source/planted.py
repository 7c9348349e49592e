"""Families planted in real rows: parents and children whose directions and firings are
known exactly.

To the rows of a site are added, in units of their root mean square distance from their
mean,

    row' = row + rms * sum over active planted features f of activation_f * direction_f.

Half of the families are *hierarchical*: a child fires only in rows where its parent
fires (the setting in which absorption happens, Chanin et al. 2409.14507, section 3).
The other half are *independent*: parents and children fire at the same rates, but know
nothing of each other. They are the control, in one planting: whatever a measure of
absorption reads on them is a false alarm.

Everything else about the rows stays as it was, so an SAE has to find the families among
thousands of features that nobody knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.seeding import stable_seed
from saecore.source.changed_rows import ChangedRows
from saecore.source.plants import (
    Plants,
    family_names,
    orthonormal_directions,
    planted_families,
)
from saecore.source.site import Site

ROWS_PER_DRAW = 8192
"""Rows that share one seed. Part of what a planting is: another value draws other
firings.
"""
SCALED_BY = 65_536
"""Rows, from the first, that the unit of length is measured on."""
PLANTING = 3e9
"""Cost of a planting, in the units of `Source.price`."""


@dataclass(frozen=True)
class Planted(ChangedRows):
    """The recipe of a planting: where, how many families, how often they fire and how
    strongly.

    `pairs` is the number of hierarchical families, and again of independent ones; each
    has `children` children that exclude each other. A parent fires in a share
    `parent_probability` of the rows. A child fires in a share `child_probability` of
    its parent's rows or, in an independent family, in as many rows (a share
    parent_probability * child_probability) drawn from all. Rows are drawn
    independently: the text has no part in it. What fires has activation max(0, N(1,
    magnitude_std)) * strength, each its own draw, so a child's strength says nothing
    about its parent's.

    The directions are orthonormal and otherwise uniform on the sphere: they are drawn
    without regard to the rows' covariance, so along each of them the rows vary as much
    as along an average direction (variance rms^2 / d_model, a standard deviation of .08
    rms at d_model 160, beside a strength of .4 rms).

    Raises ValueError, in one sentence, for a recipe that cannot be.
    """

    called: ClassVar[str] = "planted"
    costs: ClassVar[float] = PLANTING

    site: Site
    pairs: int = 16
    children: int = 3
    parent_probability: float = 0.05
    child_probability: float = 0.2
    parent_strength: float = 0.4
    child_strength: float = 0.4
    magnitude_std: float = 0.15
    seed: int = 0

    def __post_init__(self) -> None:
        _check(self)

    @property
    def n_features(self) -> int:
        """Number of planted features: parents and children of both kinds of family."""
        return 2 * self.pairs * (1 + self.children)

    def truth(self, d_model: int) -> Plants:
        """Everything that is true of the planting in rows of length `d_model`, by
        construction.

        Raises ValueError if that many orthogonal directions do not fit.
        """
        parent, hierarchical = planted_families(self.pairs, self.children)
        rates = torch.full((self.n_features,), self.parent_probability)
        rates[parent >= 0] *= self.child_probability
        names = family_names(self.pairs, self.children)
        directions = orthonormal_directions(self.n_features, d_model, seed=self.seed)
        return Plants(directions, parent, hierarchical, rates, names)

    def latents(self, n_rows: int, *, start: int = 0) -> Float[Tensor, "row feature"]:
        """The planted activations of rows start..start+n_rows, a coalesced sparse COO
        tensor [row, feature].

        In units of `scale(rows)`: `scale(rows) * latents(n) @ truth(d).directions` is
        what `plant` adds. Row i is the same whatever `n_rows` and `start` are. Raises
        ValueError unless there are rows to give.
        """
        if n_rows < 1 or start < 0:
            raise ValueError(
                "planted rows are counted from 0 and at least one is given, but "
                f"n_rows={n_rows} and "
                f"start={start} were asked for: correct them"
            )
        indices, values = [], []
        for begin, block in _blocks(self, start, n_rows):
            row, feature = block.nonzero(as_tuple=True)
            indices.append(torch.stack([row + begin - start, feature]))
            values.append(block[row, feature])
        size = (n_rows, self.n_features)
        return torch.sparse_coo_tensor(
            torch.cat(indices, 1),
            torch.cat(values),
            size,
            is_coalesced=True,
            check_invariants=False,
        )

    def scale(self, rows: Float[Tensor, "row d_model"]) -> float:
        """The unit of length: root mean square distance of the site's first 65,536 rows
        from their mean.
        """
        first = rows[:SCALED_BY]
        mean = first.mean(0, dtype=torch.float64)
        squares = sum(
            float((part.double() - mean).square().sum())
            for part in first.split(ROWS_PER_DRAW)
        )
        return (squares / len(first)) ** 0.5

    def plant(self, rows: Float[Tensor, "row d_model"]) -> Float[Tensor, "row d_model"]:
        """The rows of the site with the families in them; takes the site's rows from
        the first on.

        The rows given are left as they are. Raises ValueError if `rows` do not vary.
        """
        return torch.cat(list(self.blocks(rows)))

    def blocks(
        self, rows: Float[Tensor, "row d_model"]
    ) -> Iterator[Float[Tensor, "part d_model"]]:
        """What `plant` gives, 8,192 rows at a time."""
        scale = self.scale(rows)
        if not scale > 0:
            raise ValueError(
                f"planting needs rows that vary, but these {len(rows)} have scale "
                f"{scale}: check the site"
            )
        directions = (scale * self.truth(rows.shape[1]).directions).to(rows)
        for begin, block in _blocks(self, 0, len(rows)):
            own = rows[begin : begin + len(block)]
            yield torch.addmm(own, block.to(rows), directions)


def _blocks(planted: Planted, start: int, n_rows: int) -> Iterator[tuple[int, Tensor]]:
    """(first row, dense activations) of the parts of the blocks asked for; blocks are
    always drawn whole.
    """
    for number in range(
        start // ROWS_PER_DRAW, (start + n_rows - 1) // ROWS_PER_DRAW + 1
    ):
        low = max(start, number * ROWS_PER_DRAW)
        high = min(start + n_rows, (number + 1) * ROWS_PER_DRAW)
        yield (
            low,
            _drawn(planted, number)[
                low - number * ROWS_PER_DRAW : high - number * ROWS_PER_DRAW
            ],
        )


def _drawn(planted: Planted, number: int) -> Float[Tensor, "row feature"]:
    """The activations of one block, in units of the rows' root mean square.

    At most one child of a family fires: child j where a uniform draw falls in the j-th
    of as many intervals.
    """
    generator = torch.Generator().manual_seed(
        stable_seed("planted firings", planted.seed, number)
    )
    shape = (ROWS_PER_DRAW, 2, planted.pairs)
    parent = torch.rand(shape, generator=generator) < planted.parent_probability
    choice = torch.rand(shape, generator=generator)
    choice[:, 0] /= planted.child_probability
    choice[:, 1] /= planted.parent_probability * planted.child_probability
    child = choice[..., None].floor() == torch.arange(planted.children)
    child[:, 0] &= parent[:, 0, :, None]
    noise = torch.randn(ROWS_PER_DRAW, planted.n_features, generator=generator)
    fired = torch.cat([parent, child.flatten(2)], 2).flatten(1)
    is_parent = planted_families(planted.pairs, planted.children)[0] < 0
    strength = torch.where(is_parent, planted.parent_strength, planted.child_strength)
    return fired * strength * (1 + planted.magnitude_std * noise).clamp(min=0)


def _check(planted: Planted) -> None:
    """Raise ValueError with one sentence for the first value of a recipe that cannot
    be.
    """
    for name in ("pairs", "children"):
        if (value := getattr(planted, name)) < 1:
            raise ValueError(
                f"a planting needs at least one of its {name}, not {value}: raise "
                f"{name}"
            )
    if not 0 < planted.parent_probability < 1:
        raise ValueError(
            "parent_probability must lie inside (0, 1), not "
            f"{planted.parent_probability}: correct it"
        )
    if not 0 < planted.child_probability * planted.children <= 1:
        raise ValueError(
            "children exclude each other, so child_probability * children must be "
            "above 0 and at most 1, not "
            f"{planted.child_probability} * {planted.children}: lower one of them"
        )
    if min(planted.parent_strength, planted.child_strength) <= 0:
        raise ValueError(
            f"strengths must be above 0, not {planted.parent_strength} and "
            f"{planted.child_strength}: "
            "correct them"
        )
    if not 0 <= planted.magnitude_std <= 0.25:
        raise ValueError(
            "magnitude_std must lie in [0, 0.25], so that what fires is positive, not "
            f"{planted.magnitude_std}: correct it"
        )
