"""Eight processes ask one empty zoo for the same recipes at the same time: each thing
is made once, and all get the same.
"""

import hashlib
import os
from pathlib import Path
from typing import Any

from faults.children import forked
from faults.grid import Grid, digests, leftovers, small_grid
from saecore.zoo import artefact
from saecore.zoo.sae import SAE

PROCESSES = 8


def run(folder: Path, *, processes: int = PROCESSES) -> dict[str, Any]:
    """Let them ask; how often each artefact was written, and what they got."""
    grid, root, log = small_grid(folder), folder / "zoo", folder / "written"
    forked(lambda: grid.made(folder / "alone") and None).result()
    log.touch()
    children = [forked(lambda: asked(grid, root, log)) for _ in range(processes)]
    answers = [one.result() for one in children]
    written = log.read_text().splitlines()
    alone = digests(folder / "alone", grid.recipes)
    return {
        "processes": processes,
        "artefacts": len(grid.recipes),
        "written": len(written),
        "written_twice": len(written) - len(set(written)),
        "ended_well": sum(code == 0 for code, _ in answers),
        "different_answers": len({said for _, said in answers}),
        "equal_to_one_process": digests(root, grid.recipes) == alone,
        "left": leftovers(root),
    }


def asked(grid: Grid, root: Path, log: Path) -> str:
    """Ask for everything; sha256 of all that came. Every artefact that this process
    writes is a line of `log`.
    """
    put = artefact.put

    def noted(part: Path, folder: Path) -> None:
        put(part, folder)
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND), "a") as file:
            file.write(f"{folder.name}\n")

    artefact.put = noted
    return digest_of(grid.made(root))


def digest_of(answers: list[Any]) -> str:
    """sha256 of arrays and of the weights of SAEs."""
    found = hashlib.sha256()
    for one in answers:
        arrays = sorted(one.weights.items()) if isinstance(one, SAE) else [("", one)]
        for _, array in arrays:
            found.update(array.contiguous().numpy().tobytes())
    return found.hexdigest()
