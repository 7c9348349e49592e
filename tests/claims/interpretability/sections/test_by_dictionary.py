"""Scores of every dictionary, and of bases that are made as sparse."""

import pytest
import torch

from saecore.claims.interpretability.sections.by_dictionary import (
    GROUPS,
    NEURONS,
    OTHER_DIRECTIONS,
    SPARSE,
    as_sparse,
    neuron_activations,
    scores_by_dictionary,
)
from saecore.source.model.neurons import read_neurons


@pytest.fixture(scope="module")
def every(found):
    return scores_by_dictionary(found)


def test_each_dictionary_of_the_grid_has_its_scores(every, found):
    assert tuple(every.groups) == GROUPS
    assert list(every.groups["SAEs"]) == [
        "TopK (base)", "BatchTopK", "ReLU", "Gated", "JumpReLU", "Matryoshka",
        "TopK, k 4", "TopK, k 32", "TopK, width 80", "TopK, width 160",
        "TopK, width 2560", "tied ReLU",
    ]  # fmt: skip
    bases = ["coordinates", "random directions", "PCA", "ICA", NEURONS]
    assert list(every.groups[OTHER_DIRECTIONS]) == list(every.groups[SPARSE]) == bases
    assert list(every.groups["controls"]) == [
        "untrained model", "frozen decoder", "frozen encoder",
        "token means", "tokens, least squares",
    ]  # fmt: skip
    assert every.groups["SAEs"]["TopK (base)"] == found.of.base


def test_a_table_names_seeds_and_draws_where_there_are_several(every, found):
    rows = {row["dictionary"]: row["simulation"] for row in every.rows()}
    assert rows["TopK (base), 1"] == found.of.base[1].score
    assert rows["ReLU"] == pytest.approx(1, abs=0.01)  # planted alike
    assert rows["PCA, as sparse"] == found.of.sparse["PCA"][0].score
    assert rows["ICA, as sparse, 2"] == found.of.sparse["ICA"][2].score
    number = sum(len(of) for kinds in every.groups.values() for of in kinds.values())
    assert len(rows) == number


def test_means_have_an_interval_for_each_name(every, found):
    means = every.means(level=0.95)
    assert means["SAEs"]["TopK (base)"].triple == found.numbers["model"]["score"]
    for kinds in means.values():
        assert all(one.low <= one.estimate <= one.high for one in kinds.values())


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


def test_bases_are_shown_in_three_ways_and_neurons_in_two(found, every):
    ways = {one.basis: one for one in as_sparse(found, every)}
    assert list(ways) == list(every.groups[OTHER_DIRECTIONS])
    assert ways["PCA"].as_it_is == found.of.bases["PCA"][0].score
    assert ways["PCA"].at_density == found.of.sparse["PCA"][0].score
    assert ways["PCA"].top_k is not None
    assert ways[NEURONS].row()["top k"] is None
