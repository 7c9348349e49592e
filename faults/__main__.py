"""Try the faults and store what came of them: `python -m faults [NAME...] [--trials N]
[--seed N] [--out book/results/faults]`.

drift: every number of the committed pages moved by 5 %; damages: 1,000 damaged
artefacts and more; kills: kill -9 of cold runs; races: eight processes ask for the
same; environment: full disks, read-only caches, odd names; mutations: one place of the
source changed, and its tests have to fail (hours, so only by name). The exit code is 1
if anything came out as it should not.
"""

import argparse
import datetime
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def main() -> int:
    """Run what was asked for; 1 if something went wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=USUAL, metavar="NAME")
    parser.add_argument("--trials", type=int, help="damages, kills, drawn mutants")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=HERE.parent / "book/results/faults")
    asked = parser.parse_args()
    if strange := set(asked.names) - set(TRIALS):
        parser.error(f"choose among {', '.join(TRIALS)}, not {', '.join(strange)}")
    asked.out.mkdir(parents=True, exist_ok=True)
    wrong = [name for name in asked.names if _tried(name, asked)]
    return int(bool(wrong))


def _tried(name: str, asked: argparse.Namespace) -> bool:
    """Run one kind and store what came; whether something went wrong."""
    from saecore.book.provenance import machine
    from saecore.book.tested import failures

    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = TRIALS[name](Path(folder), asked.trials, asked.seed)
    facts = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "seconds": round(time.monotonic() - start),
    }
    text = json.dumps(facts | found, indent=1, ensure_ascii=False)
    (asked.out / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    wrong = failures(name, found)
    print(f"{name}: {facts['seconds']} s, {wrong or 'all right'}", flush=True)
    return bool(wrong)


def _drift(folder: Path, trials: int | None, seed: int) -> dict[str, Any]:
    from faults import drift

    return drift.run(HERE.parent / "book/notebooks")


def _damages(folder: Path, trials: int | None, seed: int) -> dict[str, Any]:
    from faults import damaging

    return damaging.run(folder, trials=trials or 1200, seed=seed)


def _kills(folder: Path, trials: int | None, seed: int) -> dict[str, Any]:
    from faults import kills

    return kills.run(folder, trials=trials or 50, seed=seed)


def _races(folder: Path, trials: int | None, seed: int) -> dict[str, Any]:
    from faults import races

    return races.run(folder)


def _environment(folder: Path, trials: int | None, seed: int) -> dict[str, Any]:
    from faults import environment

    return environment.run(folder)


def _mutations(folder: Path, trials: int | None, seed: int) -> dict[str, Any]:
    from faults.mutations import groups

    return groups.run(drawn=groups.DRAWN if trials is None else trials, seed=seed)


TRIALS: dict[str, Callable[[Path, int | None, int], dict[str, Any]]] = {
    "drift": _drift,
    "races": _races,
    "environment": _environment,
    "damages": _damages,
    "kills": _kills,
    "mutations": _mutations,
}
USUAL = [name for name in TRIALS if name != "mutations"]

if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"  # a fork of several threads may wait for ever
    sys.exit(main())
