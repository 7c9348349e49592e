"""What decides the claim: scores of SAE latents over seeds, of the other bases, and of
the controls.

>>> found = study(zoo, profile)                                    # doctest: +SKIP
>>> found.claim.judge(..., numbers=found.numbers["model"])         # doctest: +SKIP
"""

from typing import NamedTuple

from saecore.claims.interpretability.compared import (
    AllExplained,
    ComparedBases,
    all_explained,
    compared_bases,
)
from saecore.claims.interpretability.explainer import Explainer, explainer
from saecore.claims.interpretability.judged import LeadNumbers, scores_and_leads
from saecore.profiles import Profile
from saecore.report import Claim
from saecore.zoo.store import Zoo


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
    compared: ComparedBases
    """The dictionaries."""
    of: AllExplained
    """Explanations and scores of them and of the controls."""
    numbers: dict[str, LeadNumbers]
    """For the subject "model", what `Claim.judge` asks for."""


def study(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Study:
    """The study of the claim that SAE latents are easier to explain than other bases
    (Cunningham et al. 2309.08600): everything that its verdict needs, and no more.

    Shows nothing. Makes what the zoo lacks. Raises ValueError where a language model's
    texts are too short, or too few latents fire to be explained.
    """
    claim = claim or Claim.read("interpretability")
    reader, dictionaries = explainer(zoo, profile, claim), compared_bases(zoo, profile)
    found = all_explained(reader, dictionaries, profile)
    numbers = scores_and_leads(found, level=claim.constants["confidence"])
    return Study(claim, profile, zoo, reader, dictionaries, found, {"model": numbers})
