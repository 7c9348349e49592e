"""The command line: `saecore {zoo,pack,run,book,claims,pages,register,full,train-lm,
batch,list,version}`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from saecore import __version__, profiles
from saecore.arguments import parser
from saecore.book import build as pages
from saecore.book import one_page, portable
from saecore.report.paths import ReportError, required_checkout


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0: done; 1: something failed; 2: what was asked for is not
    there.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["train-lm"]:
        return train_lm(arguments[1:])
    options = parser(COMMANDS).parse_args(arguments)
    try:
        profile = (
            profiles.read(options.profile, world_seed=options.world_seed)
            if "profile" in options
            else None
        )
    except ValueError as error:
        print(f"saecore: {error}", file=sys.stderr)
        return 2
    from saecore.errors import ZooError

    try:
        options.command(options, profile)
    except (ReportError, ZooError, ValueError, OSError) as error:
        print(f"saecore: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "saecore: stopped; what was finished is kept, run the same command to go "
            "on",
            file=sys.stderr,
        )
        return 130
    return 0


def zoo(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Make what is missing, so that the notebooks find it."""
    if options.pack is not None:
        from saecore.packs import commands

        print(f"   {commands.take(options.pack, profile)}", flush=True)
    _make(profile, _pages(options.only))


def pack(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Write what some pages ask for, or all, into a pack."""
    from saecore.packs import commands

    print(f"   {commands.write(options.file, profile, _pages(options.only))}")


def _pages(said: Sequence[str]) -> list[str]:
    """The names of pages from their beginnings."""
    from saecore.claims import by_page

    return [one_page.completed(name, by_page.PAGES) for name in said]


def _make(profile: profiles.Profile, names: Sequence[str]) -> None:
    """Make what some pages ask for, or all; what that costs is said before."""
    from saecore.claims import all_recipes, sites
    from saecore.errors import MissedSparsity
    from saecore.zoo.estimate import estimate

    zoo = sites.open_zoo(profile)
    wanted, left_out = all_recipes.possible(zoo, profile, names)
    if left_out:
        print(f"   {left_out}")
    whose = ", ".join(names or ["all pages"])
    print(f"   {whose}: {estimate(zoo, wanted)}", flush=True)
    try:
        zoo.make(wanted)
    except MissedSparsity as refusal:
        # all else is made by then; the pages that need it say so
        if profile.folder == profiles.TINY:
            raise
        print(f"   left out: {refusal}")


def run_one(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Run one page below _build/page; what it asks for is made first."""
    from saecore.claims import by_page

    root = required_checkout()
    name = one_page.completed(options.page, by_page.PAGES)
    _make(profile, [name])
    if options.into is not None:
        from saecore.scale import batch_pages

        print(f"   the page: {batch_pages.run_into(root, name, options.into, profile)}")
        return
    folder = root / "_build" / "page"
    if name == "explorer":  # the one page that is no notebook
        made = _explorer_alone(profile, folder)
    else:
        made = one_page.run_page(
            root,
            name,
            folder,
            profile=profile.said,
            world_seed=profile.world_seed,
        )
    print(f"   the page: {made}")


def _explorer_alone(profile: profiles.Profile, folder: Path) -> Path:
    """The explorer as a page of its own, from what is in the zoo."""
    from saecore.claims import by_page, sites
    from saecore.explorer.page import standalone

    shown = sites.open_zoo(profile).get(by_page.explored(profile))
    folder.mkdir(parents=True, exist_ok=True)
    return standalone(shown, folder, title=f"Latents of {profile.name}")


def book(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Run the notebooks, unless the committed pages are asked for, and build the
    site.
    """
    from saecore.claims import all_recipes

    root = required_checkout()
    build = root / "_build"
    if options.committed:
        made, work, output = (
            pages.committed(root),
            build / "committed" / "stage",
            build / "committed",
        )
        explorer = _explorer(profile, make=False)
        index = pages.build(root, made, work=work, output=output, explorer=explorer)
        print(f"   the committed book builds without warnings: {index}")
        return
    if options.gather is not None:
        from saecore.scale import batch_pages

        made = batch_pages.gathered_pages(root, options.gather, profile)
    else:
        made = pages.run(
            root,
            build / "run",
            profile=profile.said,
            world_seed=options.world_seed,
            artefacts=all_recipes.artefacts(profile),
        )
    explorer = _explorer(profile, make=True)
    index = pages.build(
        root, made, work=build / "stage", output=root, explorer=explorer
    )
    for line in _summary(pages.stopped(made), profile.name):
        print(line)
    print(f"\nThe book is ready. Open {index.as_uri()}")
    print(
        f"or run: python3 -m http.server --directory {index.parent} 8000, and open "
        "http://localhost:8000"
    )


def _explorer(profile: profiles.Profile, *, make: bool) -> Any:
    """The explorer in the zoo, made first if it may be; None if there is none."""
    from saecore.claims import by_page, sites
    from saecore.errors import MissedSparsity

    zoo, recipe = sites.open_zoo(profile), by_page.explored(profile)
    try:
        return zoo.get(recipe) if make else zoo.find(recipe)
    except MissedSparsity as refusal:
        if profile.folder == profiles.TINY:
            raise
        print(f"   without the explorer: {refusal}")
        return None


def _summary(stopped: dict[str, str], profile: str) -> list[str]:
    """What the reader of the terminal should know of the pages that were not run;
    nothing if all were.
    """
    if not stopped:
        return []
    head = f"\nNot run on {profile}: {', '.join(stopped)}. These pages say why:"
    return [head, *(f"   {name}: {why}" for name, why in stopped.items())]


def refresh(options: argparse.Namespace, profile: None) -> None:
    """Run the notebooks as they are and copy what changed into book/."""
    from saecore.claims import all_recipes

    root = required_checkout()
    zoo = all_recipes.artefacts(profiles.read("tiny"))
    made = pages.run(
        root, root / "_build" / "pages", profile="tiny", world_seed=0, artefacts=zoo
    )
    changed = pages.publish(root, made)
    changed += [str(path.relative_to(root)) for path in portable.write_all(root)]
    print("\n".join(f"   changed: {name}" for name in changed) or "   nothing changed")


def train_lm(arguments: Sequence[str]) -> int:
    """Train the shipped language model from its texts; the options are those of
    `train_lm.main`.
    """
    from saecore.tiny_lm import train as train_lm

    return train_lm.main(arguments)


def claims(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Run the studies of claims and print their verdicts, without a notebook."""
    from saecore.claims import sites, verdicts
    from saecore.report.judging.claims_text import as_json, as_text

    asked = options.names or verdicts.names()
    found = verdicts.verdicts(asked, sites.open_zoo(profile), profile)
    judged = []
    for one in found:
        if isinstance(one, str):
            print(f"saecore: {one}", file=sys.stderr)
        elif options.json:
            judged.append(one)
        else:
            print(as_text([one]), end="\n\n", flush=True)
    if options.json:
        print(as_json(judged))


def full_runs(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """What costs hours: every registered world seed, and other language models."""
    from saecore.whole_runs import commands

    commands.full(required_checkout(), profile, options.seeds, options.models)


def register_seeds(options: argparse.Namespace, profile: None) -> None:
    """Write book/seeds.toml for the rules as they are now."""
    from saecore.whole_runs import commands

    print(f"   {commands.register()}")


def batch(options: argparse.Namespace, profile: profiles.Profile | None) -> None:
    """What a batch queue runs: a plan of jobs, some of them, and what came of them."""
    from saecore.scale import commands

    for line in commands.ACTS[options.act](options, profile):
        print(f"   {line}")


def list_(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """One line per SAE that the notebooks ask for, and whether it is trained. Writes
    nothing.
    """
    from saecore.claims import all_recipes, sites

    trained = {held.recipe for held in sites.open_zoo(profile).list()}
    for recipe in all_recipes.all_recipes(profile, written=True):
        print(f"{'trained' if recipe in trained else 'missing'}  {recipe.slug}")


COMMANDS = {
    "zoo": zoo,
    "pack": pack,
    "run": run_one,
    "book": book,
    "claims": claims,
    "full": full_runs,
    "register": register_seeds,
    "pages": refresh,
    "train-lm": train_lm,
    "batch": batch,
    "list": list_,
    "version": lambda options, profile: print(__version__),
}


if __name__ == "__main__":
    sys.exit(main())
