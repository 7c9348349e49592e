"""Mean scores on other texts: sums against the tensors themselves, draws by hand."""

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.explaining.fragments import fragments_of
from saecore.measures.explaining.interpretability import autointerp
from saecore.measures.explaining.predicates import Predicates
from saecore.measures.explaining.resampled_texts import (
    FragmentSums,
    fragment_sums,
    pearson_of_sums,
    resampled_means,
)
from saecore.measures.explaining.rules import fitted_rules, predicted
from saecore.measures.explaining.scores import correlation

EACH = 5


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def noisy(latents=6, fragments=60, length=8):
    """Activations that some fragments lack, and predictions that are partly right."""
    shape = latents, fragments, length
    truth = torch.rand(shape, generator=seeded(1))
    truth = truth * (torch.rand(shape, generator=seeded(2)) < 0.15)
    said = truth + 0.3 * torch.rand(shape, generator=seeded(3))
    return said.double(), truth.double()


def sums_of(said, truth):
    five = (said, truth, said * said, truth * truth, said * truth)
    sums = torch.stack([one.sum(2) for one in five], 2)
    return FragmentSums(sums, truth.amax(2), truth.shape[2])


def by_hand(said, truth, largest, *, draws, seed=7):
    """The same draws, one fragment after the other, by the tensors themselves."""
    texts, others = seeded(seed), seeded(seed + 1)
    keys = torch.rand(largest.shape, generator=others)
    keys = torch.where(largest > 0, keys, keys - 1)
    picks = torch.randint(largest.shape[1], (draws, largest.shape[1]), generator=texts)
    means = []
    for pick in picks.tolist():
        scores = []
        for i in range(len(said)):
            top = sorted(pick, key=lambda n: -float(largest[i, n]))[:EACH]
            rest = list(pick)
            for n in top:
                rest.remove(n)
            random = sorted(rest, key=lambda n: -float(keys[i, n]))[:EACH]
            chosen = top + random
            a, b = said[i, chosen].flatten(), truth[i, chosen].flatten()
            scores.append(float(correlation(a[None], b[None])[0]))
        means.append(sum(scores) / len(scores))
    return torch.tensor(means, dtype=torch.float64)


def test_draws_equal_those_that_are_made_one_by_one():
    said, truth = noisy()
    found = sums_of(said, truth)
    every = torch.ones(len(said), dtype=torch.bool)
    fast = resampled_means(found, every, each=EACH, draws=20)
    assert_close(fast, by_hand(said, truth, found.largest, draws=20))


def test_the_sums_are_those_of_the_scoring_half():
    texts = fragments_of(
        torch.randint(0, 30, (100, 40), generator=seeded(1)),
        generator=seeded(2), length=16,
    )  # fmt: skip
    predicates = Predicates(30, {})
    y = torch.stack([1.0 * (texts.token == n) for n in range(40)])  # 10 are silent
    half = texts.half(fitting=True)
    rules = fitted_rules(
        y[:, texts.fitting].flatten(1), predicates.at(half).flatten(1), predicates,
        most=2,
    )  # fmt: skip
    found = fragment_sums(rules, y, texts, predicates)
    values = predicates.at(texts.half(fitting=False)).flatten(1)
    truth = y[:, ~texts.fitting]
    said = predicted(rules, values, predicates).activation.view(truth.shape)
    assert_close(found.sums, sums_of(said.double(), truth.double()).sums)
    assert_close(found.largest, truth.amax(2))


def test_a_right_prediction_scores_one_on_all_texts_and_a_constant_none():
    _, truth = noisy()
    every = torch.ones(len(truth), dtype=torch.bool)
    right, flat = (
        resampled_means(sums_of(said, truth), every, each=EACH, draws=5)
        for said in (2 * truth, torch.full_like(truth, 0.3))
    )
    assert_close(right, torch.ones(5, dtype=torch.float64))
    assert_close(flat, torch.zeros(5, dtype=torch.float64))


def test_the_texts_of_a_draw_do_not_depend_on_how_many_latents_are_scored():
    said, truth = noisy()
    found, first = sums_of(said, truth), torch.zeros(6, dtype=torch.bool)
    first[0] = True
    alone = resampled_means(found, first, each=EACH, draws=8)
    only = resampled_means(
        FragmentSums(found.sums[:1], found.largest[:1], found.length),
        torch.ones(1, dtype=torch.bool), each=EACH, draws=8,
    )  # fmt: skip
    assert_close(alone, only)


def test_correlations_from_five_sums_are_pearsons():
    said, truth = noisy()
    found = sums_of(said, truth).sums.sum(1) / (60 * 8)
    assert_close(pearson_of_sums(found), correlation(said.flatten(1), truth.flatten(1)))


def test_planted_latents_score_one_on_each_resample():
    texts = fragments_of(
        torch.randint(0, 30, (300, 60), generator=seeded(1)),
        generator=seeded(2), length=16,
    )  # fmt: skip
    y = torch.stack([1.0 * (texts.token == n) for n in range(30)])
    found = autointerp(
        y, texts, Predicates(30, {}), most=5, least=20, each=5, level=0.95, draws=10
    )
    assert found.resampled.tolist() == pytest.approx([1.0] * 10, abs=1e-6)
    assert len(found.scored.latents) == 30
