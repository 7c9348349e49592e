"""The L1 probes are those of scikit-learn on all latents, although few latents are
looked at.
"""

import numpy as np
import pytest
import torch
from torch import Tensor

from saecore.measures.algebra import l1_logistic
from saecore.measures.algebra.l1_logistic import csc_of, gathered, l1_probes
from saecore.sparse import sparse


@pytest.fixture(autouse=True, params=["compiled", "plain"])
def road(request, monkeypatch):
    """Both roads, one after the other."""
    monkeypatch.setattr(l1_logistic, "available", lambda: request.param == "compiled")
    return request.param


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def case(rows: int = 600, width: int = 80) -> tuple[Tensor, Tensor]:
    """Sparse latents, two of them dense, and three labels that several latents each
    have to do with.
    """
    x = (normal(rows, width) - 1.2).relu()
    x[:, :2] = normal(rows, 2, seed=1).abs()
    mix = (normal(width, 3, seed=2) > 1.5) * 3.0
    return x, x @ mix + 0.5 * normal(rows, 3, seed=3) > torch.tensor([1.0, 2.0, 3.0])


def whole(
    probes: l1_logistic.L1Probes, label: int, problem: int, width: int
) -> np.ndarray:
    """The weights of one probe on all latents."""
    out, some = np.zeros(width), probes.latent[label] >= 0
    out[probes.latent[label][some]] = probes.weight[label, problem][some]
    return out


def slow(
    x: Tensor, y: np.ndarray, rows: np.ndarray, penalty: float
) -> tuple[np.ndarray, float]:
    """liblinear on all latents; its bias is penalised too, so it is scaled until that
    does not count.
    """
    from sklearn.linear_model import LogisticRegression

    weight = np.where(y[rows], (~y[rows]).sum() / y[rows].sum(), 1.0)
    probe = LogisticRegression(
        C=1 / (penalty * rows.sum()),
        l1_ratio=1,
        solver="liblinear",
        intercept_scaling=30,
        tol=1e-5,
        max_iter=100000,
    )
    probe.fit(x.numpy()[rows], y[rows], sample_weight=weight)
    return probe.coef_[0], float(np.ravel(probe.intercept_)[0])


@pytest.mark.parametrize("penalty", [0.003, 0.03])
def test_probes_equal_liblinear_on_all_latents_for_all_problems(penalty):
    x, labels = case()
    taught = torch.stack(
        [torch.arange(600) % 3 != 0, torch.ones(600, dtype=torch.bool)]
    )
    probes = l1_probes(sparse(x), labels, width=80, taught=taught, penalty=penalty)
    for label in range(3):
        for problem in range(2):
            weight, bias = slow(
                x, labels[:, label].numpy(), taught[problem].numpy(), penalty
            )
            np.testing.assert_allclose(
                whole(probes, label, problem, 80), weight, atol=0.05
            )
            assert probes.bias[label, problem] == pytest.approx(bias, abs=0.05)


def test_no_latent_outside_the_working_set_breaks_its_condition():
    x, labels = case(width=300)
    probes = l1_probes(
        sparse(x), labels, width=300, taught=torch.ones(1, 600, dtype=torch.bool)
    )
    y = labels.numpy()
    weight = np.where(y, (~y).sum(0) / y.sum(0), 1.0) / 600
    for label in range(3):
        w = whole(probes, label, 0, 300)
        p = 1 / (1 + np.exp(-(x.numpy() @ w + probes.bias[label, 0])))
        slope = x.numpy().T @ (weight[:, label] * (p - y[:, label]))
        assert np.abs(slope).max() < 0.01 * 1.03
        np.testing.assert_allclose(slope[w != 0], -0.01 * np.sign(w[w != 0]), atol=3e-4)


def test_the_size_of_the_working_set_and_of_the_groups_changes_nothing(monkeypatch):
    monkeypatch.setattr(l1_logistic, "available", lambda: False)
    x, labels = case()
    taught = torch.ones(1, 600, dtype=torch.bool)
    usual = l1_probes(sparse(x), labels, width=80, taught=taught)
    monkeypatch.setattr(l1_logistic, "FIRST", 2)
    monkeypatch.setattr(l1_logistic, "MORE", 1)
    monkeypatch.setattr(l1_logistic, "TABLE_SIZE", 1)
    other = l1_probes(sparse(x), labels, width=80, taught=taught)
    for label in range(3):
        np.testing.assert_allclose(
            whole(other, label, 0, 80), whole(usual, label, 0, 80), atol=0.02
        )


def test_both_roads_give_one_probe(monkeypatch):
    x, labels = case()
    taught = torch.stack([torch.arange(600) % 3 != n for n in (3, 0, 1)])
    some, found = {"width": 80, "taught": taught, "penalty": 0.003}, {}
    for compiled in (True, False):
        monkeypatch.setattr(l1_logistic, "available", lambda c=compiled: c)
        found[compiled] = l1_probes(sparse(x), labels, **some)
    for label, problem in np.ndindex(3, 3):
        one, other = (whole(found[c], label, problem, 80) for c in (True, False))
        assert (one > 0.05).sum() >= 3
        np.testing.assert_allclose(one, other, atol=0.03)
        np.testing.assert_array_equal(np.argsort(-one)[:3], np.argsort(-other)[:3])


def test_a_penalty_above_the_largest_gradient_leaves_no_weight():
    x, labels = case()
    probes = l1_probes(
        sparse(x),
        labels,
        width=80,
        taught=torch.ones(1, 600, dtype=torch.bool),
        penalty=10.0,
    )
    assert probes.weight.size == 0
    assert probes.latent.shape == (3, 0)


def test_columns_are_gathered_with_zeros_for_none():
    x, _ = case(rows=20, width=6)
    found = gathered(csc_of(sparse(x), 6), np.array([4, -1, 0]))
    np.testing.assert_allclose(found, np.stack([x[:, 4], 0 * x[:, 0], x[:, 0]], 1))


def test_a_label_on_no_teaching_row_is_refused():
    x, labels = case()
    with pytest.raises(ValueError, match="label 1 is not"):
        l1_probes(
            sparse(x),
            labels & torch.tensor([True, False, True]),
            width=80,
            taught=torch.ones(1, 600, dtype=torch.bool),
        )
