"""A program of two processes that train in shards; what they find, process 0 writes.

torchrun --standalone --nproc-per-node 2 -m tests.training.sharded.two_processes OUT
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

import torch
import torch.distributed as dist
from safetensors.torch import save_file
from torch import Tensor

from saecore.recipes.sae import SAERecipe
from saecore.source.site import Site
from saecore.source.worlds.world import World
from saecore.sparse import dense
from saecore.threads import one_thread
from saecore.training.lockstep import Block
from saecore.training.sharded.collectives import (
    from_all_processes,
    shard_of,
    sum_over_processes,
)
from saecore.training.sharded.sharded_block import ShardedBlock
from saecore.training.sharded.sharded_selection import sharded_batch, sharded_top_k
from saecore.training.sharded.sharded_trainer import train_sharded
from saecore.training.trainer import TrainingRows, batches, rate, split
from tests.conftest import planted_rows

SITE = Site(World(d_model=32), rows=6000)
TOPK = SAERecipe(
    SITE, "topk", 64, 3, rows=100 * 256, batch=256, warmup=10, silent_after=2560
)
# Seeds at which no pre-activation comes so near to a tie, or to 0, within a hundred
# steps that rounding decides: seed 0 of the widest does at step 42, and goes its own way
# from there, as another device would.
RECIPES = {
    "topk": TOPK,
    "topk of odd width": replace(TOPK, width=61),
    "topk with fewer latents in a shard than k": replace(TOPK, width=5, seed=1),
    "topk with many silent latents": replace(TOPK, width=256, silent_after=512, seed=1),
    "batchtopk": replace(TOPK, architecture="batchtopk"),
}


def site_rows() -> TrainingRows:
    """What all of them train on."""
    return split(planted_rows(World(d_model=32), 6000))


def steps_of(block: Block, rows: TrainingRows) -> Tensor:
    """Train; the FVU of every step."""
    losses = []
    for step, x in enumerate(batches(rows, block.recipe)):
        block.step(x, lr=rate(block.recipe, step))
        losses.append(block.fvu.clone())
    return torch.cat(losses)


def problem() -> tuple[Tensor, Tensor, Tensor]:
    """Rows, encoder and bias of small whole numbers, so that many products tie."""
    drawn = torch.Generator().manual_seed(3)
    rows = torch.randint(-2, 3, (40, 8), generator=drawn).float()
    w_enc = torch.randint(-2, 3, (33, 8), generator=drawn).float()
    return rows, w_enc, torch.zeros(33)


def selected() -> dict[str, Tensor]:
    """Activations [row, latent] by both selections over all processes."""
    rows, w_enc, b_enc = problem()
    rank, size = dist.get_rank(), dist.get_world_size()
    shard = shard_of(33, rank, size)
    own = rows, w_enc[shard], b_enc[shard]
    found = {"selected: topk": sharded_top_k(*own, 6)[0]}
    found["selected: batch"] = sharded_batch(*own, 100, guess=0.0)[0]
    width = shard.stop - shard.start
    tables = {}
    for name, active in found.items():
        table = torch.zeros(40, 33)
        table[:, shard] = dense(active, width)
        tables[name] = sum_over_processes(table)
    return tables


def main(out: Path) -> None:
    """Train everything."""
    dist.init_process_group("gloo")
    rows, found = site_rows(), {}
    with torch.no_grad(), one_thread():
        found |= selected()
        for name, recipe in RECIPES.items():
            block = ShardedBlock(recipe, 32)
            found[f"{name}: losses"] = steps_of(block, rows)
            copies = from_all_processes(block.weights["b_dec"])
            found[f"{name}: b_dec apart"] = (copies - copies[0]).abs().max().view(1)
            if (whole := block.whole()) is not None:
                found |= {f"{name}: {part}": w for part, w in whole.items()}
    trained = train_sharded(RECIPES["batchtopk"], rows)
    if trained is not None:
        found |= {f"trained: {part}": w for part, w in trained.weights.items()}
        save_file({n: w.contiguous() for n, w in found.items()}, out / "found")
        (out / "log.json").write_text(json.dumps(trained.log))
    dist.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
