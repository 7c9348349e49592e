"""Drawn recipes: written and read again they are the same, and whatever differs has
another key.
"""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.keys import canonical, key, restored
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.source.gaussian import GaussianRows
from saecore.source.model.identity import LanguageModel
from saecore.source.model.texts import ReadText, SampledText
from saecore.source.site import Site
from saecore.source.worlds.rows import World

REPEATABLE = settings(derandomize=True, database=None, deadline=None, max_examples=60)
WHOLE = st.integers(0, 2**40)
SIZE = st.integers(1, 10**6)
MODELS = st.builds(
    LanguageModel, st.text(max_size=20), st.text("0123456789abcdef", min_size=64)
)
TEXTS = st.builds(
    SampledText,
    MODELS,
    sequences=SIZE,
    length=st.integers(2, 4096),
    temperature=st.floats(0.01, 10),
    seed=WHOLE,
    special=st.booleans(),
)
SITES = st.one_of(
    st.builds(Site, TEXTS, layer=WHOLE, sample=WHOLE),
    st.builds(Site, st.builds(World, seed=WHOLE), sample=WHOLE, rows=SIZE),
    TEXTS.map(lambda text: Site(ReadText(text, LanguageModel("other", "f")), layer=0)),
).flatmap(lambda site: st.sampled_from([site, Site(GaussianRows(site))]))
SAES = st.builds(
    SAERecipe,
    SITES,
    st.sampled_from(["topk", "batchtopk", "relu", "gated", "jumprelu", "matryoshka"]),
    st.integers(64, 10**6),
    st.integers(1, 16),
    seed=WHOLE,
    data_seed=WHOLE,
    rows=st.integers(2048, 10**9),
    lr=st.none() | st.floats(1e-6, 1),
)
METAS = st.builds(MetaRecipe, SAES, st.integers(4, 64), k=st.integers(1, 4))
BASES = st.builds(BaselineRecipe, SITES, st.sampled_from(["pca", "random"]))
RECIPES = st.one_of(TEXTS, SITES, SAES, METAS, BASES)


@REPEATABLE
@given(RECIPES)
def test_a_recipe_that_was_written_is_read_again_with_its_key(recipe):
    again = restored(json.loads(json.dumps(canonical(recipe))))
    assert again == recipe
    assert canonical(again) == canonical(recipe)
    assert key(again) == key(recipe)


@REPEATABLE
@given(RECIPES, RECIPES)
def test_keys_are_equal_where_recipes_are_and_differ_where_they_do(one, other):
    assert key(one) == key(dataclasses.replace(one))
    assert (key(one) == key(other)) == (one == other)


CHANGES = {
    "width": lambda old: old + 1,
    "k": lambda old: old + 0.5,
    "seed": lambda old: old + 1,
    "data_seed": lambda old: old + 1,
    "rows": lambda old: old + 1024,
    "batch": lambda old: old - 1,
    "lr": lambda old: 2.0,
    "warmup": lambda old: old + 1,
    "decay": lambda old: old / 2,
    "auxk": lambda old: old / 2,
    "silent_after": lambda old: old + 1,
    "bandwidth": lambda old: old * 2,
    "frozen": lambda old: "decoder",
}


@REPEATABLE
@given(SAES, st.sampled_from(sorted(CHANGES)))
def test_another_value_of_any_field_is_another_key(recipe, name):
    value = CHANGES[name](getattr(recipe, name))
    assert key(dataclasses.replace(recipe, **{name: value})) != key(recipe)


@REPEATABLE
@given(TEXTS, MODELS, WHOLE)
def test_what_lies_deep_in_a_recipe_is_part_of_its_key(text, model, seed):
    def made(text):
        return SAERecipe(Site(text, layer=1), "topk", 64, 4)

    for name, value in (("model", model), ("seed", seed)):
        changed = dataclasses.replace(text, **{name: value})
        assert (key(made(changed)) == key(made(text))) == (changed == text)


@REPEATABLE
@given(SAES, st.text() | st.none() | st.floats() | st.lists(st.integers()))
def test_a_seed_that_is_no_number_has_no_key(recipe, seed):
    bad = dataclasses.replace(recipe)
    object.__setattr__(bad, "seed", seed)
    with pytest.raises(ValueError, match="seed of SAERecipe must be int"):
        key(bad)
