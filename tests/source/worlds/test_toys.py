"""Toy worlds: exact probabilities, rows that follow them, and the same rows as
sae_lens.synthetic draws.
"""

import pytest
import torch

from saecore.source.worlds import toys
from saecore.source.worlds.toys import (
    CHILD,
    HIERARCHY,
    IMPERFECT,
    INDEPENDENT,
    MANY,
    NOISY,
    PARENT,
    Toy,
)

NAMED = [INDEPENDENT, HIERARCHY, NOISY, IMPERFECT, MANY]


def rates(active: torch.Tensor, weight: torch.Tensor) -> dict[str, float]:
    """Share of rows with both, with the parent alone, with the child alone."""
    parent, child = active[:, PARENT] > 0, active[:, CHILD] > 0
    pairs = {"p11": parent & child, "p10": parent & ~child, "p01": ~parent & child}
    return {
        name: float(weight[rows].sum() / weight.sum()) for name, rows in pairs.items()
    }


@pytest.mark.parametrize("toy", NAMED)
def test_the_table_holds_every_row_once_with_the_rates_that_the_recipe_states(toy):
    active, probability = toys.patterns(toy)
    assert len(active) == 2**toy.n_features == len(active.unique(dim=0))
    assert float(probability.sum()) == pytest.approx(1, abs=1e-12)
    marginal = probability @ active.double()
    torch.testing.assert_close(
        marginal, torch.tensor(toy.probability, dtype=torch.float64)
    )
    stated = {"p11": toy.p11, "p10": toy.p10, "p01": toy.p01}
    assert rates(active, probability) == pytest.approx(stated, abs=1e-12)


def test_the_named_toys_have_the_papers_probabilities():
    assert (HIERARCHY.p11, HIERARCHY.p01) == (pytest.approx(0.05), 0)
    assert (IMPERFECT.p11, IMPERFECT.p01) == (
        pytest.approx(0.0475),
        pytest.approx(0.0025),
    )
    assert INDEPENDENT.p11 == pytest.approx(0.25 * 0.05)
    assert MANY.p11 == pytest.approx(0.4 * 0.6)
    assert MANY.p01 == 0


def test_features_beyond_the_pair_are_independent_of_everything():
    active, probability = toys.patterns(IMPERFECT)
    on = active.bool()
    for i in range(4):
        for j in range(2, 4):
            if i != j:
                both = float(probability[on[:, i] & on[:, j]].sum())
                assert both == pytest.approx(
                    IMPERFECT.probability[i] * IMPERFECT.probability[j]
                )


@pytest.mark.parametrize("toy", NAMED)
def test_drawn_rows_follow_the_table(toy):
    n = 200_000
    drawn = toys.toy_activations(toy, n, generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(
        (drawn > 0).float().mean(0), torch.tensor(toy.probability), atol=6e-3, rtol=0
    )
    stated = {"p11": toy.p11, "p10": toy.p10, "p01": toy.p01}
    assert rates(drawn, torch.ones(n)) == pytest.approx(stated, abs=6e-3)
    magnitude = drawn[drawn[:, PARENT] > 0, PARENT]
    assert float(magnitude.mean()) == pytest.approx(1, abs=2e-3)
    assert float(magnitude.std()) == pytest.approx(toy.parent_std, abs=2e-3)
    assert set(drawn[:, CHILD:].unique().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("toy", [HIERARCHY, MANY])
def test_sae_lens_draws_the_same_patterns(toy):
    from sae_lens.synthetic import (
        ActivationGenerator,
        HierarchyNode,
        hierarchy_modifier,
    )

    given = torch.tensor(toy.probability)
    given[CHILD] = toy.given_parent
    tree = hierarchy_modifier([HierarchyNode(PARENT, [HierarchyNode(CHILD)])])
    generator = ActivationGenerator(toy.n_features, given, modify_activations=tree)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(5)
        theirs = generator.sample(200_000)
    ours = toys.toy_activations(
        toy, 200_000, generator=torch.Generator().manual_seed(4)
    )
    powers = 2 ** torch.arange(toy.n_features)
    code = [(x > 0).long() @ powers for x in (ours, theirs)]
    counts = torch.stack(
        [torch.bincount(x, minlength=2**toy.n_features).double() for x in code]
    )
    busy = counts.sum(0) > 20
    spread = (counts[0] - counts[1])[busy].square() / counts.sum(0)[busy]
    assert (
        float(spread.sum()) < int(busy.sum()) + 5 * (2 * float(busy.sum())) ** 0.5
    )  # chi squared
    assert int(((ours > 0)[:, CHILD] & ~(ours > 0)[:, PARENT]).sum()) == 0


def test_directions_are_orthonormal_and_each_seed_has_its_own():
    first, again, other = (toys.directions(MANY, seed=seed) for seed in (0, 0, 1))
    torch.testing.assert_close(first @ first.T, torch.eye(12), atol=1e-6, rtol=0)
    torch.testing.assert_close(first, again, atol=0, rtol=0)
    assert float((first @ other.T).abs().max()) < 0.9


def test_rows_depend_on_the_generator_alone():
    drawn = [
        toys.toy_activations(NOISY, 50, generator=torch.Generator().manual_seed(s))
        for s in (1, 1, 2)
    ]
    torch.testing.assert_close(drawn[0], drawn[1], atol=0, rtol=0)
    assert not torch.equal(drawn[0], drawn[2])


@pytest.mark.parametrize(
    "wrong",
    [
        {"probability": (0.2,)},
        {"probability": (0.2, 1.0)},
        {"given_parent": 1.5},
        {"given_parent": 0.9},
        {"d_model": 3},
        {"parent_std": 0.5},
    ],
)
def test_a_toy_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"must|need|has|fires"):
        Toy(**wrong)


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        toys.toy_activations(INDEPENDENT, 0, generator=torch.Generator())
