"""A tree whose falls are those of the measure, and a rate with its controls."""

import pytest

from saecore.claims.editing import case_study
from saecore.measures.editing.causal_tree import best_parents, nodes, tree
from saecore.source.tasks.labelled_tokens import token_texts


@pytest.fixture(scope="module")
def case(zoo, subject):
    return case_study.case(zoo, subject)


def test_the_tree_is_that_of_the_strongest_latent_with_enough_places(case):
    assert [level.dictionary is not None for level in case.levels] == [True] * 3
    assert case.root.latent in case.fit.tolist()
    rows = case.levels[-1].stream[:, 1:].flatten(0, 1)
    strongest = case.levels[-1].dictionary.encode(rows).amax(0)
    assert strongest[case.root.latent] == strongest[case.fit].max()
    again = tree(case.levels, case.root.latent)
    assert [n.latent for n in nodes(again)] == [n.latent for n in nodes(case.root)]


def test_a_row_per_node_indents_parents_and_names_tokens(case):
    rows = case_study.tree_rows(case)
    assert len(rows) == len(nodes(case.root))
    assert rows[0]["latent"] == f"layer 2, {case.root.latent}"
    assert rows[1]["latent"].startswith("· layer 1")
    words = token_texts(case.model)
    best = case_study.top_tokens(case, case.root, words)
    assert len(best) == len(set(best)) <= case_study.SHOWN


def test_the_rate_is_over_latents_drawn_among_those_with_enough_places(case):
    rate = case_study.parents_of_many(case, level=0.9, roots=4)
    assert len(rate.best.latent) == 4
    assert set(rate.best.latent.tolist()) <= set(case.fit.tolist())
    again = best_parents(case.levels, rate.best.latent.tolist())
    assert again.drop.tolist() == rate.best.drop.tolist()
    assert rate.falls["best parent, elsewhere"].level == 0.9
    assert 0 <= rate.clear <= 1
    chosen = rate.falls["best parent, where chosen"]
    assert chosen.estimate > rate.falls["random parents"].estimate
