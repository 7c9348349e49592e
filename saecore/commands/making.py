"""`saecore zoo` and `saecore pack`: SAEs trained, taken, and written into a pack."""

import argparse
from collections.abc import Sequence

from saecore import profiles
from saecore.book import one_page
from saecore.report.paths import ReportError


def zoo(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Make what is missing, so that the notebooks find it."""
    if options.no_training and options.pack is None:
        raise ReportError("--no-training takes from a pack: say --from as well")
    names = pages_named(options.only)
    if options.pack is not None:
        from saecore.packs import commands

        print(f"   {commands.take(options.pack, profile)}", flush=True)
    if not options.no_training:
        make_asked(profile, names)


def pack(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Write what some pages ask for, or all, into a pack."""
    from saecore.packs import commands

    if options.only and options.headlines:
        raise ReportError("--only and --headlines exclude each other: say one of them")
    named = commands.headline_pages() if options.headlines else options.only
    print(f"   {commands.write(options.file, profile, pages_named(named))}")


def pages_named(said: Sequence[str]) -> list[str]:
    """The names of pages from their beginnings."""
    from saecore.claims import by_page

    return [one_page.completed(name, by_page.PAGES) for name in said]


def make_asked(profile: profiles.Profile, names: Sequence[str]) -> None:
    """Make what some pages ask for, or all; what that costs is said before.

    What a model of the user's own cannot give ends no run: each page makes what it
    still needs, or says why it cannot. What the disk cannot take does.
    """
    from saecore.errors import MissedSparsity, ZooError

    try:
        _made(profile, names)
    except MissedSparsity as refusal:  # all others are made by then
        if profile.folder == profiles.TINY:
            raise
        print(f"   left out: {refusal}")
    except Exception as error:
        if profile.folder == profiles.TINY or isinstance(error, ZooError):
            raise
        reason = f"{type(error).__name__}: {error}"
        print(f"   not all was made ({reason}): the pages make it, or say why not")


def _made(profile: profiles.Profile, names: Sequence[str]) -> None:
    from saecore.claims import all_recipes, sites
    from saecore.zoo.estimate import estimate

    zoo = sites.open_zoo(profile)
    wanted, left_out = all_recipes.possible(zoo, profile, names)
    if left_out:
        print(f"   {left_out}")
    whose = ", ".join(names or ["all pages"])
    print(f"   {whose}: {estimate(zoo, wanted)}", flush=True)
    zoo.make(wanted)
