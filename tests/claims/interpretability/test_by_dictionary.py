"""Scores of every dictionary, and of bases that are made as sparse."""

import pytest
import torch

from saecore.claims.interpretability.by_dictionary import (
    NEURONS,
    SPARSE_WAYS,
    as_sparse,
    neuron_activations,
    scores_by_dictionary,
    seed_names,
)
from saecore.source.model.neurons import read_neurons


@pytest.fixture(scope="module")
def every(found):
    return scores_by_dictionary(found)


def test_each_dictionary_of_the_grid_has_its_scores(every, found):
    names = list(every.scores)
    assert names[:3] == seed_names(found)
    assert names[3:12] == [
        "BatchTopK", "ReLU", "Gated", "JumpReLU", "Matryoshka",
        "TopK, k 4", "TopK, k 32", "TopK, width 160", "TopK, width 2560",
    ]  # fmt: skip
    assert names[12:] == [
        "coordinates", "random directions, draw 0", "random directions, draw 1",
        "random directions, draw 2", "PCA", "ICA, draw 0", "ICA, draw 1",
        "ICA, draw 2", NEURONS,
    ]  # fmt: skip
    assert every.scores["ReLU"].score == pytest.approx(1, abs=0.01)  # planted alike
    assert every.rows()[0]["simulation"] == found.of_base[0].score


def test_a_figure_shows_one_dictionary_of_each_kind(every):
    assert len(every.kinds) == 6 + 4 + 1
    assert set(every.kinds) <= set(every.scores)
    assert "ICA, draw 0" in every.kinds


def test_neurons_are_read_at_the_fragments_and_kept_above_zero(every, found, profile):
    reader = found.explainer
    whole = read_neurons(reader.model, reader.tokens[:2], profile.layer).relu()
    y = neuron_activations(reader, profile.layer)
    assert y is not None
    place = reader.places.place[1]
    there = whole[1][place]
    assert y.shape == (150, *reader.places.place.shape)
    sums = torch.sort(there.sum(0)).values
    assert all(float((sums - one).abs().min()) < 1e-3 for one in y[:5, 1].sum(1))
    assert (y == every.neurons).all()


def test_bases_as_sparse_as_the_sae_fire_as_seldom(found, every):
    sparse = as_sparse(found, every)
    base = float(found.of_base[0].scores.density.mean())
    for name, one in sparse.at_density.items():
        assert float(one.scores.density.mean()) == pytest.approx(base, rel=0.2), name
    assert list(sparse.top_k) == ["coordinates", "random directions", "PCA", "ICA"]
    assert sparse.means()[SPARSE_WAYS[0]]["PCA"] == found.of_bases["PCA"][0].score
    assert len(sparse.rows()) == 5 + 4 + 5
