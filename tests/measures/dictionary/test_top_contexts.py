"""What a latent fires on, against slow twins and by hand."""

import pytest
import torch

from saecore.measures.dictionary.top_contexts import (
    above,
    at_levels,
    by_latent,
    distinct,
    histograms,
    label_scores,
    strongest_latents,
    token_shares,
)
from saecore.sparse import sparse


def activations(rows: int = 300, latents: int = 12, *, seed: int = 0) -> torch.Tensor:
    """Sparse activations; latent 3 never fires."""
    drawn = torch.rand(rows, latents, generator=torch.Generator().manual_seed(seed))
    dense = (drawn - 0.7).clamp(min=0) * torch.arange(1, latents + 1)
    dense[:, 3] = 0
    return dense


def tokens_of(rows: int, *, kinds: int = 9) -> torch.Tensor:
    return torch.randint(0, kinds, (rows,), generator=torch.Generator().manual_seed(5))


def test_entries_are_grouped_by_latent_and_fall_within_one():
    dense = activations()
    by = by_latent(sparse(dense), dense.shape[1])
    for j in range(dense.shape[1]):
        own = slice(int(by.crow[j]), int(by.crow[j + 1]))
        value, row = dense[:, j].sort(descending=True, stable=True)
        count = int((dense[:, j] > 0).sum())
        torch.testing.assert_close(by.value[own], value[:count])
        assert by.row[own].tolist() == row[:count].tolist()
    assert by.fired.tolist() == (dense > 0).sum(0).tolist()
    torch.testing.assert_close(by.largest, dense.amax(0))


def test_a_dictionary_that_never_fires_gives_empty_lists_everywhere():
    by = by_latent(sparse(torch.zeros(5, 3)), 3)
    assert by.largest.tolist() == [0, 0, 0]
    assert histograms(by, bins=4).sum() == 0
    assert (token_shares(by, torch.arange(5), count=2).token == -1).all()
    assert distinct(by, 1, torch.zeros(5, 2).int(), count=3) == []
    assert at_levels(by, 1, (0.5,)) == []
    assert (
        label_scores(by, torch.arange(5), [{"even": [0, 2], "odd": [1, 3]}]).f1 == 0
    ).all()


def test_weak_activations_are_dropped_latent_by_latent():
    dense = activations()
    by = above(by_latent(sparse(dense), 12), 0.5)
    kept = torch.where(dense >= 0.5 * dense.amax(0), dense, 0)
    for one, other in zip(by, by_latent(sparse(kept), 12), strict=True):
        torch.testing.assert_close(one, other)


def test_histograms_count_every_activation_once():
    dense = activations()
    found = histograms(by_latent(sparse(dense), 12), bins=5)
    for j in range(12):
        values = dense[:, j][dense[:, j] > 0].double()
        edges = dense[:, j].max().double() * torch.arange(6) / 5
        expected = [
            int(((values > edges[b]) & (values <= edges[b + 1])).sum())
            for b in range(5)
        ]
        assert found[j].tolist() == (expected if len(values) else [0] * 5)


def test_token_shares_equal_sums_over_the_dense_array():
    dense, token = activations(), tokens_of(300)
    found = token_shares(by_latent(sparse(dense), 12), token, count=4)
    for j in range(12):
        sums = torch.zeros(9, dtype=torch.float64).index_add_(
            0, token, dense[:, j].double()
        )
        share = sums / sums.sum() if sums.sum() else sums
        best = share.topk(4)
        torch.testing.assert_close(
            found.share[j].double(), best.values, atol=1e-6, rtol=1e-5
        )
        assert found.token[j].tolist() == (
            best.indices.tolist() if sums.sum() else [-1] * 4
        )


def test_the_strongest_latents_of_a_token_are_those_of_the_dense_array():
    dense, token = activations(), tokens_of(300)
    found = strongest_latents(by_latent(sparse(dense), 12), token, tokens=11, count=3)
    relative = dense.double() / dense.amax(0).clamp(min=1e-9)
    for t in range(9):
        assert (
            found[t].tolist() == relative[token == t].mean(0).topk(3).indices.tolist()
        )
    assert found[9:].tolist() == [[-1] * 3] * 2  # tokens that do not occur


def test_a_latent_that_fires_on_all_words_of_a_label_and_no_other_has_f1_one():
    token = torch.tensor([0, 1, 2, 3, 0, 1, 5])
    dense = torch.zeros(7, 2)
    dense[[0, 1, 4, 5, 6], 0] = torch.tensor(
        [3.0, 1.0, 2.0, 1.0, 9.0]
    )  # words 0 and 1, and an unlabelled one
    dense[[0, 2], 1] = 1.0  # every second time on word 0, always on word 2
    found = label_scores(
        by_latent(sparse(dense), 2), token, [{"a": [0, 1], "b": [2, 3, 4]}]
    )
    assert found.of.tolist() == [2, 2]  # word 4 does not occur
    assert found.f1[0].tolist() == [1, 0]
    assert found.words.tolist() == [[2, 0], [1, 1]]
    precision, recall = 0.5 / 1.5, 0.25
    assert float(found.f1[1, 0]) == pytest.approx(
        2 * precision * recall / (precision + recall)
    )


def test_label_scores_equal_a_loop_over_words():
    dense, token = activations(400), tokens_of(400)
    kind = {"low": [0, 1, 2], "high": [3, 4]}
    found = label_scores(by_latent(sparse(dense), 12), token, [kind])
    rate = torch.stack([(dense[token == t] > 0).double().mean(0) for t in range(5)])
    for number, words in enumerate(kind.values()):
        precision = rate[words].sum(0) / rate.sum(0).clamp(min=1e-300)
        recall = rate[words].mean(0)
        torch.testing.assert_close(
            found.precision[:, number].double(), precision, atol=1e-6, rtol=1e-5
        )
        torch.testing.assert_close(
            found.recall[:, number].double(), recall, atol=1e-6, rtol=1e-5
        )


def test_labels_that_mean_nothing_score_no_better_than_their_share():
    """The null: activations that know nothing of the words."""
    token = torch.arange(4000) % 40
    dense = activations(4000, 8, seed=3)
    found = label_scores(
        by_latent(sparse(dense), 8), token, [{"a": range(10), "b": range(10, 40)}]
    )
    live = [0, 1, 2, 4, 5, 6, 7]
    torch.testing.assert_close(
        found.precision[live, 0], torch.full((7,), 0.25), atol=0.03, rtol=0
    )


def test_contexts_that_read_the_same_are_shown_once():
    dense = torch.tensor([[5.0], [4.0], [3.0], [2.0], [0.0]])
    around = torch.tensor([[1, 2], [1, 2], [3, 4], [1, 2], [9, 9]])
    by = by_latent(sparse(dense), 1)
    assert [int(by.row[e]) for e in distinct(by, 0, around, count=5)] == [0, 2]
    assert distinct(by, 0, around, count=1) == [0]
    assert distinct(by, 0, around, count=5, tried=2) == [0]


def test_levels_are_shares_of_the_largest_activation():
    dense = torch.tensor([[10.0], [8.0], [5.2], [2.0]])
    by = by_latent(sparse(dense), 1)
    assert [
        float(by.value[e]) for e in at_levels(by, 0, (0.75, 0.5, 0.25))
    ] == pytest.approx([8, 5.2, 2])
