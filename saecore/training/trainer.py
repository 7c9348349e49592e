"""Training: a stream of batches, a schedule, and at the end weights that take raw rows.

Rows are centred by their mean and divided by the root of their mean square distance
from it, so that the mean square norm of what is trained on is 1; `folded` undoes this
in the weights, and W_dec keeps its unit rows.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from saecore.errors import Unsuited
from saecore.recipes.sae import PENALISED, SAERecipe
from saecore.seeding import stable_seed
from saecore.threads import one_thread
from saecore.training.gradients import Parameters
from saecore.training.initial import initial
from saecore.training.lockstep import Block
from saecore.training.memory import keep_freed_memory
from saecore.training.selection import first_guess, select_batch

MASSIVE = 10.0
"""A row is massive if its norm is more than so many times the median norm of the rows:
a massive activation (Sun et al. 2402.17762). There they are single coordinates of 1,000
times the median, at the first token and at delimiters; the norm of such a row is nearly
that coordinate.
"""


class TrainingRows(NamedTuple):
    """The rows of a site, split for training, with the numbers that centre and scale
    them.
    """

    train: Float[Tensor, "row d_model"]
    """What is trained on: all but the last eighth (32,768 rows at most)."""
    calibrate: Float[Tensor, "row d_model"]
    """The first half of what is held back: thresholds are set on it."""
    check: Float[Tensor, "row d_model"]
    """The second half: L0 and FVU are measured on it."""
    mean: Float[Tensor, " d_model"]
    """Of the training rows."""
    scale: float
    """Root of the mean square distance of the training rows from their mean."""
    massive: int = 0
    """Rows of the site that were left out, as `MASSIVE` says."""


class Trained(NamedTuple):
    """What a training gives."""

    weights: Parameters
    """By SAELens' names, for raw rows."""
    log: list[dict[str, float]]
    """Step, FVU, L0, share of silent latents and penalty, about fifty times."""
    seconds: float
    """CPU time of this SAE's share of its block."""


