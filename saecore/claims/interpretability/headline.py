"""What decides the claim: scores of SAE latents over seeds, of the other bases, and of
explanations that were swapped.

>>> found = study(zoo, profile)                                    # doctest: +SKIP
>>> found.claim.judge(..., numbers=found.numbers["model"])         # doctest: +SKIP
"""

from collections.abc import Sequence
from typing import NamedTuple

from saecore.claims.interpretability.bases import bases
from saecore.claims.interpretability.explainer import Explainer, explainer
from saecore.claims.interpretability.grid import frontier
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.measures.explaining.interpretability import Autointerp
from saecore.profiles import Profile, WorldProfile
from saecore.report import Claim
from saecore.zoo.sae import SAE
from saecore.zoo.store import Zoo

STRONGEST = "ICA"
"""The basis that the claim names on its own."""


class Compared(NamedTuple):
    """The dictionaries that the claim compares, on the base site of the profile."""

    base: list[SAE]
    """TopK at the base setting, by seed."""
    bases: dict[str, list[SAE]]
    """The other bases by name: one, or one per draw."""
    k: int
    """Active latents per row in the base setting."""


class Study(NamedTuple):
    """The claim with the numbers that decide it, and what its sections start from."""

    claim: Claim
    """The claim, whose constants were read."""
    profile: Profile
    """The language model, and the sizes of the run."""
    zoo: Zoo
    """Where dictionaries come from."""
    explainer: Explainer
    """The texts, and how latents are explained on them."""
    compared: Compared
    """The dictionaries."""
    of_base: list[Autointerp]
    """Explanations and scores of the base SAEs, by seed."""
    of_bases: dict[str, list[Autointerp]]
    """Those of the other bases, by name and draw."""
    score: Interval
    """Mean simulation score of the base SAEs, over seeds."""
    swapped: Interval
    """The same under the explanations of other latents."""
    by_basis: dict[str, Interval]
    """Mean simulation score of every other basis: over draws, or over its latents."""
    numbers: dict[str, dict[str, tuple[float, float, float]]]
    """For the subject "model", what `Claim.judge` asks for."""


def study(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Study:
    """The study of the claim that SAE latents are easier to explain than other bases
    (Cunningham et al. 2309.08600): everything that its verdict needs, and no more.

    Shows nothing. Makes what the zoo lacks. Raises ValueError where a language model's
    texts are too short, or too few latents fire to be explained.
    """
    claim = claim or Claim.read("interpretability")
    reader, dictionaries = explainer(zoo, profile, claim), compared(zoo, profile)
    of_base = [reader.explained(one) for one in dictionaries.base]
    of_bases = {
        name: [reader.explained(one) for one in drawn]
        for name, drawn in dictionaries.bases.items()
    }
    level = claim.constants["confidence"]
    score = over_seeds([one.score for one in of_base], level=level)
    swapped = over_seeds([one.null for one in of_base], level=level)
    by_basis = {name: mean_of_draws(of, level=level) for name, of in of_bases.items()}
    numbers = {
        "score": score.triple,
        "score_bases": best_but_strongest(by_basis).triple,
        "score_ica": by_basis[STRONGEST].triple,
        "score_swapped": swapped.triple,
    }
    return Study(
        claim, profile, zoo, reader, dictionaries, of_base, of_bases,
        score, swapped, by_basis, {"model": numbers},
    )  # fmt: skip


def compared(zoo: Zoo, profile: Profile) -> Compared:
    """The base SAEs and the bases that they are compared with, from the zoo."""
    base, asked = frontier(profile).base, bases(profile, WorldProfile()).model
    kept = zoo.get_all([*base, *(one for drawn in asked.values() for one in drawn)])
    return Compared(
        [kept[one] for one in base],
        {name: [kept[one] for one in drawn] for name, drawn in asked.items()},
        int(base[0].k),
    )


def mean_of_draws(drawn: Sequence[Autointerp], *, level: float) -> Interval:
    """Mean simulation score of one basis: over its draws where there are several, else
    over the latents of the one.
    """
    if len(drawn) == 1:
        return drawn[0].simulation.mean
    return over_seeds([one.score for one in drawn], level=level)


def best_but_strongest(by_basis: dict[str, Interval]) -> Interval:
    """The largest mean among the bases but independent components, which the claim
    names on their own.
    """
    others = (one for name, one in by_basis.items() if name != STRONGEST)
    return max(others, key=lambda interval: interval.estimate)
