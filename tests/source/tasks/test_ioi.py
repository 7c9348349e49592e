"""Exchanging the stream of two prompts: the target's stream gives its answer, the
gradient is the slope.
"""

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.editing.patching import by_gradient, exchange, exchange_of
from saecore.profiles import TINY
from saecore.source.model.language_model import open_model
from saecore.source.model.neurons import neuron_directions, read_neurons
from saecore.source.model.next_token import kl_divergence
from saecore.source.tasks import answers, ioi
from saecore.source.tasks.ioi import Exchanged, exchanged


@pytest.fixture(scope="module")
def model():
    return open_model(TINY)


@pytest.fixture(scope="module")
def pairs(model):
    return exchanged(model, 6, seed=3)


@pytest.fixture(scope="module", params=[1, 2])
def between(request, model, pairs):
    return Exchanged(model, pairs, request.param)


def kl(p, q):
    """KL(p || q) of logits."""
    return kl_divergence(p.log_softmax(-1), q.log_softmax(-1))


def test_the_two_prompts_of_a_pair_differ_in_one_token_which_is_the_answer(
    model, pairs
):
    for base, target in pairs:
        ids = [model.encode(prompt.text) for prompt in (base, target)]
        differ = [pair for pair in zip(*ids, strict=True) if pair[0] != pair[1]]
        assert differ == [(model.token(base.answer), model.token(target.answer))]
        assert base.word == target.word != target.answer
        assert target.before in target.text


def test_the_shipped_model_solves_nine_in_ten_of_both_prompts(model):
    many = exchanged(model, 60)
    for side in (0, 1):
        found = answers.accuracy(model, [pair[side] for pair in many])
        assert found.right > 0.9
        assert found.exact > 0.9


def test_the_same_seed_draws_the_same_pairs_and_another_seed_others(model, pairs):
    assert exchanged(model, 6, seed=3) == pairs
    assert exchanged(model, 6, seed=4) != pairs


def test_the_base_stream_says_what_the_model_says_and_the_target_stream_is_at_zero(
    model, pairs, between
):
    base, target = (
        model.next_logits([pair[side].text for pair in pairs]) for side in (0, 1)
    )
    assert_close(
        between.divergence(between.base),
        float(kl(base, target).mean()),
        rtol=1e-4,
        atol=1e-5,
    )
    assert abs(between.divergence(between.target)) < 1e-5
    assert between.divergence(between.base) > 1


def test_running_the_upper_layers_alone_gives_what_a_whole_pass_gives(
    model, pairs, between
):
    stream = (between.base + between.target) / 2
    tokens = torch.tensor([model.encode(pair.base.text) for pair in pairs])
    whole = model.logits(tokens, edit=(between.layer, lambda _: stream), last=True)[
        :, -1
    ]
    target = model.next_logits([pair.target.text for pair in pairs])
    assert_close(
        between.divergence(stream),
        float(kl(whole, target).mean()),
        rtol=1e-4,
        atol=1e-5,
    )


def test_the_gradient_is_the_slope_of_the_divergence(between):
    towards = between.target - between.base
    step = 1e-2
    ends = [between.divergence(between.base + s * step * towards) for s in (1, -1)]
    slope = float((between.gradient() * towards).sum())
    assert_close((ends[0] - ends[1]) / (2 * step), slope, rtol=0.02, atol=1e-3)


def test_all_directions_of_an_orthonormal_basis_exchange_the_whole_stream(between):
    axes = torch.linalg.qr(
        torch.randn(160, 160, generator=torch.Generator().manual_seed(0))
    )[0]
    both = exchange(lambda x: x @ axes.T, axes, between.base, between.target)
    curve = by_gradient(both, between.divergences, between.gradient(), [160])
    assert_close(curve.divergence[0], torch.tensor(between.divergence(between.base)))
    assert abs(float(curve.divergence[-1])) < 1e-3


def test_the_divergence_is_the_mean_over_pairs_and_each_pair_stands_alone(between):
    stream = (between.base + between.target) / 2
    each = between.divergences(stream)
    assert each.shape == (6,)
    assert_close(between.divergence(stream), float(each.mean()))
    some = torch.tensor([4, 0, 4])
    assert_close(
        between.divergences(stream[some], some), each[some], rtol=1e-4, atol=1e-5
    )
    assert each.std() > 0.1


def test_the_tokens_are_those_that_the_streams_were_read_on(model, pairs, between):
    for side, tokens in enumerate((between.base_tokens, between.target_tokens)):
        assert tokens.tolist() == [model.encode(pair[side].text) for pair in pairs]
    assert_close(
        model.read(between.target_tokens, [between.layer])[between.layer],
        between.target,
    )


def test_neurons_move_the_stream_by_what_their_mlp_wrote_and_no_further(model, between):
    layer = between.layer
    codes = [
        read_neurons(model, ids, layer)
        for ids in (between.base_tokens, between.target_tokens)
    ]
    both = exchange_of(
        between.base, codes[0], codes[1], neuron_directions(model, layer)
    )
    mlp = []
    for ids in (between.base_tokens, between.target_tokens):
        with model.blocks[layer].mlp.register_forward_hook(
            lambda _, __, output: mlp.append(output)
        ):
            model.read(ids, [layer])
    patched = both.patched(both.differing())
    assert_close(patched, between.base + mlp[1] - mlp[0], rtol=1e-4, atol=1e-4)
    assert (
        between.divergence(patched) > 0.1
    )  # earlier layers and the attention wrote too


def test_the_last_layer_can_be_exchanged(model, pairs):
    between = Exchanged(model, pairs, model.n_layers - 1)
    base, target = (
        model.next_logits([pair[side].text for pair in pairs]) for side in (0, 1)
    )
    assert_close(
        between.divergences(between.base), kl(base, target), rtol=1e-4, atol=1e-5
    )
    assert abs(between.divergence(between.target)) < 1e-5


def test_more_pairs_than_there_are_prompts_of_one_length_are_refused(
    model, monkeypatch
):
    monkeypatch.setattr(ioi, "prompts", lambda *_, **__: [])
    with pytest.raises(ValueError, match="ask for fewer"):
        exchanged(model, 3)


def test_pairs_of_several_lengths_are_refused(model, pairs):
    longer = pairs[0].base._replace(text=pairs[0].base.text + " a")
    with pytest.raises(ValueError, match="one length"):
        Exchanged(model, [pairs[1], pairs[0]._replace(base=longer)], 1)
    with pytest.raises(ValueError, match="one length"):
        Exchanged(model, [pairs[0]._replace(base=longer)], 1)
