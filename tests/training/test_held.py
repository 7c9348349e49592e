"""Frozen and softly frozen halves, and tied weights: what stays, what learns, by both
ways, side by side and in the zoo.
"""

import dataclasses

import pytest
import torch
from torch import Tensor

from saecore.compiled import availability
from saecore.recipes.sae import PENALISED, SAERecipe
from saecore.source.worlds.rows import World
from saecore.training.held import KEPT_COSINE, near
from saecore.training.initial import initial
from saecore.training.lockstep import Block
from saecore.training.trainer import TrainingRows, split, train, untrained
from saecore.zoo.store import Zoo
from tests.training.test_trainer import ARCHITECTURES, fvu, sae_of

FROZEN = ("decoder", "soft-decoder", "encoder")
TOGETHER = ("topk", "batchtopk", "matryoshka")
ALL = [(one, kind) for one in ARCHITECTURES for kind in FROZEN] + [("relu", "tied")]


@pytest.fixture
def rows(planted) -> TrainingRows:
    return split(planted(World(d_model=32), 6000))


def held(recipe: SAERecipe, kind: str, architecture: str = "relu") -> SAERecipe:
    if kind == "tied":
        return dataclasses.replace(recipe, architecture="relu", tied=True)
    return dataclasses.replace(recipe, architecture=architecture, frozen=kind)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("frozen", FROZEN)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_is_frozen_stays_and_the_rest_learns(
    recipe, rows, architecture, frozen
) -> None:
    asked = dataclasses.replace(held(recipe, frozen, architecture), rows=150 * 256)
    start, weights = initial(asked, 0, 32), train(asked, [0], rows)[0].weights
    w_enc, w_dec = weights["W_enc"].t(), weights["W_dec"]
    moved_enc = float((unit(w_enc) - unit(start["W_enc"])).norm(dim=1).mean())
    moved_dec = float((w_dec - start["W_dec"]).norm(dim=1).mean())
    if frozen == "encoder" and architecture == "relu":
        torch.testing.assert_close(unit(w_enc), start["W_dec"])
    elif frozen == "encoder":
        assert torch.equal(w_enc, start["W_enc"])
    if frozen == "decoder":
        assert torch.equal(w_dec, start["W_dec"])
    assert (moved_dec > 0.1) == (frozen != "decoder")
    assert (moved_enc > 0.1) == (frozen != "encoder")
    torch.testing.assert_close(w_dec.norm(dim=1), torch.ones(64))
    null = fvu(sae_of(asked, untrained(asked, rows)), rows.check)
    assert fvu(sae_of(asked, weights), rows.check) < 0.97 * null


def unit(rows: Tensor) -> Tensor:
    return rows / rows.norm(dim=1, keepdim=True)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_softly_frozen_directions_reach_the_bound_and_stay_within_it(
    recipe, rows, architecture
) -> None:
    asked = dataclasses.replace(
        held(recipe, "soft-decoder", architecture), rows=150 * 256
    )
    w_dec = train(asked, [0], rows)[0].weights["W_dec"]
    cosine = (w_dec * initial(asked, 0, 32)["W_dec"]).sum(1)
    assert float(cosine.min()) == pytest.approx(KEPT_COSINE, abs=1e-5)


def test_the_projection_is_the_nearest_unit_vector_within_the_bound() -> None:
    generator = torch.Generator().manual_seed(0)
    start, far = unit(torch.randn(2, 50, 8, generator=generator).view(-1, 8)).split(50)
    found = near(far, start)
    torch.testing.assert_close(found.norm(dim=1), torch.ones(50))
    angle = torch.arccos((far * start).sum(1)) - torch.arccos(torch.tensor(KEPT_COSINE))
    torch.testing.assert_close((found * far).sum(1), angle.clamp(min=0).cos())
    assert torch.equal(near(start, start), start)


@pytest.mark.parametrize("kind", [*FROZEN, "tied"])
def test_the_start_and_the_batches_are_those_of_the_sae_that_is_free(
    recipe, kind
) -> None:
    asked = held(recipe, kind)
    free = dataclasses.replace(asked, frozen="", tied=False)
    ours, theirs = Block(asked, [3], 32).weights, Block(free, [3], 32).weights
    assert torch.equal(ours["W_dec"], theirs["W_dec"])
    if kind != "tied":
        assert torch.equal(ours["W_enc"], theirs["W_enc"])


