"""The runs that were named before they were made: three world seeds, the third drawn
from the rules themselves.

The commit that fixes the rules in book/claims.toml writes book/seeds.toml beside them:
the sha256 of that file, the seeds 0, 7 and one made of the digits of the sha256, which
nobody can choose. A part that was written after numbers of seed 0 or 7 were known gets
its verdict from the third.
"""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from saecore.report.paths import claims_file, seeds_file

KNOWN_SEEDS = (0, 7)
"""World seeds that the book was written with."""
JUDGES = ("constants", "parts")
"""What of a claim moves its verdict."""
PART_JUDGES = ("name", "core", "conditions", "gate")
"""What of a part does."""


class Registration(NamedTuple):
    """The seeds, and the rules for which they were named."""

    seeds: tuple[int, ...]
    """World seeds that are run whole; the last is that of the registered run."""
    claims: str
    """sha256 of book/claims.toml in the commit that fixed the rules."""
    rules: str
    """sha256 of what in it moves a verdict."""

    @property
    def judge(self) -> int:
        """The world seed of the registered run."""
        return self.seeds[-1]


def registration(path: Path | None = None) -> Registration | None:
    """What book/seeds.toml states; None without the file."""
    path = path or seeds_file()
    if not path.is_file():
        return None
    stated = tomllib.loads(path.read_text(encoding="utf-8"))
    seeds = tuple(stated["seeds"])
    return Registration(seeds, stated["claims_sha256"], stated["rules_sha256"])


def registered(claims: bytes) -> Registration:
    """The registration that belongs to a claims.toml with these contents."""
    digest = hashlib.sha256(claims).hexdigest()
    return Registration((*KNOWN_SEEDS, seed_of(digest)), digest, rules_digest(claims))


def seed_of(digest: str) -> int:
    """A world seed of four digits from the first eight of a sha256."""
    return int(digest[:8], 16) % 10_000


def rules_digest(claims: bytes) -> str:
    """sha256 of all that moves a verdict: constants, conditions, gates, core parts.

    A spelling mistake in a sentence may be mended without a new registration.
    """
    stated = tomllib.loads(claims.decode())
    rules = {name: _judging(claim) for name, claim in stated.items()}
    return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()


def _judging(claim: dict[str, Any]) -> dict[str, Any]:
    kept = {name: claim.get(name) for name in JUDGES}
    parts = [{name: part.get(name) for name in PART_JUDGES} for part in claim["parts"]]
    return kept | {"parts": parts}


def registered_verdict(claim: str, profile: str) -> dict[str, Any] | None:
    """A claim's verdict in the registered run, and that of its parts, from the
    committed results; None where there is none.
    """
    stated = registration()
    if stated is None:
        return None
    path = seeds_results() / str(stated.judge) / profile / f"{claim}.json"
    if not path.is_file():
        return None
    twin = json.loads(path.read_text(encoding="utf-8"))
    parts = {part["name"]: part["verdict"] for part in twin["parts"]}
    found = {"world_seed": stated.judge, "verdict": twin["verdict"]}
    return found | {"parts": parts}


def seeds_results() -> Path:
    """The folder of results by world seed: <seed>/<profile>/<claim>.json."""
    return claims_file().parent / "results" / "seeds"


def as_toml(stated: Registration) -> str:
    """The contents of book/seeds.toml."""
    return (
        "# World seeds that are run whole, named by the commit that fixed the rules\n"
        "# in claims.toml. The last is made of the sha256 of that file: a part that\n"
        "# was written after numbers of the others were known is judged by it.\n"
        "# Written by `saecore register`, run by `make book-full`.\n"
        f"seeds = {list(stated.seeds)}\n"
        f'claims_sha256 = "{stated.claims}"\n'
        f'rules_sha256 = "{stated.rules}"\n'
    )
