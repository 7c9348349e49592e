"""Recipes of meta-SAEs: keys, slugs, and what is refused."""

import dataclasses
import json

import pytest

from saecore.recipes import keys
from saecore.recipes.meta import MetaRecipe
from saecore.source.model.language_model import LanguageModel
from saecore.source.model.texts import SampledText
from saecore.source.site import Site
from saecore.zoo.plan import grouped


@pytest.fixture
def asked(recipe) -> MetaRecipe:
    """A meta-SAE of 12 latents on an SAE of 64 that is quick to train."""
    return MetaRecipe(
        dataclasses.replace(recipe, rows=20 * 256),
        12,
        k=2,
        epochs=60,
        batch=32,
    )


def test_decoder_rows_are_trained_on_side_by_side_and_nulls_alone(asked) -> None:
    seeds = [dataclasses.replace(asked, seed=seed, width=16) for seed in range(2)]
    nulls = [dataclasses.replace(one, rows="gaussian") for one in seeds]
    groups = grouped([*seeds, *nulls])
    assert sorted(map(len, groups)) == [1, 1, 2]


def test_the_recipe_has_a_key_a_slug_and_a_description(asked) -> None:
    assert keys.restored(json.loads(json.dumps(keys.canonical(asked)))) == asked
    assert asked.slug == "meta-w12-k2-seed0-topk-w64-k3-seed0-world0"
    changes = {
        "width": 13,
        "k": 3,
        "seed": 1,
        "rows": "gaussian",
        "share": 0.7,
        "epochs": 2,
        "batch": 9,
        "silent": "left out",
        "planted": "atoms",
    }
    changes |= {"lr": 0.1, "sae": dataclasses.replace(asked.sae, seed=9)}
    assert set(changes) == {field.name for field in dataclasses.fields(MetaRecipe)}
    found = {
        dataclasses.replace(asked, **{name: value}).key
        for name, value in changes.items()
    }
    assert len(found | {asked.key}) == len(changes) + 1


def test_what_is_younger_than_old_artefacts_leaves_their_keys_alone(asked) -> None:
    assert not {"silent", "planted"} & set(keys.canonical(asked))
    live = dataclasses.replace(asked, silent="left out")
    assert keys.canonical(live)["silent"] == "left out"
    assert keys.restored(keys.canonical(live)) == live
    known = dataclasses.replace(asked, planted="bundles")
    assert known.slug == "meta-w12-k2-seed0-bundles-topk-w64-k3-seed0-world0"


def test_it_needs_the_rows_on_which_latents_fire(asked) -> None:
    assert asked.needs == (asked.sae, asked.sae.site)


def test_a_new_build_of_meta_saes_leaves_saes_as_they_are(asked, monkeypatch) -> None:
    before = asked.key, asked.sae.key
    monkeypatch.setitem(keys.BUILD, "metas", 9)
    assert asked.key != before[0]
    assert asked.sae.key == before[1]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"share": 1.0}, "trained on 16 decoder rows or more and tested on 2"),
        ({"share": 0.2}, "16 decoder rows"),
        ({"epochs": 0}, "at least one epoch"),
        ({"width": 1}, "k must be above 0 and at most the width"),
        ({"lr": 0.0}, "learning rate"),
    ],
)
def test_a_recipe_that_cannot_be_trained_is_refused(asked, change, sentence) -> None:
    with pytest.raises(ValueError, match=sentence) as error:
        dataclasses.replace(asked, **change)
    assert "\n" not in str(error.value)


def test_known_rows_belong_to_a_world(asked) -> None:
    text = SampledText(LanguageModel("a", "ab" * 32), sequences=9, length=5)
    site = Site(text, layer=0)
    elsewhere = dataclasses.replace(asked.sae, site=site)
    with pytest.raises(ValueError, match="atoms or bundles of the world"):
        dataclasses.replace(asked, sae=elsewhere, planted="atoms")