@pytest.mark.usefixtures("way")
def test_a_tied_sae_learns_with_one_matrix_of_unit_rows(recipe, rows) -> None:
    asked = dataclasses.replace(held(recipe, "tied"), rows=600 * 256, k=4)
    trained = train(asked, [0], rows)[0]
    weights = trained.weights
    assert torch.equal(weights["W_enc"].t(), weights["W_dec"])
    assert torch.equal(weights["b_dec"], rows.mean)
    torch.testing.assert_close(weights["W_dec"].norm(dim=1), torch.ones(64))
    null = fvu(sae_of(asked, untrained(asked, rows)), rows.check)
    assert fvu(sae_of(asked, weights), rows.check) < 0.8 * null
    assert trained.log[-1]["l0"] == pytest.approx(4, rel=0.2)


@pytest.mark.parametrize("kind", ["tied", "encoder"])
def test_gradients_of_tied_directions_and_of_lengths_are_those_of_autograd(
    recipe, kind
) -> None:
    block = Block(held(recipe, kind), [0], 32)
    x = torch.randn(40, 32, generator=torch.Generator().manual_seed(1))
    w = {name: v.clone().requires_grad_() for name, v in block.weights.items()}
    w_enc = (
        w["W_dec"] if kind == "tied" else w["W_enc"] * w["log_length"].exp()[:, None]
    )
    latents = ((x - w["b_dec"]) @ w_enc.T + w["b_enc"]).relu()
    error = latents @ w["W_dec"] + w["b_dec"] - x
    penalty = float(block.log_penalty.exp())
    (error.square().sum(1) + penalty * latents.sum(1)).mean().backward()
    with torch.no_grad():
        found = block.held.allowed(block.gradients(x))
    fixed = {"tied": {"W_enc", "b_dec"}, "encoder": {"W_enc"}}[kind]
    assert found.keys() == w.keys() - fixed
    for name, gradient in found.items():
        torch.testing.assert_close(gradient, w[name].grad, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("frozen", FROZEN)
@pytest.mark.parametrize("architecture", TOGETHER)
def test_seeds_trained_side_by_side_are_bitwise_what_they_are_alone(
    recipe, rows, architecture, frozen
) -> None:
    asked = dataclasses.replace(
        held(recipe, frozen, architecture), rows=30 * 256, silent_after=1000
    )
    for seed, stacked in enumerate(train(asked, [0, 1, 2], rows)):
        alone = train(asked, [seed], rows)[0]
        assert stacked.log == alone.log
        for name, weight in alone.weights.items():
            assert torch.equal(weight, stacked.weights[name]), name


@pytest.mark.parametrize(
    ("architecture", "kind"), [one for one in ALL if one[0] in PENALISED]
)
def test_a_penalised_block_steps_as_each_of_its_saes_does(
    recipe, rows, architecture, kind
) -> None:
    asked = dataclasses.replace(held(recipe, kind, architecture), rows=20 * 256)
    for seed, stacked in enumerate(train(asked, [0, 1], rows)):
        alone = train(asked, [seed], rows)[0].weights
        for name, weight in alone.items():
            torch.testing.assert_close(
                stacked.weights[name], weight, rtol=1e-3, atol=1e-3
            )


@pytest.mark.parametrize(("architecture", "kind"), ALL)
def test_both_ways_give_the_same_sae(
    recipe, rows, architecture, kind, monkeypatch
) -> None:
    asked = dataclasses.replace(held(recipe, kind, architecture), rows=20 * 256)
    found = []
    for possible in (True, False):
        monkeypatch.setattr(
            availability, "available", lambda possible=possible: possible
        )
        found.append(train(asked, [0], rows)[0].weights)
    for name in found[0]:
        torch.testing.assert_close(found[0][name], found[1][name], rtol=1e-3, atol=1e-3)


def test_the_zoo_keeps_frozen_and_free_saes_of_one_seed_apart(
    zoo, recipe, tmp_path
) -> None:
    free = dataclasses.replace(recipe, rows=20 * 256)
    asked = [free, *free.sweep(frozen=["decoder", "encoder"], seed=[0, 1])]
    found = zoo.get_all(asked)
    for one in asked:
        again = Zoo(zoo.root, workers=1).get(one)
        assert again.metadata["saecore_recipe"] == one.key
        assert torch.equal(again.W_dec, found[one].W_dec)
        same = torch.equal(again.W_dec, initial(one, one.seed, 32)["W_dec"])
        assert same == (one.frozen == "decoder")
    other = Zoo(tmp_path / "other", workers=1).get(asked[1])
    assert torch.equal(other.W_enc, found[asked[1]].W_enc)
    assert {held.recipe for held in zoo.list() if held.kind == "saes"} == set(asked)
