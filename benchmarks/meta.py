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
import time
from collections.abc import Callable

import peers
import results
import timing
import torch
from shapes import Shape
from torch import Tensor
from training import in_turn

from saecore.measures.algebra.matching_pursuit import pursue
from saecore.recipes.sae import SAERecipe
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.training.lockstep import Block

K = 4


def main() -> None:
    """Print seconds per epoch and their ratio."""
    options = results.options(__doc__)
    for name, default in (
        ("rows", 49_152),
        ("d-model", 768),
        ("width", 2304),
        ("batch", 4096),
    ):
        options.add_argument(f"--{name}", type=int, default=default)
    options.add_argument(
        "--slow", action="store_true", help="also time matching pursuit"
    )
    asked = options.parse_args()
    rows = unit_rows(asked.rows, asked.d_model)
    shape = Shape("batchtopk", asked.d_model, asked.width, K, asked.batch)
    batches = list(rows.split(asked.batch))[:4]
    steps = {"ours": ours(asked), "SAELens": peers.sae_lens(shape)}
    cost = timing.interleaved({k: in_turn(one, batches) for k, one in steps.items()})
    count = asked.rows / asked.batch / 1000
    epoch = {name: one.ms * count for name, one in cost.items()}
    described = (
        f"{asked.rows:,} x {asked.d_model}, {asked.width} meta-latents, batches "
        f"of {asked.batch:,}"
    )
    print(f"CPU seconds per epoch of {described}")
    ratio = epoch["SAELens"] / epoch["ours"]
    print(
        f"  ours {epoch['ours']:.2f}   SAELens {epoch['SAELens']:.2f}   {ratio:.1f} x"
    )
    if asked.slow:
        pursuits(rows, asked.width)
    table = [{"candidate": name, "seconds": epoch[name]} for name in epoch]
    results.write(asked.json, {"epoch: SAELens": ratio}, table)


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
