"""Which learning rate: `python benchmarks/learning_rates.py [--out FILE]`.

The rule, fixed before any claim's number was looked at: on a sample of rows of its own
(sample 1), SAEs of every architecture and width are trained at the rates of a grid with
steps of two. The default rate of a family and a width is the one with the lowest mean
over its architectures of log FVU on held-out rows; the lower one where two are within
one percent. Families are those whose sparsity is chosen (TopK, BatchTopK, Matryoshka)
and those whose sparsity is penalised (ReLU, Gated, JumpReLU).
"""

import argparse
import json
import math
import statistics
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import torch

from saecore.claims.sites import model_site, open_zoo, world_site
from saecore.profiles import WorldProfile, read
from saecore.recipes.sae import Architecture, SAERecipe
from saecore.training.initial import CONTROLLED
from saecore.training.trainer import TrainingRows, train
from saecore.zoo.sae import SAE, configuration

RATES = (1.5e-3, 3e-3, 6e-3, 1.2e-2)
KINDS: tuple[Architecture, ...] = (
    "topk",
    "batchtopk",
    "relu",
    "matryoshka",
    "jumprelu",
    "gated",
)
CLOSE = 0.01
Results = dict[tuple[str, str, int], dict[float, list[float]]]


def main() -> None:
    """Train, print a line per SAE, and then the rate of every family and width."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path)
    options.add_argument("--kinds", nargs="+", default=list(KINDS))
    chosen = options.parse_args()
    torch.set_num_threads(1)
    profile, sizes = read(), WorldProfile()
    zoo = open_zoo(profile)
    subjects = {
        "world": (world_site(profile, sizes, sample=1), sizes.widths, sizes),
        "model": (model_site(profile, sample=1), profile.widths, profile),
    }
    found: Results = defaultdict(lambda: defaultdict(list))
    for name, (site, widths, given) in subjects.items():
        rows = zoo.split(site)
        for width in widths:
            for kind in chosen.kinds:
                recipe = SAERecipe(site, kind, width, given.k, rows=given.rows)
                family = "penalised" if kind in CONTROLLED else "chosen"
                for rate in RATES:
                    fvu, l0 = held_out(recipe, rate, rows)
                    found[name, family, width][rate].append(fvu)
                    print(
                        f"{name:6} {kind:10} {width:5} {rate:8.1e} FVU {fvu:.4f} "
                        f"L0 {l0:.2f}",
                        flush=True,
                    )
    settled = {" ".join(map(str, key)): best(fvus) for key, fvus in found.items()}
    print(json.dumps(settled, indent=1))
    if chosen.out:
        chosen.out.write_text(json.dumps(settled, indent=1) + "\n")


def held_out(recipe: SAERecipe, rate: float, rows: TrainingRows) -> tuple[float, float]:
    """FVU and L0 on the rows that are neither trained on nor calibrated on."""
    trained = train(replace(recipe, lr=rate), [recipe.seed], rows)[0]
    cfg = configuration(
        recipe.architecture,
        width=recipe.width,
        d_model=rows.train.shape[1],
        k=recipe.k,
        metadata={},
    )
    sae, x = SAE(cfg, trained.weights), rows.check.clone()
    latents = sae.encode(x)
    error = (x - sae.decode(latents)).square().sum(dtype=torch.float64)
    total = (x - x.mean(0)).square().sum(dtype=torch.float64)
    return float(error / total), float((latents > 0).sum(1).float().mean())


def best(fvus: dict[float, list[float]]) -> float:
    """The rate with the lowest mean log FVU, or a lower one within one percent."""
    mean = {rate: statistics.fmean(map(math.log, f)) for rate, f in fvus.items()}
    return min(rate for rate in mean if mean[rate] <= min(mean.values()) + CLOSE)


if __name__ == "__main__":
    main()
