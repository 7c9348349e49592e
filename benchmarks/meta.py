"""An epoch of a meta-SAE, ours next to SAELens: `python benchmarks/meta.py [--rows
49152 --d-model 768 --width 2304]`.

The rows are as many unit vectors as the paper's decoder has (2502.04878, section 5:
49,152 rows of GPT-2's 768 dimensions, 2,304 meta-latents, four active). One process,
one thread; both take BatchTopK steps of the same batches in turn, and the median CPU
time of a step times the number of steps is an epoch. Batches are the paper's 4,096;
SAELens is at its defaults. With `--slow` also batched matching pursuit against scikit-
learn's, row by row. Not a test: figures depend on the processor and on who else uses
it; the ratio less so.
"""

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from saecore.measures.algebra.matching_pursuit import pursue
from saecore.recipes.sae import SAERecipe
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.training.lockstep import Block

sys.path.insert(0, str(Path(__file__).parent))
import training

K = 4


def main() -> None:
    """Print seconds per epoch and their ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    for name, default in (
        ("rows", 49_152),
        ("d-model", 768),
        ("width", 2304),
        ("batch", 4096),
        ("repeats", 7),
    ):
        options.add_argument(f"--{name}", type=int, default=default)
    options.add_argument(
        "--slow", action="store_true", help="also time matching pursuit"
    )
    asked = options.parse_args()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    rows = unit_rows(asked.rows, asked.d_model)
    steps = {
        "ours": ours(asked),
        "SAELens": training.sae_lens("batchtopk", asked.d_model, asked.width, K),
    }
    cost = medians(steps, list(rows.split(asked.batch))[:4], asked.repeats)
    epoch = {name: seconds * asked.rows / asked.batch for name, seconds in cost.items()}
    shape = (
        f"{asked.rows:,} x {asked.d_model}, {asked.width} meta-latents, batches "
        f"of {asked.batch:,}"
    )
    print(f"CPU seconds per epoch of {shape}")
    ratio = epoch["SAELens"] / epoch["ours"]
    print(
        f"  ours {epoch['ours']:.2f}   SAELens {epoch['SAELens']:.2f}   {ratio:.1f} x"
    )
    if asked.slow:
        pursuits(rows, asked.width)


def unit_rows(count: int, d_model: int) -> Tensor:
    """Random directions: a decoder as far as the cost of a step is concerned."""
    drawn = torch.randn(count, d_model, generator=torch.Generator().manual_seed(0))
    return drawn / drawn.norm(dim=1, keepdim=True)


def ours(asked: argparse.Namespace) -> Callable[[Tensor], object]:
    """A step of the zoo's trainer."""
    recipe = SAERecipe(
        Site(World()),
        "batchtopk",
        asked.width,
        K,
        batch=asked.batch,
        silent_after=10**9,
    )
    block = Block(recipe, [0], asked.d_model)

    def step(x: Tensor) -> None:
        with torch.no_grad():
            block.step(x, lr=1e-5)

    return step


def medians(
    steps: dict[str, Callable], batches: list[Tensor], repeats: int
) -> dict[str, float]:
    """Median CPU seconds of a step of each candidate; they take turns, the first round
    warms up.
    """
    times: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(-1, repeats):
        for name, step in steps.items():
            start = time.process_time()
            step(batches[turn % len(batches)])
            times[name].append(time.process_time() - start)
    return {name: statistics.median(found[1:]) for name, found in times.items()}


def pursuits(rows: Tensor, atoms: int, *, count: int = 64) -> None:
    """Four atoms for each row: ours on all rows, scikit-learn's on the first few."""
    from sklearn.linear_model import OrthogonalMatchingPursuit

    dictionary = unit_rows(atoms + 1, rows.shape[1])[1:]
    start = time.process_time()
    pursue(rows, dictionary, count=K)
    mine = (time.process_time() - start) / len(rows)
    slow, columns = (
        OrthogonalMatchingPursuit(n_nonzero_coefs=K, fit_intercept=False),
        dictionary.T.numpy(),
    )
    start = time.process_time()
    for row in rows[:count].numpy():
        slow.fit(columns, row)
    theirs = (time.process_time() - start) / count
    print(
        f"ms per row of matching pursuit: ours {1e3 * mine:.3f}   scikit-learn "
        f"{1e3 * theirs:.2f}"
    )


if __name__ == "__main__":
    main()
