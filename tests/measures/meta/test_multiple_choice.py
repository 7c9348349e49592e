"""Five-way multiple choice: by hand, a slow twin, planted parts, the control."""

import pytest
import torch
from jaxtyping import TypeCheckError

from saecore.measures.meta.multiple_choice import (
    distractors,
    multiple_choice,
    random_distractors,
    shuffled_uses,
    tf_idf,
    token_statistics,
)
from saecore.sparse import dense, sparse


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def planted(
    latents: int = 120, metas: int = 30, tokens: int = 300
) -> tuple[torch.Tensor, torch.Tensor]:
    """Latents that use two meta-latents each, with the tokens of both."""
    uses = torch.zeros(latents, metas)
    uses.scatter_(
        1, torch.rand(latents, metas, generator=generator()).topk(2, dim=1).indices, 1.0
    )
    of_meta = torch.rand(metas, tokens, generator=generator(1)).pow(20)
    statistics = uses @ of_meta
    return statistics / statistics.norm(dim=1, keepdim=True), uses


def test_statistics_sum_activations_by_token():
    latents = torch.rand(50, 8, generator=generator()) * (
        torch.rand(50, 8, generator=generator(1)) > 0.6
    )
    token = torch.randint(5, (50,), generator=generator(2))
    found = token_statistics(sparse(latents), token, width=8, tokens=5)
    expected = latents.T @ torch.nn.functional.one_hot(token, 5).float()
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(dense(sparse(latents), 8), latents)


def test_tf_idf_drops_what_all_have_and_keeps_silent_latents_at_zero():
    statistics = torch.tensor([[4.0, 1, 0], [4.0, 0, 3], [0, 0, 0]])
    found = tf_idf(statistics)
    torch.testing.assert_close(found, torch.tensor([[0.0, 1, 0], [0, 0, 1], [0, 0, 0]]))


def test_planted_parts_are_recognised_and_shuffled_ones_are_not():
    statistics, uses = planted()
    target, everyone = torch.arange(120), torch.arange(120)
    others = random_distractors(target, everyone, generator=generator())
    assert multiple_choice(statistics, uses, target, others).accuracy > 0.9
    control = [
        multiple_choice(
            statistics,
            uses,
            target,
            others,
            shown=shuffled_uses(uses, generator=generator(s)),
        )
        for s in range(10)
    ]
    assert sum(c.accuracy for c in control) / 10 == pytest.approx(0.2, abs=0.05)


def test_it_agrees_with_a_slow_twin_that_leaves_the_candidates_out():
    statistics, uses = planted(60, 12)
    uses = uses * torch.rand(60, 12, generator=generator(4))
    statistics = statistics + 0.01 * torch.rand(
        60, 300, generator=generator(5)
    )  # no ties
    target = torch.arange(0, 60, 3)
    others = distractors(statistics, target, torch.arange(60))
    found = multiple_choice(statistics, uses, target, others)
    for place, one in enumerate(target.tolist()):
        candidates = [one, *others[place].tolist()]
        kept = [j for j in range(60) if j not in candidates]
        text = torch.zeros(300, dtype=torch.float64)
        for m in range(12):
            of_meta = [float(uses[j, m]) * statistics[j].double() for j in kept]
            text += float(uses[one, m]) * torch.stack(of_meta).sum(0)
        scores = [float(text @ statistics[c].double()) for c in candidates]
        tied = [score for score in scores if score > max(scores) - 1e-9]
        assert float(found.credit[place]) == pytest.approx(
            (scores[0] > max(scores) - 1e-9) / len(tied)
        )


def test_hard_distractors_are_the_nearest_and_never_the_target():
    rows = torch.tensor([[1.0, 0], [0.9, 0.1], [0.8, 0.3], [0, 1], [-1, 0], [0.1, 1]])
    found = distractors(
        rows, torch.tensor([0, 3]), torch.tensor([0, 1, 2, 4, 5]), count=2
    )
    assert found.tolist() == [[1, 2], [5, 2]]


def test_random_distractors_differ_from_the_target_and_each_other():
    target, among = torch.arange(8), torch.arange(8)
    found = random_distractors(target, among, generator=generator())
    assert all(
        len({t, *row}) == 5 for t, row in zip(range(8), found.tolist(), strict=True)
    )


def test_a_latent_without_meta_latents_is_guessed():
    statistics, uses = planted(20, 6)
    uses[4] = 0
    found = multiple_choice(
        statistics, uses, torch.tensor([4]), torch.tensor([[0, 1, 2, 3]])
    )
    assert found.accuracy == pytest.approx(0.2)


def test_shuffling_leaves_no_latent_its_own_and_keeps_all_sets():
    uses = torch.arange(12.0)[:, None].repeat(1, 3)
    found = shuffled_uses(uses, generator=generator())
    assert (found != uses).all()
    torch.testing.assert_close(found.sort(0).values, uses)


def test_wrong_input_is_refused_in_a_sentence():
    statistics, uses = planted(20, 6)
    with pytest.raises((ValueError, TypeCheckError), match=r"same latents|uses"):
        multiple_choice(statistics[:5], uses, torch.tensor([0]), torch.tensor([[1]]))
    with pytest.raises(ValueError, match="other than itself"):
        multiple_choice(statistics, uses, torch.tensor([0]), torch.tensor([[0]]))
    with pytest.raises(ValueError, match="one token"):
        token_statistics(
            sparse(uses), torch.zeros(3, dtype=torch.int64), width=6, tokens=2
        )
