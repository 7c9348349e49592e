"""The closed-form family, exactly: its error, its penalties and its optimum."""

import math

import pytest
import torch

from saecore.measures.absorption import closed_form as family
from saecore.measures.dictionary.nulls import Weights

DELTAS = (0.0, 0.25, 0.5, 0.75, 1.0)
PAIR = {"p11": 0.0475, "p10": 0.2025, "p01": 0.0025}
F = torch.linalg.qr(
    torch.randn(9, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
).Q.T


class Biased(Weights):
    """The family with an encoder whose bias lets the child's latent answer z when the
    child is alone.
    """

    def __init__(self, delta: float, z: float) -> None:
        w = family.family(delta, F[0], F[1])
        encoder = w.W_enc.clone()
        encoder[:, 1] += (1 - z) * F[0]
        super().__init__(encoder, w.W_dec)
        self.bias = torch.tensor([0.0, z - 1], dtype=torch.float64)

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        return (x @ self.W_enc + self.bias).relu()


def rows(p11: float, p10: float, p01: float) -> tuple[torch.Tensor, torch.Tensor]:
    """The four rows of the pair and their probabilities."""
    active = torch.tensor([[1, 1], [1, 0], [0, 1], [0, 0]], dtype=torch.float64)
    return active @ F[:2], torch.tensor(
        [p11, p10, p01, 1 - p11 - p10 - p01], dtype=torch.float64
    )


def sparsity(dictionary, x, probability, weighted: bool) -> float:
    norm = (
        dictionary.W_dec.norm(dim=1) if weighted else torch.ones(2, dtype=torch.float64)
    )
    return float(probability @ (dictionary.encode(x) @ norm))


@pytest.mark.parametrize("delta", DELTAS)
def test_the_reconstruction_is_exact_for_every_delta_in_a_hierarchy(delta):
    x, _ = rows(**PAIR)
    pair = family.family(delta, F[0], F[1])
    hierarchy = x[[0, 1, 3]]
    torch.testing.assert_close(
        pair.decode(pair.encode(hierarchy)), hierarchy, atol=1e-14, rtol=0
    )
    error = (pair.decode(pair.encode(x[2:3])) - x[2]).square().sum()
    assert float(error) == pytest.approx(delta**2, abs=1e-14)


@pytest.mark.parametrize("delta", DELTAS)
def test_the_penalties_are_those_of_the_matrices(delta):
    x, probability = rows(**PAIR)
    pair = family.family(delta, F[0], F[1])
    p11, p10 = PAIR["p11"], PAIR["p10"]
    assert float(family.l1(delta, **PAIR)) == pytest.approx(
        sparsity(pair, x, probability, False)
    )
    assert float(family.weighted_l1(delta, **PAIR)) == pytest.approx(
        sparsity(pair, x, probability, True)
    )
    active = probability @ (pair.encode(x) > 1e-12).double().sum(1)
    assert float(family.expected_l0(delta, **PAIR)) == pytest.approx(float(active))
    assert float(family.l1(delta, p11=p11, p10=p10)) == pytest.approx(
        p11 * (2 - delta) + p10, abs=1e-15
    )
    closed = p11 * ((1 - delta) + math.sqrt(1 + delta**2)) + p10
    assert float(family.weighted_l1(delta, p11=p11, p10=p10)) == pytest.approx(
        closed, abs=1e-15
    )


def test_every_penalty_falls_with_delta_and_by_the_stated_amounts():
    grid = torch.linspace(0, 1, 101, dtype=torch.float64)
    for penalty, saved in (
        (family.l1, 1.0),
        (family.weighted_l1, 2 - math.sqrt(2)),
        (family.expected_l0, 1.0),
    ):
        values = penalty(grid, p11=0.05, p10=0.2)
        assert float(values[0] - values[-1]) == pytest.approx(0.05 * saved)
        assert bool((values.diff() <= 1e-15).all())
    assert bool(
        (family.expected_l0(grid, p11=0.05, p10=0.2)[:-1] == 2 * 0.05 + 0.2).all()
    )


@pytest.mark.parametrize("delta", DELTAS)
@pytest.mark.parametrize("penalty", [0.003, 0.03])
def test_the_objective_of_the_matrices_is_the_closed_form(delta, penalty):
    x, probability = rows(**PAIR)
    got = family.closed_form_objective(
        family.family(delta, F[0], F[1]), x, probability, penalty=penalty
    )
    want = family.objective_of(delta, **PAIR, penalty=penalty, form="norms")
    assert got == pytest.approx(float(want), rel=1e-12)
    n = math.sqrt(1 + delta**2)
    best = Biased(delta, (1 - penalty * n / 2) / n**2)
    want = family.objective_of(delta, **PAIR, penalty=penalty, form="bias")
    assert family.closed_form_objective(
        best, x, probability, penalty=penalty
    ) == pytest.approx(float(want), rel=1e-12)
    for other in (0.3, 0.9):
        worse = family.closed_form_objective(
            Biased(delta, other), x, probability, penalty=penalty
        )
        assert worse >= float(want) - 1e-15


@pytest.mark.parametrize("penalty", [1e-3, 1e-2, 3e-2, 0.1, 0.3])
@pytest.mark.parametrize("form", ["plain", "norms", "bias"])
def test_the_best_delta_is_the_least_of_its_objective(penalty, form):
    best = family.best_delta(p11=0.0475, p01=0.0025, penalty=penalty, form=form)
    fine = torch.linspace(0, 1, 1001, dtype=torch.float64)
    values = family.objective_of(fine, **PAIR, penalty=penalty, form=form)
    assert (
        float(family.objective_of(best, **PAIR, penalty=penalty, form=form))
        <= float(values.min()) + 1e-15
    )
    if form == "plain":
        assert best == pytest.approx(min(1, penalty * 0.0475 / (2 * 0.0025)))


def test_a_hierarchy_is_absorbed_wholly_at_every_penalty():
    for form in ("plain", "norms", "bias"):
        assert family.best_delta(p11=0.05, p01=0.0, penalty=1e-6, form=form) == 1


def test_what_has_no_optimum_and_what_is_no_share_are_refused():
    with pytest.raises(ValueError, match="penalty > 0"):
        family.best_delta(p11=0.05, p01=0.01, penalty=0)
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        family.family(1.5, F[0], F[1])


@pytest.mark.parametrize("child", [0.25, 1.0, 4.0])
@pytest.mark.parametrize("delta", DELTAS)
def test_a_child_of_any_magnitude_is_absorbed_without_error_for_less(delta, child):
    rows, share = torch.stack([F[0], F[0] + child * F[1]]), delta / child
    encoder = torch.stack([F[0] - share * F[1], F[1]], 1)
    pair = Weights(encoder, torch.stack([F[0], F[1] + share * F[0]]))
    torch.testing.assert_close(pair.decode(pair.encode(rows)), rows)
    weighted = pair.encode(rows) @ pair.W_dec.norm(dim=1)
    rates = {"p11": 0.05, "p10": 0.2, "child": child}
    expected = float(family.weighted_l1(delta, **rates))
    assert float(0.2 * weighted[0] + 0.05 * weighted[1]) == pytest.approx(expected)
    assert delta == 0 or expected < float(family.weighted_l1(0.0, **rates))
