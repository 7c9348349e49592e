"""Whole trainings with rows of the zoo: the system's share of their CPU time, and the
page faults of a step: `python benchmarks/whole.py [--rows 200000]`.

The language model's rows must be in the zoo (`make zoo`). Faults are counted from the
21st step on.
"""

from dataclasses import replace

import results
import shapes
import timing
import torch
from shapes import Shape

from saecore import profiles
from saecore.claims import sites
from saecore.recipes.sae import SAERecipe
from saecore.training import trainer
from saecore.training.lockstep import Block

WARM, COUNTED = 20, 20


def whole(recipe: SAERecipe, rows: trainer.TrainingRows) -> timing.Spent:
    """What one training spends."""
    return timing.cost(lambda: trainer.train(recipe, [0], rows))


def faults(recipe: SAERecipe, rows: trainer.TrainingRows) -> float:
    """Page faults per step after the first twenty."""
    block = Block(recipe, [0], rows.train.shape[1])
    stream = trainer.batches(rows, replace(recipe, rows=50 * recipe.batch))
    with torch.no_grad():
        for _ in range(WARM):
            block.step(next(stream), lr=1e-3)
        start = timing.spent()
        for _ in range(COUNTED):
            block.step(next(stream), lr=1e-3)
    return timing.spent(start).faults / COUNTED


def main() -> None:
    """Print one line per architecture and width."""
    options = results.options(__doc__)
    options.add_argument("--rows", type=int, default=200_000)
    asked = options.parse_args()
    profile = profiles.read("tiny")
    site = sites.model_site(profile)
    rows = sites.open_zoo(profile).split(site)
    table, numbers = [], {}
    for shape in (one for one in shapes.BOOK if one.d_model == rows.train.shape[1]):
        recipe = SAERecipe(site, shape.kind, shape.width, shape.k, rows=asked.rows)
        per_step, spent = faults(recipe, rows), whole(recipe, rows)
        row = line(shape, spent, per_step, asked.rows)
        table.append(row)
        numbers[f"{shape.name}: kernel"] = row["kernel"]
        numbers[f"{shape.name}: faults"] = per_step
    for what in ("kernel", "faults"):
        every = [value for name, value in numbers.items() if name.endswith(what)]
        numbers[f"{what}, the most"] = max(every)
    results.write(asked.json, numbers, table)


def line(shape: Shape, spent: timing.Spent, per_step: float, rows: int) -> dict:
    """A row of the table; also printed."""
    kernel, rate = spent.kernel / spent.seconds, rows / spent.seconds
    print(
        f"{shape.name:36}{spent.seconds:8.1f} s {rate:10.0f} rows/s, system "
        f"{kernel:.1%}, {per_step:.0f} faults a step",
        flush=True,
    )
    found = {"seconds": spent.seconds, "rows_per_second": rate, "kernel": kernel}
    return {**shape.row, **found, "faults": per_step}


if __name__ == "__main__":
    main()
