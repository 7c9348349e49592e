"""The verdicts of claims without a notebook: studies run, numbers judged."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from saecore.errors import MissedSparsity, Unsuited
from saecore.profiles import Profile
from saecore.report import Claim
from saecore.zoo.store import Zoo


def names() -> list[str]:
    """The claims of the book, in its order."""
    return Claim.names()


def verdicts(asked: Iterable[str], zoo: Zoo, profile: Profile) -> Iterator[Any]:
    """For each claim asked for and each of its subjects, the verdict as a page stores
    it; a sentence instead where the profile's language model does not suit the claim.

    What is missing in the zoo is trained. Raises ValueError for a name that is no
    claim.
    """
    asked = list(asked)
    if unknown := sorted(set(asked) - set(names())):
        raise ValueError(
            f"claims are {', '.join(names())}, but {', '.join(unknown)} was asked for: "
            "choose from these"
        )
    for name in asked:
        try:
            yield from _of_claim(name, zoo, profile)
        except (Unsuited, MissedSparsity) as refusal:
            yield f"{name}: not run on {profile.name}: {refusal}"


def _of_claim(name: str, zoo: Zoo, profile: Profile) -> Iterator[dict[str, Any]]:
    study = import_module(f"saecore.claims.{name}").study(zoo, profile)
    subjects = {"model": profile.name, "world": "world"}
    for subject, numbers in study.numbers.items():
        yield study.claim.judge(
            profile=subjects[subject], world_seed=profile.world_seed, numbers=numbers
        )
