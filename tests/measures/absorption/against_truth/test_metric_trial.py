"""Trials of dictionaries made by hand: an oracle, one that absorbs, one that splits."""

import pytest
import torch

from saecore.measures.absorption.against_truth.metric_trial import (
    MAINS,
    KnownRows,
    known_rows,
    trial,
)
from saecore.measures.absorption.metrics import METRICS
from saecore.measures.absorption.true_outcomes import TRUTH_DEFINITIONS
from saecore.sparse import Active, sparse

N, PARENT = 3000, torch.tensor([-1, 0, 0, -1])


def truth(share: float = 0.2) -> torch.Tensor:
    """Parent 0, its children 1 and 2, each in a `share` of its rows, and nobody's 3."""
    generator = torch.Generator().manual_seed(0)
    draw = torch.rand(N, 3, generator=generator)
    parent = draw[:, 0] < 0.3
    children = [parent & (draw[:, 1] < share), parent & (draw[:, 1] > 1 - share)]
    return torch.stack([parent, *children, draw[:, 2] < 0.3], 1).float()


def prepared(known: torch.Tensor) -> KnownRows:
    generator = torch.Generator().manual_seed(1)
    rows = torch.cat([known, torch.zeros(N, 2)], 1) + 0.01 * torch.randn(
        N, 6, generator=generator
    )
    return known_rows(rows, known, torch.eye(6)[:4], PARENT)


def absorbing(known: torch.Tensor) -> tuple[Active, torch.Tensor]:
    latents, w_dec = known.clone(), torch.eye(6)[:4].clone()
    latents[:, 0] -= latents[:, 1] + latents[:, 2]
    w_dec[1:3, 0] = 1
    return sparse(latents), w_dec


def test_an_oracle_dictionary_reads_nothing_whatever_the_metric_and_the_main_latents():
    known = truth()
    found = trial(prepared(known), sparse(known), torch.eye(6)[:4])
    assert found.truth.rate() == 0
    assert set(found.value) == set(MAINS)
    for values in found.value.values():
        assert set(values) == set(METRICS)
        leaning = values.pop(
            "SAEBench, fraction 0.3.2"
        )  # no threshold, and probes lean towards children
        assert 0.05 < leaning.max() < 0.2
        assert not any(value.any() for value in values.values())


def test_frequent_children_that_absorb_are_found_from_one_latent_and_lost_in_the_split_set():
    known = truth(0.2)
    found = trial(prepared(known), *absorbing(known))
    scores = found.scores()
    best, split = (
        scores["best latent"]["SAEBench, full"],
        scores["split set"]["SAEBench, full"],
    )
    assert (best.strict.precision, best.strict.recall) == (1, 1)
    assert split.strict.recall == 0
    assert found.main["split set"].latents[0].tolist() == [True, True, True, False]
    assert best.strict == best.mostly
    assert best.graded.pearson == pytest.approx(1, abs=0.01)


def test_rare_children_that_absorb_are_found_with_either_choice():
    known = truth(0.03)
    found = trial(prepared(known), *absorbing(known))
    for main in MAINS:
        assert found.scores()[main]["SAEBench, full"].strict.recall == 1


def test_a_split_parent_fools_the_best_latent_and_not_the_split_set():
    known = truth()
    half = (torch.rand(N, generator=torch.Generator().manual_seed(5)) < 0.4).float()
    latents = torch.cat([known, known[:, :1] * half[:, None]], 1)
    latents[:, 0] *= 1 - half
    found = trial(prepared(known), sparse(latents), torch.eye(6)[[0, 1, 2, 3, 0]])
    assert found.truth.rate() == 0
    scores = found.scores()
    assert scores["best latent"]["SAEBench, full"].strict.false_alarms == pytest.approx(
        0.4, abs=0.05
    )
    assert scores["split set"]["SAEBench, full"].strict.false_alarms == 0
    assert scores["true"]["SAEBench, full"].strict.false_alarms == 0


def test_scores_can_be_asked_of_some_parents_only():
    known = truth()
    found = trial(prepared(known), sparse(known), torch.eye(6)[:4])
    nobody = found.scores(torch.tensor([False]))["true"]["SAEBench, full"].strict
    assert nobody.n == 0
    assert found.scores(torch.tensor([True]))["true"]["SAEBench, full"].strict.n == int(
        known[:, 0].sum()
    )


def test_the_child_that_is_active_is_named():
    known = truth()
    child = prepared(known).child[:, 0]
    assert ((child == 0) == (known[:, 1] > 0)).all()
    assert ((child == 1) == (known[:, 2] > 0)).all()


def test_activations_of_other_rows_are_refused():
    known = truth()
    with pytest.raises(ValueError, match="same rows"):
        trial(prepared(known), sparse(known[:-1]), torch.eye(6)[:4])


def test_where_roles_are_clear_all_three_definitions_of_the_truth_agree():
    known = truth()
    found = trial(prepared(known), *absorbing(known))
    checks = found.by_definition(torch.tensor([True]))
    assert list(checks) == list(TRUTH_DEFINITIONS)
    full = [one["best latent"]["SAEBench, full"] for one in checks.values()]
    assert {(one.precision, one.recall) for one in full} == {(1.0, 1.0)}
