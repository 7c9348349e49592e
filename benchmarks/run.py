"""Every benchmark, one after another, into a folder of small files: `python
benchmarks/run.py [NAME...] [--out book/results/bench]`.

Each runs in a process of its own with one thread. One that fails leaves its last
figures as they are, and says so.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
NAMES = (
    *("training", "density", "scaling", "roofline", "memory", "whole", "quality"),
    *("assignment", "stitching", "probing", "meta", "attribution", "patching"),
)
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


def main() -> int:
    """Run them; 1 if any failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NAME")
    parser.add_argument("--out", type=Path, default=HERE.parent / "book/results/bench")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    failed = [name for name in asked.names if not done(name, asked.out)]
    print(f"\nfailed: {', '.join(failed)}" if failed else "\nall benchmarks ran")
    return int(bool(failed))


def done(name: str, folder: Path) -> bool:
    """Run one benchmark; whether it ended well."""
    print(f"\n== {name}", flush=True)
    start = time.monotonic()
    program = [sys.executable, str(HERE / f"{name}.py")]
    status = subprocess.run(
        [*program, "--json", str(folder / f"{name}.json")], env=os.environ | ONE_THREAD
    ).returncode
    print(f"   {name}: {time.monotonic() - start:.0f} s", flush=True)
    return status == 0


if __name__ == "__main__":
    sys.exit(main())
