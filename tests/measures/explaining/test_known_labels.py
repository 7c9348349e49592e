import pytest
import torch
from sklearn.metrics import f1_score, roc_auc_score
from torch.testing import assert_close

from saecore.measures.explaining.known_labels import meanings
from saecore.sparse import sparse


def halves(y, labels):
    half = len(y) // 2
    return (sparse(y[:half]), labels[:half]), (sparse(y[half:]), labels[half:])


def drawn(rows=2000, latents=6, labels=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    label = torch.rand(rows, labels, generator=generator) < 0.15
    y = torch.rand(rows, latents, generator=generator) * (
        torch.rand(rows, latents, generator=generator) < 0.2
    )
    return y, label


def test_latents_that_are_labels_find_each_other():
    y, label = drawn()
    y[:, 4], y[:, 1] = 2.0 * label[:, 2], 1.0 * label[:, 0]
    found = meanings(*halves(y, label), width=6)
    assert found.of_labels.partner[[0, 2]].tolist() == [1, 4]
    assert found.of_latents.partner[[1, 4]].tolist() == [0, 2]
    for pairs, items in ((found.of_labels, [0, 2]), (found.of_latents, [1, 4])):
        for score in pairs[1:]:
            assert_close(score[items], torch.ones(2))


def test_scores_are_those_of_scikit_learn_on_the_other_half():
    y, label = drawn(seed=1)
    y = y + 0.5 * label[:, [0, 1, 1, 2, 3, 3]] * (y > 0)
    found = meanings(*halves(y, label), width=6)
    first, second = (y[:1000], label[:1000]), (y[1000:], label[1000:])
    for latent in range(6):
        table = [f1_score(first[1][:, i], first[0][:, latent] > 0) for i in range(4)]
        best = max(range(4), key=lambda i: table[i])
        assert int(found.of_latents.partner[latent]) == best
        truth, says = second[1][:, best], second[0][:, latent]
        assert float(found.of_latents.chosen_f1[latent]) == pytest.approx(
            table[best], abs=1e-6
        )
        assert float(found.of_latents.f1[latent]) == pytest.approx(
            f1_score(truth, says > 0), abs=1e-6
        )
        assert float(found.of_latents.auroc[latent]) == pytest.approx(
            roc_auc_score(truth, says), abs=1e-6
        )


def test_the_best_of_many_latents_that_know_nothing_is_not_flattered():
    y, label = drawn(rows=400, latents=400, labels=3, seed=2)
    found = meanings(*halves(y, label), width=400).of_labels
    assert (found.chosen_f1 > found.f1 + 0.05).all()
    chance = 2 * 0.15 * 0.2 / 0.35  # F1 of firing at random on a fifth of the rows
    assert abs(float(found.f1.mean()) - chance) < 0.1


def test_a_latent_that_never_fires_stands_for_nothing():
    y, label = drawn()
    y[:, 3] = 0
    assert float(meanings(*halves(y, label), width=6).of_latents.f1[3]) == 0.0


def test_halves_with_other_labels_are_refused():
    y, label = drawn()
    a, b = halves(y, label)
    with pytest.raises(ValueError, match="got 4 and 3"):
        meanings(a, (b[0], b[1][:, :3]), width=6)
