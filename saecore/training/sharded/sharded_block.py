"""One SAE in training whose latents are spread over processes, each with its own
directions, biases and optimiser's state; rows and b_dec are everybody's.

Per step, the processes tell each other their candidates for the active latents, add up
their parts of the reconstruction, and add up b_dec's gradient.
"""

import torch
import torch.distributed as dist
from torch import Tensor

from saecore.recipes.sae import SAERecipe
from saecore.sparse import top_k
from saecore.training.adam import Adam
from saecore.training.gradients import REVIVED, Parameters, Step
from saecore.training.held import Constraints
from saecore.training.initial import initial
from saecore.training.lockstep import Block
from saecore.training.selection import first_guess
from saecore.training.sharded.collectives import (
    joined_shards,
    shard_of,
    sum_over_processes,
)
from saecore.training.sharded.sharded_selection import (
    NEVER,
    among_largest,
    sharded_batch,
    sharded_top_k,
)
from saecore.training.sparse_or_dense import Entries, entries_of

SHARDED = ("topk", "batchtopk")
"""Architectures that can be trained so."""


class ShardedBlock(Block):
    """A `Block` of one SAE of which this process holds the latents of its rank. All
    processes of the group make it, and step it on the same batches.

    Raises ValueError for architectures whose step is written for one process alone, for
    baselines, and for fewer latents than processes.
    """

    def __init__(self, recipe: SAERecipe, d_model: int, device: str = "cpu") -> None:
        rank, size = dist.get_rank(), dist.get_world_size()
        check_sharded(recipe, size)
        self.recipe, self.saes = recipe, 1
        shard = shard_of(recipe.width, rank, size)
        self.width = shard.stop - shard.start
        start = initial(recipe, recipe.seed, d_model, shard)
        self.weights = {name: weight.to(device) for name, weight in start.items()}
        self.held, self.adam = Constraints(recipe, self.weights), Adam(self.weights, {})
        self.l0 = torch.full((1,), recipe.width / 2, dtype=torch.float64)
        self.fvu = torch.ones(1, dtype=torch.float64)
        self.silent_for = torch.zeros(self.width, dtype=torch.int64, device=device)
        self._guess: float | None = None

    def gradients(self, x: Tensor) -> Parameters:
        """Gradients of the mean loss over the batch for this process's weights, and of
        b_dec for all.
        """
        step = self._step(x - self.weights["b_dec"], len(x))
        self._watch([step], len(x))
        sum_over_processes(self.l0)
        if self.recipe.auxk:
            self._revive(step.gradients, x, step.error)
        return step.gradients

    def silent_share(self) -> Tensor:
        """Share of all processes' latents that are silent."""
        return (
            sum_over_processes(self._silent().sum().float()).view(1) / self.recipe.width
        )

    def whole(self) -> Parameters | None:
        """The weights of the SAE, on the processor of process 0; None elsewhere."""
        joined = {"b_dec": self.weights["b_dec"].cpu()}
        for name in ("W_enc", "b_enc", "W_dec"):
            if (
                part := joined_shards(self.weights[name], self.recipe.width)
            ) is not None:
                joined[name] = part
        return joined if dist.get_rank() == 0 else None

    def _silent(self) -> Tensor:
        return self.silent_for > self.recipe.silent_after

    def _step(self, rows: Tensor, batch: int) -> Step:
        """mean |error|^2 and its gradients, as `gradients.plain` has them."""
        layout, w_dec, w_enc = self._entries(rows), *self._directions()
        value, active = layout.pre.clamp(min=0), layout.pre > 0
        error = sum_over_processes(layout.decode(value, w_dec)) - rows
        slope = error * (2 / batch)
        back = layout.dots(slope, w_dec) * active
        total = layout.totals(back)
        gradients = {
            "W_dec": layout.sums(value, slope),
            "W_enc": layout.sums(back, rows),
            "b_enc": total,
            "b_dec": (slope.sum(0) - sum_over_processes(total @ w_enc))[None],
        }
        return Step(gradients, error, layout.counts(active))

    def _directions(self) -> tuple[Tensor, Tensor]:
        return self.weights["W_dec"], self.weights["W_enc"]

    def _entries(self, rows: Tensor) -> Entries:
        encoder = rows, self.weights["W_enc"], self.weights["b_enc"]
        if self.recipe.architecture == "topk":
            active, row = sharded_top_k(*encoder, int(self.recipe.k))
        else:
            if self._guess is None:
                self._guess = first_guess(*encoder, min(self.recipe.k, self.width))
            keep = max(1, round(len(rows) * self.recipe.k))
            active, row, self._guess = sharded_batch(*encoder, keep, guess=self._guess)
        return entries_of(active, row, saes=1, width=self.width)

    def _revive(self, gradients: Parameters, x: Tensor, error: Tensor) -> None:
        """AuxK over all processes' silent latents, as `gradients.revive` has it."""
        which = self._silent().nonzero().view(-1)
        number = int(sum_over_processes(torch.tensor(len(which), device=x.device)))
        if not number:
            return
        few, most = max(1, REVIVED // number), max(1, x.shape[1] // 2)
        rows, error = (x - self.weights["b_dec"])[:few], error[:few]
        share = self.recipe.auxk / error.square().sum().clamp(min=1e-12)
        w_dec, w_enc = (w[which] for w in self._directions())
        z = rows @ w_enc.t() + self.weights["b_enc"][which]
        z = (z if number <= most else _only_largest(z, most)).clamp(min=0)
        slope = (sum_over_processes(z @ w_dec) + error) * (2 * share)
        back = (slope @ w_dec.t()) * (z > 0)
        bias = back.sum(0)
        gradients["W_enc"].index_add_(0, which, back.t() @ rows)
        gradients["W_dec"].index_add_(0, which, z.t() @ slope)
        gradients["b_enc"].index_add_(0, which, bias)
        gradients["b_dec"] -= sum_over_processes(bias @ w_enc)


def _only_largest(pre: Tensor, most: int) -> Tensor:
    """Pre-activations where they are among the `most` largest of all processes' in
    their row, and 0 elsewhere.
    """
    few = min(most, pre.shape[1])
    value, latent = top_k(pre, few) if few else (pre, pre.long())
    candidates = torch.nn.functional.pad(value, (0, most - few), value=NEVER)
    kept = among_largest(candidates, most)[:, :few]
    return torch.zeros_like(pre).scatter_(1, latent, value * kept)


def check_sharded(recipe: SAERecipe, size: int) -> None:
    """Raises ValueError, in one sentence, for what cannot be trained in shards."""
    if recipe.architecture not in SHARDED or recipe.frozen:
        what = f"{recipe.architecture}{', frozen' * bool(recipe.frozen)}"
        raise ValueError(
            f"latents can be sharded of {' and '.join(SHARDED)} with nothing frozen, "
            f"but {what} was asked for: train it in one process"
        )
    if recipe.width < size:
        raise ValueError(
            f"every process must hold a latent, but {size} processes were started for "
            f"a width of {recipe.width}: start fewer"
        )
