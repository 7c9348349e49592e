"""Probes on few latents, and ablations aimed at one class."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score

from saecore.measures.dictionary.encoded import Encoded, encoded
from saecore.measures.probing.downstream import class_probes, few_latents, perturbed
from saecore.sparse import sparse
from tests.measures.stitching.test_insertion import normal, plain


def of(latents: torch.Tensor, d_model: int = 4) -> Encoded:
    return Encoded(
        sparse(latents), normal(latents.shape[1], d_model), torch.zeros(d_model)
    )


def case(rows: int = 240, width: int = 30, labels: int = 4):
    latents = normal(rows, width).relu()
    label = torch.randint(labels, (rows,), generator=torch.Generator().manual_seed(1))
    latents[:, :labels] += 2 * torch.nn.functional.one_hot(label, labels)
    return (
        latents,
        torch.nn.functional.one_hot(label, labels).bool(),
        torch.arange(rows) % 3,
    )


def test_probes_agree_with_scikit_learn_fold_by_fold():
    latents, labels, fold = case()
    found = few_latents(of(latents), labels, fold, ks=(1, 5))
    x, y = latents.numpy(), labels.numpy()
    for place, k in enumerate((1, 5)):
        said = np.zeros_like(y)
        for label in range(y.shape[1]):
            for judge in range(3):
                fit = fold.numpy() != judge
                gap = x[fit & y[:, label]].mean(0) - x[fit & ~y[:, label]].mean(0)
                scaled = x / x[fit].std(0)
                columns = scaled[
                    :, np.argsort(-np.abs(gap / x[fit].std(0)), kind="stable")[:k]
                ]
                probe = LogisticRegression(class_weight="balanced", tol=1e-9).fit(
                    columns[fit], y[fit, label]
                )
                said[~fit, label] = probe.predict(columns[~fit])
            expected = balanced_accuracy_score(y[:, label], said[:, label])
            assert float(found[place, label]) == pytest.approx(expected, abs=0.011)


def test_the_scale_of_a_latent_does_not_matter():
    latents, labels, fold = case()
    scaled = latents * torch.logspace(-2, 2, latents.shape[1], dtype=latents.dtype)
    found, again = (
        few_latents(of(one), labels, fold, ks=(1, 4)) for one in (latents, scaled)
    )
    torch.testing.assert_close(found, again)


def test_a_latent_that_is_the_label_tells_it_and_noise_tells_nothing():
    latents, labels, fold = case(600)
    latents[:, 7] = labels[:, 2].double()
    shuffled = labels[torch.randperm(600, generator=torch.Generator().manual_seed(5))]
    assert float(few_latents(of(latents), labels, fold)[0, 2]) == 1
    chance = few_latents(of(latents), shuffled, fold)
    torch.testing.assert_close(chance, torch.full_like(chance, 0.5), atol=0.1, rtol=0)


def test_the_judged_rows_teach_nothing():
    """Labels that only the row's own latent knows are told in sample and not out of
    it.
    """
    labels = (torch.arange(60) % 2 == 0)[:, None]
    fold = torch.arange(60) // 2 % 2
    found = few_latents(of(torch.eye(60, dtype=torch.float64)), labels, fold, ks=(10,))
    assert float(found) == pytest.approx(0.5, abs=0.05)


def test_bad_rows_and_labels_are_refused():
    latents, labels, fold = case()
    with pytest.raises(ValueError, match="the same rows"):
        few_latents(of(latents), labels[:5], fold[:5])
    with pytest.raises(ValueError, match="present and absent in each"):
        few_latents(of(latents), labels & False, fold)
    with pytest.raises(ValueError, match="at least two folds"):
        few_latents(of(latents), labels, fold * 0)


class Axes:
    """Rows with one class per axis; its own latents are these axes, or mixtures of two
    of them.
    """

    def __init__(self, mixed: bool):
        self.W_dec = torch.eye(4, dtype=torch.float64)
        if mixed:
            self.W_dec = self.W_dec + self.W_dec.roll(1, 0)

    def encode(self, x):
        return torch.linalg.solve(self.W_dec.T, x.T).T.relu()

    def decode(self, latents):
        return latents @ self.W_dec


def test_a_latent_per_class_is_ablated_without_harm_to_the_others():
    label = torch.arange(400) % 4
    x = 3 * torch.eye(4, dtype=torch.float64)[label] + 0.1 * normal(400, 4).abs()
    taught = torch.arange(400) < 200
    found = perturbed(
        encoded(Axes(False), x), x, class_probes(x, label, taught), ablate=1
    )
    assert found.latents[:, 0].tolist() == [0, 1, 2, 3]
    assert found.accuracy.tolist() == [1, 1, 1, 1]
    assert found.own == pytest.approx(0.5)
    assert found.others == pytest.approx(0, abs=1e-9)
    assert found.score == pytest.approx(0.5)


def test_an_ablation_equals_that_of_the_rows_themselves():
    one, x = plain(30), normal(300, 8, seed=2)
    label, taught = torch.arange(300) % 3, torch.arange(300) < 150
    found = perturbed(encoded(one, x), x, class_probes(x, label, taught), ablate=4)
    latents = one.encode(x)
    for target in range(3):
        gone = found.latents[target]
        less = x - latents[:, gone[gone >= 0]] @ one.W_dec[gone[gone >= 0]]
        for probe in range(3):
            y = (label == probe).numpy()
            scale = x[taught].std(0, correction=0)
            model = LogisticRegression(
                class_weight="balanced", tol=1e-10, max_iter=1000
            )
            model.fit((x / scale)[taught].numpy(), y[taught.numpy()])
            before, after = (
                balanced_accuracy_score(
                    y[~taught.numpy()], model.predict((rows / scale)[~taught].numpy())
                )
                for rows in (x, less)
            )
            assert float(found.change[target, probe]) == pytest.approx(
                after - before, abs=0.015
            )


def test_every_class_must_be_taught_and_judged():
    one, x = plain(30), normal(40, 8)
    with pytest.raises(ValueError, match="present and absent"):
        class_probes(x, torch.arange(40) // 20, torch.arange(40) < 20)
    probes = class_probes(x, torch.arange(40) % 2, torch.arange(40) < 20)
    with pytest.raises(ValueError, match="the same rows"):
        perturbed(encoded(one, x[:30]), x[:30], probes)
