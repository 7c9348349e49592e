"""Training in shards: the batches, the schedule and the end are those of
`saecore.training.trainer`.
"""

import time
from collections.abc import Callable

import torch

from saecore.recipes.sae import SAERecipe
from saecore.threads import one_thread
from saecore.training.memory import keep_freed_memory
from saecore.training.sharded.collectives import sum_over_processes
from saecore.training.sharded.sharded_block import ShardedBlock
from saecore.training.trainer import (
    Trained,
    TrainingRows,
    calibrated,
    folded,
    run_block,
)


def train_sharded(
    recipe: SAERecipe,
    rows: TrainingRows,
    *,
    device: str = "cpu",
    progress: Callable[[int], None] | None = None,
) -> Trained | None:
    """Train one SAE with its latents spread over the processes of the group, each of
    which calls this; what it gives, on process 0, and None elsewhere.

    It is the SAE of `trainer.train` up to the order in which float32 numbers are added;
    where pre-activations nearly tie, another latent may be kept. Raises what
    `ShardedBlock` raises.
    """
    start = time.process_time()
    keep_freed_memory()
    with one_thread(), torch.no_grad():
        block = ShardedBlock(recipe, rows.train.shape[1], device)
        (log,) = run_block(block, rows, device, progress)
        weights = block.whole()
        spent = torch.tensor(time.process_time() - start, dtype=torch.float64)
        seconds = float(sum_over_processes(spent.to(device)))
        if weights is None:
            return None
        return Trained(
            folded(recipe, calibrated(recipe, weights, rows), rows), log, seconds
        )
