"""Keys, slugs, sweeps and refusals of recipes."""

import dataclasses
import json

import pytest

from saecore.recipes import keys, sae
from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.source.activations import Site
from saecore.source.language_model import LanguageModel
from saecore.source.texts import ReadText, SampledText
from saecore.source.words import AskedWords, TextWords
from saecore.source.worlds import World


def asked() -> SAERecipe:
    text = SampledText(LanguageModel("a model", "ab" * 32), sequences=10, length=5)
    return SAERecipe(Site(text, layer=1), "topk", 64, 4)


TEXT = asked().site.text
MODEL = TEXT.model
OTHER = LanguageModel("untrained-a", "cd" * 32)


def leaves(recipe, path=()):
    """Every plain field of a nested recipe, as a path of names."""
    for field in dataclasses.fields(recipe):
        value = getattr(recipe, field.name)
        if dataclasses.is_dataclass(value):
            yield from leaves(value, (*path, field.name))
        else:
            yield (*path, field.name)


def changed(recipe, path):
    """The recipe with another value at the path."""
    name, *rest = path
    value = getattr(recipe, name)
    if rest:
        return dataclasses.replace(recipe, **{name: changed(value, rest)})
    others = {"architecture": "matryoshka", "lr": 1e-2, "prefixes": (8, 64)}
    if name == "rows" and value is None:
        return dataclasses.replace(recipe, rows=40)
    if name == "prefixes":
        return dataclasses.replace(recipe, architecture="matryoshka", prefixes=others[name])
    by_type = {str: lambda: value + "x", float: lambda: value / 2}
    other = others[name] if name in others else by_type.get(type(value), lambda: value + 1)()
    return dataclasses.replace(recipe, **{name: other})


def test_the_key_changes_with_every_single_field_of_the_whole_provenance() -> None:
    recipe = asked()
    paths = list(leaves(recipe))
    assert ("site", "source", "model", "fingerprint") in paths
    found = {keys.key(changed(recipe, path)) for path in paths}
    assert len(found | {recipe.key}) == len(paths) + 1


@pytest.mark.parametrize(
    ("recipe", "beginning"),
    [
        (TEXT, "4308161853a064d3"),
        (Site(TEXT, layer=1), "6f58ea388bb1babb"),
        (Site(TEXT, layer=1, sample=2), "1f28a11a581aef8a"),
        (Site(TextWords(TEXT), layer=1), "44af6c2226f3e306"),
        (Site(AskedWords(MODEL), layer=0), "e283cf45393ad809"),
        (Site(World(seed=3)), "6516d3c37f29a589"),
        (asked(), "d63eca3a06ed5e7b"),
        (MetaRecipe(asked(), 8), "8fcf1a45a9e64560"),
        (BaselineRecipe(Site(TEXT, layer=1), "pca"), "70377e22f39a872d"),
    ],
)
def test_keys_stay_what_they_are_so_that_what_is_trained_is_found(recipe, beginning) -> None:
    """A change here makes every artefact of its kind anew: raise BUILD instead, if that is what is wanted."""
    assert keys.key(recipe).startswith(beginning)


def test_a_text_read_by_another_model_is_another_thing_that_survives_its_description() -> None:
    site = Site(ReadText(TEXT, OTHER), layer=1, sample=1)
    recipe = dataclasses.replace(asked(), site=site)
    assert keys.restored(json.loads(json.dumps(keys.canonical(recipe)))) == recipe
    paths = list(leaves(recipe))
    assert ("site", "source", "model", "fingerprint") in paths
    assert ("site", "source", "text", "model", "fingerprint") in paths
    found = {keys.key(changed(recipe, path)) for path in paths}
    assert len(found | {recipe.key, asked().key}) == len(paths) + 2
    assert recipe.slug == "topk-w64-k4-seed0-untrained_a-reads-a_model-layer1-sample1"
    assert site.folder == "rows"


def test_the_key_is_the_same_for_equal_recipes() -> None:
    recipe = SAERecipe(Site(World(seed=1)), "relu", 8, 2)
    assert recipe.key == SAERecipe(Site(World(seed=1)), "relu", width=8, k=2.0).key
    assert len(recipe.key) == 64


def test_a_new_build_of_rows_renews_rows_and_saes_but_not_the_text(monkeypatch) -> None:
    recipe = asked()
    before = [keys.key(one) for one in (recipe.site.text, recipe.site, recipe)]
    monkeypatch.setitem(keys.BUILD, "rows", 2)
    after = [keys.key(one) for one in (recipe.site.text, recipe.site, recipe)]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, False]


def test_a_recipe_survives_its_description_in_json() -> None:
    for recipe in (asked(), SAERecipe(Site(World(seed=2), sample=1, rows=99), "gated", 8, 2, lr=0.1)):
        assert keys.restored(json.loads(json.dumps(keys.canonical(recipe)))) == recipe


def test_a_description_of_an_unknown_class_is_refused() -> None:
    with pytest.raises(ValueError, match="class is one of"):
        keys.restored({"class": "os.system"})


def test_a_recipe_may_not_hold_what_has_no_description() -> None:
    with pytest.raises(TypeError, match="recipes, tuples, strings and numbers only"):
        keys.canonical({1, 2})


def test_a_sweep_is_the_product_of_its_axes_with_the_last_fastest() -> None:
    swept = asked().sweep(width=[8, 16], seed=range(3))
    assert [(one.width, one.seed) for one in swept] == [(8, 0), (8, 1), (8, 2), (16, 0), (16, 1), (16, 2)]
    assert {one.site for one in swept} == {asked().site}
    assert [one.learning_rate for one in asked().sweep(width=[2047, 2048])] == [3e-3, 2e-3]


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
    ],
)
def test_a_recipe_that_cannot_be_is_refused_in_one_sentence(change, sentence) -> None:
    with pytest.raises(ValueError, match=sentence) as error:
        dataclasses.replace(asked(), **change)
    assert "\n" not in str(error.value)


def test_an_unknown_architecture_is_refused_with_those_that_are_known() -> None:
    recipe = asked()
    object.__setattr__(recipe, "architecture", "vanilla")  # past the type checks of the test run
    with pytest.raises(
        ValueError, match="one of topk, batchtopk, relu, gated, jumprelu, matryoshka, but 'vanilla'"
    ):
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
    assert dataclasses.replace(asked(), architecture="matryoshka").nested == (4, 8, 16, 32, 64)
    assert SAERecipe(asked().site, "matryoshka", 3, 1).nested == (1, 3)
