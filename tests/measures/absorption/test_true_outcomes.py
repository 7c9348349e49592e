"""Dictionaries made by hand, of which it is known what they absorb."""

import math

import pytest
import torch
from jaxtyping import TypeCheckError
from torch.testing import assert_close

from saecore.measures.absorption.true_cases import TrueCases, true_cases
from saecore.measures.absorption.true_outcomes import (
    ELSEWHERE,
    KEPT,
    MISSED,
    TRUTH_DEFINITIONS,
    Outcomes,
    outcomes,
    roles,
)
from saecore.sparse import Active, dense, sparse

# Features: parent 0 with children 1 and 2, another parent 3 with child 4, and 5, which
# is nobody's.
PARENT = torch.tensor([-1, 0, 0, -1, 3, -1])
N = 4000


def world(*, overlap: float = 0.0, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Activations [row, feature] and directions, orthonormal or (with overlap)
    slanted.
    """
    generator = torch.Generator().manual_seed(seed)

    def fires(share: float) -> torch.Tensor:
        return torch.rand(N, generator=generator) < share

    choice = torch.rand(N, generator=generator)
    parent, other = fires(0.3), fires(0.3)
    on = torch.stack(
        [
            parent,
            parent & (choice < 0.2),
            parent & (choice > 0.7),
            other,
            other & fires(0.3),
            fires(0.2),
        ],
        1,
    )
    strength = 0.7 + 0.6 * torch.rand(N, 6, generator=generator)
    directions = torch.eye(8)[:6] + overlap * torch.randn(6, 8, generator=generator)
    return on * strength, directions


def delta_dictionary(
    truth: torch.Tensor, directions: torch.Tensor, delta: float
) -> tuple[Active, torch.Tensor]:
    """One latent per feature; children of 0 carry delta of it and its own latent gives
    the rest.

    2409.14507, A.2: z_parent = 1 - delta, d_child = f_child + delta f_parent, where
    strengths are one.
    """
    latents, w_dec = truth.clone(), directions.clone()
    w_dec[1:3] += delta * directions[0]
    latents[:, 0] = (latents[:, 0] - delta * (latents[:, 1] + latents[:, 2])).clamp(
        min=0
    )
    return sparse(latents), w_dec


def ones(truth: torch.Tensor) -> torch.Tensor:
    return (truth > 0).float()


def ended(
    active: Active,
    w_dec: torch.Tensor,
    truth: torch.Tensor,
    directions: torch.Tensor,
    parent=PARENT,
) -> Outcomes:
    return outcomes(active, w_dec, true_cases(truth, directions, parent))


# The delta family


def test_full_absorption_is_found_in_exactly_the_rows_with_parent_and_child():
    truth, directions = world()
    truth = ones(truth)
    found = ended(*delta_dictionary(truth, directions, 1.0), truth, directions)
    assert_close(found.absorbed, found.with_child & (found.parent == 0))
    assert found.absorbed.sum() == ((truth[:, 1] + truth[:, 2]) > 0).sum()
    assert (found.outcome[~found.absorbed] == KEPT).all()
    assert found.counted.all()
    assert found.by_parent().tolist() == [
        pytest.approx(float(found.with_child[found.parent == 0].double().mean())),
        0,
    ]
    assert_close(found.roles.gap, torch.tensor([1.0, 0.0], dtype=torch.float64))


def test_without_absorption_everything_is_kept():
    truth, directions = world()
    found = ended(*delta_dictionary(truth, directions, 0.0), truth, directions)
    assert (found.outcome == KEPT).all()
    assert found.rate() == 0
    assert found.share.abs().max() < 1e-6
    assert_close(found.total, torch.ones_like(found.total))


@pytest.mark.parametrize("delta", [0.25, 0.5, 0.75])
def test_the_graded_share_is_delta_where_a_child_is_active(delta):
    truth, directions = world()
    truth = ones(truth)
    found = ended(*delta_dictionary(truth, directions, delta), truth, directions)
    there = found.with_child & (found.parent == 0)
    assert_close(
        found.share[there],
        torch.full_like(found.share[there], delta),
        rtol=1e-5,
        atol=1e-6,
    )
    assert found.share[~there].abs().max() < 1e-6
    assert (found.outcome == KEPT).all()  # the parent's own latent still fires


def test_overlapping_directions_change_nothing_when_the_dictionary_is_exact():
    truth, directions = world(overlap=0.25)
    truth = ones(truth)
    plain = ended(*delta_dictionary(truth, directions, 1.0), truth, directions)
    assert_close(plain.absorbed, plain.with_child & (plain.parent == 0))
    assert_close(plain.total, torch.ones_like(plain.total), rtol=1e-4, atol=1e-4)


def by_pairs(active, w_dec, truth, directions, pairs):
    """The absorbed (row, parent) by a second route: each pair of parent and child for
    itself, in a loop, without any correction for shrinkage. The parent's own latent has
    its number.
    """
    latents, found = dense(active, len(w_dec)), set()
    for parent, child in pairs:
        f, g = directions[parent], directions[child]
        u = f - (f @ g) / (g @ g) * g
        u = u / (u @ u)  # sees the parent and not the child
        on_child = truth[:, child] > 0
        childs = latents[on_child].sum(0) >= 0.5 * latents.sum(0)
        childs[parent] = False
        for row in (on_child & (truth[:, parent] > 0)).nonzero()[:, 0].tolist():
            part = latents[row] * (w_dec @ u) / truth[row, parent]
            if latents[row, parent] == 0 and float(part[childs].sum()) >= 0.5:
                found.add((row, parent))
    return found


def test_the_definition_by_pairs_agrees_on_worlds_without_overlap():
    truth, directions = world()
    truth = ones(truth)
    active, w_dec = delta_dictionary(truth, directions, 1.0)
    found = ended(active, w_dec, truth, directions)
    theirs = by_pairs(active, w_dec, truth, directions, [(0, 1), (0, 2), (3, 4)])
    parent = found.parents[found.parent]
    ours = torch.stack([found.row, parent], 1)[found.absorbed].tolist()
    assert len(ours) > 100
    assert theirs == {tuple(case) for case in ours}


# What is no absorption


def test_a_parent_that_is_split_in_two_is_kept():
    truth, directions = world()
    half = torch.rand(N, generator=torch.Generator().manual_seed(5)) < 0.5
    latents = torch.cat([truth, (truth[:, 0] * ~half)[:, None]], 1)
    latents[:, 0] *= half
    found = ended(
        sparse(latents), torch.cat([directions, directions[:1]]), truth, directions
    )
    assert (found.outcome == KEPT).all()
    assert found.roles.own[0].nonzero().flatten().tolist() == [0, 6]


def test_a_childs_latent_that_fires_faintly_elsewhere_is_still_the_childs():
    truth, directions = world()
    active, w_dec = delta_dictionary(ones(truth), directions, 1.0)
    latents = dense(active, 6)
    faint = (truth[:, 0] > 0) & (
        torch.rand(N, generator=torch.Generator().manual_seed(1)) < 0.3
    )
    latents[faint, 1] = latents[faint, 1].clamp(min=0.05)
    found = ended(sparse(latents), w_dec, ones(truth), directions)
    assert found.roles.own[0].nonzero().flatten().tolist() == [0]
    assert found.roles.child[0].nonzero().flatten().tolist() == [1, 2]


def test_partial_absorption_counts_as_mostly_from_one_half_on():
    truth, directions = world()
    for delta, wanted in ((0.4, False), (0.6, True)):
        found = ended(
            *delta_dictionary(ones(truth), directions, delta), ones(truth), directions
        )
        there = found.with_child & (found.parent == 0)
        assert_close(found.mostly, there & wanted)


def test_a_hole_that_nobody_fills_is_missed_and_one_that_a_stranger_fills_is_elsewhere():
    truth, directions = world()
    hole = truth[:, 1] > 0
    latents = truth.clone()
    latents[hole, 0] = 0
    missed = ended(sparse(latents), directions, truth, directions)
    there = hole[missed.row] & (missed.parent == 0)
    assert_close(missed.outcome == MISSED, there)
    stranger = torch.cat(
        [latents, torch.zeros(N, 1)], 1
    )  # fires in the hole, and as often with feature 5 alone
    lone = (truth[:, 5] > 0) & (truth[:, 0] == 0)
    stranger[hole, 6], stranger[lone, 6] = 1.5, 1.5
    filled = ended(
        sparse(stranger), torch.cat([directions, directions[:1]]), truth, directions
    )
    assert_close(filled.outcome == ELSEWHERE, there)


def test_shrinkage_of_everything_changes_no_outcome():
    truth, directions = world()
    active, w_dec = delta_dictionary(ones(truth), directions, 1.0)
    plain = ended(active, w_dec, ones(truth), directions)
    small = ended(
        active._replace(value=0.3 * active.value), w_dec, ones(truth), directions
    )
    assert_close(small.outcome, plain.outcome)
    assert_close(small.usual, 0.3 * plain.usual, rtol=1e-5, atol=1e-6)
    assert_close(small.share, plain.share, rtol=1e-5, atol=1e-6)


def test_outcomes_do_not_depend_on_how_long_decoder_rows_are():
    truth, directions = world(overlap=0.1)
    active, w_dec = delta_dictionary(truth, directions, 0.8)
    long = torch.linspace(0.5, 4, 6)
    other = active._replace(value=active.value / long[active.latent.long()])
    one = ended(active, w_dec, truth, directions)
    two = ended(other, w_dec * long[:, None], truth, directions)
    assert_close(one.outcome, two.outcome)
    assert_close(one.share, two.share, rtol=1e-4, atol=1e-5)


def test_a_parent_without_a_latent_of_its_own_does_not_count():
    truth, directions = world()
    latents = truth.clone()
    latents[:, 0] = 0
    found = ended(sparse(latents), directions, truth, directions)
    assert not found.counted[found.parent == 0].any()
    assert found.counted[found.parent == 1].all()
    assert found.by_parent()[0].isnan()


def test_the_random_latents_of_a_null_absorb_nothing():
    truth, directions = world()
    generator = torch.Generator().manual_seed(3)
    latents = (torch.rand(N, 40, generator=generator) < 0.1) * torch.rand(
        N, 40, generator=generator
    )
    w_dec = torch.nn.functional.normalize(torch.randn(40, 8, generator=generator))
    found = ended(sparse(latents), w_dec, truth, directions)
    assert not found.absorbed.any()
    assert not found.counted.any()
    assert math.isnan(found.rate())


# Roles and dual rows


def test_roles_by_hand():
    truth = world()[0]
    on = truth > 0
    siblings = (truth[:, 1] + truth[:, 2])[:, None]
    active = sparse(torch.cat([truth, siblings], 1))
    found = roles(
        active, 7, on[:, [0, 3]], torch.stack([on[:, 1] | on[:, 2], on[:, 4]], 1)
    )
    assert found.own.nonzero().tolist() == [[0, 0], [1, 3]]
    assert found.child.nonzero().tolist() == [[0, 1], [0, 2], [0, 6], [1, 4]]
    assert_close(found.recall_alone, torch.ones(2, dtype=torch.float64))


def test_truth_may_be_sparse():
    truth, directions = world()
    active, w_dec = delta_dictionary(truth, directions, 1.0)
    one = ended(active, w_dec, truth, directions)
    two = ended(active, w_dec, truth.to_sparse_coo(), directions)
    assert_close(one.outcome, two.outcome)


# Bad input


def test_what_does_not_fit_is_refused():
    truth, directions = world()
    active, w_dec = delta_dictionary(truth, directions, 1.0)
    with pytest.raises(ValueError, match="same rows"):
        ended(active, w_dec, truth[:-1], directions)
    with pytest.raises((ValueError, TypeCheckError), match=r"same features|feature"):
        ended(active, w_dec, truth, directions[:-1])
    with pytest.raises((ValueError, TypeCheckError), match="d_model"):
        ended(active, w_dec, truth, directions[:, :-1])
    with pytest.raises(ValueError, match="row for every active latent"):
        ended(active, w_dec[:2], truth, directions)
    with pytest.raises(ValueError, match="a parent and a child"):
        ended(active, w_dec, truth, directions, torch.full((6,), -1))


def two_features() -> tuple[torch.Tensor, torch.Tensor, TrueCases]:
    """400 rows: the parent in the first 200, its child in every second of these."""
    on = torch.zeros(400, 2)
    on[:200, 0] = 1
    on[:200:2, 1] = 1
    directions = torch.eye(4)[:2]
    return on, directions, true_cases(on, directions, torch.tensor([-1, 0]))


def test_faint_firings_elsewhere_take_a_childs_latent_from_it_if_firings_count():
    on, directions, known = two_features()
    latents = on.clone()
    latents[on[:, 1] > 0, 0] = 0
    latents[150:400, 1] += 0.001  # faintly, in many rows without the child
    w_dec = directions.clone()
    w_dec[1, 0] = 1
    first, usual, chosen = (
        outcomes(sparse(latents), w_dec, known, by=by)
        for by in TRUTH_DEFINITIONS.values()
    )
    assert outcomes(sparse(latents), w_dec, known).rate() == chosen.rate()
    assert chosen.rate() == pytest.approx(0.5)
    assert first.rate() == usual.rate() == 0


def test_a_dictionary_that_shrinks_all_misses_all_of_the_whole_part():
    on, directions, known = two_features()
    latents = 0.4 * on
    latents[on[:, 1] > 0, 0] = 0
    w_dec = directions.clone()
    w_dec[1, 0] = 1
    first, usual, _ = (
        outcomes(sparse(latents), w_dec, known, by=by)
        for by in TRUTH_DEFINITIONS.values()
    )
    assert usual.rate() == pytest.approx(0.5)
    assert (first.rate(), first.shares()["missed"]) == (0, pytest.approx(0.5))
