"""Several SAEs of one shape that learn side by side from the same rows, latent by
latent under each other.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from saecore.linear import linear
from saecore.recipes.sae import PENALISED, SAERecipe
from saecore.sparse import Active, chunk_rows, row_pointers
from saecore.training.adam import Adam
from saecore.training.gradients import (
    Parameters,
    Step,
    gated,
    jumprelu,
    matryoshka,
    plain,
    revive,
)
from saecore.training.held import Constraints
from saecore.training.initial import initial
from saecore.training.selection import (
    first_guess,
    select_above,
    select_batch,
    select_top_k,
)
from saecore.training.sparse_or_dense import Entries, Table, entries_of, top_k_entries

DENSE_ABOVE = 0.15
"""Share of active latents above which the dense layout is the faster one."""
FIRST_PENALTY, GAIN = 1e-2, 0.02
"""Of the controller."""
THRESHOLD_RATE = 10.0
"""Learning rate of the logarithms of thresholds, in units of the others'."""


class Block:
    """SAEs trained in lockstep: recipes that differ in their seed alone, stepped on the
    same batches as one computation, with the state of their optimiser, of the penalty's
    controller, and of the count of silent rows.
    """

    def __init__(
        self, recipe: SAERecipe, seeds: Sequence[int], d_model: int, device: str = "cpu"
    ) -> None:
        self.recipe, self.saes, self.width = recipe, len(seeds), recipe.width
        each = [initial(recipe, seed, d_model) for seed in seeds]
        self.weights = {
            name: torch.cat([one[name] for one in each]).to(device) for name in each[0]
        }
        self.held = Constraints(recipe, self.weights)
        self.adam = Adam(self.weights, {"log_threshold": THRESHOLD_RATE})
        self.log_penalty = torch.full(
            (self.saes,), math.log(FIRST_PENALTY), dtype=torch.float64
        )
        self.l0 = torch.full((self.saes,), recipe.width / 2, dtype=torch.float64)
        self.fvu = torch.ones(self.saes, dtype=torch.float64)
        self.silent_for = torch.zeros(
            self.saes * recipe.width, dtype=torch.int64, device=device
        )
        self._smallest: list[float] | None = None

    def step(self, x: Tensor, *, lr: float) -> None:
        """One step of Adam on a batch, then one of the penalty's controller."""
        self.adam.step(self.held.allowed(self.gradients(x)), lr)
        self.held.keep()
        if self.recipe.architecture in PENALISED:
            self._control()

    def gradients(self, x: Tensor) -> Parameters:
        """Gradients of the mean loss over the batch, penalties and auxiliary losses
        included.
        """
        batch = len(x)
        parts = [self._part(part, batch) for part in x.split(self._part_rows(batch))]
        gradients = parts[0].gradients
        for part in parts[1:]:
            for name, gradient in part.gradients.items():
                gradients[name] += gradient
        self._watch(parts, batch)
        if self.recipe.auxk and self.recipe.architecture not in PENALISED:
            self._revive(gradients, x, parts[0].error)
        return gradients

    def _control(self) -> None:
        """The logarithm of the penalty moves by a gain times log(L0 / k), which counts
        as 1 at most.

        A penalty that rises faster overshoots while L0 is still far off, and a quarter
        of the latents never come back; only trainings of less than 500 steps cannot
        wait. It falls with three times the gain after the rise, while L0 is more than a
        tenth below k.
        """
        off = (self.l0 / self.recipe.k).clamp(1 / math.e, math.e).log()
        gain = max(GAIN, 10 / self.recipe.steps)
        self.log_penalty += torch.where(off > -0.1, gain * off, 3 * gain * off)

    def _part_rows(self, batch: int) -> int:
        """All rows at once while the layout is sparse, a chunk of them while it is
        dense.
        """
        return (
            max(1, chunk_rows(self.width) // self.saes) if self._is_dense() else batch
        )

    def _is_dense(self) -> bool:
        return (
            self.recipe.architecture in PENALISED
            and float(self.l0.mean()) > DENSE_ABOVE * self.width
        )

    def _part(self, x: Tensor, batch: int) -> Step:
        rows = (x - self.weights["b_dec"][:, None]).view(-1, x.shape[1])
        kind, weights = self.recipe.architecture, self.weights
        layout = self._layout(rows)
        if isinstance(layout, Entries) and kind == "matryoshka":
            return matryoshka(layout, weights, rows, batch, self.recipe.nested)
        if kind not in PENALISED:
            return plain(layout, weights, rows, batch, None)
        penalty = self.log_penalty.exp().float().to(x.device)
        penalty = penalty.repeat_interleave(self.width)
        if kind == "jumprelu":
            bandwidth = self.recipe.bandwidth
            return jumprelu(layout, weights, rows, batch, penalty, bandwidth)
        step = gated if kind == "gated" else plain
        return step(layout, weights, rows, batch, penalty)

    def _each(self, rows: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
        """Rows, encoder and its bias of every SAE."""
        size = len(rows) // self.saes
        encoder = (
            self.weights["W_enc"].split(self.width),
            self.weights["b_enc"].split(self.width),
        )
        return list(zip(rows.split(size), *encoder, strict=True))

    def _layout(self, rows: Tensor) -> Entries | Table:
        if self.recipe.architecture == "topk":
            k = int(self.recipe.k)
            found = [select_top_k(*one, k) for one in self._each(rows)]
            latent = [latent + i * self.width for i, (_, latent) in enumerate(found)]
            value = torch.cat([value for value, _ in found])
            return top_k_entries(
                (value, torch.cat(latent)), saes=self.saes, width=self.width
            )
        if self._is_dense():
            return Table(torch.stack([linear(*one) for one in self._each(rows)]))
        if self.recipe.architecture in PENALISED:
            floors = self._floors().split(self.width)
            each = zip(self._each(rows), floors, strict=True)
            return self._stacked([select_above(*one, floor) for one, floor in each])
        return self._stacked(self._batch_selection(rows))

    def _floors(self) -> Tensor:
        """Below which pre-activations have no influence at all."""
        if self.recipe.architecture != "jumprelu":
            return torch.zeros_like(self.weights["b_enc"])
        return self.weights["log_threshold"].exp() - self.recipe.bandwidth / 2

    def _batch_selection(self, rows: Tensor) -> list[tuple[Active, Tensor]]:
        each = self._each(rows)
        if self._smallest is None:
            self._smallest = [first_guess(*one, self.recipe.k) for one in each]
        found = []
        for i, one in enumerate(each):
            keep = max(1, round(len(one[0]) * self.recipe.k))
            active, row, self._smallest[i] = select_batch(
                *one, keep, guess=self._smallest[i]
            )
            found.append((active, row))
        return found

    def _stacked(self, found: list[tuple[Active, Tensor]]) -> Entries:
        """The selections of all SAEs as one: latents and rows numbered on from one SAE
        to the next.
        """
        if self.saes == 1:
            return entries_of(*found[0], saes=1, width=self.width)
        n = len(found[0][0].crow) - 1
        row = torch.cat([row + i * n for i, (_, row) in enumerate(found)])
        latent = torch.cat(
            [active.latent + i * self.width for i, (active, _) in enumerate(found)]
        )
        value = torch.cat([active.value for active, _ in found])
        crow = row_pointers(row, n * self.saes)
        return entries_of(
            Active(crow, latent, value), row, saes=self.saes, width=self.width
        )

    def _watch(self, parts: list[Step], batch: int) -> None:
        """L0 and error of the batch, and for how many rows each latent has been
        silent.
        """
        counts = (
            parts[0].counts
            if len(parts) == 1
            else torch.stack([part.counts for part in parts]).sum(0)
        )
        self.l0 = (counts.view(self.saes, -1).sum(1) / batch).double().cpu()
        squares = [part.error.reshape(self.saes, -1).square().sum(1) for part in parts]
        self.fvu = torch.stack(squares).double().sum(0).cpu() / batch
        self.silent_for.add_(batch).mul_(counts == 0)

    def _revive(self, gradients: Parameters, x: Tensor, error: Tensor) -> None:
        silent = (self.silent_for > self.recipe.silent_after).view(self.saes, -1)
        if not bool(silent.any()):
            return
        for i, (mask, missing) in enumerate(
            zip(silent, error.split(len(x)), strict=True)
        ):
            which = mask.nonzero().view(-1)
            if not len(which):
                continue
            own = {
                name: w.view(self.saes, -1, *w.shape[1:])[i]
                for name, w in self.weights.items()
            }
            extra = revive(own, x - own["b_dec"], missing, which, self.recipe.auxk)
            gradients["b_dec"][i] += extra.pop("b_dec")
            for name, gradient in extra.items():
                gradients[name].index_add_(0, which + i * self.width, gradient)

    def silent_share(self) -> Tensor:
        """Share of the latents that have been silent for longer than the recipe says,
        per SAE.
        """
        silent = self.silent_for > self.recipe.silent_after
        return silent.view(self.saes, -1).float().mean(1)

    def one(self, i: int) -> Parameters:
        """The weights of one SAE."""
        return {
            name: w.view(self.saes, -1, *w.shape[1:])[i].clone()
            for name, w in self.weights.items()
        }
