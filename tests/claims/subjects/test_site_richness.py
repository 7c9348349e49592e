"""Checks of a site, on few words and a few rows."""

import pytest
import torch

from saecore import profiles
from saecore.claims.subjects import site_richness
from saecore.claims.subjects.model_knowledge import Knowledge
from saecore.claims.subjects.site_richness import (
    AFTER,
    BEFORE,
    Layer,
    demands,
    layers_of,
    richness_rows,
)
from saecore.source.model.generation import sample
from saecore.source.model.language_model import OpenModel
from saecore.source.tasks.answers import Accuracy, SwapRates
from saecore.zoo.store import Zoo

TINY = profiles.read("tiny")
POOR, RICH = Layer(10.0, 20.0, 0.9, None), Layer(50.0, 80.0, 0.5, 0.9)


class TokenZoo(Zoo):
    """Eight texts that the shipped model writes."""

    shipped: OpenModel

    def get(self, recipe):
        return sample(self.shipped, 8, 40, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def zoo(tmp_path, shipped):
    zoo = TokenZoo(tmp_path)
    zoo.shipped = shipped
    return zoo


def test_each_layer_is_checked_and_letters_are_read_off_it(zoo, shipped, monkeypatch):
    monkeypatch.setattr(site_richness, "WORDS_PROBED", 400)
    monkeypatch.setattr(site_richness, "RARE_LETTERS", "EGIJKNOQUVXYZ")
    found = layers_of(zoo, TINY, shipped)
    assert len(found) == shipped.n_layers
    for layer in found:
        assert 1 <= layer.participation_ratio <= layer.effective_rank <= 160
        assert 0 <= layer.by_token <= 1
        assert layer.letter is not None
    assert (found[0].letter or 0) > 0.5
    assert found[0].by_token > found[-1].by_token


def test_a_model_that_was_taught_no_letters_has_no_such_column():
    assert "first letter, probe" not in richness_rows([POOR], 160)[0]
    assert richness_rows([RICH], 160)[0]["first letter, probe"] == 0.9


def rates(follows):
    return SwapRates(follows, 1 - follows, 100)


@pytest.fixture
def bar(shipped):
    """A model that knows one task of three where it was not trained on the sentence."""
    trained = {"letter": 0.99, "category": 0.5, "ioi": 0.97}
    unseen = {"letter": 0.06, "category": 0.53, "ioi": 0.51}
    often = {"letter": 0.13, "category": 0.1, "ioi": 0.5}
    scores = {(t, False): Accuracy(x, x, often[t], 400) for t, x in trained.items()}
    scores |= {(t, True): Accuracy(x, x, often[t], 400) for t, x in unseen.items()}
    swaps = {task: [rates(0.85)] * 4 for task in trained}
    losses = {"story": {"trigram": 3.5, "model": 2.5}}
    return demands(shipped, RICH, 1, Knowledge(scores, swaps), losses)


def test_the_bar_of_before_training_names_what_is_not_met(bar):
    before = {one.what: one.met for one in bar if one.written == BEFORE}
    assert before == {
        "participation ratio of the site": True,
        "nats below a trigram model on stories": True,
        "letter, trained templates": True,
        "category, trained templates": False,
        "letter follows the swap": False,
        "category follows the swap": True,
        "first letter read by a probe": True,
    }


def test_rows_that_were_added_later_ask_for_two_names_and_unseen_templates(bar):
    later = {one.what: one.met for one in bar if one.written == AFTER}
    assert later == {
        "ioi, trained templates": True,
        "ioi follows the swap": False,
        "letter, unseen templates: above the commonest answer": False,
        "category, unseen templates: above the commonest answer": True,
        "ioi, unseen templates: above the commonest answer": None,
    }
    assert bar[-1].row()["met"] == "cannot be told"
    assert bar[-1].row()["at least"] == 0.5


def test_a_model_of_ones_own_is_asked_for_dimensions_alone(shipped):
    (only,) = demands(shipped, POOR, 1, Knowledge({}, {}), {})
    assert only.what == "participation ratio of the site"
    assert only.met is False
