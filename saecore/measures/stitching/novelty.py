"""Novel latents, which surely lower a dictionary's error, and redundant ones, which
surely raise it.

Leask et al. (2502.04878, section 4.1) take the sign of the effect alone. Here a sign is
stated at a false discovery rate over all latents. What `insertion` and `families.swaps`
find is judged by the same test.
"""

import math
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


@runtime_checkable
class TestedEffects(Protocol):
    """Changes of an error with what it takes to test their signs, as `Insertions`."""

    @property
    def effect(self) -> Float[Tensor, "latent"]: ...
    @property
    def standard_error(self) -> Float[Tensor, "latent"]: ...
    @property
    def fired(self) -> Int[Tensor, "latent"]: ...


class Novelty(NamedTuple):
    """Which effects have a sure sign, at the false discovery rate asked for."""

    novel: Bool[Tensor, "latent"]
    """Surely lowers the error."""
    redundant: Bool[Tensor, "latent"]
    """Surely raises it."""

    @property
    def undecided(self) -> Bool[Tensor, "latent"]:
        """Neither: too few firings, or an effect within its noise."""
        return ~(self.novel | self.redundant)


def novelty(found: TestedEffects, *, fdr: float, least: float) -> Novelty:
    """Novel and redundant latents: false discovery rate control of effects and signs.

    z = effect / standard error, two-sided normal p-values, Benjamini and Hochberg
    (1995) at the rate `fdr` over the latents that fired on at least `least` rows, below
    which a normal approximation says nothing. The sign of a rejected hypothesis is that
    of its effect, whose rate of wrong signs is bounded too (Benjamini and Yekutieli
    2005). The paper takes the sign alone. Raises ValueError for a rate outside 0 to 1.
    """
    from scipy.stats import false_discovery_control

    if not 0 <= fdr <= 1:
        raise ValueError(
            f"a false discovery rate lies between 0 and 1, got {fdr}: give a share"
        )
    effect, error = found.effect, found.standard_error
    tested = (found.fired >= least) & (error > 0)
    sure = torch.zeros_like(tested)
    if tested.any():
        p = torch.erfc((effect[tested] / error[tested]).abs() / math.sqrt(2))
        sure[tested] = torch.as_tensor(
            false_discovery_control(p.cpu().numpy()) <= fdr, device=p.device
        )
    return Novelty(sure & (effect < 0), sure & (effect > 0))
