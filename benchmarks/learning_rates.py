"""Which learning rate: `python benchmarks/learning_rates.py [--out FILE]`.

On a sample of rows of its own (sample 1), SAEs of every architecture and width are
trained at the rates of a grid with steps of two. The default rate of a family is the
one with the lowest mean of log FVU on held-out rows over its architectures, widths and
both subjects; the lower one where two are within one percent; a rate at which L0
exceeds k by more than 6 % anywhere does not compete. Families are the SAEs whose
sparsity is chosen (TopK, BatchTopK, Matryoshka), narrow and wide, and those whose
sparsity is penalised (ReLU, Gated, JumpReLU). Families and the limit on L0 were written
after a first table of FVU was seen, all of it before any claim's number.
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
from saecore.recipes.sae import PENALISED, WIDE, Architecture, SAERecipe
from saecore.training.trainer import TrainingRows, train
from saecore.zoo.sae import SAE, configuration

RATES = (1.5e-3, 3e-3, 6e-3, 1.2e-2, 2.4e-2)
KINDS: tuple[Architecture, ...] = (
    "topk",
    "batchtopk",
    "relu",
    "matryoshka",
    "jumprelu",
    "gated",
)
CLOSE, EXCESS = 0.01, 1.06
Results = dict[str, dict[float, list[tuple[float, float]]]]


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
                for rate in RATES:
                    fvu, l0 = held_out(recipe, rate, rows)
                    found[family_of(recipe)][rate].append((fvu, l0 / given.k))
                    print(
                        f"{name:6} {kind:10} {width:5} {rate:8.1e} FVU {fvu:.4f} "
                        f"L0 {l0:.2f}",
                        flush=True,
                    )
    settled = {family: best(tried) for family, tried in found.items()}
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


def family_of(recipe: SAERecipe) -> str:
    """The family that shares a rate."""
    if recipe.architecture in PENALISED:
        return "penalised"
    return "wide" if recipe.width >= WIDE else "narrow"


def best(tried: dict[float, list[tuple[float, float]]]) -> float:
    """The rate with the lowest mean log FVU, or a lower one within one percent, among
    those that keep L0.
    """
    mean = {
        rate: statistics.fmean(math.log(fvu) for fvu, _ in found)
        for rate, found in tried.items()
        if max(l0 for _, l0 in found) <= EXCESS
    }
    return min(rate for rate in mean if mean[rate] <= min(mean.values()) + CLOSE)


if __name__ == "__main__":
    main()
