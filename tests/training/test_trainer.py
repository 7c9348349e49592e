"""Planted features, identities of the folding, the schedule, the order of the batches,
and independence of seeds.
"""

import dataclasses

import pytest
import torch

from saecore import sparse
from saecore.errors import Unsuited
from saecore.recipes.sae import PENALISED, SAERecipe
from saecore.source.worlds.rows import World
from saecore.training import compiled_selection, selection
from saecore.training.initial import initial
from saecore.training.trainer import (
    TrainingRows,
    batches,
    calibrated,
    folded,
    massive_rows,
    normalised,
    rate,
    split,
    train,
    untrained,
)
from saecore.zoo.sae import SAE, configuration

ARCHITECTURES = ("topk", "batchtopk", "matryoshka", "relu", "gated", "jumprelu")


@pytest.fixture
def rows(planted) -> TrainingRows:
    return split(planted(World(d_model=32), 6000))


def sae_of(recipe: SAERecipe, weights: dict[str, torch.Tensor]) -> SAE:
    d_model = len(weights["b_dec"])
    return SAE(
        configuration(
            recipe.architecture,
            width=recipe.width,
            d_model=d_model,
            k=recipe.k,
            metadata={},
        ),
        weights,
    )


def fvu(sae: SAE, x: torch.Tensor) -> float:
    return float((sae(x) - x).square().sum() / (x - x.mean(0)).square().sum())


def test_the_split_holds_back_the_last_rows_and_measures_the_others(
    rows: TrainingRows, planted
) -> None:
    everything = planted(World(d_model=32), 6000)
    assert (len(rows.train), len(rows.calibrate), len(rows.check)) == (5250, 375, 375)
    torch.testing.assert_close(
        torch.cat([rows.train, rows.calibrate, rows.check]), everything
    )
    torch.testing.assert_close(rows.mean, rows.train.mean(0))
    units = normalised(rows.train, rows)
    torch.testing.assert_close(units.square().sum(1).mean(), torch.tensor(1.0))


@pytest.mark.parametrize(
    "bad", [torch.ones(100, 4), torch.full((100, 4), float("nan")), torch.randn(5, 4)]
)
def test_rows_that_cannot_be_trained_on_are_refused(bad: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="rows"):
        split(bad)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_learns_the_planted_features_at_the_sparsity_asked_for(
    recipe, rows, architecture
) -> None:
    steps = 600 if architecture in PENALISED else 200
    asked = dataclasses.replace(
        recipe, architecture=architecture, rows=steps * 256, k=4
    )
    trained = train(asked, [0], rows)[0]
    sae, null = sae_of(asked, trained.weights), sae_of(asked, untrained(asked, rows))
    l0 = float((sae.encode(rows.check) > 0).sum(1).float().mean())
    assert l0 == pytest.approx(4, rel=0.1)
    limit = 0.75 if architecture == "relu" else 0.45  # L1 shrinks
    assert fvu(sae, rows.check) < min(limit, 0.8 * fvu(null, rows.check))
    torch.testing.assert_close(sae.W_dec.norm(dim=1), torch.ones(64))
    assert trained.log[-1]["step"] == asked.steps - 1
    assert trained.log[-1]["l0"] == pytest.approx(4, rel=0.2)


@pytest.mark.parametrize("architecture", ["batchtopk", "matryoshka"])
def test_the_threshold_is_right_after_a_short_training_too(
    recipe, rows, architecture
) -> None:
    asked = dataclasses.replace(recipe, architecture=architecture, rows=30 * 256)
    sae = sae_of(asked, train(asked, [0], rows)[0].weights)
    l0 = float((sae.encode(rows.check) > 0).sum(1).float().mean())
    assert l0 == pytest.approx(3, rel=0.1)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_untrained_sae_is_as_sparse_as_the_trained_one(
    recipe, rows, architecture
) -> None:
    asked = dataclasses.replace(recipe, architecture=architecture)
    null = sae_of(asked, untrained(asked, rows))
    assert float((null.encode(rows.check) > 0).sum(1).float().mean()) == pytest.approx(
        3, rel=0.15
    )
    torch.testing.assert_close(null.W_dec, initial(asked, 0, 32)["W_dec"])


@pytest.mark.parametrize("architecture", ["topk", "batchtopk", "matryoshka"])
def test_seeds_trained_side_by_side_are_bitwise_what_they_are_alone(
    recipe, rows, architecture
) -> None:
    asked = dataclasses.replace(
        recipe, architecture=architecture, rows=60 * 256, silent_after=1000
    )
    together = train(asked, [0, 1, 2], rows)
    for seed, stacked in enumerate(together):
        alone = train(asked, [seed], rows)[0]
        assert stacked.log == alone.log
        for name, weight in alone.weights.items():
            assert torch.equal(weight, stacked.weights[name]), name


def test_training_twice_gives_the_same_bits_and_leaves_the_global_generator_alone(
    recipe, rows
) -> None:
    torch.manual_seed(1)
    first = train(recipe, [0], rows)[0]
    after = torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(after, torch.rand(1))
    torch.manual_seed(2)
    second = train(recipe, [0], rows)[0]
    assert all(
        torch.equal(first.weights[name], second.weights[name]) for name in first.weights
    )


