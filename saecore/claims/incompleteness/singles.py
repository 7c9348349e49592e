"""Single insertions: latents of one SAE put into another one by one, beside the same
between two seeds.

Leask et al. (2502.04878), section 4.1 and figure 4. The decoder that is fitted anew
separates what is new from an amplitude that is too small.
"""

from itertools import pairwise
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from saecore.claims.incompleteness.between_seeds import Tables, Views, tables
from saecore.claims.incompleteness.held_out import HeldOut
from saecore.claims.incompleteness.verdict_numbers import (
    Small,
    over_rule,
    put_into,
    share_of,
    share_over_rule,
    smaller,
)
from saecore.measures.algebra.intervals import Interval
from saecore.measures.dictionary.encoded import (
    Encoded,
    mean_square,
    residual,
    variance,
)
from saecore.measures.stitching.cosine_proxy import max_cosine
from saecore.measures.stitching.insertion import Insertions, directed, insertions
from saecore.measures.stitching.novelty import Novelty, novelty
from saecore.report.ranged import mean

WidthPair = tuple[str, int, int]
"""Architecture, width of the smaller SAE, width of the larger."""


class Sizes(NamedTuple):
    """The SAEs on held-out rows, by architecture and width; means over seeds."""

    l0: dict[tuple[str, int], float]
    """Active latents per row."""
    unexplained: dict[tuple[str, int], float]
    """Fraction of variance unexplained."""
    live: dict[tuple[str, int], float]
    """Share of the latents that are active at all."""


def sizes_of(held: HeldOut) -> Sizes:
    """L0, fraction of variance unexplained and live latents of every SAE."""
    spread = variance(held.x)
    several = {
        (kind, width): some
        for kind, by_width in held.saes.items()
        for width, some in by_width.items()
    }

    def unexplained(one: Encoded) -> float:
        return mean_square(residual(one, held.x)) / spread

    def live(one: Encoded) -> float:
        return float((one.fired > 0).double().mean())

    return Sizes(
        *(
            {setting: mean(map(of, some)) for setting, some in several.items()}
            for of in (lambda one: one.l0, unexplained, live)
        )
    )


class SingleInsertions(NamedTuple):
    """Latents of one SAE inserted alone into another."""

    effects: Insertions
    """What each does to the error."""
    sure: Novelty
    """Which effects have a sure sign."""
    cosine: Float[Tensor, "latent"]
    """The largest cosine with the smaller SAE."""


def single_insertions(held: HeldOut) -> dict[str, SingleInsertions]:
    """Every latent alone, into seed 0 of the base pair: "wider" and "control" latents.

    They are those of seed 1, of the wider SAE and of the narrow one.
    """
    kind, u, v = held.base
    small, rule = held.seeds(kind, u)[0], held.rule
    found = {}
    for name, width in (("wider", v), ("control", u)):
        large = held.seeds(kind, width)[1]
        effects = insertions(small, large, held.x, together=held.together)
        sure = novelty(
            effects, fdr=rule["false_discovery_rate"], least=rule["least_firings"]
        )
        found[name] = SingleInsertions(effects, sure, max_cosine(small, large))
    return found


def width_pairs(held: HeldOut) -> list[WidthPair]:
    """The base pair, every step in width, and TopK for contrast."""
    steps = [("relu", u, v) for u, v in pairwise(held.widths)]
    return [held.base, *steps, held.contrast("topk")]


class NovelShares(NamedTuple):
    """Share of novel latents, by pair: over all pairs of seeds, with intervals."""

    wider: dict[WidthPair, Interval]
    """Latents of the wider SAE, put into the smaller one as it is."""
    control: dict[WidthPair, Interval]
    """Latents of an equally wide SAE of another seed."""
    excess: dict[WidthPair, Interval]
    """The first minus the second."""
    refit: dict[WidthPair, Interval]
    """As `wider`, with the smaller SAE's decoder fitted on the other half of the rows.
    """
    refit_control: dict[WidthPair, Interval]
    """As `control`, likewise."""
    refit_excess: dict[WidthPair, Interval]
    """The first of these minus the second."""


