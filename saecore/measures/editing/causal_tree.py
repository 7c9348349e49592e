"""Causal trees by ablation: which latents of one layer a latent of a later layer
depends on, and which those depend on in turn.

Source: Cunningham et al. (2309.08600), section 5 and figure 6: the tree of a latent for
closing parentheses. How parents are chosen and judged, and what is different from the
paper: `saecore.measures.editing.causal_parents`.
"""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.measures.editing.causal_contexts import CONTEXTS, Level, strong_texts
from saecore.measures.editing.causal_parents import (
    RANDOM_PARENTS,
    Family,
    causal_families,
)

_NAN = float("nan")


class Node(NamedTuple):
    """A latent in the tree. Falls are shares of the child's mean activation, nan for
    the root.
    """

    level: int
    """Number of the level, counted from the bottom."""
    latent: int
    """Its number within the level."""
    contexts: int = 0
    """Number of contexts that its own parents are judged on (0 for a leaf, or if it
    fires strongly in fewer than two texts)."""
    activity: float = _NAN
    """Its mean activation there (nan without contexts)."""
    chosen: float = _NAN
    """By how much its child falls without it, in the contexts that it was chosen on."""
    drop: float = _NAN
    """The same in the other contexts, which took no part in the choice: the number to
    believe.
    """
    direction: float = _NAN
    """There, with edits as long in random directions."""
    as_much: float = _NAN
    """There, share of all other latents that fire below the child which do at least as
    much.
    """
    random: float = _NAN
    """There, mean over parents drawn at random (nan if the child has no further latent
    below).
    """
    random_largest: float = _NAN
    """There, the largest of the parents drawn at random."""
    parents: tuple["Node", ...] = ()
    """The latents below that matter most."""


class BestParents(NamedTuple):
    """The best parent of several latents, one tree of depth one each; nan (and -1)
    where there is none.

    Falls are shares of the latent's mean activation.
    """

    latent: Int[Tensor, " root"]
    """Number of each latent."""
    parent: Int[Tensor, " root"]
    """Number of its best parent, on the level below."""
    contexts: Int[Tensor, " root"]
    """Number of contexts that it is judged on."""
    chosen: Float[Tensor, " root"]
    """The parent's fall in the contexts that it was chosen on: flattered."""
    drop: Float[Tensor, " root"]
    """In the other contexts."""
    direction: Float[Tensor, " root"]
    """There, with edits as long in random directions."""
    random: Float[Tensor, " root"]
    """There, mean over parents drawn at random."""
    random_largest: Float[Tensor, " root"]
    """There, the largest of them."""


def tree(
    levels: Sequence[Level],
    latent: int,
    *,
    branches: int = 2,
    contexts: int = CONTEXTS,
    draws: int = RANDOM_PARENTS,
    seed: int = 0,
) -> Node:
    """Causal tree below one latent of the last level: at every node the `branches`
    parents of largest fall when they are set to zero.

    Each node has contexts of its own: up to `contexts` for choosing and as many for
    judging. A node below the root that fires strongly in fewer than two texts is
    followed no further. Raises ValueError if the root does.
    """
    generator = torch.Generator().manual_seed(seed)
    count = int(strong_texts(levels[-1])[latent])
    if count < 2:
        raise ValueError(
            "a tree needs a root that fires at half its maximum in two texts or more, "
            f"but latent {latent} does so in {count}: choose another latent, or give "
            "more texts"
        )
    root = Node(len(levels) - 1, latent)
    return _grown(levels, [root], branches, contexts, draws, generator)[0]


def nodes(root: Node) -> list[Node]:
    """All nodes, a node before its parents."""
    return [root, *(node for parent in root.parents for node in nodes(parent))]


def best_parents(
    levels: Sequence[Level],
    latents: Sequence[int],
    *,
    contexts: int = CONTEXTS,
    draws: int = RANDOM_PARENTS,
    seed: int = 0,
) -> BestParents:
    """For each of several latents of the last level its best parent, chosen on one half
    and judged on the other, beside random ones: a rate where a tree is a case.

    A latent that fires strongly in fewer than two texts has nan in its place. Raises
    ValueError for fewer than two levels, and for no latents.
    """
    if len(levels) < 2 or not len(latents):
        raise ValueError(
            "parents need two levels and at least one latent, but "
            f"{len(levels)} levels and {len(latents)} latents were given: pass the "
            "level below as well, and latents of the last"
        )
    found = causal_families(
        levels[-2],
        levels[-1],
        latents,
        branches=1,
        contexts=contexts,
        draws=draws,
        ranks=False,
        generator=torch.Generator().manual_seed(seed),
    )
    numbers = [
        [
            float(one[0]) if len(one) else _NAN
            for one in (family.chosen, family.drop, family.direction)
        ]
        + [float(family.random.mean()), _largest(family.random)]
        for family in found
    ]
    return BestParents(
        torch.tensor(latents),
        torch.tensor(
            [int(family.latent[0]) if len(family.latent) else -1 for family in found]
        ),
        torch.tensor([family.contexts for family in found]),
        *torch.tensor(numbers).T,
    )


def _grown(
    levels: Sequence[Level],
    roots: list[Node],
    branches: int,
    contexts: int,
    draws: int,
    generator: torch.Generator,
) -> list[Node]:
    """Nodes of one level, with all that lies below them."""
    if len(levels) == 1 or not roots:
        return roots
    found = causal_families(
        levels[-2],
        levels[-1],
        [node.latent for node in roots],
        branches=branches,
        contexts=contexts,
        draws=draws,
        generator=generator,
    )
    bare = [node for family in found for node in _bare(family, len(levels) - 2)]
    below = iter(_grown(levels[:-1], bare, branches, contexts, draws, generator))
    return [
        node._replace(
            contexts=family.contexts,
            activity=family.activity,
            parents=tuple(islice(below, len(family.latent))),
        )
        for node, family in zip(roots, found, strict=True)
    ]


def _bare(family: Family, level: int) -> list[Node]:
    """The parents in a family as nodes with nothing below."""
    return [
        Node(
            level,
            int(latent),
            chosen=float(family.chosen[n]),
            drop=float(family.drop[n]),
            direction=float(family.direction[n]),
            as_much=float(family.as_much[n]),
            random=float(family.random.mean()),
            random_largest=_largest(family.random),
        )
        for n, latent in enumerate(family.latent)
    ]


def _largest(values: Float[Tensor, " value"]) -> float:
    return float(values.max()) if len(values) else _NAN
