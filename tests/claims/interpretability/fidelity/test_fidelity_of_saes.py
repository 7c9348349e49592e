"""Fidelity of dictionaries that keep everything, and nothing."""

import math
from dataclasses import replace

import pytest
import torch

from saecore import profiles
from saecore.claims.interpretability.fidelity.fidelity_of_saes import (
    fidelity_of_saes,
    new_text,
    rows_by_architecture,
)
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import open_model
from saecore.source.model.next_token import losses
from saecore.source.model.texts import SampledText
from saecore.zoo.baselines import basis
from saecore.zoo.store import Zoo

STORY = (
    "Once upon a time there was a little girl. She liked to play in the park with her "
    "dog. One day the dog saw a big red ball and wanted to play with it."
)


class Ends(Zoo):
    """Every SAE keeps all of the stream, but those of ReLU, which keep nothing."""

    def get_all(self, recipes):
        return {one: self.gives(one) for one in recipes}

    def gives(self, recipe):
        if isinstance(recipe, SampledText):
            first, *tokens = open_model(profiles.TINY).encode(STORY)
            cut = [[first, *tokens[n : n + 15]] for n in range(20)]
            return torch.tensor(cut)
        assert isinstance(recipe, SAERecipe)
        kept = 0.0 if recipe.architecture == "relu" else 1.0
        both = torch.cat([torch.eye(160), -torch.eye(160)])
        return basis(kept * both.T.contiguous(), kept * both, torch.zeros(160))


@pytest.fixture(scope="module")
def profile():
    return replace(profiles.read("tiny"), layers=(0, 1), widths=(160, 640))


@pytest.fixture(scope="module")
def kept(profile, tmp_path_factory):
    return fidelity_of_saes(Ends(tmp_path_factory.mktemp("zoo")), profile)


def test_a_dictionary_that_keeps_all_costs_nothing(kept):
    assert kept.base.fidelity.fvu == pytest.approx(0, abs=1e-6)
    assert kept.base.recovered.of_zero == pytest.approx(1, abs=1e-3)
    assert kept.base.perplexity == pytest.approx(kept.text.perplexity, rel=1e-3)
    assert kept.base.fidelity.l0 == pytest.approx(160, rel=1e-3)


def test_one_that_keeps_nothing_recovers_nothing_from_zeros(kept):
    for one in kept.widths["relu"].values():
        assert one.recovered.of_zero == pytest.approx(0, abs=1e-3)
        assert one.fidelity.fvu >= 1
        assert one.row()["live"] == 0


def test_sweeps_have_a_row_per_setting(kept, profile):
    rows = rows_by_architecture(kept.sparsities)
    assert [row["k asked"] for row in rows["gated"]] == [4, 8, 32]
    assert [row["width"] for row in rows_by_architecture(kept.widths)["topk"]] == [
        160,
        640,
    ]
    assert list(kept.layers) == list(profile.layers)


def test_the_text_is_another_sample_and_its_perplexity_that_of_the_model(
    profile, tmp_path
):
    text = new_text(Ends(tmp_path), profile)
    assert len(text.tokens) == 16
    assert text.rows(1).shape == (16 * 15, 160)
    expected = math.exp(float(losses(text.model, text.tokens).mean()))
    assert text.perplexity == pytest.approx(expected)
