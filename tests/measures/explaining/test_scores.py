from typing import Any

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from saecore.measures.explaining import scores as explaining
from saecore.measures.explaining.fragments import fragments_of
from saecore.measures.explaining.interpretability import mean_score
from saecore.measures.explaining.predicates import Predicates

VOCABULARY = 30
RULE: dict[str, Any] = {"most": 5, "least": 20, "each": 5}
KINDS = {"letter": {"a": [1, 2, 7], "b": [3, 8]}}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def predicates():
    return Predicates(VOCABULARY, KINDS)


@pytest.fixture(scope="module")
def texts():
    return fragments_of(
        torch.randint(0, VOCABULARY, (300, 60), generator=seeded(1)),
        generator=seeded(2),
        length=16,
    )


@pytest.fixture(scope="module")
def planted(texts):
    """Activations that are exactly: a token, a label, the token before."""
    label = torch.isin(texts.token, torch.tensor(KINDS["letter"]["a"]))
    return torch.stack(
        [2.0 * (texts.token == 4), 1.0 * label, 3.0 * (texts.previous == 9)]
    )


@pytest.mark.parametrize("few_shot", [False, True])
def test_planted_rules_are_found_and_score_one_everywhere(
    planted, texts, predicates, few_shot
):
    found = explaining.scored_rules(
        planted, texts, predicates, generator=seeded(3), few_shot=few_shot, **RULE
    )
    for name in ("simulation", "top", "random", "everywhere", "detection", "fuzzing"):
        assert_close(
            getattr(found.scores, name), torch.ones(3).double(), rtol=0, atol=1e-5
        )
    assert not found.scores.skipped.any()
    assert_close(
        found.scores.density, (planted[:, ~texts.fitting] > 0).double().mean((1, 2))
    )
    assert found.scores.fragments.tolist() == (planted > 0).any(2).sum(1).tolist()


@pytest.mark.parametrize("few_shot", [False, True])
def test_activations_that_ignore_the_text_score_what_chance_gives(
    texts, predicates, few_shot
):
    y = torch.rand(100, *texts.token.shape, generator=seeded(4))
    y = y * (torch.rand(y.shape, generator=seeded(5)) < 0.03)
    found = explaining.scored_rules(
        y, texts, predicates, generator=seeded(6), few_shot=few_shot, **RULE
    ).scores
    for name, chance in (
        ("simulation", 0),
        ("everywhere", 0),
        ("detection", 0.5),
        ("fuzzing", 0.5),
    ):
        score = getattr(found, name)
        assert abs(float(score.mean()) - chance) < 0.01 + 4 * float(score.std()) / 10


def test_swapped_rules_score_nothing_on_latents_that_have_nothing_in_common(
    predicates, texts
):
    y = torch.stack([1.0 * (texts.token == one) for one in range(10, VOCABULARY)])
    found = explaining.scored_rules(y, texts, predicates, generator=seeded(3), **RULE)
    others = explaining.swapped(found.rules, ~found.scores.skipped, generator=seeded(4))
    wrong = explaining.scores(
        others, y, texts, predicates, generator=seeded(3), least=20, each=5
    )
    assert found.scores.simulation.min() > 0.999
    assert wrong.simulation.max() < 0.05
    assert wrong.detection.mean() < 0.6


def test_swapping_gives_every_latent_another_ones_rule_and_leaves_the_rest_alone(
    planted, texts, predicates
):
    y = torch.stack([1.0 * (texts.token == one) for one in range(9)])
    rules = explaining.scored_rules(
        y, texts, predicates, generator=seeded(3), **RULE
    ).rules
    among = torch.tensor([True] * 6 + [False] * 3)
    for seed in range(20):
        first = explaining.swapped(rules, among, generator=seeded(seed)).predicate[:, 0]
        assert sorted(first.tolist()) == sorted(rules.predicate[:, 0].tolist())
        assert (first[:6] != rules.predicate[:6, 0]).all()
        assert (first[6:] == rules.predicate[6:, 0]).all()
    with pytest.raises(ValueError, match="at least two latents, got 1"):
        explaining.swapped(rules, torch.arange(9) == 2, generator=seeded())


