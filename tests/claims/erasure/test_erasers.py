"""Erasers at the same effect, and the latent that the task itself chooses."""

import pytest
import torch

from saecore.claims.editing import gender_erasure
from saecore.report import Claim
from tests.claims.editing.conftest import CLEAR, TRUE


@pytest.fixture(scope="module")
def constants():
    return Claim.read("editing").constants


@pytest.fixture(scope="module")
def task(zoo, subject, model):
    return gender_erasure.gender_by_layer(zoo, subject, model, [1])[1]


def test_the_latent_that_removes_the_task_is_chosen_and_not_the_clearest(
    zoo, task, constants
):
    sae = zoo.sae(1, 0)
    chosen = gender_erasure.latent_erasers(sae, task, constants)
    assert chosen["projected"].latent == TRUE
    one = gender_erasure.latent_erasers(
        sae, task, Claim.read("editing").moved(candidates=1).constants
    )
    assert one["projected"].latent == CLEAR


def test_three_linear_erasers_and_a_latent_per_sae_are_compared(
    zoo, subject, task, constants
):
    linear = gender_erasure.linear_erasers(zoo, subject, task)
    ways = [
        gender_erasure.latent_erasers(zoo.sae(1, n), task, constants) for n in (0, 1)
    ]
    compared = gender_erasure.compared_erasers(linear, ways)
    assert {name: len(several) for name, several in compared.items()} == {
        "LEACE": 1,
        "LEACE, shrunk": 1,
        "mean difference": 1,
        "one latent": 2,
    }
    assert (
        compared["one latent"][0]
        is min(ways[0].values(), key=lambda one: one.right).eraser
    )


@pytest.mark.parametrize("names", ["chosen", "held out"])
def test_an_eraser_is_brought_to_chance_on_the_names_asked_for(
    zoo, subject, task, constants, names
):
    means = gender_erasure.linear_erasers(zoo, subject, task)["mean difference"]
    matched = gender_erasure.brought_to_chance(task, means, constants, names)
    assert matched.reached
    assert task.right(matched.eraser, names) == pytest.approx(0.5, abs=0.01)


def test_harm_is_that_of_the_matched_eraser(zoo, subject, task, constants):
    linear = gender_erasure.linear_erasers(zoo, subject, task)
    found = gender_erasure.harm_at_chance(task, {"LEACE": [linear["LEACE"]]}, constants)
    matched = gender_erasure.brought_to_chance(task, linear["LEACE"], constants)
    assert found == {"LEACE": [task.moved(matched.eraser)]}
    assert torch.is_tensor(task.rows)
