"""Make a job of a plan with the latents of its SAE spread over several processes:

    torchrun --standalone --nproc-per-node 2 -m saecore.scale.sharded PLAN JOB

The SAE is stored under its recipe's own key: it is what the recipe asks for, up to the
rounding of sums, as on another device. Its note says "sharded", and over how many
processes. The lock, the checks and what is refused are those of every other SAE.
"""

import argparse
import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from saecore.linear import CHOICE
from saecore.recipes.sae import SAERecipe
from saecore.scale.batch_plan import read_plan
from saecore.scale.commands import job_named
from saecore.scale.markers import MADE, to_make, write_marker
from saecore.training.sharded.collectives import sum_over_processes
from saecore.training.sharded.sharded_block import check_sharded
from saecore.training.sharded.sharded_trainer import train_sharded
from saecore.zoo.artefact import folder_of, locked
from saecore.zoo.artefact_kinds import write_sae
from saecore.zoo.store import Zoo
from saecore.zoo.worker import opened_zoo

LONGEST = timedelta(days=7)
"""How long the others wait while process 0 reads rows, or waits for a lock."""


def make_sharded(zoo: Zoo, recipe: SAERecipe, *, device: str) -> str | None:
    """Train one SAE in the processes of the group, unless it is there; on process 0,
    the sentence that says why it was refused, if it was.
    """
    check_sharded(recipe, dist.get_world_size())
    first = dist.get_rank() == 0
    with ExitStack() as stack:
        if first:
            zoo.make([recipe.site])
            stack.enter_context(locked(folder_of(zoo.root, recipe)))
        missing = torch.tensor(int(first and zoo.find(recipe) is None), device=device)
        if not sum_over_processes(missing):
            return None
        rows = zoo.split(recipe.site)
        trained = train_sharded(recipe, rows, device=device)
        if trained is None:
            return None
        how = {"sharded": {"processes": dist.get_world_size(), "device": device[:4]}}
        return write_sae(folder_of(zoo.root, recipe), recipe, trained, rows, how=how)


def group_device(device: str) -> str:
    """Join the group that torchrun has started; this process's device."""
    if device == "cuda":
        device = f"cuda:{os.environ['LOCAL_RANK']}"
        torch.cuda.set_device(device)
    dist.init_process_group(
        "cpu:gloo,cuda:nccl" if device != "cpu" else "gloo", timeout=LONGEST
    )
    return device


def main(arguments: Sequence[str] | None = None) -> None:
    """Read what was said, and make the job."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path, metavar="PLAN")
    parser.add_argument("name", metavar="JOB")
    options = parser.parse_args(arguments)
    plan = read_plan(options.file)
    os.environ.setdefault(CHOICE, plan["kernels"])
    name = job_named(plan, options.name)
    device = group_device(plan["jobs"][name]["device"])
    try:
        _make_job(opened_zoo(json.dumps(plan["zoo"])), options.file, plan, name, device)
    finally:
        dist.destroy_process_group()


def _make_job(
    zoo: Zoo, file: Path, plan: dict[str, Any], name: str, device: str
) -> None:
    made, jobs = file.parent / MADE, plan["jobs"]
    recipes, refused = to_make(made, jobs, name)
    for one, recipe in recipes.items():
        if sentence := make_sharded(zoo, recipe, device=device):
            refused[one] = sentence
    if dist.get_rank() == 0:
        write_marker(made, jobs, name, refused)
        print(f"   {name}: {'; '.join(refused.values()) or 'made'}", flush=True)


if __name__ == "__main__":
    main()
