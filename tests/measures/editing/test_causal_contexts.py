"""Ablations in made-up models: known wires, and a slow loop over one latent and one
context at a time.
"""

import math

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from saecore.measures.editing.causal_contexts import (
    Contexts,
    Level,
    falls,
    fired,
    halves,
    strong,
    strong_texts,
)

WIDTH = 8


class Axes:
    """Latents are coordinates; `length` is that of the decoder rows."""

    def __init__(self, length: float) -> None:
        self.length, self.W_dec = length, length * torch.eye(WIDTH)

    def encode(self, x: Tensor) -> Tensor:
        return x.relu() / self.length

    def decode(self, latents: Tensor) -> Tensor:
        return latents @ self.W_dec.to(latents)


class Oblique:
    """Twelve latents in eight dimensions with decoder rows of norms from 0.2 to 3, one
    of them dead.
    """

    def __init__(self, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        directions = torch.randn(12, WIDTH, generator=generator, dtype=torch.float64)
        directions /= directions.norm(dim=1, keepdim=True)
        length = torch.linspace(0.2, 3, 12, dtype=torch.float64)[:, None]
        self.W_enc, self.W_dec = (directions / length).T, directions * length
        self.bias = torch.full((12,), -0.1, dtype=torch.float64)
        self.bias[5] = -1e6

    def encode(self, x: Tensor) -> Tensor:
        return (x @ self.W_enc.to(x) + self.bias.to(x)).relu()

    def decode(self, latents: Tensor) -> Tensor:
        return latents @ self.W_dec.to(latents)


def through(network):
    """Whole streams, one for each edit, through a function of streams."""

    def onward(stream, at, context, edit, position, change, text):
        edited = stream[context].clone()
        edited.index_put_((edit, position), change, accumulate=True)
        return network(edited)[torch.arange(len(context)), at[context]]

    return onward


def wires(stream):
    """Above: 0 is 2 x (3 one position earlier) + 1; 1 is 0.5 x 5; the rest copies."""
    up = stream.clone()
    earlier = torch.cat([torch.zeros_like(stream[:, :1]), stream[:, :-1]], 1)
    up[..., 0] = 2 * earlier[..., 3] + stream[..., 1]
    up[..., 1] = 0.5 * stream[..., 5]
    return up


def levels(length=1.0, texts=60):
    generator = torch.Generator().manual_seed(0)
    low = torch.rand(texts, 6, WIDTH, generator=generator) * (
        torch.rand(texts, 6, WIDTH, generator=generator) < 0.7
    )
    dictionary = Axes(length)
    middle = wires(low)
    return [
        Level(dictionary, low, through(wires)),
        Level(dictionary, middle, through(wires)),
        Level(dictionary, wires(middle), None),
    ]


def mixing(dtype):
    """A layer that mixes all earlier positions, and is not linear."""
    generator = torch.Generator().manual_seed(4)
    one, two = torch.randn(
        2, WIDTH, WIDTH, generator=generator, dtype=torch.float64
    ).to(dtype)

    def network(stream):
        steps = torch.arange(1, stream.shape[1] + 1, dtype=dtype)[:, None]
        return stream + torch.tanh(stream @ one) + stream.cumsum(1) / steps @ two

    return network


def mixed(dtype=torch.float32, texts=40):
    generator = torch.Generator().manual_seed(5)
    low = torch.randn(texts, 7, WIDTH, generator=generator, dtype=torch.float64).to(
        dtype
    )
    network = mixing(dtype)
    return Level(Oblique(1), low, through(network)), Level(
        Oblique(2), network(low), None
    )


def acts(level, latent):
    return level.dictionary.encode(level.stream.flatten(0, 1)).view(
        *level.stream.shape[:2], -1
    )[..., latent]


def seeded(seed=1):
    return torch.Generator().manual_seed(seed)


def fall_one_by_one(below, above, latent, contexts):
    """[latent below]: one ablation in one context at a time."""
    network, total = (
        mixing(torch.float64),
        torch.zeros(len(below.dictionary.W_dec), dtype=torch.float64),
    )
    for text, at in zip(contexts.text, contexts.at, strict=True):
        stream = below.stream[text].double()
        before = above.encode(network(stream[None])[0])[at, latent]
        codes = below.dictionary.encode(stream)
        for j in range(len(total)):
            edited = stream.clone()
            for position in range(1, int(at) + 1):
                edited[position] -= (
                    codes[position, j] * below.dictionary.W_dec[j].double()
                )
            total[j] += before - above.encode(network(edited[None])[0])[at, latent]
    return total / len(contexts.text)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_many_at_once_are_what_they_are_one_by_one_in_float64(dtype, monkeypatch):
    monkeypatch.setattr("saecore.measures.editing.causal_contexts.CONTEXTS_AT_ONCE", 4)
    below, here = mixed(dtype)
    latents = torch.tensor([3, 8, 0])
    places = [
        strong(acts(here, j), generator=seeded(j), count=5) for j in latents.tolist()
    ]
    found = falls(below, here.dictionary, latents, fired(below, places))
    expected = torch.stack([
        fall_one_by_one(below, here.dictionary, j, one)
        for j, one in zip(latents.tolist(), places, strict=True)
    ])  # fmt: skip
    assert expected.abs().max() > 0.1
    assert_close(found.fall.double(), expected, atol=1e-5, rtol=1e-5)
    assert not found.contexts[:, 5].any()


@pytest.mark.parametrize("length", [1.0, 3.0])
def test_drops_are_the_wires_times_what_runs_through_them(length):
    low, middle, _ = levels(length)
    contexts = strong(acts(middle, 0), generator=seeded())
    found = falls(low, middle.dictionary, torch.tensor([0]), fired(low, [contexts]))
    expected = torch.zeros(WIDTH)
    expected[3] = (
        2 * low.stream[contexts.text, contexts.at - 1, 3] * (contexts.at > 1)
    ).mean() / length
    expected[1] = low.stream[contexts.text, contexts.at, 1].mean() / length
    assert_close(found.fall[0], expected)


def test_only_what_is_wanted_is_taken_away():
    below, here = mixed()
    latents, places = (
        torch.tensor([3, 8]),
        [strong(acts(here, j), generator=seeded(j)) for j in (3, 8)],
    )
    entries = fired(below, places)
    every = falls(below, here.dictionary, latents, entries)
    wanted = torch.rand(2, 12, generator=seeded()) < 0.4
    some = falls(below, here.dictionary, latents, entries, wanted=wanted)
    assert_close(some.fall, torch.where(wanted, every.fall, 0))
    assert torch.equal(some.contexts, torch.where(wanted, every.contexts, 0))


def test_given_directions_take_the_place_of_the_dictionarys_and_several_are_averaged():
    below, here = mixed()
    latents, entries = (
        torch.tensor([3]),
        fired(below, [strong(acts(here, 3), generator=seeded())]),
    )
    w_dec = below.dictionary.W_dec.float()
    drawn = torch.stack([w_dec, -w_dec, w_dec.flip(0)])
    together = falls(below, here.dictionary, latents, entries, directions=drawn)
    apart = [
        falls(below, here.dictionary, latents, entries, directions=one[None])
        for one in drawn
    ]
    assert_close(together.fall, torch.stack([one.fall for one in apart]).mean(0))
    assert torch.equal(together.contexts, apart[0].contexts)
    assert_close(apart[0].fall, falls(below, here.dictionary, latents, entries).fall)


def test_positions_after_the_target_and_the_first_one_are_left_alone():
    low = levels()[0]
    stream = torch.zeros(1, 6, WIDTH)
    stream[0, [0, 2, 5], 3] = 1.0
    contexts = Contexts(torch.tensor([0]), torch.tensor([1]), torch.tensor([2.0]))
    assert not len(fired(low._replace(stream=stream), [contexts]).latent)
    later = fired(
        low._replace(stream=stream), [contexts._replace(at=torch.tensor([4]))]
    )
    assert later.position.tolist() == [2]


def test_a_target_without_contexts_has_no_falls_and_leaves_the_others_theirs():
    below, here = mixed()
    places = strong(acts(here, 3), generator=seeded())
    none = Contexts(*(part[:0] for part in places))
    found = falls(
        below, here.dictionary, torch.tensor([8, 3]), fired(below, [none, places])
    )
    assert found.fall[0].isnan().all()
    assert not found.contexts[0].any()
    alone = falls(below, here.dictionary, torch.tensor([3]), fired(below, [places]))
    assert_close(found.fall[1], alone.fall[0])
    empty = falls(below, here.dictionary, torch.tensor([8]), fired(below, [none]))
    assert empty.fall.isnan().all()


def test_contexts_are_strong_places_of_different_texts_beyond_the_first():
    activation = torch.tensor(
        [[9.0, 4.0, 1.0], [0.0, 1.9, 3.0], [0.0, 1.0, 0.5], [0.0, 0.0, 2.5]]
    )
    found = strong(activation, generator=seeded(0))
    assert sorted(zip(found.text.tolist(), found.at.tolist(), strict=True)) == [
        (0, 1),
        (1, 2),
        (3, 2),
    ]
    assert_close(found.activity, activation[found.text, found.at])
    assert len(strong(activation, generator=seeded(0), count=2).text) == 2


@pytest.mark.parametrize(
    ("texts", "sizes"),
    [
        (60, (20, 20)),
        (40, (20, 20)),
        (21, (11, 10)),
        (2, (1, 1)),
        (1, (0, 0)),
        (0, (0, 0)),
    ],
)
def test_halves_are_as_large_as_asked_or_half_of_what_there_is_and_share_no_text(
    texts, sizes
):
    activation = torch.zeros(70, 3)
    activation[:texts, 1] = 1
    choose, judge = halves(activation, generator=seeded())
    assert (len(choose.text), len(judge.text)) == sizes
    assert len({*choose.text.tolist(), *judge.text.tolist()}) == sum(sizes)


def test_halves_are_random_and_the_generator_decides():
    activation = torch.ones(40, 3)
    split = [
        halves(activation, generator=seeded(seed))[0].text.sort().values
        for seed in (1, 1, 2)
    ]
    assert torch.equal(split[0], split[1])
    assert not torch.equal(split[0], split[2])
    # an early text is as likely as a late one to serve the choice
    early = [
        int((halves(activation, generator=seeded(seed))[0].text < 20).sum())
        for seed in range(100)
    ]
    assert math.isclose(sum(early) / 100, 10, abs_tol=0.7)  # sd of the mean: 0.16


def test_the_number_of_strong_texts_is_that_of_contexts(monkeypatch):
    monkeypatch.setattr("saecore.measures.editing.causal_contexts.CHUNK_ENTRIES", 500)
    _, here = mixed()
    counts = strong_texts(here)
    for latent, count in enumerate(counts.tolist()):
        assert (
            len(strong(acts(here, latent), generator=seeded(), count=1000).text)
            == count
        )
    assert counts[5] == 0
    assert counts.sum() > 20
