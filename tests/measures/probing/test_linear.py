"""Linear probes are judged on rows they have not seen."""

import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError

from saecore.measures.probing.linear import (
    GATE_F1,
    cross_fitted,
    fold_of,
    linear_probes,
)


def _rows(seed: int, *, signal: float) -> tuple[torch.Tensor, list[str]]:
    generator = torch.Generator().manual_seed(seed)
    labels = [str(i % 4) for i in range(400)]
    x = torch.randn(400, 30, generator=generator)
    x[:, :4] += signal * torch.nn.functional.one_hot(torch.arange(400) % 4).float()
    return x, labels


def test_a_planted_label_is_told():
    probed = cross_fitted(*_rows(0, signal=8.0))
    assert probed.accuracy > 0.99
    assert probed.baseline == 0.25


def test_without_a_signal_the_probe_is_at_chance_although_it_could_memorise():
    x, labels = _rows(1, signal=0.0)
    assert abs(cross_fitted(x, labels).accuracy - 0.25) < 0.08


def test_a_label_rarer_than_the_folds_is_refused():
    x, labels = _rows(2, signal=1.0)
    with pytest.raises(ValueError, match="at least 4 rows each"):
        cross_fitted(x, ["rare", *labels[1:]])


def test_unequal_lengths_are_refused():
    x, labels = _rows(3, signal=1.0)
    with pytest.raises(ValueError, match="every row needs one label"):
        cross_fitted(x, labels[1:])


def _words(
    seed: int, *, signal: float, dtype: torch.dtype = torch.float64
) -> tuple[torch.Tensor, torch.Tensor]:
    """600 rows with three labels, two of them together on some rows, each with a
    direction of its own.
    """
    generator = torch.Generator().manual_seed(seed)
    labels = torch.rand(600, 3, generator=generator) < torch.tensor([0.1, 0.3, 0.5])
    x = torch.randn(600, 20, generator=generator) + signal * labels @ torch.eye(3, 20)
    return (3 * x + 5).to(dtype), labels


def test_probes_equal_scikit_learns_newton_solver_in_fold_and_out():
    from sklearn.linear_model import LogisticRegression

    x, labels = _words(0, signal=1.0)
    probes = linear_probes(x, labels, folds=4, l2=1e-2)
    rows = ((x - x.mean(0)) / x.std(0, correction=0)).numpy()
    for label in range(3):
        y = labels[:, label].numpy()
        for kept, judged_rows in [
            (probes.fold.numpy() != 1, probes.fold.numpy() == 1),
            (y >= 0, None),
        ]:
            odds = (~y[kept]).sum() / y[kept].sum()
            slow = LogisticRegression(
                C=1 / (1e-2 * kept.sum()), solver="newton-cholesky", tol=1e-9
            )
            slow.fit(rows[kept], y[kept], sample_weight=np.where(y[kept], odds, 1.0))
            ours = (
                probes.logit[:, label]
                if judged_rows is not None
                else x @ probes.direction[label] + probes.bias[label]
            )
            judged_rows = kept if judged_rows is None else judged_rows
            expected = torch.from_numpy(slow.decision_function(rows[judged_rows]))
            torch.testing.assert_close(
                ours[judged_rows], expected, rtol=1e-2, atol=1e-2
            )


def test_the_probe_on_one_balanced_binary_column_is_known_in_closed_form():
    x = torch.tensor([[-1.0], [1.0]], dtype=torch.float64).repeat(200, 1)
    labels = x > 0
    labels[:40] = ~labels[
        :40
    ]  # 90 % agree: without a penalty the logit at 1 is log(.9 / .1)
    probes = linear_probes(x, labels, folds=2, l2=1e-9)
    assert float(probes.direction + probes.bias) == pytest.approx(np.log(9.0), rel=1e-3)


def test_planted_directions_are_found_and_pass_the_gate():
    x, labels = _words(1, signal=8.0)
    probes = linear_probes(x, labels)
    cosine = torch.nn.functional.cosine_similarity(
        probes.direction, torch.eye(3, 20, dtype=torch.float64)
    )
    assert bool(probes.passes.all())
    assert float(cosine.min()) > 0.8
    assert bool((probes.decision == (probes.logit > 0)).all())


def test_shuffled_labels_fail_the_gate():
    x, labels = _words(2, signal=8.0)
    shuffled = labels[torch.randperm(600, generator=torch.Generator().manual_seed(0))]
    probes = linear_probes(x, shuffled)
    assert bool((probes.f1 <= GATE_F1).all())
    chance = (
        2 * labels.float().mean(0) * 0.5 / (labels.float().mean(0) + 0.5)
    )  # a balanced probe says yes to half
    torch.testing.assert_close(probes.f1, chance, atol=0.1, rtol=0)


def test_a_probe_that_remembers_words_gains_nothing_because_words_stay_together():
    generator = torch.Generator().manual_seed(3)
    word = torch.arange(60).repeat_interleave(10)
    of_word = torch.randn(60, 80, generator=generator)
    labels = (torch.rand(60, 1, generator=generator) < 0.5)[word]
    x = of_word[word] + 0.1 * torch.randn(600, 80, generator=generator)
    together, apart = linear_probes(x, labels, groups=word), linear_probes(x, labels)
    assert float(apart.f1) > 0.95
    assert float(together.f1) < 0.7
    assert all(len(together.fold[word == w].unique()) == 1 for w in range(60))


def test_folds_spread_every_label_evenly():
    labels = torch.rand(1000, 5, generator=torch.Generator().manual_seed(4)) < 0.1
    fold = fold_of(labels, folds=5)
    counts = torch.stack([labels[fold == f].sum(0) for f in range(5)])
    assert int((counts.amax(0) - counts.amin(0)).max()) <= 8
    assert not torch.equal(fold, fold_of(labels, folds=5, seed=1))


def test_scale_and_constant_columns_do_not_matter():
    x, labels = _words(5, signal=2.0)
    stretched = torch.cat(
        [x * torch.logspace(-3, 3, 20, dtype=torch.float64), torch.ones(600, 1)], 1
    )
    a, b = linear_probes(x, labels), linear_probes(stretched, labels)
    torch.testing.assert_close(a.logit, b.logit, rtol=1e-2, atol=1e-2)
    assert float(b.direction[:, -1].abs().max()) == 0


def test_probes_of_rare_labels_unequal_rows_and_infinities_are_refused():
    x, labels = _words(6, signal=1.0)
    rare = torch.zeros(600, 1, dtype=torch.bool)
    rare[:3] = True
    with pytest.raises(ValueError, match="drop the rare labels"):
        linear_probes(x, rare)
    with pytest.raises(
        (ValueError, TypeCheckError), match=r"every row needs labels|row"
    ):
        linear_probes(x[1:], labels)
    with pytest.raises(
        (ValueError, TypeCheckError), match=r"every row needs one group|row"
    ):
        linear_probes(x, labels, groups=torch.arange(10))
    with pytest.raises(ValueError, match="rows must be finite"):
        linear_probes(x * float("inf"), labels)


def test_probes_at_some_rows_keep_their_scores():
    rows = torch.randn(60, 4, generator=torch.Generator().manual_seed(0))
    labels = torch.stack([rows[:, 0] > 0, rows[:, 0] <= 0], 1)
    every, some = linear_probes(rows, labels), torch.tensor([3, 50])
    found = every.at(some)
    assert torch.equal(found.logit, every.logit[some])
    assert torch.equal(found.decision, every.decision[some])
    assert torch.equal(found.f1, every.f1)
