"""Exact selection of the active latents where each process holds some of them.

What a process may have to keep is among its own largest, so these alone are told to the
others.
"""

import torch
import torch.distributed as dist
from torch import Tensor

from saecore.sparse import Active, row_pointers
from saecore.training.selection import select_batch, select_top_k
from saecore.training.sharded.collectives import from_all_processes

NEVER = -torch.inf


def sharded_top_k(
    rows: Tensor, w_enc: Tensor, b_enc: Tensor, k: int
) -> tuple[Active, Tensor]:
    """TopK of the pre-activations over all processes' latents: those of this process
    among them, and the row of each. Of latents that tie, the lower processes' are kept.
    """
    few = min(k, len(w_enc))
    value, latent = select_top_k(rows, w_enc, b_enc, few)
    candidates = torch.nn.functional.pad(value, (0, k - few), value=NEVER)
    kept = among_largest(candidates, k)[:, :few]
    row, place = kept.nonzero(as_tuple=True)
    return Active(
        row_pointers(row.int(), len(rows)), latent[row, place], value[kept]
    ), (row.int())


def among_largest(candidates: Tensor, k: int) -> Tensor:
    """Which of this process's candidates [row, candidate] are among the k largest of
    all processes' in their row.
    """
    every = from_all_processes(candidates).transpose(0, 1).flatten(1)
    best = every.argsort(dim=1, descending=True, stable=True)[:, :k]
    kept = torch.zeros_like(every, dtype=torch.bool).scatter_(1, best, True)
    kept = kept.view(len(candidates), -1, candidates.shape[1])
    return kept[:, dist.get_rank()]


def sharded_batch(
    rows: Tensor, w_enc: Tensor, b_enc: Tensor, keep: int, *, guess: float
) -> tuple[Active, Tensor, float]:
    """BatchTopK over all processes' latents: of the `keep` largest positive
    pre-activations of the whole batch those of this process, the row of each, and this
    process's guess for the next batch (`select_batch`).
    """
    most = min(keep, len(rows) * len(w_enc))
    active, row, guess = select_batch(rows, w_enc, b_enc, most, guess=guess)
    largest = active.value.topk(min(keep, len(row)), sorted=False).values
    padded = torch.nn.functional.pad(largest, (0, keep - len(largest)))
    last = from_all_processes(padded).flatten().topk(keep).values[-1]
    at = (active.value >= last).nonzero().view(-1)
    row = row.index_select(0, at)
    latent, value = active.latent.index_select(0, at), active.value.index_select(0, at)
    return Active(row_pointers(row, len(rows)), latent, value), row, guess
