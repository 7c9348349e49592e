"""The best meta-latent of a label, its null, and the latent of an entity."""

import pytest
import torch
from jaxtyping import TypeCheckError
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

from saecore.measures.meta.attributes import (
    best_of,
    cross_fitted_auc,
    labels,
    own_latent,
)
from saecore.sparse import sparse


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_best_is_the_largest_auroc_of_scikit_learn_ties_included():
    score = torch.rand(60, 9, generator=generator()).mul(4).round()
    label = torch.rand(60, 5, generator=generator(1)) < 0.3
    found = best_of(score, label, generator=generator(2), draws=1)
    for i in range(5):
        aucs = [roc_auc_score(label[:, i].numpy(), one) for one in score.T.numpy()]
        assert float(found.auc[i]) == pytest.approx(max(aucs))
        assert aucs[int(found.meta[i])] == pytest.approx(max(aucs))


def test_a_label_that_nobody_has_has_no_auc():
    nobody = torch.zeros(5, 1, dtype=torch.bool)
    found = best_of(torch.rand(5, 2), nobody, generator=generator(), draws=1)
    assert found.auc.isnan().all()


def test_a_planted_meta_latent_is_found_and_beats_its_null():
    label = torch.rand(80, 3, generator=generator()) < 0.25
    score = torch.rand(80, 40, generator=generator(1))
    score[:, 17] += 2 * label[:, 1]
    found = best_of(score, label, generator=generator(2))
    assert int(found.meta[1]) == 17
    assert float(found.auc[1]) == 1
    assert float(found.p[1]) == pytest.approx(1 / 201)
    assert float(found.auc[1]) > float(found.null[1]) > 0.6


def test_labels_without_a_meta_latent_stay_within_their_null():
    p = []
    for seed in range(12):
        label = torch.rand(50, 4, generator=generator(seed)) < 0.3
        score = torch.rand(50, 30, generator=generator(100 + seed))
        p += best_of(score, label, generator=generator(200 + seed), draws=60).p.tolist()
    assert 0.3 < sum(p) / len(p) < 0.7  # uniform without an effect


def test_a_planted_meta_latent_is_told_on_items_that_did_not_choose_it():
    label = torch.rand(80, 3, generator=generator()) < 0.3
    score = torch.rand(80, 40, generator=generator(1))
    score[:, 17] += 2 * label[:, 1]
    found = cross_fitted_auc(score, label, generator=generator(2))
    assert float(found.auc[1]) == pytest.approx(1)
    assert float(found.null.mean()) == pytest.approx(0.5, abs=0.1)


def test_the_best_of_many_that_say_nothing_is_a_coin_on_other_items():
    auc, label = [], torch.zeros(60, 4, dtype=torch.bool)
    for seed in range(12):
        label = torch.rand(60, 4, generator=generator(seed)) < 0.4
        score = torch.rand(60, 50, generator=generator(100 + seed))
        auc.append(cross_fitted_auc(score, label, generator=generator(200 + seed)).auc)
    assert float(torch.stack(auc).mean()) == pytest.approx(0.5, abs=0.04)
    with pytest.raises((ValueError, TypeCheckError)):
        cross_fitted_auc(torch.rand(5, 2), label, generator=generator())


def test_an_entity_has_the_latent_that_fires_on_it_alone():
    of = torch.tensor([0, 0, 1, 1, 2, 2, -1, -1]).repeat(2)
    active = torch.zeros(16, 6, dtype=torch.bool)
    active[of == 0, 4] = True
    active[(of == 1) | (of == -1), 2] = True
    active[(of == 2) & (torch.arange(16) % 2 == 0), 5] = True
    found = own_latent(
        sparse(active.float()), of, width=6, classes=3, choose=torch.arange(16) < 8
    )
    assert found.latent.tolist() == [4, 2, 5]
    assert found.precision.tolist() == [1, 0.5, 1]
    assert found.recall.tolist() == [1, 1, 0.5]
    assert found.f1.tolist() == [1, 2 / 3, 2 / 3]


def test_the_scores_are_those_of_scikit_learn_on_the_rows_that_did_not_choose():
    active = torch.rand(200, 30, generator=generator()) < 0.3
    of = torch.randint(-1, 4, (200,), generator=generator(1))
    choose = torch.rand(200, generator=generator(2)) < 0.5
    found = own_latent(sparse(active.float()), of, width=30, classes=4, choose=choose)
    for label, latent in enumerate(found.latent.tolist()):
        of_all = [
            f1_score((of == label)[choose].numpy(), one[choose].numpy())
            for one in active.T
        ]
        assert of_all[latent] == pytest.approx(max(of_all))
        pair = (of == label)[~choose].numpy(), active[~choose, latent].numpy()
        assert float(found.f1[label]) == pytest.approx(f1_score(*pair))
        assert float(found.precision[label]) == pytest.approx(precision_score(*pair))
        assert float(found.recall[label]) == pytest.approx(recall_score(*pair))


def test_the_latent_is_judged_on_rows_that_did_not_choose_it():
    active = torch.rand(400, 500, generator=generator()) < 0.02
    of, choose = torch.arange(400) % 40, torch.arange(400) < 200
    active = sparse(active.float())
    found = own_latent(active, of, width=500, classes=40, choose=choose)
    flattered = own_latent(active, of, width=500, classes=40, choose=~choose)
    assert float(found.f1.mean()) < 0.05
    assert float(flattered.f1.mean()) < 0.05


def test_wrong_input_is_refused_in_a_sentence():
    with pytest.raises(
        (ValueError, TypeCheckError), match=r"every item needs its labels|label"
    ):
        best_of(
            torch.rand(5, 2),
            torch.zeros(4, 1, dtype=torch.bool),
            generator=generator(),
        )
    with pytest.raises(
        (ValueError, TypeCheckError), match=r"one class and one flag|row"
    ):
        own_latent(
            sparse(torch.ones(4, 2)),
            torch.zeros(3, dtype=torch.int64),
            width=2,
            classes=1,
            choose=torch.ones(4, dtype=torch.bool),
        )


def test_labels_are_values_that_enough_items_have_and_lack():
    values = torch.tensor([[0, 1], [0, 1], [1, 1], [2, 1], [1, 2]])
    found = labels(values, least=2)
    assert found.T.tolist() == [
        [True, True, False, False, False],
        [False, False, True, False, True],
    ]
    assert labels(values, least=4).shape == (5, 0)
