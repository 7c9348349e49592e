"""Capture and recapture: seeds as occasions, and a lower bound on the number of
features.

Nine seeds are nine visits to a lake: f_r features were caught on exactly r visits, and
f_0 is asked for. 2501.16615 sees a floor in its curve of orphans and fits a power law;
ecology has a lower bound that needs no model (Chao), and a model of unequal
catchability (`catchability`): read the bound first, the model second.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


class Clusters(NamedTuple):
    """Latents of all seeds joined into features."""

    label: Int[Tensor, "seed latent"]
    """Which feature each latent belongs to."""
    times: Int[Tensor, "feature"]
    """Seeds in which the feature was found."""
    members: Int[Tensor, "feature"]
    """Latents that were joined."""
    links: Int[Tensor, "feature"]
    """Pairs of them that are shared."""

    @property
    def clique(self) -> Bool[Tensor, "feature"]:
        """True where all members are shared with each other, one per seed: nothing was
        joined by a detour.
        """
        return (self.times == self.members) & (
            self.links * 2 == self.members * (self.members - 1)
        )

    def captures(self) -> Float[Tensor, "times"]:
        """f_r: number of features found in exactly r = 1, 2, ... seeds."""
        return torch.bincount(self.times - 1, minlength=len(self.label)).double()


def cluster(
    flags: Bool[Tensor, "seed seed latent"], partner: Int[Tensor, "seed seed latent"]
) -> Clusters:
    """Join every latent with the partners it is shared with: connected components over
    all seeds.

    The linking rule is the loosest one: two latents are one feature if a chain of
    shared pairs joins them. It can put two latents of one seed together (a feature
    found twice counts once); `clique` says how often no such detour was needed.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    seeds, _, width = flags.shape
    upper = torch.ones(seeds, seeds, dtype=torch.bool).triu(1)[:, :, None]
    s, t, i = (flags & upper & (partner >= 0)).nonzero().unbind(1)
    first, second = s * width + i, t * width + partner[s, t, i]
    nodes = seeds * width
    graph = coo_matrix(
        (np.ones(len(first)), (first.numpy(), second.numpy())), shape=(nodes, nodes)
    )
    count, label = connected_components(graph, directed=False)
    label = torch.from_numpy(label.astype(np.int64))
    held = torch.zeros(count, seeds, dtype=torch.bool)
    held[label, torch.arange(nodes) // width] = True
    members = torch.bincount(label, minlength=count)
    links = torch.bincount(label[first], minlength=count)
    return Clusters(label.view(seeds, width), held.sum(1), members, links)


class Bound(NamedTuple):
    """A lower bound on the number of features."""

    features: float
    """Estimated number, at least."""
    low: float
    """Lower end of its interval."""
    high: float
    """Upper end."""
    seen: float
    """Features found so far."""
    unseen: float
    """Features not found yet, at least."""


def chao(captures: Float[Tensor, "times"], *, level: float) -> Bound:
    """Chao's lower bound for incidence data: seen + (S - 1)/S f_1^2 / (2 f_2).

    Chao 1987 (Biometrics 43), with her variance and log-normal interval at confidence
    `level`; without any f_2 the bias-corrected (S - 1)/S f_1 (f_1 - 1)/2. No model of
    catchability is needed, and it is reached when all features are equally likely.
    One-off latents that are no features at all count as f_1 and inflate it.

    >>> found = chao(torch.tensor([40.0, 20.0, 10.0]), level=0.95)
    >>> found.seen, round(found.features, 1)
    (70.0, 96.7)
    """
    f1, f2, seen, seeds = (
        float(captures[0]),
        float(captures[1]),
        float(captures.sum()),
        len(captures),
    )
    factor = (seeds - 1) / seeds
    unseen = factor * (f1 * f1 / (2 * f2) if f2 > 0 else f1 * max(f1 - 1, 0) / 2)
    if not unseen > 0:
        return Bound(seen, seen, seen, seen, 0.0)
    from scipy.stats import norm

    ratio = f1 / f2 if f2 > 0 else f1
    scale = f2 if f2 > 0 else 1.0
    variance = scale * (
        factor / 2 * ratio**2 + factor**2 * ratio**3 + factor**2 / 4 * ratio**4
    )
    normal = norm.ppf((1 + level) / 2)
    spread = float(np.exp(normal * np.sqrt(np.log1p(variance / unseen**2))))
    return Bound(
        seen + unseen, seen + unseen / spread, seen + unseen * spread, seen, unseen
    )


class Census(NamedTuple):
    """How many features several seeds hold between them."""

    seen: int
    """Features found in any seed."""
    once: int
    """Found in one seed only."""
    again: int
    """Found in two seeds or more."""
    everywhere: int
    """Found in all seeds."""
    at_least: float
    """Chao's lower bound; counts one-offs as features."""
    cliques: float
    """Share of the features that no chain of detours was needed to join."""


def census(
    flags: Bool[Tensor, "seed seed latent"],
    partner: Int[Tensor, "seed seed latent"],
    *,
    level: float,
) -> Census:
    """Census of features: the counts of `cluster`, and Chao's bound on what they leave
    unseen (`level` is the confidence of its interval).
    """
    joined = cluster(flags, partner)
    captures = joined.captures()
    return Census(
        seen=int(captures.sum()),
        once=int(captures[0]),
        again=int(captures[1:].sum()),
        everywhere=int(captures[-1]),
        at_least=chao(captures, level=level).features,
        cliques=float(joined.clique.double().mean()),
    )
