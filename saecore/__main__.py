"""The command line: `python -m saecore {zoo,book,pages,train-lm,list,version}`."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from saecore import __version__, profiles
from saecore.book import build as pages
from saecore.book import portable
from saecore.report.paths import ReportError, required_checkout


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0: done; 1: something failed; 2: what was asked for is not
    there.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["train-lm"]:
        return train_lm(arguments[1:])
    options = parser().parse_args(arguments)
    try:
        profile = (
            profiles.read(options.profile, world_seed=options.world_seed)
            if "profile" in options
            else None
        )
    except ValueError as error:
        print(f"saecore: {error}", file=sys.stderr)
        return 2
    from saecore.zoo.artefact import ZooError

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


def parser() -> argparse.ArgumentParser:
    """What can be said on the command line."""
    top = argparse.ArgumentParser(
        prog="saecore", description="The commands under the book."
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    subject = argparse.ArgumentParser(add_help=False)
    subject.add_argument(
        "--profile",
        default="tiny",
        help="'tiny', or the folder of a Hugging Face language model",
    )
    subject.add_argument(
        "--world-seed", type=int, default=0, help="which world and which sample of text"
    )

    def add(
        name: str, command, text: str, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text, parents=parents)
        sub.set_defaults(command=command)
        return sub

    add(
        "zoo",
        zoo,
        "train the SAEs that the notebooks ask for, if they are missing",
        subject,
    )
    book_ = add(
        "book", book, "run the notebooks and build the site in _build/html", subject
    )
    book_.add_argument(
        "--committed",
        action="store_true",
        help="build the committed pages, without running them",
    )
    add("pages", refresh, "run the notebooks and refresh the committed pages in book/")
    add(
        "train-lm",
        train_lm,
        "train the language model that ships with the package (--help says more)",
    )
    add("list", list_, "what the notebooks ask for, and what is trained", subject)
    add(
        "version", lambda options, profile: print(__version__), "the version of saecore"
    )
    return top


def zoo(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Make what is missing, so that the notebooks find it."""
    from saecore.claims import sites
    from saecore.claims.absorption_toys import grid as toy_grid
    from saecore.zoo.artefact import MissedSparsity

    zoo = sites.open_zoo(profile)
    toys = toy_grid.toy_grid(world_seed=profile.world_seed).recipes()
    try:
        zoo.make([*_possible(zoo, _recipes(profile), profile), *toys])
    except MissedSparsity as refusal:
        # all else is made by then; the pages that need it say so
        if profile.folder == profiles.TINY:
            raise
        print(f"   left out: {refusal}")


def _recipes(profile: profiles.Profile, *, written: bool = False) -> list[Any]:
    """Every SAE, meta-SAE and basis that the notebooks ask for, each once.

    Some are of the untrained twin of the profile's language model: it is written if it
    is missing, unless only what is `written` counts.
    """
    from saecore.claims import sites
    from saecore.claims.absorption.grid import absorption_grid, untrained_words
    from saecore.claims.absorption_metric import grid as planted_grid
    from saecore.claims.incompleteness.grid import stitching_grid, world_stitching_grid
    from saecore.claims.interpretability import bases
    from saecore.claims.interpretability import grid as interpretability_grid
    from saecore.claims.non_atomicity.grid import meta_grid, world_meta_grid
    from saecore.claims.seed_dependence.grid import model_seeds, world_seeds
    from saecore.zoo.language_models import written_twin

    sizes = profiles.WorldProfile()
    asked = [
        model_seeds(profile),
        world_seeds(profile, sizes),
        absorption_grid(profile),
        planted_grid.planted_grid(profile),
        stitching_grid(profile),
        world_stitching_grid(profile, sizes),
        meta_grid(profile),
        world_meta_grid(profile, sizes),
        interpretability_grid.frontier(profile),
        interpretability_grid.recovery_grid(profile),
        bases.bases(profile, sizes),
    ]
    recipes = [recipe for grid in asked for recipe in grid.recipes()]
    recipes += [recipe.sae for recipe in meta_grid(profile).names]
    zoo = sites.open_zoo(profile)
    blank = written_twin(profile.folder, root=zoo.root) if written else None
    for untrained in (untrained_words, interpretability_grid.untrained_saes):
        recipes += untrained(profile, zoo, blank=blank)
    return list(dict.fromkeys(recipes))


def _possible(zoo: Any, recipes: Iterable[Any], profile: profiles.Profile) -> list[Any]:
    """`recipes` without those on words of which a user's own model has fewer than an
    SAE has latents.
    """
    if profile.folder == profiles.TINY:
        return list(recipes)
    few: dict[str, int] = {}
    kept = []
    for recipe in recipes:
        site = getattr(recipe, "sae", recipe).site
        rows = len(zoo.get(site)) if site.count is None else profile.width
        if rows < profile.width:
            few[recipe.slug] = rows
        else:
            kept.append(recipe)
    if few:
        most = max(few.values())
        print(
            f"   left out: {len(few)} SAEs of words, since this model holds too few "
            f"words as one token "
            f"({most} rows at most, and {profile.width} are needed); the pages that "
            f"need them say so"
        )
    return kept


def artefacts(profile: profiles.Profile) -> dict[str, dict[str, float]]:
    """What the notebooks take from the zoo, by kind: how many, their CPU minutes and
    their megabytes.
    """
    from saecore.claims import sites
    from saecore.zoo.plan import everything_under

    wanted = everything_under(_recipes(profile, written=True))
    found: dict[str, dict[str, float]] = {}
    for held in sites.open_zoo(profile).list():
        if held.recipe in wanted:
            sums = found.setdefault(
                held.kind, {"number": 0, "cpu_minutes": 0.0, "megabytes": 0.0}
            )
            sums["number"] += 1
            sums["cpu_minutes"] += held.made.get("seconds", 0.0) / 60
            sums["megabytes"] += held.size / 1e6
    return found


def book(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Run the notebooks, unless the committed pages are asked for, and build the
    site.
    """
    from saecore.claims import sites
    from saecore.explorer import build as explored

    root = required_checkout()
    build = root / "_build"
    if options.committed:
        made, work, output = (
            pages.committed(root),
            build / "committed" / "stage",
            build / "committed",
        )
        explorer = explored.explorer(sites.open_zoo(profile), profile)
        index = pages.build(root, made, work=work, output=output, explorer=explorer)
        print(f"   the committed book builds without warnings: {index}")
        return
    wanted = "tiny" if options.profile == "tiny" else str(profile.folder)
    made = pages.run(
        root,
        build / "run",
        profile=wanted,
        world_seed=options.world_seed,
        artefacts=artefacts(profile),
    )
    explorer = explored.explorer(sites.open_zoo(profile), profile)
    index = pages.build(
        root, made, work=build / "stage", output=root, explorer=explorer
    )
    for line in _summary(pages.stopped(made), profile.name):
        print(line)
    print(f"\nThe book is ready. Open {index.as_uri()}")
    print(
        f"or run: python3 -m http.server --directory {index.parent} 8000, and open "
        f"http://localhost:8000"
    )


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
    root = required_checkout()
    zoo = artefacts(profiles.read("tiny"))
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


def list_(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """One line per SAE that the notebooks ask for, and whether it is trained. Writes
    nothing.
    """
    from saecore.claims import sites

    trained = {held.recipe for held in sites.open_zoo(profile).list()}
    for recipe in _recipes(profile, written=True):
        print(f"{'trained' if recipe in trained else 'missing'}  {recipe.slug}")


if __name__ == "__main__":
    sys.exit(main())
