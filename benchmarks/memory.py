"""Peak memory of a training step beyond weights and Adam: `python
benchmarks/memory.py`.

Each candidate has a process of its own. Its libraries are loaded and a small SAE takes
two steps before memory is looked at; then the SAE is made and takes three. What the
peak of the process has risen by, less the weights and twice their size for Adam, is
what the steps needed: gradients, activations, and whatever the allocator keeps.
"""

import gc
import json
import subprocess
import sys
from pathlib import Path

import results
import shapes
import training
from shapes import Shape

NAMES = ("ours", "ours, pure", "naive", "SAELens", "sparsify", "dictionary_learning")
SPARE = 32e6
"""Bytes that a step may use however small the SAE, by the goal."""


def resident(peak: bool = False) -> float:
    """Resident memory of this process in bytes, now or at its peak."""
    name = "VmHWM" if peak else "VmRSS"
    lines = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(name))
    return int(line.split()[1]) * 1024.0


def forget_peak() -> None:
    """Let the peak begin anew at what is resident."""
    Path("/proc/self/clear_refs").write_text("5")


def extra(shape: Shape, name: str) -> float:
    """Bytes at the peak of three steps beyond weights and Adam."""
    run(Shape(shape.kind, 128, 512, 4, batch=64), name, 2)
    rows = shapes.batches(shape)
    gc.collect()
    before = resident()
    forget_peak()
    run(shape, name, 3, rows)
    return resident(peak=True) - before - state(shape)


def state(shape: Shape) -> float:
    """Bytes of weights and Adam's two moments, in float32."""
    weights = 2 * shape.d_model * shape.width + shape.d_model + shape.width
    return 3 * 4.0 * weights * shape.saes


def run(shape: Shape, name: str, count: int, rows: list | None = None) -> None:
    """Make the SAE and take steps."""
    step, rows = training.CANDIDATES[name](shape), rows or shapes.batches(shape)
    for i in range(count):
        step(rows[i % len(rows)])


def alone(shape: Shape, name: str) -> float | None:
    """`extra` in a process of its own; None where the peer is not installed."""
    program = [sys.executable, __file__, "--one", json.dumps([*shape]), name]
    done = subprocess.run(program, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def main() -> None:
    """Print one line per shape and candidate."""
    options = results.options(__doc__)
    options.add_argument("--one", nargs=2, metavar=("SHAPE", "CANDIDATE"))
    asked = options.parse_args()
    if asked.one:
        print(extra(Shape(*json.loads(asked.one[0])), asked.one[1]))
        return
    rows, not_run = [], {}
    for shape in [*shapes.BY_WIDTH[::2], shapes.LARGE[0]]:
        for name in NAMES:
            found = alone(shape, name)
            if found is None:
                not_run[name] = "it ended without a figure"
                continue
            allowed = 3 * state(shape) + SPARE
            print(f"{shape.name:26} {name:22}{found / 1e6:9.1f} MB", flush=True)
            rows.append(
                {**shape.row, "candidate": name, "mb": found / 1e6}
                | {"allowed_mb": allowed / 1e6, "state_mb": state(shape) / 1e6}
            )
    results.write(asked.json, numbers(rows), rows, not_run=not_run)


def numbers(rows: list[dict]) -> dict[str, float]:
    """The most that our step takes of what it may, and each peer's memory over ours."""
    mine = {row["shape"]: row for row in rows if row["candidate"] == "ours"}
    found = {
        f"{row['shape']}: {row['candidate']}": row["mb"] / mine[row["shape"]]["mb"]
        for row in rows
        if row["candidate"] != "ours"
    }
    shares = [row["mb"] / row["allowed_mb"] for row in mine.values()]
    return found | {"ours over what it may, the most": max(shares)}


if __name__ == "__main__":
    main()
