"""Damaged artefacts: each is refused or made again, with a sentence, or gives
what it always gave; nothing is loaded that was not asked for, nothing hangs, no code
runs.
"""

import contextlib
import io
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch

from faults.damages import BY_CHANCE, FORGED
from faults.grid import Grid, digests, leftovers, small_grid
from saecore.zoo.artefact import folder_of
from saecore.zoo.disk.leftovers import removed
from saecore.zoo.sae import SAE

PATIENCE = 20.0
"""Seconds after which a reading counts as one that hangs."""
OUTCOMES = (
    "refused with a sentence",
    "read as it was",
    "read as something else",
    "hung",
    "crashed",
)
ALL_RIGHT = OUTCOMES[:2]
REMADE = 20
"""Of so many refused ones, one is made again and compared."""


class Trial(NamedTuple):
    """One damaged artefact."""

    damage: str
    artefact: str
    outcome: str
    said: str


def run(folder: Path, *, trials: int, seed: int) -> dict[str, Any]:
    """Damage artefacts of the small profile `trials` times, the damages in turn; the
    counts.
    """
    grid, root = small_grid(folder), folder / "zoo"
    (folder / "elsewhere").mkdir()
    before = dict(zip(grid.recipes, grid.made(root), strict=True))
    keep, undisturbed = folder / "kept", digests(root, grid.recipes)
    shutil.copytree(root, keep)
    draw, every = random.Random(seed), [*BY_CHANCE.items(), *FORGED.items()]
    done, unlike, remade = [], 0, 0
    for number in range(trials):
        recipe = draw.choice(grid.recipes)
        name, damage = every[number % len(every)]
        damage(folder_of(root, recipe), draw)
        done.append(tried(grid, root, recipe, before[recipe], name))
        if done[-1].outcome == OUTCOMES[0] and number % REMADE == 0:
            remade += 1
            grid.zoo(root).get(recipe)
            unlike += digests(root, grid.recipes) != undisturbed
        _mend(folder_of(root, recipe), folder_of(keep, recipe))
        shutil.rmtree(folder / "elsewhere", ignore_errors=True)
        (folder / "elsewhere").mkdir()
    return {
        "seed": seed,
        "trials": trials,
        "remade": remade,
        "remade_otherwise": unlike,
        "left": leftovers(root),
        **counted(done),
    }


def counted(done: list[Trial]) -> dict[str, Any]:
    """Outcomes by damage, and the trials that should not be."""
    table: dict[str, Counter[str]] = {}
    for one in done:
        table.setdefault(one.damage, Counter())[one.outcome] += 1
    rows = [
        {"damage": name, **{outcome: found[outcome] for outcome in OUTCOMES}}
        for name, found in table.items()
    ]
    wrong = [one._asdict() for one in done if one.outcome not in ALL_RIGHT]
    return {"rows": rows, "wrong": wrong}


def tried(grid: Grid, root: Path, recipe: Any, before: Any, name: str) -> Trial:
    """What the zoo does with a damaged artefact: its list and its reading."""
    said, mark = io.StringIO(), root.parent / "elsewhere" / "code ran"
    artefact = folder_of(root, recipe).name
    try:
        with patience(PATIENCE), contextlib.redirect_stderr(said):
            listed = {held.recipe for held in grid.zoo(root).list()}
            found = grid.zoo(root).find(recipe)
        outcome = _outcome(found, before, said.getvalue())
        if mark.exists() or not listed <= set(grid.recipes):
            outcome = OUTCOMES[2]
    except TimeoutError:
        outcome = OUTCOMES[3]
    except Exception as error:  # what it may not do
        outcome = OUTCOMES[4]
        said.write(repr(error))
    return Trial(name, artefact, outcome, said.getvalue().strip())


def _outcome(found: Any, before: Any, said: str) -> str:
    if found is None:
        sentence = said.count("\n") == 1 and "will be made again" in said
        return OUTCOMES[0] if sentence else OUTCOMES[4]
    return OUTCOMES[1] if same(found, before) else OUTCOMES[2]


def same(found: Any, before: Any) -> bool:
    """Whether two readings of an artefact give the same, to the bit."""
    if isinstance(before, SAE):
        return (
            found.cfg == before.cfg
            and found.log == before.log
            and found.weights.keys() == before.weights.keys()
            and all(torch.equal(found.weights[n], w) for n, w in before.weights.items())
        )
    return torch.equal(found, before)


@contextlib.contextmanager
def patience(seconds: float) -> Iterator[None]:
    """TimeoutError if what is within takes longer; it ends system calls that wait."""

    def late(*_: Any) -> None:
        raise TimeoutError

    old = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def _mend(folder: Path, kept: Path) -> None:
    """Put the sound artefact back; a little later, so that its time is another."""
    removed(folder)
    time.sleep(0.002)
    shutil.copytree(kept, folder)
