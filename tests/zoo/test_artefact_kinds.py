"""Rows at words and changed rows are artefacts like any others, and SAEs learn from
them.
"""

import dataclasses
import json
from collections.abc import Iterator

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from saecore.errors import MissedSparsity
from saecore.profiles import TINY
from saecore.recipes import keys
from saecore.recipes.sae import SAERecipe
from saecore.source import planted
from saecore.source.model.language_model import identify, open_model
from saecore.source.model.texts import SampledText
from saecore.source.site import Site
from saecore.source.tasks.words import (
    AskedWords,
    TextWords,
    asked_count,
    whole_word_places,
)
from saecore.zoo import artefact_kinds
from saecore.zoo.store import Zoo

TEXT = SampledText(identify(TINY), sequences=24, length=24)
QUESTIONS = AskedWords(identify(TINY), tasks=("profession",))
ASKED = Site(QUESTIONS, layer=1)
WORDS = Site(TextWords(TEXT), layer=1)


@dataclasses.dataclass(frozen=True)
class Planted(planted.Planted):
    """Stands in for a source that changes rows: all of them twice as long."""

    factor: float = 2

    def blocks(self, rows: Float[Tensor, "row d_model"]) -> Iterator[Tensor]:
        yield rows * self.factor


def test_rows_at_words_are_stored_and_found_again(zoo) -> None:
    model = open_model(TINY)
    assert zoo.get(ASKED).shape == (asked_count(QUESTIONS, model), 160)
    places = whole_word_places(model, zoo.get(TEXT))
    torch.testing.assert_close(
        zoo.get(WORDS), zoo.get(Site(TEXT, layer=1))[places[:, 1:].flatten()]
    )
    assert {held.recipe for held in zoo.list()} == {
        TEXT,
        ASKED,
        WORDS,
        Site(TEXT, layer=1),
    }
    before = [
        (one, one.stat().st_mtime_ns) for one in sorted(zoo.root.rglob("rows.npy"))
    ]
    torch.testing.assert_close(Zoo(zoo.root).get(ASKED), zoo.get(ASKED))
    assert before == [
        (one, one.stat().st_mtime_ns) for one in sorted(zoo.root.rglob("rows.npy"))
    ]


def test_saes_learn_from_words_like_from_anything(zoo) -> None:
    recipe = SAERecipe(ASKED, "topk", 32, 3, rows=20 * 256, batch=256, warmup=2)
    sae = zoo.get(recipe)
    assert sae.metadata["hook_name"] == "blocks.1.hook_resid_post"
    assert sae.metadata["model_name"] == TEXT.model.name
    assert recipe.slug == "topk-w32-k3-seed0-asked-tiny-layer1"
    assert {held.kind for held in zoo.list()} == {"rows", "saes"}


def test_changed_rows_are_made_of_the_stored_rows_of_their_site(zoo, site) -> None:
    changed = Site(Planted(site))
    torch.testing.assert_close(zoo.get(changed), 2 * zoo.get(site))
    recipe = SAERecipe(changed, "topk", 32, 3, rows=20 * 256, batch=256, warmup=2)
    assert zoo.get(recipe).metadata["model_name"] == "world"
    assert changed.slug == "planted-world0"
    on_words = Site(Planted(ASKED, factor=-1))
    torch.testing.assert_close(zoo.get(on_words), -zoo.get(ASKED))


@pytest.mark.parametrize("asked", [ASKED, WORDS, dataclasses.replace(WORDS, sample=2)])
def test_sites_of_words_survive_their_description(asked) -> None:
    recipe = SAERecipe(asked, "topk", 32, 3)
    assert keys.restored(json.loads(json.dumps(keys.canonical(recipe)))) == recipe
    assert (
        len({keys.key(one) for one in (ASKED, WORDS, Site(TEXT, layer=1), asked)}) >= 3
    )


def test_slugs_of_words_say_how_they_are_read() -> None:
    assert ASKED.slug == "asked-tiny-layer1"
    assert dataclasses.replace(WORDS, sample=2).slug == "textwords-tiny-layer1-sample2"
    assert Site(Planted(WORDS)).slug == "planted-textwords-tiny-layer1"


def test_a_changed_number_in_the_source_is_another_key() -> None:
    sites = [
        Site(Planted(WORDS)),
        Site(Planted(WORDS, factor=3)),
        Site(Planted(ASKED)),
        ASKED,
    ]
    others = [Site(dataclasses.replace(QUESTIONS, seed=1), layer=1)]
    assert len({keys.key(one) for one in sites + others}) == 5


@pytest.mark.parametrize(("l0", "kept"), [(3.2, True), (2.1, True), (1.9, False)])
def test_topk_may_have_fewer_active_than_k_as_only_positive_ones_are(
    zoo, site, monkeypatch, l0, kept
) -> None:
    found = {"l0": l0, "fvu": 0.5}
    monkeypatch.setattr(artefact_kinds, "_l0_and_fvu", lambda sae, rows: found)
    recipe = SAERecipe(site, "topk", 16, 4, rows=256, batch=64)
    if kept:
        assert zoo.get(recipe).width == 16
        return
    with pytest.raises(MissedSparsity, match="within 50 % of k"):
        zoo.get(recipe)