def novel_shares(held: HeldOut, pairs: list[WidthPair] | None = None) -> NovelShares:
    """Novel latents for every pair of widths, beside equal widths, before and after a
    refit of the smaller SAE's decoder.
    """
    pairs = pairs or width_pairs(held)
    found: dict[WidthPair, Tables] = {}
    for kind, u in dict.fromkeys((kind, u) for kind, u, _ in pairs):
        small = [smaller(held, one) for one in held.seeds(kind, u)]
        widths = [v for k, w, v in pairs if (k, w) == (kind, u)]
        for width in (u, *widths):
            larger = held.seeds(kind, width)
            found[kind, u, width] = _share_tables(held, small, larger)
    shares = NovelShares({}, {}, {}, {}, {}, {})
    for kind, u, v in pairs:
        wide, same = found[kind, u, v], found[kind, u, u]
        for way, into in (("plain", shares[:3]), ("refit", shares[3:])):
            into[0][kind, u, v] = share_over_rule(held, wide[way], trials=v)
            into[1][kind, u, v] = share_over_rule(held, same[way], trials=u)
            into[2][kind, u, v] = over_rule(held, wide[way] - same[way])
    return shares


class Longer(NamedTuple):
    """The narrowest SAE, trained longer: what it still lacks."""

    unexplained: tuple[float, float]
    """Fraction of variance unexplained, as it was and trained longer."""
    refit: Interval
    """Share of the wider SAE's latents that are novel to it, refit."""
    change: Interval
    """That share minus the one for the SAE trained as long as all others."""


def trained_longer(held: HeldOut) -> Longer:
    """Novel latents of the base pair where the narrow SAE was trained several times as
    long (`TIMES_AS_LONG`): a small SAE might only not have converged.
    """
    kind, u, v = held.base
    several, wide = (held.seeds(kind, u), list(held.longer)), held.seeds(kind, v)
    errors = [
        mean(mean_square(residual(one, held.x)) for one in some) / variance(held.x)
        for some in several
    ]
    short, long = (
        _share_tables(held, [smaller(held, one) for one in some], wide)["refit"]
        for some in several
    )
    return Longer(
        (errors[0], errors[1]),
        share_over_rule(held, long, trials=v),
        over_rule(held, long - short),
    )


def _share_tables(held: HeldOut, small: list[Small], larger: list[Encoded]) -> Tables:
    def of_pair(s: int, t: int) -> dict[str, Views]:
        several = put_into(held, small[s], larger[t])
        plain, refit = (share_of(held, one) for one in several)
        return {"plain": plain, "refit": refit}

    return tables(len(small), len(larger), of_pair)


class Factors(NamedTuple):
    """Live latents by the factor that would be best for their activations."""

    negative: float
    """Share with a factor below 0."""
    redundant: float
    """From 0 to 1/2: what the latent adds is less than half of what it should be."""
    short: float
    """From 1/2 to 1."""
    more: float
    """Above 1: the inserted latent is itself too small."""
    any_direction: float
    """Share that gains with its best decoder row, fitted on half of the rows and judged
    on the other."""


class Amplitude(NamedTuple):
    """What an inserted latent owes to amplitude."""

    shrinkage: dict[str, float]
    """By architecture: share by which the narrow SAE's own latents are too small."""
    factors: dict[tuple[str, str], Factors]
    """By architecture and "wider" or "control", seed 1 into seed 0."""


def amplitude(held: HeldOut) -> Amplitude:
    """Best factors of the inserted activations, and shrinkage of the narrowest SAEs."""
    factors = {}
    for kind in held.saes:
        _, u, v = held.contrast(kind)
        for name, width in (("wider", v), ("control", u)):
            large = held.seeds(kind, width)[1]
            factors[kind, name] = _factors(held, held.seeds(kind, u)[0], large)
    return Amplitude({kind: shrinkage(held, kind) for kind in held.saes}, factors)


def shrinkage(held: HeldOut, kind: str) -> float:
    """Shrinkage of the narrowest SAEs: the share by which their own latents are too
    small, E[a <d, r>] / E[a^2] |d|^2 summed over latents; the mean over seeds.
    """
    _, u, _ = held.contrast(kind)
    own = [insertions(one, one, held.x) for one in held.seeds(kind, u)]
    return mean(float(one.overlap.sum() / one.energy.sum()) for one in own)


def _factors(held: HeldOut, small: Encoded, large: Encoded) -> Factors:
    found, best = insertions(small, large, held.x), directed(small, large, held.x)
    factor, live = found.scale, found.live
    kinds = (
        factor < 0,
        (factor >= 0) & (factor < 0.5),
        (factor >= 0.5) & (factor <= 1),
        factor > 1,
        best.held_out < 0,
    )
    return Factors(*(float(kind[live].double().mean()) for kind in kinds))
