"""The card's number at other cosines from which a latent is shared."""

from collections.abc import Sequence

from saecore.claims.seed_dependence.base import BaseSeeds
from saecore.claims.seed_dependence.chance import null_generator, shared_by_chance
from saecore.claims.seed_dependence.headline import SubjectShares, excess_of
from saecore.claims.seed_dependence.nine_seeds import found_alone
from saecore.measures.seeds.many_seeds import SeedPairs
from saecore.report import RuleMoved, SliderAxis

SHARED_COSINES = tuple(place / 100 for place in range(50, 95, 5))
"""Where the cosine goes."""
COSINE_SAYS = "least cosine of a shared latent"


def moved_cosine(
    subject: SubjectShares, cosines: Sequence[float] = SHARED_COSINES
) -> RuleMoved:
    """The share of two seeds, its null and their difference at each cosine; no latent
    is matched anew but those of the nulls, which are drawn alike.
    """
    book = subject.base.cosine
    values = sorted({*cosines, book})
    points = [_point(_at(subject.base, cosine)) for cosine in values]
    return RuleMoved([SliderAxis(COSINE_SAYS, values, book)], points, ["differ"])


def _at(base: BaseSeeds, cosine: float) -> BaseSeeds:
    """The base setting where latents are shared from another cosine on."""
    matchings = {
        pair: one._replace(threshold=cosine)
        for pair, one in base.pairs.matchings.items()
    }
    claim = base.claim.moved(cosine=cosine)
    return base._replace(claim=claim, pairs=SeedPairs(matchings, base.pairs.seeds))


def _point(base: BaseSeeds) -> dict[str, tuple[float, float, float]]:
    chance = shared_by_chance(base, generator=null_generator())
    return {
        "shared": base.pairs.share(level=base.confidence).triple,
        "shared_null": chance.largest.triple,
        "shared_excess": excess_of(base, chance).triple,
        "alone": found_alone(base).triple,
    }
