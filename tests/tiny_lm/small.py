"""A language model of seconds: its recipe, and its weights in one row."""

import torch

from saecore.tiny_lm.corpus import KINDS
from saecore.tiny_lm.recipe import TrainingRecipe

SMALL = TrainingRecipe(
    steps=40,
    batch=4,
    length=32,
    warm_up=5,
    vocabulary=3500,
    d_model=16,
    heads=2,
    d_mlp=32,
    lines=dict.fromkeys(KINDS, 60),
)


def weights(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
