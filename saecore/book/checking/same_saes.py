"""Is a page run here made of the very SAEs of the committed one? Only then can its
numbers be asked for to a few per cent.

Training is repeatable bit by bit on processors that round alike. On others the first
rounding that differs leads to other SAEs in the end, as another seed would.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from saecore import profiles
from saecore.claims import sites
from saecore.claims.by_page import PAGES, asked_by
from saecore.errors import ZooError
from saecore.profiles import Profile
from saecore.zoo.artefact import folder_of
from saecore.zoo.disk.note import read_note
from saecore.zoo.plan import everything_under
from saecore.zoo.store import Zoo


def artefacts_digest(page: str, zoo: Zoo, profile: Profile) -> str:
    """sha256 over the checksums of all artefacts that a page asks for, with the rows
    and texts under them; "" if one is not in the zoo.
    """
    every = everything_under(asked_by(page, zoo, profile))
    try:
        notes = [read_note(folder_of(zoo.root, one)) for one in every]
    except (ZooError, OSError):
        return ""
    parts = sorted((note["key"], sorted(note["files"].items())) for note in notes)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def digests_of(pages: Iterable[str], zoo: Zoo, profile: Profile) -> dict[str, str]:
    """`artefacts_digest` of each page that asks the zoo for something."""
    return {
        page: artefacts_digest(page, zoo, profile) for page in pages if page in PAGES
    }


def is_same(page: str, facts: dict[str, Any], zoo: Zoo, profile: Profile) -> bool:
    """Whether the zoo holds what a committed page was made of, by its provenance
    (`facts`).
    """
    stored = facts.get("artefacts", {}).get(page)
    return stored is None or stored == artefacts_digest(page, zoo, profile)


def made_of_others(facts: dict[str, Any]) -> list[str]:
    """The committed pages whose SAEs are not those of the zoo here."""
    profile = profiles.read("tiny")
    zoo = sites.open_zoo(profile)
    return [
        page
        for page in facts.get("artefacts", {})
        if not is_same(page, facts, zoo, profile)
    ]
