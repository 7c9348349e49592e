"""Orders in which latents move: at random, greedily, and from one width to the next,
family by family.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from saecore.measures.dictionary.encoded import Encoded, pair
from saecore.measures.stitching.curves import StitchingCurve, curve
from saecore.measures.stitching.families import LinkedFamilies
from saecore.measures.stitching.insertion import insertions
from saecore.shapes import Dictionary, Rows, RowScaled
from saecore.sparse import matrix


def at_random(
    which: Bool[Tensor, "latent"], *, generator: Generator
) -> Int[Tensor, "latent"]:
    """Random order, as steps for `curve`: the latents in `which` join one by one
    (figure 15), others never.
    """
    step = torch.full((len(which),), -1)
    step[which] = torch.randperm(int(which.sum()), generator=generator)
    return step


class Greedy(NamedTuple):
    """Insertions in the order in which each next latent lowers the error the most."""

    order: Int[Tensor, "step"]
    """Latent inserted at each step."""
    effect: Float[Tensor, "step"]
    """Change of the error that it makes there."""
    alone: Float[Tensor, "step"]
    """The change that it would make as the only one."""

    @property
    def interaction(self) -> float:
        """What the inserted latents lose by standing together, over the sum of their
        effects alone.

        0: each brings what it brings alone; 1: together they bring nothing; above 1:
        they do harm.
        """
        alone = float(self.alone.sum())
        return 1 - float(self.effect.sum()) / alone if alone else 0.0

    def steps(self, width: int) -> Int[Tensor, "latent"]:
        """The order as steps for `curve`."""
        step = torch.full((width,), -1)
        step[self.order] = torch.arange(len(self.order))
        return step


def greedy(
    small: Dictionary | RowScaled | Encoded,
    large: Dictionary | RowScaled | Encoded,
    x: Rows,
    *,
    among: Bool[Tensor, "latent"] | None = None,
    most: int | None = None,
) -> Greedy:
    """Greedy selection: insert the latent that lowers the error the most, again and
    again, until none does.

    Quadratic form of 2502.04878's insertions: with c_l = E[a_l <d_l, r>] and G_kl =
    E[a_k a_l] <d_k, d_l>, a set S changes the error by sum_S sum_S G - 2 sum_S c, so
    inserting l adds 2 G_kl to the effect of every other k. Needs the co-firing of all
    pairs, sparse: rows x l0^2 multiplications, and memory for the pairs that ever fire
    together. `among` restricts the candidates, `most` the number of steps.
    """
    small, large, _ = pair(small, large, x)
    alone = insertions(small, large, x).effect.clone()
    together, directions = _together(large), large.W_dec.double()
    effect = torch.where(large.fired > 0, alone, torch.inf)
    if among is not None:
        effect = torch.where(among.to(effect.device), effect, torch.inf)
    order, gains = [], []
    for _ in range(large.width if most is None else most):
        best = int(effect.argmin())
        if not effect[best] < 0:
            break
        order.append(best)
        gains.append(float(effect[best]))
        begin, end = together.indptr[best], together.indptr[best + 1]
        other = torch.from_numpy(together.indices[begin:end]).long()
        co_firing = torch.from_numpy(together.data[begin:end]) / len(x)
        effect[other] += 2 * co_firing * (directions[other] @ directions[best])
        effect[best] = torch.inf
    picked = torch.tensor(order, dtype=torch.long)
    return Greedy(picked, torch.tensor(gains, dtype=torch.float64), alone[picked])


def _together(one: Encoded) -> Any:
    """SciPy CSR array of the sums over rows of a_k a_l, for every pair of latents that
    fires together.
    """
    rows = matrix(one.active._replace(value=one.active.value.double()), one.width)
    return (rows.T @ rows).tocsr()


class Leg(NamedTuple):
    """The way from a small dictionary to a large one: novel latents in, families
    swapped, lost ones out.
    """

    curve: StitchingCurve
    novel: int
    """Steps 1 to `novel` insert latents without a link."""
    swapped: int
    """Steps up to `swapped` swap one family each; the remaining ones take lost latents
    out.
    """


def leg(
    small: Dictionary | RowScaled | Encoded,
    large: Dictionary | RowScaled | Encoded,
    x: Rows,
    groups: LinkedFamilies,
    *,
    generator: Generator,
) -> Leg:
    """SAE stitching from one width to the next (figure 5): every novel latent joins,
    then every family is swapped, each phase in random order.

    The paper does not say what happens to latents of the small SAE that have no link;
    to end exactly at the large one, as its figure does, they have to leave: the third
    phase. With the moving bias (eq 5) the curve begins at the small dictionary and ends
    at the large one.
    """
    insert, remove = (
        at_random(groups.novel, generator=generator),
        torch.full((len(groups.small),), -1),
    )
    novel, families = int(groups.novel.sum()), len(groups.sizes)
    turn = novel + torch.randperm(families, generator=generator)
    if families:
        insert = torch.where(groups.novel, insert, turn[groups.large.clamp(min=0)])
        remove = torch.where(groups.lost, remove, turn[groups.small.clamp(min=0)])
    lost = at_random(groups.lost, generator=generator)
    remove = torch.where(groups.lost, lost + novel + families, remove)
    steps = novel + families + int(groups.lost.sum())
    found = curve(small, large, x, insert=insert, remove=remove, steps=steps)
    return Leg(found, novel, novel + families)
