"""`saecore explore`, `doctor`, `list` and `version`: they look and change nothing."""

import argparse
import json

from saecore import __version__, profiles
from saecore.commands.making import make_asked, pages_named
from saecore.report.paths import checkout


def explore(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Open or serve the explorer; what it shows is made first."""
    from saecore.commands.explore import opened_page, served
    from saecore.commands.run import explorer_page
    from saecore.zoo.store import default_root

    make_asked(profile, ["explorer"])
    root = checkout()
    folder = root / "_build" / "page" if root else default_root() / "page"
    page, browser = explorer_page(profile, folder), not options.no_browser
    if options.serve is None:
        print(f"   the explorer: {opened_page(page, browser=browser)}")
    else:
        served(page, options.serve, browser=browser)


def doctor(options: argparse.Namespace, profile: profiles.Profile) -> int:
    """Say whether the book can be made here. 1 if it cannot."""
    from saecore.commands.doctor import checked_json, checked_text, examined

    found = examined(profile, beyond=not options.no_network)
    print(checked_json(found) if options.json else checked_text(found))
    return int(any(one.state == "problem" for one in found))


def list_(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """One line per SAE that the notebooks ask for, and whether it is trained. Writes
    nothing.
    """
    from saecore.commands.listing import as_lines, asked_artefacts, listed_json

    pages = pages_named(options.only)
    found = asked_artefacts(
        profile, pages=pages, state=options.state, kinds=options.kind
    )
    print(listed_json(found) if options.json else "\n".join(as_lines(found)))


def print_version(options: argparse.Namespace, profile: None) -> None:
    """The version alone, or as JSON with what the numbers rest on."""
    from saecore.commands.doctor import versions

    print(json.dumps(versions(), indent=1) if options.json else __version__)
