"""Fraction of variance unexplained after the same rows at the same L0, beside peers at
their best learning rate: `python benchmarks/quality.py [--rows 300000]`.

TopK keeps k latents in every row, so L0 is equal by construction. All see the same
batches of the language model's rows, centred and scaled, with the same warm-up and
decay; each is at the best rate of a grid. The language model's rows must be in the zoo.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import peers
import results
import torch
from torch import Tensor

from saecore import profiles
from saecore.claims import sites
from saecore.recipes.sae import SAERecipe
from saecore.training import trainer
from saecore.training.lockstep import Block

RATES = (1.5e-3, 3e-3, 6e-3, 1.2e-2)
SEEDS = (0, 1, 2)
Trained = tuple[Callable[[Tensor, float], object], Callable[[Tensor], Tensor]]
"""A step on a batch at a learning rate, and the reconstruction of rows."""


def ours(recipe: SAERecipe, seed: int) -> Trained:
    """Our SAE."""
    block = Block(recipe, [seed], 160)

    def rebuilt(x: Tensor) -> Tensor:
        own = block.one(0)
        pre = (x - own["b_dec"]) @ own["W_enc"].t() + own["b_enc"]
        best = pre.topk(int(recipe.k), dim=1)
        active = torch.zeros_like(pre).scatter(1, best.indices, best.values.relu())
        return active @ own["W_dec"] + own["b_dec"]

    return lambda x, lr: block.step(x, lr=lr), rebuilt


def sae_lens(recipe: SAERecipe, seed: int) -> Trained:
    """SAELens' TopK at its defaults."""
    import sae_lens as lens
    from sae_lens.training.sae_trainer import SAETrainer

    torch.manual_seed(seed)
    shape: dict[str, Any] = {"d_in": 160, "d_sae": recipe.width, "k": int(recipe.k)}
    sae = lens.TopKTrainingSAE(lens.TopKTrainingSAEConfig(**shape))
    schedule = peers.sae_lens_schedule(recipe.batch)
    one = SAETrainer(schedule, sae, peers.nothing())  # pyright: ignore
    return scheduled(one.step, one.optimizer), lambda x: sae(x)


def dictionary_learning(recipe: SAERecipe, seed: int) -> Trained:
    """dictionary_learning's TopK at its defaults."""
    from dictionary_learning.trainers.top_k import TopKTrainer  # pyright: ignore

    asked = {"activation_dim": 160, "dict_size": recipe.width, "k": int(recipe.k)}
    one = TopKTrainer(
        steps=10**6, layer=0, lm_name="none", device="cpu", seed=seed, **asked
    )
    count = iter(range(10**6))
    return (
        scheduled(lambda x: one.update(next(count), x), one.optimizer),
        lambda x: one.ae(x),
    )


def scheduled(step: Callable[[Tensor], object], optimiser: Any) -> Any:
    """The step at the learning rate that is given."""

    def run(x: Tensor, lr: float) -> None:
        for group in optimiser.param_groups:
            group["lr"] = lr
        step(x.clone())

    return run


def fvu(made: Trained, recipe: SAERecipe, rows: trainer.TrainingRows) -> float:
    """Unexplained variance of held-out rows after training at the recipe's rate."""
    step, rebuilt = made
    for number, x in enumerate(trainer.batches(rows, recipe)):
        step(x, trainer.rate(recipe, number))
    with torch.no_grad():
        x = trainer.normalised(rows.check, rows)
        missing = (x - rebuilt(x)).square().sum()
        return float(missing / (x - x.mean(0)).square().sum())


def main() -> None:
    """Print the mean over seeds of each at each rate."""
    options = results.options(__doc__)
    options.add_argument("--rows", type=int, default=300_000)
    options.add_argument("--widths", type=int, nargs="+", default=[640])
    asked = options.parse_args()
    profile = profiles.read("tiny")
    site = sites.model_site(profile, sample=1)
    rows = sites.open_zoo(profile).split(site)
    table, numbers = [], {}
    for width in asked.widths:
        recipe = SAERecipe(site, "topk", width, profile.k, rows=asked.rows)
        found = compared(recipe, rows)
        table += found
        mine = min(one["fvu"] for one in found if one["name"] == "ours")
        for peer in ("SAELens", "dictionary_learning"):
            best = min(one["fvu"] for one in found if one["name"] == peer)
            numbers[f"topk 160 {width}: FVU over {peer}"] = mine / best
    results.write(asked.json, numbers, table)


def compared(recipe: SAERecipe, rows: trainer.TrainingRows) -> list[dict[str, Any]]:
    """Name, rate and FVU of each."""
    tried = [("ours", ours, rate) for rate in RATES]
    tried += [("SAELens", sae_lens, rate) for rate in RATES]
    tried += [("dictionary_learning", dictionary_learning, rate) for rate in RATES]
    found = []
    for name, make, rate in tried:
        asked = replace(recipe, lr=rate)
        each = [fvu(make(asked, seed), asked, rows) for seed in SEEDS]
        mean = sum(each) / len(each)
        print(f"{name:20} width {recipe.width} rate {rate:.1e} FVU {mean:.4f}")
        found.append({"name": name, "width": recipe.width, "rate": rate, "fvu": mean})
    return found


if __name__ == "__main__":
    main()
