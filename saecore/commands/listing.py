"""`saecore list`: what the notebooks ask for, and what is trained."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from saecore.claims import all_recipes, by_page, sites
from saecore.profiles import Profile
from saecore.zoo.language_models import written_twin


class AskedArtefact(NamedTuple):
    """One artefact that notebooks ask for."""

    state: str
    """"trained" or "missing"."""
    kind: str
    """Its folder in the zoo."""
    slug: str
    """Its name for people."""
    bytes: int
    """On the disk; 0 while it is missing."""


def asked_artefacts(
    profile: Profile,
    *,
    pages: Sequence[str] = (),
    state: str = "",
    kinds: Sequence[str] = (),
) -> list[AskedArtefact]:
    """What some pages ask for, by default every SAE of the book, of one state and some
    kinds, by default of all. Writes nothing.
    """
    held = {one.recipe: one.size for one in sites.open_zoo(profile).list()}
    found = [
        AskedArtefact(
            "trained" if recipe in held else "missing",
            recipe.folder,
            recipe.slug,
            held.get(recipe, 0),
        )
        for recipe in _recipes(profile, pages)
    ]
    return [
        one
        for one in found
        if state in ("", one.state) and (not kinds or one.kind in kinds)
    ]


def _recipes(profile: Profile, pages: Sequence[str]) -> list[Any]:
    if not pages:
        return all_recipes.all_recipes(profile, written=True)
    zoo = sites.open_zoo(profile)
    blank = written_twin(profile.folder, root=zoo.root)
    several = (by_page.asked_by(page, zoo, profile, blank=blank) for page in pages)
    return list(dict.fromkeys(recipe for one in several for recipe in one))


def as_lines(found: Iterable[AskedArtefact]) -> list[str]:
    """A line each, and the totals."""
    found = list(found)
    states = Counter(one.state for one in found)
    size = sum(one.bytes for one in found) / 1e6
    total = (
        f"{len(found)} in all: {states['trained']} trained ({size:,.0f} MB), "
        f"{states['missing']} missing"
    )
    return [*(f"{one.state}  {one.slug}" for one in found), total]


def listed_json(found: Iterable[AskedArtefact]) -> str:
    """The same for programs."""
    return json.dumps([one._asdict() for one in found], indent=1)