def split(rows: Float[Tensor, "row d_model"]) -> TrainingRows:
    """Train and held-out rows: the last ones are held back, mean and scale are measured
    on the others. Massive rows are left out and counted: a handful of them would hold
    most of the variance, and every FVU would be theirs.

    Raises Unsuited for fewer than 16 rows, and ValueError for rows that are all alike
    or not finite.
    """
    if not len(rows):
        raise Unsuited(
            "training needs at least 16 rows, but the site has none: the language "
            "model holds none of the words or names that it was asked for as single "
            "tokens; use one whose vocabulary holds more whole words"
        )
    if len(rows) < 16:
        raise Unsuited(
            f"training needs at least 16 rows, but the site has {len(rows)}: ask for "
            "more rows, or for rows of words use a language model whose vocabulary "
            "holds more whole words"
        )
    kept = ~massive_rows(rows)
    massive = len(rows) - int(kept.sum())
    rows = rows[kept] if massive else rows
    held = min(len(rows) // 8, 32_768)
    train, rest = rows[: len(rows) - held], rows[len(rows) - held :]
    totals = torch.stack(
        [part.sum(0, dtype=torch.float64) for part in train.split(65_536)]
    )
    mean = (totals.sum(0) / len(train)).float()
    squares = sum(
        float((part - mean).square().sum(dtype=torch.float64))
        for part in train.split(65_536)
    )
    scale = math.sqrt(squares / len(train))
    if not (math.isfinite(scale) and scale > 0):
        raise ValueError(
            "rows must be finite and differ from each other, but their scale is "
            f"{scale}: check the site"
        )
    checked = rest[: held // 2], rest[held // 2 :]
    return TrainingRows(train, *checked, mean, scale, massive)


def massive_rows(rows: Float[Tensor, "row d_model"]) -> Bool[Tensor, " row"]:
    """Rows with massive activations: norms above `MASSIVE` times the median norm."""
    parts = [part.norm(dim=1) for part in rows.split(65_536)]
    norms = torch.cat(parts) if parts else torch.zeros(0)
    return norms > MASSIVE * norms.nanmedian() if len(norms) else norms > 0


def normalised(x: Tensor, rows: TrainingRows) -> Tensor:
    """Raw rows in the units of training."""
    return (x - rows.mean) / rows.scale


def batches(
    rows: TrainingRows, recipe: SAERecipe, device: str = "cpu"
) -> Iterator[Float[Tensor, "row d_model"]]:
    """The normalised batches of a training, in the order that `data_seed` fixes; each
    overwrites the last.

    Every pass over the rows has an order of its own, and passes follow each other
    without a gap.
    """
    generator = torch.Generator().manual_seed(stable_seed("order", recipe.data_seed))
    mean = rows.mean.to(device)
    x = torch.empty(recipe.batch, rows.train.shape[1])
    order = torch.empty(0, dtype=torch.int64)
    for _ in range(recipe.steps):
        while len(order) < recipe.batch:
            order = torch.cat(
                [order, torch.randperm(len(rows.train), generator=generator)]
            )
        torch.index_select(rows.train, 0, order[: recipe.batch], out=x)
        order = order[recipe.batch :]
        yield x.to(device).sub_(mean).div_(rows.scale)


def rate(recipe: SAERecipe, step: int) -> float:
    """Learning-rate schedule: linear warm-up, constant, linear decay to 0 over the last
    share of the steps.
    """
    warm = (step + 1) / (recipe.warmup + 1)
    left = (recipe.steps - step) / max(1.0, recipe.decay * recipe.steps)
    return recipe.learning_rate * min(1.0, warm, left)


def train(
    recipe: SAERecipe,
    seeds: Sequence[int],
    rows: TrainingRows,
    *,
    device: str = "cpu",
    progress: Callable[[int], None] | None = None,
) -> list[Trained]:
    """Train the recipe once per seed, side by side, on one thread; `progress` hears of
    the rows of every step.

    The result for a seed does not depend on the other seeds.
    """
    start = time.process_time() if device == "cpu" else time.perf_counter()
    keep_freed_memory()
    with one_thread(), torch.no_grad():
        block = Block(recipe, seeds, rows.train.shape[1], device)
        logs = run_block(block, rows, device, progress)
        weights = [
            folded(recipe, calibrated(recipe, block.one(i), rows), rows)
            for i in range(block.saes)
        ]
    spent = (time.process_time() if device == "cpu" else time.perf_counter()) - start
    return [
        Trained(w, log, spent / block.saes)
        for w, log in zip(weights, logs, strict=True)
    ]


def run_block(
    block: Block,
    rows: TrainingRows,
    device: str,
    progress: Callable[[int], None] | None,
) -> list[list[dict[str, float]]]:
    """All steps of a block; the log of each of its SAEs."""
    recipe = block.recipe
    logs: list[list[dict[str, float]]] = [[] for _ in range(block.saes)]
    every = max(1, recipe.steps // 50)
    for step, x in enumerate(batches(rows, recipe, device)):
        block.step(x, lr=rate(recipe, step))
        if step % every == 0 or step == recipe.steps - 1:
            _note(block, step, logs)
        if progress is not None:
            progress(recipe.batch * block.saes)
    return logs


def _note(block: Block, step: int, logs: list[list[dict[str, float]]]) -> None:
    silent = block.silent_share()
    for i, log in enumerate(logs):
        line = {
            "step": step,
            "fvu": float(block.fvu[i]),
            "l0": float(block.l0[i]),
            "silent": float(silent[i]),
        }
        if block.recipe.architecture in PENALISED:
            line["penalty"] = math.exp(float(block.log_penalty[i]))
        log.append(line)


def calibrated(
    recipe: SAERecipe, weights: Parameters, rows: TrainingRows
) -> Parameters:
    """Calibrated thresholds, which keep k latents per row on rows that were held back,
    for the architectures that have any.

    BatchTopK and Matryoshka act as JumpReLU with one threshold (Bussmann et al.
    2412.06410, section 3.1: the mean over batches of the smallest activation kept).
    Ours is the value that exactly k latents per row exceed: right after any number of
    steps, where a moving average lags behind. JumpReLU's own thresholds are multiplied
    by one factor, which takes back what the controller is still off by when training
    ends; it lies in [0.8, 1.25].
    """
    weights = {name: weight.cpu() for name, weight in weights.items()}
    if recipe.architecture in ("batchtopk", "matryoshka"):
        weights["threshold"] = torch.full(
            (recipe.width,), _level(recipe, weights, rows)
        )
    if recipe.architecture == "jumprelu":
        threshold = weights.pop("log_threshold").exp()
        relative = {
            "W_enc": weights["W_enc"] / threshold[:, None],
            "b_enc": weights["b_enc"] / threshold,
        }
        factor = _level(recipe, weights | relative, rows)
        weights["threshold"] = threshold * min(1.25, max(0.8, factor))
    return weights


def _level(recipe: SAERecipe, weights: Parameters, rows: TrainingRows) -> float:
    """The value that k pre-activations per row exceed on the calibration rows, and at
    least 0.
    """
    x = normalised(rows.calibrate, rows) - weights["b_dec"]
    encoder = weights["W_enc"], weights["b_enc"]
    guess = first_guess(x, *encoder, recipe.k)
    keep = max(1, round(len(x) * recipe.k))
    return math.nextafter(select_batch(x, *encoder, keep, guess=guess)[2], 0.0)


def folded(recipe: SAERecipe, weights: Parameters, rows: TrainingRows) -> Parameters:
    """Folded normalisation: the weights that do to raw rows what these do to normalised
    ones; activations take the rows' units.

    With x = mean + scale * y: b_dec becomes mean + scale * b_dec, the other biases and
    thresholds are multiplied by the scale, and the directions stay. Names are SAELens'
    and W_enc is turned to [d_model, latent].
    """
    out = {
        "W_enc": weights["W_enc"].t().contiguous(),
        "W_dec": weights["W_dec"],
        "b_dec": rows.mean + rows.scale * weights["b_dec"].view(-1),
        "b_enc": rows.scale * weights["b_enc"],
    }
    if "threshold" in weights:
        out["threshold"] = rows.scale * weights["threshold"]
    if recipe.architecture == "gated":
        out["b_gate"] = out.pop("b_enc")
        out |= {"r_mag": weights["r_mag"], "b_mag": rows.scale * weights["b_mag"]}
    return out


def untrained(recipe: SAERecipe, rows: TrainingRows) -> Parameters:
    """The untrained SAE, as it is before its first step, made as sparse as the recipe
    asks: the null of a claim about training.

    TopK is left as it starts. The others start dense; one level is subtracted from the
    pre-activations (ReLU, and the gate of gated) or taken as the threshold (JumpReLU,
    BatchTopK, Matryoshka), so that k per row are active.
    """
    weights = initial(recipe, recipe.seed, rows.train.shape[1])
    if recipe.architecture == "topk":
        return folded(recipe, weights, rows)
    level = _level(recipe, weights, rows)
    if recipe.architecture in ("relu", "gated"):
        weights["b_enc"] = weights["b_enc"] - level
    weights.pop("log_threshold", None)
    if recipe.architecture in ("jumprelu", "batchtopk", "matryoshka"):
        weights["threshold"] = torch.full((recipe.width,), level)
    return folded(recipe, weights, rows)
