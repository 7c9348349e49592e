"""k-sparse probes: planted splits are counted, the ranking is the full one, chance is
chance.
"""

from functools import partial

import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError
from torch import Tensor

from saecore.measures.algebra.l1_logistic import l1_probes
from saecore.measures.probing import k_sparse
from saecore.measures.probing.k_sparse import F1_JUMP, SparseProbes, by_encoder
from saecore.measures.probing.linear import GATE_F1, fold_of
from saecore.sparse import Active, sparse

sparse_probes = partial(k_sparse.sparse_probes, jump=F1_JUMP)

ROWS, WIDTH = 2000, 100


def draws(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def planted() -> tuple[Active, Tensor]:
    """Label 0 is latent 5, label 1 is latent 10 or latent 11, label 2 is three latents;
    the rest is noise.
    """
    labels = draws(ROWS, 3) < torch.tensor([0.1, 0.2, 0.3])
    part = (3 * draws(ROWS, seed=1)).int()
    x = 4 * draws(ROWS, WIDTH, seed=2) * (draws(ROWS, WIDTH, seed=3) < 0.05)
    strength = 2 + 2 * draws(ROWS, seed=4)
    x[:, [5, 10, 11, 20, 21, 22]] = 0
    x[:, 5] = labels[:, 0] * strength
    x[:, 10] = (labels[:, 1] & (draws(ROWS, seed=5) < 0.5)) * strength
    x[:, 11] = (labels[:, 1] & (x[:, 10] == 0)) * strength
    for i in range(3):
        x[:, 20 + i] = (labels[:, 2] & (part == i)) * strength
    return sparse(x), labels


def slow_curve(
    x: np.ndarray, y: np.ndarray, fold: np.ndarray, latents: list[list[int]]
) -> list[float]:
    """F1 for each k by scikit-learn, fold by fold; latents[f] is the ranking of fold
    f.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score

    curve = []
    for k in range(1, min(len(ranking) for ranking in latents) + 1):
        said = np.zeros(len(y), dtype=bool)
        for f, ranking in enumerate(latents):
            probe = LogisticRegression(max_iter=500, class_weight="balanced")
            probe.fit(x[fold != f][:, ranking[:k]], y[fold != f])
            said[fold == f] = probe.predict(x[fold == f][:, ranking[:k]])
        curve.append(float(f1_score(y[fold >= 0], said[fold >= 0])))
    return curve


def rule_by_hand(curve: list[float], jump: float) -> int:
    """The loop of sae-spelling, word for word."""
    best, size = -100.0, 0
    for k, f1 in enumerate(curve, start=1):
        if f1 > best + jump:
            best, size = f1, k
        else:
            break
    return size


@pytest.mark.parametrize("rule", ["code", "paper"])
@pytest.mark.parametrize("split", [False, True], ids=["crossfit", "one split"])
def test_planted_labels_split_into_as_many_latents_as_were_planted(rule, split):
    active, labels = planted()
    fold = fold_of(labels)
    fold = torch.where(fold == 0, 0, -1) if split else fold
    found = sparse_probes(active, labels, width=WIDTH, fold=fold, rule=rule)
    assert found.size.tolist() == [1, 2, 3]
    assert found.splits.tolist() == [0, 1, 2]
    assert [sorted(found.main(label).tolist()) for label in range(3)] == [
        [5],
        [10, 11],
        [20, 21, 22],
    ]
    assert float(found.main_f1.min()) > 0.98
    assert bool((found.decision == labels).float().mean() > 0.98)


def test_a_label_with_fewer_ranked_latents_than_its_size_has_no_other_main_latents():
    """Latent 0 tells the label; in half of the rows a second one seems to, in all rows
    none does.
    """
    generator = torch.Generator().manual_seed(7)
    labels = torch.rand(40, 1, generator=generator) < 0.4
    x = torch.rand(40, 6, generator=generator) * (
        torch.rand(40, 6, generator=generator) < 0.4
    )
    x[:, 0] += (labels[:, 0] & (torch.rand(40, generator=generator) < 0.6)).float()
    fold = torch.arange(40) % 2
    found = sparse_probes(sparse(x), labels, width=6, fold=fold, max_k=4, penalty=0.05)
    assert (found.order.tolist(), found.size.tolist()) == ([[0, -1, -1, -1]], [2])
    assert found.main(0).tolist() == [0]
    mask = found.main_mask(torch.tensor([True]), width=6)
    assert mask.tolist() == [[True, False, False, False, False, False]]
    assert not found.main_mask(torch.tensor([False]), width=6).any()


def mixed() -> tuple[Active, Tensor]:
    """Labels that several latents have to do with, for and against."""
    x = (draws(ROWS, WIDTH, seed=6) - 0.85).relu() * 10
    normal = torch.randn(WIDTH, 3, generator=torch.Generator().manual_seed(7))
    noise = torch.randn(ROWS, 3, generator=torch.Generator().manual_seed(8))
    return sparse(x), x @ (normal * (normal.abs() > 1)) + noise > 3


def test_curve_rule_and_decisions_equal_scikit_learn_on_one_split():
    active, labels = mixed()
    fold = torch.where(fold_of(labels) == 0, 0, -1)
    x = torch.zeros(ROWS, WIDTH)
    x[
        torch.arange(ROWS).repeat_interleave(torch.diff(active.crow)),
        active.latent.long(),
    ] = active.value
    found = sparse_probes(
        active, labels, width=WIDTH, fold=fold, max_k=6, jump=0.01, whole_curve=True
    )
    for label in range(3):
        ranking = [j for j in found.order[label].tolist() if j >= 0]
        curve = slow_curve(
            x.double().numpy(), labels[:, label].numpy(), fold.numpy(), [ranking]
        )
        np.testing.assert_allclose(found.f1[label, : len(curve)], curve, atol=0.005)
        assert int(found.size[label]) == rule_by_hand(found.f1[label].tolist(), 0.01)
        assert float(found.main_f1[label]) == pytest.approx(
            curve[int(found.size[label]) - 1], abs=0.005
        )


def test_the_ranking_is_that_of_the_l1_probe_on_all_latents_by_either_rule():
    active, labels = mixed()
    probes = l1_probes(
        active, labels, width=WIDTH, taught=torch.ones(1, ROWS, dtype=torch.bool)
    )
    weight = torch.zeros(3, WIDTH + 1).scatter_(
        1,
        torch.from_numpy(probes.latent) % (WIDTH + 1),
        torch.from_numpy(probes.weight[:, 0]).float(),
    )[:, :WIDTH]
    fold = fold_of(labels)
    code, paper = (
        sparse_probes(active, labels, width=WIDTH, fold=fold, rule=r)
        for r in ("code", "paper")
    )
    for found, size in ((code, weight), (paper, weight.abs())):
        torch.testing.assert_close(
            found.weight, weight.gather(1, found.order), atol=0.01, rtol=0
        )
        torch.testing.assert_close(
            size.gather(1, found.order), size.topk(10, 1).values, atol=0.01, rtol=0
        )
    assert bool((code.weight > 0).all())
    assert bool((paper.weight < 0).any())


def test_groups_of_folds_judge_out_of_fold():
    active, labels = mixed()
    fold = fold_of(labels, folds=4)
    found = sparse_probes(active, labels, width=WIDTH, fold=fold)
    for f in range(
        4
    ):  # each fold alone, with the others only teaching, decides the same about it
        alone = sparse_probes(
            active,
            labels,
            width=WIDTH,
            fold=torch.where(fold == f, f, -1),
            whole_curve=True,
        )
        for label in range(3):
            if int(alone.size[label]) == int(found.size[label]):
                assert torch.equal(
                    alone.decision[fold == f, label], found.decision[fold == f, label]
                ), f"fold {f}, label {label}"


def test_scores_are_those_of_the_decisions():
    active, labels = mixed()
    found = sparse_probes(active, labels, width=WIDTH, fold=fold_of(labels))
    true = (found.decision & labels).sum(0)
    torch.testing.assert_close(found.precision, true / found.decision.sum(0))
    torch.testing.assert_close(
        found.main_f1, 2 * true / (found.decision.sum(0) + labels.sum(0))
    )


def test_the_curve_stops_with_the_rule_unless_all_of_it_is_asked_for():
    active, labels = planted()
    fold = fold_of(labels)
    short = sparse_probes(active, labels, width=WIDTH, fold=fold)
    whole = sparse_probes(active, labels, width=WIDTH, fold=fold, whole_curve=True)
    assert not bool(whole.f1.isnan().any())
    torch.testing.assert_close(short.size, whole.size)
    for label, size in enumerate([1, 2, 3]):
        torch.testing.assert_close(
            short.f1[label, : size + 1], whole.f1[label, : size + 1]
        )
        assert bool(short.f1[label, size + 1 :].isnan().all())


def test_shuffled_labels_fail_the_gate():
    active, labels = planted()
    shuffled = labels[torch.randperm(ROWS, generator=torch.Generator().manual_seed(9))]
    for penalty in (0.01, 0.05):
        found = sparse_probes(
            active, shuffled, width=WIDTH, fold=fold_of(shuffled), penalty=penalty
        )
        base = (
            2 * shuffled.float().mean(0) / (1 + shuffled.float().mean(0))
        )  # F1 of always saying yes
        assert bool((found.main_f1 < base + 0.05).all())
        assert float(found.main_f1.max()) < GATE_F1


def test_a_label_that_no_latent_tells_has_no_main_latents():
    active, labels = planted()
    found = sparse_probes(
        active, labels, width=WIDTH, fold=fold_of(labels), penalty=50.0
    )
    assert found.size.tolist() == found.splits.tolist() == [0, 0, 0]
    assert not bool(found.decision.any())
    assert float(found.main_f1.max()) == 0
    assert found.order.unique().tolist() == [-1]


def test_encoder_cosines_find_the_latent_that_reads_the_direction():
    w_enc = torch.randn(16, 40, generator=torch.Generator().manual_seed(0))
    direction = 7 * w_enc[:, [3, 30]].T + 0.1
    near = by_encoder(w_enc * torch.linspace(0.1, 5, 40), direction, count=2)
    assert near.other[:, 0].tolist() == [3, 30]
    expected = torch.nn.functional.cosine_similarity(direction[0], w_enc[:, 3], dim=0)
    torch.testing.assert_close(near.value[0, 0], expected)


def test_bad_input_is_refused():
    active, labels = planted()
    fold = fold_of(labels)

    def probe(**options: object) -> SparseProbes:
        return sparse_probes(
            active, labels, **{"width": WIDTH, "fold": fold, **options}
        )  # type: ignore[arg-type]

    with pytest.raises((ValueError, TypeCheckError), match="rule"):
        probe(rule="largest")
    with pytest.raises(ValueError, match="max_k at least 1"):
        probe(max_k=0)
    with pytest.raises(
        (ValueError, TypeCheckError), match=r"every row needs a fold|row"
    ):
        probe(fold=fold[1:])
    with pytest.raises(ValueError, match="some rows must be judged and others teach"):
        probe(fold=torch.zeros(ROWS, dtype=torch.int64))
    with pytest.raises(ValueError, match="some and not all of the teaching rows"):
        sparse_probes(active, torch.ones_like(labels), width=WIDTH, fold=fold)
