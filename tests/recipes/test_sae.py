"""Recipes of SAEs: slugs, sweeps, descriptions and refusals."""

import dataclasses
import json

import pytest

from saecore.recipes import keys, sae
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import LanguageModel
from saecore.source.model.texts import SampledText
from saecore.source.site import Site
from saecore.source.worlds.rows import World


def asked() -> SAERecipe:
    text = SampledText(LanguageModel("a model", "ab" * 32), sequences=10, length=5)
    return SAERecipe(Site(text, layer=1), "topk", 64, 4)


def test_a_recipe_survives_its_description_in_json() -> None:
    for recipe in (
        asked(),
        SAERecipe(Site(World(seed=2), sample=1, rows=99), "gated", 8, 2, lr=0.1),
    ):
        assert keys.restored(json.loads(json.dumps(keys.canonical(recipe)))) == recipe


def test_a_sweep_is_the_product_of_its_axes_with_the_last_fastest() -> None:
    swept = asked().sweep(width=[8, 16], seed=range(3))
    assert [(one.width, one.seed) for one in swept] == [
        (8, 0),
        (8, 1),
        (8, 2),
        (16, 0),
        (16, 1),
        (16, 2),
    ]
    assert {one.site for one in swept} == {asked().site}


def test_the_rule_gives_a_rate_by_family_and_width() -> None:
    swept = asked().sweep(architecture=["topk", "relu"], width=[2047, 2048])
    assert [one.learning_rate for one in swept] == [6e-3, 3e-3, 1.2e-2, 1.2e-2]
    assert dataclasses.replace(asked(), lr=0.1).learning_rate == 0.1


def test_the_rate_that_the_rule_gives_is_part_of_the_key(monkeypatch) -> None:
    narrow, meta = asked(), MetaRecipe(asked(), 8, 2)
    wide = dataclasses.replace(narrow, width=4096)
    before = [narrow.key, meta.key, wide.key]
    assert dataclasses.replace(narrow, lr=narrow.learning_rate).key == narrow.key
    monkeypatch.setitem(sae.RATES, "narrow", 5e-3)
    after = [narrow.key, meta.key, wide.key]
    assert [a == b for a, b in zip(after, before, strict=True)] == [False, False, True]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"k": 0}, "k must be above 0"),
        ({"k": 65}, "at most the width"),
        ({"k": 2.5}, "whole number of latents"),
        ({"rows": 1023}, "at least one batch"),
        ({"lr": 0.0}, "learning rate must be above 0"),
        ({"decay": 2.0}, "decay must lie in"),
        ({"prefixes": (8, 64)}, "Matryoshka's nested widths"),
        ({"prefixes": (8, 32), "architecture": "matryoshka"}, "rising up to the width"),
        ({"tied": True}, "only a ReLU SAE with nothing frozen can be tied"),
        ({"tied": True, "architecture": "relu", "frozen": "encoder"}, "leave frozen"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused_in_one_sentence(change, sentence) -> None:
    with pytest.raises(ValueError, match=sentence) as error:
        dataclasses.replace(asked(), **change)
    assert "\n" not in str(error.value)


def test_an_unknown_architecture_is_refused_with_those_that_are_known() -> None:
    recipe = asked()
    object.__setattr__(
        recipe,
        "architecture",
        "vanilla",
    )  # past the type checks of the test run
    with pytest.raises(
        ValueError,
        match="one of topk, batchtopk, relu, gated, jumprelu, matryoshka, but 'vanilla'",
    ):
        sae._check(recipe)


def test_what_cannot_be_frozen_is_refused_with_what_can() -> None:
    recipe = asked()
    object.__setattr__(recipe, "frozen", "biases")
    with pytest.raises(ValueError, match="'soft-decoder', 'encoder', but 'biases'"):
        sae._check(recipe)


def test_a_sweep_over_what_is_no_field_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\['widht'\] are not"):
        asked().sweep(widht=[1])


def test_slugs_are_readable_folder_names() -> None:
    assert asked().slug == "topk-w64-k4-seed0-a_model-layer1"
    assert Site(World(seed=3), sample=2).slug == "world3-sample2"
    other = dataclasses.replace(asked(), data_seed=2)
    assert other.slug == "topk-w64-k4-seed0-order2-a_model-layer1"


def test_the_nested_widths_end_in_the_width() -> None:
    assert asked().nested == (64,)
    assert dataclasses.replace(
        asked(),
        architecture="matryoshka",
    ).nested == (4, 8, 16, 32, 64)
    assert SAERecipe(asked().site, "matryoshka", 3, 1).nested == (1, 3)
