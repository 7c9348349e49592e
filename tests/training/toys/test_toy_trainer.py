"""Training of toys: the cheap loss is the plain one, and no run depends on its
company.
"""

import dataclasses
from typing import Any

import pytest
import torch

from saecore.recipes.toys import ToyRecipe
from saecore.source.worlds import toys as worlds
from saecore.source.worlds.toys import HIERARCHY, INDEPENDENT, MANY
from saecore.training.toys import toy_trainer
from tests.quick_toys import BATCHTOPK, QUICK


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    "recipe",
    [ToyRecipe(HIERARCHY, **QUICK), ToyRecipe(MANY, **BATCHTOPK, **QUICK)],
    ids=lambda r: r.slug,
)
def test_a_run_does_not_depend_on_its_company(recipe):
    company = [dataclasses.replace(recipe, seed=seed) for seed in (3, 5, 9)]
    alone = toy_trainer.train_toys([company[1]], advance=lambda steps: None)[0]
    among = toy_trainer.train_toys(company, advance=lambda steps: None)[1]
    for name, weight in alone.items():
        torch.testing.assert_close(weight, among[name], atol=1e-5, rtol=1e-4)


@pytest.mark.usefixtures("way")
def test_a_child_that_implies_its_parent_absorbs_it_and_independent_features_come_back():
    short: dict[str, Any] = {"steps": 1500, "lr": 5e-3, "penalty": 0.03}
    runs = [
        ToyRecipe(toy, seed=seed, **short)
        for toy in (HIERARCHY, INDEPENDENT)
        for seed in range(4)
    ]
    trained = toy_trainer.train_toys(runs, advance=lambda steps: None)
    mixed = []
    for run, weights in zip(runs, trained, strict=True):
        truth = worlds.directions(run.toy, seed=run.seed)
        cosine = torch.nn.functional.normalize(weights["W_dec"], dim=1) @ truth.T
        child = cosine[:, 1].argmax()
        mixed.append(float(cosine[child, 0]))
    assert sorted(mixed[:4])[1] > 0.6
    assert sorted(mixed[4:])[2] < 0.1
