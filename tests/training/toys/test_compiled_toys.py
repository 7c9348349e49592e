"""Counted toys by compiled steps are those of autograd, and hang on nothing else."""

import dataclasses
from typing import Any

import pytest
import torch

from saecore.compiled import availability
from saecore.recipes.toys import ToyRecipe
from saecore.source.worlds.toys import HIERARCHY, INDEPENDENT, MANY, NOISY
from saecore.source.worlds.trees import Tree
from saecore.training.toys import toy_trainer

QUICK: dict[str, Any] = {"steps": 60, "batch": 256, "penalty": 0.03}
KINDS = [
    ToyRecipe(HIERARCHY, **QUICK),
    ToyRecipe(HIERARCHY, "tied", biases=False, **QUICK),
    ToyRecipe(HIERARCHY, "matryoshka", **QUICK),
    ToyRecipe(Tree(), width=12, **QUICK),
    ToyRecipe(NOISY, **QUICK),
    ToyRecipe(MANY, "batchtopk", 12, k=2, steps=10, batch=256, penalty=0.0),
]


def trained(runs, monkeypatch, *, compiled: bool):
    monkeypatch.setattr(availability, "available", lambda: compiled)
    heard: list[int] = []
    found = toy_trainer.train_toys(runs, advance=heard.append)
    return found, sum(heard)


@pytest.mark.parametrize("recipe", KINDS, ids=lambda one: one.slug)
def test_steps_are_those_of_autograd(recipe, monkeypatch):
    runs = [dataclasses.replace(recipe, seed=seed) for seed in range(3)]
    runs += [dataclasses.replace(recipe, seed=0, penalty=2 * recipe.penalty)]
    fast, heard = trained(runs, monkeypatch, compiled=True)
    slow, _ = trained(runs, monkeypatch, compiled=False)
    assert heard == recipe.steps * len(runs)
    for one, other in zip(fast, slow, strict=True):
        assert set(one) == set(other)
        for name, value in one.items():
            torch.testing.assert_close(value, other[name], atol=1e-4, rtol=1e-3)


def test_a_run_has_the_same_bits_in_any_company(monkeypatch):
    (alone,), _ = trained([KINDS[0]], monkeypatch, compiled=True)
    others = [ToyRecipe(INDEPENDENT, **QUICK), KINDS[0]]
    (_, among), _ = trained(others, monkeypatch, compiled=True)
    assert all(torch.equal(alone[name], among[name]) for name in alone)
