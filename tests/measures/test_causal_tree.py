"""A tree in a made-up model whose wires are known: two layers, each latent fed by named latents below."""

import math

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from saecore.measures.causal_tree import Contexts, Level, nodes, parents, strong, tree

WIDTH = 8


class Axes:
    """Latents are coordinates; `length` is that of the decoder rows."""

    def __init__(self, length: float) -> None:
        self.length, self.W_dec = length, length * torch.eye(WIDTH)

    def encode(self, x: Tensor) -> Tensor:
        return x.relu() / self.length

    def decode(self, latents: Tensor) -> Tensor:
        return latents @ self.W_dec


def wires():
    """Above: 0 is 2 x (3 one position earlier) + 1; 1 is 0.5 x 5; the rest copies."""

    def onward(stream, _):
        up = stream.clone()
        earlier = torch.cat([torch.zeros_like(stream[:, :1]), stream[:, :-1]], 1)
        up[..., 0] = 2 * earlier[..., 3] + stream[..., 1]
        up[..., 1] = 0.5 * stream[..., 5]
        return up

    return onward


def levels(length=1.0, texts=30):
    generator = torch.Generator().manual_seed(0)
    low = torch.rand(texts, 6, WIDTH, generator=generator) * (
        torch.rand(texts, 6, WIDTH, generator=generator) < 0.7
    )
    middle = wires()(low, None)
    top = wires()(middle, None)
    dictionary = Axes(length)
    return [Level(dictionary, low, wires()), Level(dictionary, middle, wires()), Level(dictionary, top, None)]


def activity(level, latent):
    return level.dictionary.encode(level.stream)[..., latent]


@pytest.mark.parametrize("length", [1.0, 3.0])
def test_drops_are_the_wires_times_what_runs_through_them(length):
    low, middle, _ = levels(length)
    contexts = strong(activity(middle, 0), generator=torch.Generator().manual_seed(1))
    found = parents(low, middle.dictionary, 0, contexts)
    through = {
        3: 2 * low.stream[contexts.text, contexts.at - 1, 3] * (contexts.at > 1),
        1: low.stream[contexts.text, contexts.at, 1],
    }
    assert set(found.latent[:2].tolist()) == {1, 3}
    for latent, expected in through.items():
        drop = found.drop[found.latent == latent]
        assert_close(drop, expected.mean()[None] / length)
    assert_close(found.drop[2:], torch.zeros(len(found.drop) - 2))
    assert (found.drop.diff() <= 0).all()


def test_all_parents_together_explain_the_target_and_a_slow_loop_agrees():
    low, middle, _ = levels()
    contexts = strong(activity(middle, 0), generator=torch.Generator().manual_seed(1))
    found = parents(low, middle.dictionary, 0, contexts)
    for latent, drop in zip(found.latent.tolist(), found.drop.tolist(), strict=True):
        falls = []
        for text, at in zip(contexts.text, contexts.at, strict=True):
            edited = low.stream[text : text + 1].clone()
            edited[:, 1 : at + 1, latent] = 0
            after = wires()(edited, None)[0, at, 0].clamp(min=0)
            falls.append(float(activity(middle, 0)[text, at] - after))
        assert math.isclose(drop, sum(falls) / len(falls), abs_tol=1e-6)


def test_positions_after_the_target_and_the_first_one_are_left_alone():
    low, middle, _ = levels()
    stream = torch.zeros(1, 6, WIDTH)
    stream[0, [0, 2, 5], 3] = 1.0
    contexts = Contexts(torch.tensor([0]), torch.tensor([1]), torch.tensor([2.0]))
    assert not len(parents(low._replace(stream=stream), middle.dictionary, 0, contexts).latent)


def test_contexts_are_strong_places_of_different_texts_beyond_the_first():
    activation = torch.tensor([[9.0, 4.0, 1.0], [0.0, 1.9, 3.0], [0.0, 1.0, 0.5], [0.0, 0.0, 2.5]])
    found = strong(activation, generator=torch.Generator().manual_seed(0))
    assert sorted(zip(found.text.tolist(), found.at.tolist(), strict=True)) == [(0, 1), (1, 2), (3, 2)]
    assert_close(found.activity, activation[found.text, found.at])
    assert len(strong(activation, generator=torch.Generator().manual_seed(0), count=2).text) == 2


def test_the_tree_follows_the_wires_down_two_layers_and_random_edits_do_less():
    root = tree(levels(), 1, branches=1, seed=0)
    chain = [(node.level, node.latent) for node in nodes(root)]
    assert chain == [(2, 1), (1, 5), (0, 5)]
    assert math.isclose(root.parents[0].drop, 1, rel_tol=1e-5)
    assert root.parents[0].drop > 3 * abs(root.parents[0].control)
    assert math.isnan(root.drop)
    assert root.others < 0.5


def test_branches_are_the_strongest_parents_in_order():
    root = tree(levels(), 0, branches=3, seed=2)
    assert {node.latent for node in root.parents[:2]} == {1, 3}
    drops = [node.drop for node in root.parents]
    assert drops == sorted(drops, reverse=True)
    assert abs(drops[2]) < 1e-6


def test_a_silent_latent_has_no_tree():
    silent = levels()
    silent[-1].stream[..., 4] = 0
    with pytest.raises(ValueError, match="never does"):
        tree(silent, 4)