@pytest.mark.parametrize(
    ("number", "said"), [(0, "the site has none.* none of the words"), (15, "has 15")]
)
def test_too_few_rows_say_that_the_model_may_lack_words(number, said):
    with pytest.raises(Unsuited, match=f"16 rows, but .*{said}.* more whole words"):
        split(torch.randn(number, 4))


def test_the_order_is_that_of_the_data_seed_and_every_pass_sees_every_row_once(
    recipe, rows
) -> None:
    few = rows._replace(train=rows.train[:512], mean=torch.zeros(32), scale=1.0)
    asked = dataclasses.replace(recipe, rows=4 * 256)
    seen = [x.clone() for x in batches(few, asked)]
    again = [
        x.clone() for x in batches(few, dataclasses.replace(asked, seed=5, width=8))
    ]
    other = [x.clone() for x in batches(few, dataclasses.replace(asked, data_seed=1))]
    assert all(torch.equal(a, b) for a, b in zip(seen, again, strict=True))
    assert not torch.equal(seen[0], other[0])
    for first in (0, 2):
        both = torch.cat(seen[first : first + 2])
        torch.testing.assert_close(both.sort(0).values, few.train.sort(0).values)
    assert not torch.equal(seen[0], seen[2])


def test_batches_run_over_the_end_of_a_pass_without_a_gap(recipe, rows) -> None:
    few = rows._replace(train=rows.train[:100], mean=torch.zeros(32), scale=1.0)
    seen = torch.cat(
        [
            x.clone()
            for x in batches(few, dataclasses.replace(recipe, rows=10 * 30, batch=30))
        ]
    )
    for start in (0, 100, 200):
        torch.testing.assert_close(
            seen[start : start + 100].sort(0).values, few.train.sort(0).values
        )


def test_the_rate_warms_up_stays_and_decays_to_nothing(recipe) -> None:
    asked = dataclasses.replace(recipe, rows=1000 * 256, warmup=100, lr=1.0)
    assert rate(asked, 0) == pytest.approx(1 / 101)
    assert rate(asked, 100) == rate(asked, 749) == 1.0
    assert rate(asked, 875) == pytest.approx(0.5)
    assert rate(asked, 999) == pytest.approx(0.004)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_scaling_and_shifting_the_rows_scales_the_activations_and_nothing_else(
    recipe, rows, planted, architecture
) -> None:
    asked = dataclasses.replace(
        recipe, architecture=architecture, rows=20 * 256, lr=2e-3
    )
    moved = split(8.0 * planted(World(d_model=32), 6000) + 4.0)
    one, other = (
        sae_of(asked, train(asked, [0], which)[0].weights) for which in (rows, moved)
    )
    torch.testing.assert_close(other.W_dec, one.W_dec, rtol=1e-3, atol=1e-3)
    x = rows.check[:50]
    torch.testing.assert_close(other(8 * x + 4), 8 * one(x) + 4, rtol=1e-2, atol=5e-2)


def test_jumprelus_thresholds_are_moved_together_until_k_latents_are_active(
    recipe, rows
) -> None:
    asked = dataclasses.replace(recipe, architecture="jumprelu")
    start = initial(asked, 0, 32)
    before = start["log_threshold"].exp()
    after = calibrated(asked, start, rows)
    ratio = after["threshold"] / before
    torch.testing.assert_close(ratio, ratio[:1].expand(64))
    assert 0.8 <= float(ratio[0]) <= 1.25
    sae = sae_of(asked, folded(asked, after, rows))
    active = float((sae.encode(rows.calibrate) > 0).sum(1).float().mean())
    assert active == pytest.approx(3, rel=0.02) or float(ratio[0]) in (
        pytest.approx(0.8),
        pytest.approx(1.25),
    )


@pytest.mark.parametrize("architecture", ["topk", "batchtopk", "matryoshka"])
def test_no_more_pre_activations_than_a_chunk_exist_at_a_time(
    recipe, rows, architecture, monkeypatch, way
) -> None:
    sizes = []
    used = selection if way == "plain torch" else compiled_selection
    real = used.linear

    def watched(x, weight, bias):
        out = real(x, weight, bias)
        sizes.append(out.numel())
        return out

    monkeypatch.setattr(sparse, "CHUNK", 64 * 50)
    monkeypatch.setattr(used, "linear", watched)
    train(
        dataclasses.replace(recipe, architecture=architecture, rows=5 * 256), [0], rows
    )
    assert max(sizes) <= 64 * 50
    assert len(sizes) >= 5 * 6


def test_massive_rows_are_left_out_and_counted_and_others_stay_bit_for_bit():
    rows = torch.randn(4000, 8, generator=torch.Generator().manual_seed(0))
    plain = split(rows)
    assert plain.massive == 0
    planted = torch.cat([rows[:100], torch.full((3, 8), 500.0), rows[100:]])
    found = split(planted)
    assert found.massive == 3
    assert torch.equal(massive_rows(planted).nonzero()[:, 0], torch.arange(100, 103))
    for name in ("train", "calibrate", "check", "mean"):
        assert torch.equal(getattr(found, name), getattr(plain, name))
    assert found.scale == plain.scale
