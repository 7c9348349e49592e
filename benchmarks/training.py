"""A training step beside named peers: `python benchmarks/training.py [--only topk]`.

Everything runs in one process on one thread; the candidates take turns on the same
batches, and the medians of their CPU times are compared. Peers are at their defaults
and at their fastest setting that works. Not a test: figures depend on the processor and
on who else uses it; the ratios less so.
"""

import functools
import gc
from collections.abc import Callable, Iterable
from typing import Any

import ours
import peers
import results
import shapes
import timing
from shapes import Shape

CANDIDATES: dict[str, Callable[[Shape], ours.Step]] = {
    "ours": ours.ours,
    "ours, pure": ours.pure,
    "naive": peers.naive,
    "naive, medium": peers.at_medium(peers.naive),
    "SAELens": peers.sae_lens,
    "SAELens, fastest": peers.sae_lens_fastest,
    "SAELens, fastest, medium": peers.at_medium(peers.sae_lens_fastest),
    "sparsify": peers.sparsify,
    "sparsify, Adam": functools.partial(peers.sparsify, adam=True),
    "dictionary_learning": peers.dictionary_learning,
}
FEW = ("ours", "ours, pure", "SAELens", "sparsify", "naive")
"""Where a step takes seconds."""
KNOWN = {
    "SAELens": ("topk", "batchtopk", "relu", "jumprelu"),
    "sparsify": ("topk",),
    "dictionary_learning": ("topk", "batchtopk"),
}
"""The architectures whose step is measured with a peer."""


def names_for(shape: Shape) -> list[str]:
    """The candidates of a shape."""
    few = shape.width * shape.d_model > 8192 * 768
    return [
        name
        for name in CANDIDATES
        if shape.kind in KNOWN.get(name.split(",")[0], (shape.kind,))
        and (name in FEW or not few)
    ]


def measured(
    shape: Shape, names: Iterable[str]
) -> tuple[dict[str, timing.Cost], dict[str, str]]:
    """The cost of a step of each candidate, and why there is none of some."""
    steps, not_run = {}, {}
    for name in names:
        try:
            steps[name] = CANDIDATES[name](shape)
        except ImportError as error:
            not_run[name] = str(error)
    rows = shapes.batches(shape)
    turns = {name: in_turn(step, rows) for name, step in steps.items()}
    found = timing.interleaved(turns, warm=2)
    gc.collect()
    return found, not_run


def in_turn(step: ours.Step, rows: list) -> Callable[[], object]:
    """A run that steps on the next batch, all over again after the last."""
    taken = iter(range(10**9))
    return lambda: step(rows[next(taken) % len(rows)])


def main() -> None:
    """Print one line per shape and candidate."""
    options = results.options(__doc__)
    options.add_argument("--only", default="", help="shapes whose name has this in it")
    asked = options.parse_args()
    numbers, rows, not_run = {}, [], {}
    every = [*shapes.BY_WIDTH, *shapes.LARGE, *shapes.BATCHTOPK]
    for shape in (one for one in every if asked.only in one.name):
        found, missing = measured(shape, names_for(shape))
        numbers |= ratios(shape, found)
        rows += lines(shape, found)
        not_run |= missing
        results.write(asked.json, numbers, rows, not_run=not_run)


def ratios(shape: Shape, found: dict[str, timing.Cost]) -> dict[str, float]:
    """How many of our steps the step of each other candidate takes; of a peer with
    several settings also the least of them.
    """
    all_ = {name: cost.ms / found["ours"].ms for name, cost in found.items()}
    for peer in KNOWN:
        own = [ratio for name, ratio in all_.items() if name.startswith(peer)]
        if len(own) > 1:
            all_[f"{peer}, the least"] = min(own)
    return {f"{shape.name}: {name}": r for name, r in all_.items() if name != "ours"}


def lines(shape: Shape, found: dict[str, timing.Cost]) -> list[dict[str, Any]]:
    """Rows for the figures; also printed."""
    for name, cost in found.items():
        ratio = cost.ms / found["ours"].ms
        print(
            f"{shape.name:26} {name:26}{cost.ms:10.2f} ms [{cost.low:.2f}, "
            f"{cost.high:.2f}]{ratio:8.1f} x {cost.faults:8.0f} faults",
            flush=True,
        )
    return [
        {**shape.row, "candidate": name, **cost._asdict()}
        for name, cost in found.items()
    ]


if __name__ == "__main__":
    main()