def test_simulation_is_the_correlation_over_ten_fragments_by_loops(texts, predicates):
    y = (torch.rand(4, *texts.token.shape, generator=seeded(8)) - 0.9).relu() + 0.3 * (
        texts.token == 4
    )
    found = explaining.scored_rules(y, texts, predicates, generator=seeded(9), **RULE)
    truth = y[:, ~texts.fitting]
    said = explaining.predicted(
        found.rules, predicates.at(texts.half(fitting=False)).flatten(1), predicates
    ).activation.view_as(truth)
    sample, enough = explaining.scored_fragments(
        truth, generator=seeded(9), each=5
    )  # the same draws: nothing is drawn before
    assert enough.all()
    for i in range(len(y)):
        top, others = sample.top[i].tolist(), sample.random[i].tolist()
        largest = truth[i].amax(1)
        assert_close(
            largest[top], largest.sort(descending=True).values[:5]
        )  # of equals any may be taken
        assert not set(top) & set(others)
        assert (truth[i, others].amax(1) > 0).all()
        for name, chosen in (
            ("simulation", top + others),
            ("top", top),
            ("random", others),
        ):
            a, b = (x[i, chosen].double().flatten().numpy() for x in (said, truth))
            assert float(getattr(found.scores, name)[i]) == pytest.approx(
                np.corrcoef(a, b)[0, 1], abs=1e-5
            )
        a, b = (x[i].double().flatten().numpy() for x in (said, truth))
        assert float(found.scores.everywhere[i]) == pytest.approx(
            np.corrcoef(a, b)[0, 1], abs=1e-5
        )


def test_latents_that_fire_in_too_few_fragments_are_skipped_and_count_as_zero(
    texts, predicates
):
    y = torch.zeros(3, *texts.token.shape)
    y[0] = texts.token == 4
    rare = (~texts.fitting).nonzero()[:19, 0]
    y[1, rare, 0] = 1.0  # 19 fragments, all in the half that scores
    seen = texts.fitting.nonzero()[:40, 0]
    y[2, seen, 0] = 1.0  # 40, all in the other half
    found = explaining.scored_rules(
        y, texts, predicates, generator=seeded(3), **RULE
    ).scores
    assert found.skipped.tolist() == [False, True, True]
    assert found.fragments[1:].tolist() == [19, 40]
    total = mean_score(found.simulation, generator=seeded(1), level=0.95)
    assert (total.scored, total.latents) == (1, 3)
    assert total.mean.estimate == pytest.approx(1.0, abs=1e-5)
    assert total.with_skipped.estimate == pytest.approx(1 / 3, abs=1e-5)
    y[1, texts.fitting.nonzero()[:1, 0], 0] = 1.0  # the twentieth
    again = explaining.scored_rules(
        y, texts, predicates, generator=seeded(3), **RULE
    ).scores
    assert again.skipped.tolist() == [False, False, True]


def test_correlations_agree_with_numpy_and_a_constant_has_none():
    a, b = torch.randn(2, 5, 300, generator=seeded(1)) * 1e-3 + 7.0
    expected = [
        np.corrcoef(x, y)[0, 1]
        for x, y in zip(a.double().numpy(), b.double().numpy(), strict=True)
    ]
    assert_close(explaining.correlation(a.double(), b.double()), torch.tensor(expected))
    assert_close(
        explaining.correlation(a, b), torch.tensor(expected), rtol=0, atol=1e-3
    )
    flat = torch.full_like(a, 0.1)
    assert explaining.correlation(a, flat).tolist() == [0.0] * 5


def test_the_same_seed_scores_the_same_fragments(planted, texts, predicates):
    y = torch.rand(5, *texts.token.shape, generator=seeded(3)) * (texts.token > 20)
    first, again = (
        explaining.scored_rules(
            y, texts, predicates, generator=seeded(5), **RULE
        ).scores
        for _ in range(2)
    )
    for a, b in zip(first, again, strict=True):
        assert torch.equal(a.nan_to_num(-9), b.nan_to_num(-9))


def test_rules_and_activations_that_do_not_belong_together_are_refused(
    planted, texts, predicates
):
    rules = explaining.scored_rules(
        planted, texts, predicates, generator=seeded(), **RULE
    ).rules
    with pytest.raises(ValueError, match="3 rules, activations"):
        explaining.scores(
            rules, planted[:2], texts, predicates, generator=seeded(), least=20, each=5
        )
    with pytest.raises(ValueError, match="5 top and 5 random"):
        explaining.scored_fragments(torch.ones(1, 9, 4), generator=seeded(), each=5)
