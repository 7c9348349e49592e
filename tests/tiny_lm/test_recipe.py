"""A training's recipe: the model's size, its first weights, the learning rate."""

import torch
from torch.testing import assert_close

from saecore.tiny_lm.recipe import TrainingRecipe, new_model, schedule
from tests.tiny_lm.small import SMALL


def test_training_leaves_the_global_generator_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    new_model(SMALL, vocabulary=300)
    assert_close(torch.rand(1), expected)


def test_the_learning_rate_rises_then_falls_to_a_twentieth():
    recipe = TrainingRecipe(steps=1000, warm_up=100)
    assert_close(schedule(0, recipe), 0.01)
    assert_close(schedule(500, recipe), 0.05 + 0.95 / 2)
    assert_close(schedule(1000, recipe), 0.05)


def test_the_default_model_has_the_size_that_is_promised():
    model = new_model(TrainingRecipe(), vocabulary=7000)
    count = sum(parameter.numel() for parameter in model.parameters())
    assert 2_000_000 < count < 3_000_000
    assert (
        model.config.layer_types == ["sliding_attention"] * 2 + ["full_attention"] * 2
    )
    assert 0.019 < model.model.embed_tokens.weight.std().item() < 0.021
