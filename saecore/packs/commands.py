"""What `saecore pack` and `saecore zoo --from` do, and say."""

from collections.abc import Sequence
from pathlib import Path

from saecore.claims import all_recipes, sites
from saecore.packs.fetch import NoAnswer, fetched, is_address
from saecore.packs.release import NoRelease, pack_address
from saecore.packs.taking import take_pack
from saecore.packs.writing import write_pack
from saecore.profiles import Profile
from saecore.report import Claim

RELEASED = "release"
"""Said in place of a file or an address: what the latest release offers."""


def headline_pages() -> list[str]:
    """The pages with the claims' cards."""
    return [Path(Claim.read(name).notebook).name for name in Claim.names()]


def write(path: Path, profile: Profile, pages: Sequence[str]) -> str:
    """Write the SAEs that some pages ask for, by default all, and say what came of
    it.
    """
    zoo = sites.open_zoo(profile)
    done = write_pack(zoo, all_recipes.possible(zoo, profile, pages)[0], path)
    return (
        f"{path}: {_saes(done.number)} in float16, {done.size / 1e6:.0f} MB, sha256 "
        f"{done.sha256}"
    )


def take(said: str, profile: Profile) -> str:
    """Take the SAEs of a pack, a file or an address, and say what came of it.

    For "release" it is that of the latest release; if there is none, that is said, and
    no error.
    """
    if said != RELEASED:
        return _taken(said, profile)
    try:
        return _taken(pack_address(), profile)
    except NoRelease as none:
        return str(none)
    except NoAnswer as error:
        return f"no release with trained SAEs was found, so they are trained: {error}"


def _taken(said: str, profile: Profile) -> str:
    zoo = sites.open_zoo(profile)
    fetch = is_address(said)
    path = fetched(said, zoo.root / "packs") if fetch else Path(said)
    done = take_pack(zoo, path)
    if fetch:  # what it held lies in the zoo now
        path.unlink()
    parts = [f"{_saes(done.taken)} taken from pack {done.sha256[:12]}"]
    if done.there:
        parts.append(f"{done.there} were there")
    if done.other_build:
        parts.append(f"{done.other_build} left out: made for another saecore")
    return "; ".join(parts)


def _saes(number: int) -> str:
    return f"{number} SAE{'s' * (number != 1)}"
