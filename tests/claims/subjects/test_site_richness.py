"""Checks of a site, on few words and a few rows."""

import pytest
import torch

from saecore import profiles
from saecore.claims.subjects import site_richness
from saecore.claims.subjects.model_knowledge import Knowledge
from saecore.claims.subjects.site_richness import (
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


def test_the_bar_names_what_is_not_met(shipped):
    scores = {("letter", False): Accuracy(0.99, 0.9, 0.1, 100)}
    scores |= {("category", False): Accuracy(0.5, 0.4, 0.1, 100)}
    swaps = {"letter": [rates(0.85)] * 4, "category": [rates(0.85)] * 4}
    losses = {"story": {"trigram": 3.5, "model": 2.5}}
    rows = demands(shipped, RICH, 1, Knowledge(scores, swaps), losses)
    met = {row["what"]: row["met"] for row in rows}
    assert met == {
        "participation ratio of the site": True,
        "nats below a trigram model on stories": True,
        "letter, trained templates": True,
        "category, trained templates": False,
        "letter follows the swap": False,
        "category follows the swap": True,
        "first letter read by a probe": True,
    }


def test_a_model_of_ones_own_is_asked_for_dimensions_alone(shipped):
    rows = demands(shipped, POOR, 1, Knowledge({}, {}), {})
    assert [row["what"] for row in rows] == ["participation ratio of the site"]
    assert rows[0]["met"] is False
