"""Shared latents: the share under each definition, the mean matched cosine, and, of
three SAEs or more of one width, in how many a latent is found.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch

from saecore.audit.measured.pairs import (
    EXACT_UP_TO,
    MEAN_COSINE_UP_TO,
    NULL_SAMPLE,
    ComparedPair,
    compared_pair,
)
from saecore.audit.numbers import AuditNumber, Null, number, strongest_null
from saecore.audit.weights import AuditedWeights
from saecore.measures.algebra.intervals import bootstrap, jackknife, wilson
from saecore.measures.seeds.many_seeds import SeedPairs, alone, appearances, histogram
from saecore.measures.seeds.matching import Definition, Matching, shared

READ_BY: dict[Definition, str] = {
    "same partner": "the same partner by decoder and by encoder, both cosines at least "
    "{0}",
    "decoder's partner": "both cosines with the decoder's partner above {0}",
    "both": "decoder and encoder cosine above {0}, each with its own partner",
    "decoder": "decoder cosine above {0}",
    "nearest": "both largest cosines above {0}, without one-to-one",
}
"""The definitions of "shared" that are reported: the four in circulation (S1 to S4),
and the control without one-to-one.
"""
BY_DECODER: tuple[Definition, ...] = ("decoder", "nearest")
ONE_PAIR = "over latents of this pair (Wilson); says nothing of other seeds"
OVER_ALL_SEEDS = "jackknife over SAEs taken as seeds"
_LATENTS = "bootstrap over latents of this pair; says nothing of other seeds"
_MEAN = "mean |cosine| of decoder rows, matched one to one by it (Song et al. 2025)"
_ALIGNED = "mean cosine of the matched decoder rows, with the sign"


class SharedFound(NamedTuple):
    """Shared latents of an SAE with each of several others."""

    numbers: list[AuditNumber]
    pairs: list[ComparedPair]
    """One for each of the others, in their order."""
    times: list[float]
    """Share of latents found in exactly 1, 2, ... SAEs; [] for fewer than three."""
    lonely: list[float]
    """Share found in no other, against how many are looked at."""
    told: str
    """How latents were paired, in a sentence."""


def shared_latents(
    one: AuditedWeights,
    others: Sequence[AuditedWeights],
    *,
    threshold: float,
    level: float,
    exact_up_to: int = EXACT_UP_TO,
) -> SharedFound:
    """Share of the latents of an SAE that each other SAE shares, by every definition,
    beside the strongest null, and PW-MCC.

    With two others or more of its width, whose best matchings can be found, all of them
    are taken as seeds and intervals are jackknife intervals over them; an interval of
    one pair is over latents. Raises ValueError where d_model differs.
    """
    pairs = [
        compared_pair(one, other, threshold=threshold, exact_up_to=exact_up_to)
        for other in others
    ]
    numbers: list[AuditNumber] = []
    for pair in pairs:
        numbers += _of_pair(pair, threshold, level)
    alike = [i for i, other in enumerate(others) if other.width == one.width]
    times, lonely = [], []
    if len(alike) > 1 and one.width <= exact_up_to:
        seeds = [one, *(others[i] for i in alike)]
        found = _all_pairs(seeds, [pairs[i] for i in alike], threshold)
        numbers += _of_seeds(found, [pairs[i] for i in alike], threshold, level)
        share = histogram(appearances(found.flags(_main(pairs[0]))))
        times, lonely = share.tolist(), alone(share).tolist()
        numbers += _found_again(found, _main(pairs[0]), pairs, level)
    return SharedFound(numbers, pairs, times, lonely, told_of(pairs))


def told_of(pairs: Sequence[ComparedPair]) -> str:
    """How latents were paired, and which limits that has."""
    told = []
    if any(pair.exact for pair in pairs):
        told.append(
            "Latents are paired by the best one-to-one matching, found exactly."
        )
    if not all(pair.exact for pair in pairs):
        told.append(
            "SAEs too wide for the best one-to-one matching (see --exact-up-to) are "
            "compared by mutual nearest neighbours instead, and their nulls on "
            f"{NULL_SAMPLE:,} latents; there the mean of absolute cosines (PW-MCC) is "
            "not given, and SAEs are not taken as seeds."
        )
    if any(pair.exact and pair.absolute is None for pair in pairs):
        told.append(
            f"PW-MCC is given up to {MEAN_COSINE_UP_TO:,} latents: its solver is dense."
        )
    if not all(pair.encoders for pair in pairs):
        told.append(
            "An SAE without encoder directions is compared by its decoder alone."
        )
    return " ".join(told)


def _main(pair: ComparedPair) -> Definition:
    return "same partner" if pair.encoders else "decoder"


def _of_pair(pair: ComparedPair, threshold: float, level: float) -> list[AuditNumber]:
    width, found = len(pair.matching.partner_dec), []
    for name, how in READ_BY.items():
        if not pair.encoders and name not in BY_DECODER:
            continue
        hits = int(pair.matching.flags(name).sum())
        found.append(
            number(
                "shared", f"shared ({name})", pair.of, wilson(hits, width, level=level),
                over=ONE_PAIR, null=pair.null(name),
                says=f"share of latents with {how.format(threshold)}",
            )
        )  # fmt: skip
    draw = torch.Generator().manual_seed(0)
    if pair.absolute is not None:
        mean = bootstrap(pair.absolute, generator=draw, level=level)
        null = strongest_null(
            [Null(x, name) for name, x in pair.absolute_nulls.items()]
        )
        found.append(
            number("shared", "PW-MCC", pair.of, mean, over=_LATENTS, null=null,
                   says=_MEAN)
        )  # fmt: skip
    mean = bootstrap(pair.matching.cosine_dec, generator=draw, level=level)
    null = strongest_null(
        [Null(mean_matched(x), name) for name, x in pair.nulls.items()]
    )
    found.append(
        number("shared", "matched cosine", pair.of, mean, over=_LATENTS, null=null,
               says=_ALIGNED)
    )  # fmt: skip
    return found


def mean_matched(found: Matching) -> float:
    """Mean cosine of matched decoder rows; where the best matching was not sought, the
    mean of the largest cosines, which it cannot exceed.
    """
    exact = not math.isnan(found.decoder.gap)
    cosines = found.cosine_dec if exact else found.decoder.nearest
    return float(cosines.double().mean())


def _all_pairs(
    seeds: Sequence[AuditedWeights], known: Sequence[ComparedPair], threshold: float
) -> SeedPairs:
    """Every SAE matched with every other; those with the first are known."""
    found = {(0, t): pair.matching for t, pair in enumerate(known, 1)}
    for s in range(1, len(seeds)):
        for t in range(s + 1, len(seeds)):
            found[s, t] = shared(
                seeds[s].dense(), seeds[t].dense(), threshold=threshold
            )
    back = {(t, s): matching.flip() for (s, t), matching in found.items()}
    return SeedPairs(found | back, len(seeds))


def _of_seeds(
    found: SeedPairs, pairs: Sequence[ComparedPair], threshold: float, level: float
) -> list[AuditNumber]:
    numbers, of = [], f"all pairs of {found.seeds} SAEs"
    for name, how in READ_BY.items():
        if not all(pair.encoders for pair in pairs) and name not in BY_DECODER:
            continue
        numbers.append(
            number(
                "shared", f"shared ({name})", of, found.share(name, level=level),
                over=OVER_ALL_SEEDS,
                null=strongest_null([pair.null(name) for pair in pairs]),
                says=f"share of latents with {how.format(threshold)}, mean over pairs",
            )
        )  # fmt: skip
    return numbers


def _found_again(
    found: SeedPairs, name: Definition, pairs: Sequence[ComparedPair], level: float
) -> list[AuditNumber]:
    """Share of latents found in one SAE alone, and in all."""
    flags, of = found.flags(name), f"{found.seeds} SAEs of one width"
    by_chance = max(pair.null(name).value for pair in pairs)
    others = found.seeds - 1

    def share(kept: list[int], times: int) -> float:
        counts = appearances(flags[kept][:, kept])
        wanted = times if times == 1 else len(kept)
        return float((counts == wanted).double().mean())

    nulls = {1: (1 - by_chance) ** others, 2: by_chance**others}
    says = {1: "in one SAE alone", 2: "in all SAEs"}
    return [
        number(
            "shared", f"found {says[times]}", of,
            jackknife(lambda kept, t=times: share(kept, t), found.seeds, level=level),
            over=OVER_ALL_SEEDS,
            null=Null(nulls[times], "as if latents came back by chance, independently"),
            says=f"share of latents that are found {says[times]} (definition: {name})",
        )
        for times in (1, 2)
    ]  # fmt: skip
