"""Appearances of a latent in many seeds: in how many of the others does it come back?

`flags[s, t, i]` says that latent i of seed s is shared with seed t; sharing is pairwise
with the base seed s, as in 2501.16615 (Fig 2), and need not be consistent from seed to
seed (`triple_consistency`).
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.algebra.intervals import Interval
from saecore.measures.seeds.matching import Definition, Matching, shared
from saecore.measures.seeds.shares import share_over_pairs
from saecore.shapes import LinearEncoder


class SeedPairs(NamedTuple):
    """Every seed compared with every other."""

    matchings: Mapping[tuple[int, int], Matching]
    """By (s, t), in both orders; (t, s) is (s, t) seen from t."""
    seeds: int
    """Number of dictionaries."""

    def table(self, number: Callable[[Matching], float]) -> Float[Tensor, "seed seed"]:
        """One number per pair, NaN on the diagonal; `over_pairs` gives its mean and
        interval.
        """
        values = torch.full((self.seeds, self.seeds), torch.nan, dtype=torch.float64)
        for (s, t), matching in self.matchings.items():
            values[s, t] = number(matching)
        return values

    def share(
        self, definition: Definition = "same partner", *, level: float
    ) -> Interval:
        """Share of shared latents, the mean over pairs, with its interval over
        seeds.
        """
        table = self.table(lambda matching: matching.share(definition))
        return share_over_pairs(table, trials=self.seeds * self._width(), level=level)

    def flags(
        self, definition: Definition = "same partner", *, threshold: float | None = None
    ) -> Bool[Tensor, "seed seed latent"]:
        """Which latents of seed s are shared with seed t; a seed shares all with
        itself.
        """
        found = torch.ones(self.seeds, self.seeds, self._width(), dtype=torch.bool)
        for (s, t), matching in self.matchings.items():
            found[s, t] = matching.flags(definition, threshold=threshold)
        return found

    def partners(self) -> Int[Tensor, "seed seed latent"]:
        """Latent of seed t that the decoders pair with latent i of seed s."""
        partner = torch.arange(self._width()).repeat(self.seeds, self.seeds, 1)
        for (s, t), matching in self.matchings.items():
            partner[s, t] = matching.partner_dec
        return partner

    def _width(self) -> int:
        widths = {len(matching.partner_dec) for matching in self.matchings.values()}
        if len(widths) != 1:
            raise ValueError(
                "seeds are counted over dictionaries of one width, got widths "
                f"{sorted(widths)}"
            )
        return widths.pop()


def pairwise(dictionaries: Sequence[LinearEncoder], *, threshold: float) -> SeedPairs:
    """All pairs of dictionaries matched, each pair once. Raises ValueError for fewer
    than two.
    """
    if len(dictionaries) < 2:
        raise ValueError(
            f"pairs need at least 2 dictionaries, got {len(dictionaries)}; train more "
            "seeds"
        )
    matchings = {}
    for s, a in enumerate(dictionaries):
        for t in range(s + 1, len(dictionaries)):
            matchings[s, t] = shared(a, dictionaries[t], threshold=threshold)
            matchings[t, s] = matchings[s, t].flip()
    return SeedPairs(matchings, len(dictionaries))


def appearances(flags: Bool[Tensor, "seed seed latent"]) -> Int[Tensor, "seed latent"]:
    """Appearances: in how many seeds each latent is found, its own included, so 1 to
    the number of seeds.
    """
    own = torch.eye(len(flags), dtype=torch.bool)[:, :, None]
    return (flags | own).sum(1)


def histogram(
    counts: Int[Tensor, "seed latent"], *, seeds: int | None = None
) -> Float[Tensor, "times"]:
    """Histogram of appearances: share of latents that appear in exactly 1, 2, ...
    seeds, the mean over base seeds (float64).

    Published for nine seeds of a 32,768-wide TopK SAE: .348, .078, .064, .060, .059,
    .063, .069, .087, .173 (2501.16615, donut figure). One row of `counts` gives one
    base seed; then say how many `seeds` there are.
    """
    times = len(counts) if seeds is None else seeds
    if int(counts.min()) < 1 or int(counts.max()) > times:
        raise ValueError(
            f"appearances must lie between 1 and {times} (the seeds), got "
            f"{int(counts.min())} to {int(counts.max())}; give counts that include the "
            "latent's own seed"
        )
    return (
        torch.bincount(counts.flatten() - 1, minlength=times).double() / counts.numel()
    )


def alone(share: Float[Tensor, "times"]) -> Float[Tensor, "seeds"]:
    """Curve of orphans: expected share of latents found in no other seed, against how
    many seeds are looked at.

    Entry K - 1 is for a base seed and K - 1 others drawn at random from the S - 1: a
    latent that appears in r of the S is missed with probability C(S - r, K - 1) / C(S -
    1, K - 1) (hypergeometric). So alone_K = sum_r share_r C(S - r, K - 1) / C(S - 1, K
    - 1): exact, where 2501.16615 averages 20 random draws. From 1 (K = 1) to share_1 (K
    = S). `share` is what `histogram` returns.
    """
    from scipy.special import comb

    seeds = len(share)
    appears = torch.arange(1, seeds + 1)
    draws = torch.arange(seeds)[:, None]
    missed = torch.from_numpy(
        comb((seeds - appears).numpy(), draws.numpy()) / comb(seeds - 1, draws.numpy())
    )
    return missed @ share.double()


class PowerLaw(NamedTuple):
    """alone_K = floor + scale K^exponent."""

    floor: float
    """Share of latents that would never be found again."""
    scale: float
    """Height of the part that falls."""
    exponent: float
    """Negative."""
    residual: float
    """Largest absolute error of the fit."""


def power_law(curve: Float[Tensor, "seeds"]) -> PowerLaw:
    """Least-squares power law with offset through the curve of `alone`, K = 2 to S
    (2501.16615, code).

    An extrapolation by shape alone; `catchability` derives the floor from how often
    latents come back. For every exponent the other two are linear, so only the exponent
    is searched. Raises ValueError for fewer than 4 seeds.
    """
    from scipy.optimize import minimize_scalar

    if len(curve) < 4:
        raise ValueError(
            "three numbers are fitted to K = 2..S, which needs 4 seeds, got "
            f"{len(curve)}"
        )
    seeds = torch.arange(2, len(curve) + 1, dtype=torch.float64)
    y = curve[1:].double()

    def solve(exponent: float) -> tuple[Tensor, Tensor]:
        basis = torch.stack([torch.ones_like(seeds), seeds**exponent], 1)
        weights = torch.linalg.lstsq(basis, y[:, None]).solution
        return weights[:, 0], (basis @ weights)[:, 0] - y

    best = minimize_scalar(
        lambda e: float(solve(e)[1].square().sum()),
        bounds=(-8, -0.01),
        method="bounded",
    )
    exponent = float(best["x"])  # type: ignore[index]
    (floor, scale), error = solve(exponent)
    return PowerLaw(float(floor), float(scale), exponent, float(error.abs().max()))


def triple_consistency(partner: Int[Tensor, "seed seed latent"]) -> float:
    """Triple consistency of matchings: share of latents for which going from seed r to
    s to t arrives where going from r to t does.

    Mean over ordered triples of seeds, of the one-to-one partners at any cosine: 1 for
    matchings that are permutations of one dictionary, 1/width by chance. A pair that is
    missing is -1 throughout and is left out with its triples; so are latents that lack
    a partner on the way. .523 for the published decoder matchings of nine seeds. Raises
    ValueError without a complete triple.
    """
    present = (partner >= 0).any(2)
    values = [
        _consistent(partner[r, s], partner[s, t], partner[r, t])
        for r, s, t in permutations(range(len(partner)), 3)
        if present[r, s] and present[s, t] and present[r, t]
    ]
    if not values:
        raise ValueError(
            "triple consistency needs three seeds with all their pairs, got "
            f"{len(partner)} seeds"
        )
    return sum(values) / len(values)


def _consistent(first: Tensor, second: Tensor, direct: Tensor) -> float:
    through = torch.where(first >= 0, second[first], -1)
    valid = (through >= 0) & (direct >= 0)
    return float((through == direct)[valid].double().mean())
