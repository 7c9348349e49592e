"""Many latents at once: do novel latents help together as they do one by one?

Leask et al. (2502.04878), appendix A.5 and figure 15: all latents below a cosine, in
random order. The greedy order is this book's.
"""

from itertools import pairwise
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from saecore.claims.incompleteness.between_seeds import all_novel
from saecore.claims.incompleteness.headline import STRANGERS_SEED, Measure
from saecore.claims.incompleteness.held_out import HeldOut
from saecore.claims.incompleteness.singles import WidthPair
from saecore.measures.dictionary.encoded import Encoded, residual
from saecore.measures.stitching.cosine_proxy import max_cosine
from saecore.measures.stitching.curves import curve
from saecore.measures.stitching.insertion import insertions
from saecore.measures.stitching.orders import at_random, greedy
from saecore.measures.stitching.overcount import Overcount, overcount


class Joined(NamedTuple):
    """Latents of one SAE that join another, one by one and all at once.

    Changes are relative to the error of the SAE that they join.
    """

    random: Float[Tensor, "step"]
    """Change of the error with the latents below the cosine, in random order."""
    greedy: Float[Tensor, "other"]
    """Change of the error when each next latent is the one that helps most."""
    gains: Float[Tensor, "pick"]
    """Change of the error, not relative, by each latent of the greedy order."""
    interaction: float
    """Share of what the latents of the greedy order do alone that is lost together."""
    helpers: int
    """Latents that lower the error alone."""
    sum_of_effects: float
    """The sum of what these do alone."""
    at_once: float
    """What they do all at once."""


def together(held: HeldOut) -> dict[tuple[str, str], Joined]:
    """All novel latents: random and greedy orders, seed 1 into seed 0.

    By architecture, and where the latents are from: "from 640", or "control".
    """
    joined = {}
    generator = torch.Generator().manual_seed(STRANGERS_SEED)
    for kind in held.saes:
        _, u, v = held.contrast(kind)
        for name, width in ((f"from {v}", v), ("control", u)):
            small, large = held.seeds(kind, u)[0], held.seeds(kind, width)[1]
            joined[kind, name] = _joined(held, small, large, generator)
    return joined


class Doubling(NamedTuple):
    """All latents of one doubling of the width, by the cosine."""

    novel: Overcount
    """Those that are novel by it."""
    others: float
    """Change of the error by all others together: the paper's reconstruction latents.
    """


def doublings(held: HeldOut) -> dict[WidthPair, Doubling]:
    """All latents that are novel by the cosine, at every doubling of the ReLU SAEs:
    what they do alone and what they add twice; seed 1 into seed 0.
    """
    found = {}
    for u, v in pairwise(held.widths):
        small, large = held.seeds("relu", u)[0], held.seeds("relu", v)[1]
        below = max_cosine(small, large) <= held.rule["cosine"]
        rest = residual(small, held.x)
        novel, others = (overcount(large, rest, one) for one in (below, ~below))
        found["relu", u, v] = Doubling(novel, others.together)
    return found


def all_below(held: HeldOut) -> Measure:
    """`all_novel` at the rule's cosine, as a function of two SAEs."""
    return lambda a, b: float(all_novel(a, b, held.x, threshold=held.rule["cosine"])[0])


def _joined(
    held: HeldOut, small: Encoded, large: Encoded, generator: Generator
) -> Joined:
    x, effects = held.x, insertions(small, large, held.x)
    below = max_cosine(small, large) <= held.rule["cosine"]
    order, best = at_random(below, generator=generator), greedy(small, large, x)
    helpers = effects.effect < 0
    at_once = torch.where(helpers, 0, -1)
    return Joined(
        _relative(curve(small, large, x, insert=order).fixed),
        _relative(curve(small, large, x, insert=best.steps(large.width)).fixed),
        best.effect,
        best.interaction,
        int(helpers.sum()),
        float(effects.relative[helpers].sum()),
        float(_relative(curve(small, large, x, insert=at_once, steps=1).fixed)[1]),
    )


def _relative(error: Float[Tensor, "step"]) -> Float[Tensor, "step"]:
    return error / error[0] - 1
