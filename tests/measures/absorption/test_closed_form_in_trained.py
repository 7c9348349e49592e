"""Absorption on families where the answer is known: the delta dictionary, an oracle,
independent pairs.
"""

from functools import partial

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.absorption import rates as absorption
from saecore.measures.absorption.ablation import ablated
from saecore.measures.absorption.cases import cases, within_label
from saecore.measures.absorption.projections import confirmed, fraction, full_absorption
from saecore.measures.absorption.rates import COSINE, LEAD
from saecore.sparse import sparse

PAPER = {"lead": LEAD, "cosine": COSINE, "ranking": "magnitude"}
paper_rule = partial(absorption.paper_rule, **PAPER)

PARENT, CHILD, OTHER = torch.eye(5, dtype=torch.float64)[:3]
AMOUNTS = torch.tensor(
    [[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1], [0, 0, 1], [0, 0, 0]],
    dtype=torch.float64,
)
ROWS = AMOUNTS @ torch.stack([PARENT, CHILD, OTHER])


def normal(*shape, seed=0):
    return torch.randn(
        *shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    )


def delta_dictionary(delta):
    """2409.14507, A.2: latents of the parent, the child and another feature; exact for
    every delta.
    """
    encoder = torch.stack([PARENT - delta * CHILD, CHILD, OTHER])
    return (ROWS @ encoder.T).relu(), torch.stack(
        [PARENT, CHILD + delta * PARENT, OTHER]
    )


def delta_cases(delta):
    latents, w_dec = delta_dictionary(delta)
    active, has = sparse(latents), AMOUNTS[:, :1] > 0
    main = torch.tensor([[True, False, False]])
    found = cases(
        active, w_dec, ROWS, probes=3 * PARENT[None], has=has, says=has, main=main
    )
    effects = ablated(lambda v, p: 10 * v @ PARENT, ROWS, active, w_dec)
    return found, effects, active, has


def rates(delta):
    found, effects, active, has = delta_cases(delta)
    every = [
        paper_rule(found, effects),
        paper_rule(found, effects, ranking="helpful"),
        paper_rule(found, effects, relative=0.15),
        full_absorption(found),
        fraction(found, version="0.6.0"),
        fraction(found, version="0.3.2"),
        confirmed(found, within_label(found, active, has)),
    ]
    return torch.stack([one.rate for one in every])[:, 0]


def test_the_delta_dictionary_rebuilds_every_row():
    for delta in (0, 0.25, 0.5, 0.75, 1):
        latents, w_dec = delta_dictionary(delta)
        assert_close(latents @ w_dec, ROWS)


def test_full_absorption_is_seen_by_every_metric_and_none_by_none():
    half = torch.full(
        (7,), 0.5, dtype=torch.float64
    )  # two of the parent's four rows have the child
    assert_close(rates(1.0), half)
    assert_close(rates(0.0), 0 * half)


@pytest.mark.parametrize("delta", [0.05, 0.25, 0.5, 0.9])
def test_partial_absorption_is_seen_by_the_fractions_alone(delta):
    found = rates(delta)
    assert_close(found[[0, 1, 2, 3, 6]], torch.zeros(5, dtype=torch.float64))
    assert found[5] == pytest.approx(delta / 2)  # 0.3.2
    assert found[4] == pytest.approx(
        delta / 2 if delta >= 0.4 else 0
    )  # 0.6.0 wants 40 % of the projection


def test_the_absorber_is_named():
    found, effects, active, has = delta_cases(1.0)
    absorbed = found.row[paper_rule(found, effects).case > 0]
    assert absorbed.tolist() == [2, 3]
    for result in (paper_rule(found, effects), full_absorption(found), fraction(found)):
        assert result.latent[result.case > 0].tolist() == [1, 1]
    purity = within_label(found, active, has)
    assert confirmed(found, purity).latent.tolist() == [-1, 2, 1, 1]


def test_an_oracle_dictionary_and_independent_pairs_are_not_absorbed():
    features = torch.linalg.qr(normal(12, 12)).Q
    amounts = (normal(400, 12, seed=1) > 0.8).double() * (
        1 + 0.1 * normal(400, 12, seed=2)
    )
    active, rows = sparse(amounts), amounts @ features
    has = amounts[:, :6] > 0
    main = torch.eye(12, dtype=torch.bool)[:6]
    found = cases(
        active, features, rows, probes=features[:6], has=has, says=has, main=main
    )
    effects = ablated(lambda v, p: 10 * v @ features[0], rows, active, features)
    purity = within_label(found, active, has)
    for result in (
        full_absorption(found),
        fraction(found),
        confirmed(found, purity),
        paper_rule(found, effects),
    ):
        assert_close(result.rate, torch.zeros(6, dtype=torch.float64))
    assert fraction(found, version="0.3.2").rate.max() < 1e-12
