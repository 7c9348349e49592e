"""Numbers on activations against the slow way, on models that the hub serves."""

from functools import partial

import pytest
import torch
from torch.nn.functional import cross_entropy

from saecore.papers import row_numbers
from saecore.papers.opened import FetchedSAEs
from saecore.papers.texts import packed_texts, texts

NAMES = ["768", "1536"]


@pytest.fixture
def read(served):
    model = row_numbers.fetched_model(served["gpt2"], device="cpu")
    tokens = packed_texts(texts(None), model, rows=300, context=16)
    return row_numbers.read_texts(served["gpt2"], model, tokens)


def test_rows_are_the_centred_stream_before_the_block(read):
    states = read.model.model(read.tokens, output_hidden_states=True).hidden_states
    slow = states[1][:, 1:].flatten(0, 1)  # before block 1
    slow = slow - slow.mean(1, keepdim=True)
    torch.testing.assert_close(read.rows, slow, atol=1e-5, rtol=1e-4)
    assert read.together == 15


def rebuilt(sae, rows):
    """What an SAE makes of rows as it reads them, without their mean coordinate."""
    return sae(rows - rows.mean(-1, keepdim=True))


def loss(read, change):
    """Cross-entropy with the stream after block 0 changed by a hook."""

    def hook(module, inputs, output):
        stream = output[0] if isinstance(output, tuple) else output
        rest = stream[:, 1:].flatten(0, 1)
        new = stream.clone()
        new[:, 1:] = change(rest).view_as(new[:, 1:])
        return (new, *output[1:]) if isinstance(output, tuple) else new

    block = read.model.model.transformer.h[0]
    handle = block.register_forward_hook(hook) if change else None
    with torch.no_grad():
        logits = read.model.model(read.tokens).logits[:, :-1]
    if handle:
        handle.remove()
    return cross_entropy(logits.flatten(0, 1), read.tokens[:, 1:].flatten())


def test_sparsity_error_and_insertions_are_those_of_the_slow_way(read, served):
    saes = FetchedSAEs(served["gpt2"], NAMES)
    found = row_numbers.activation_numbers(saes, read, lambda _: None)
    x = read.rows
    for name, sae in zip(NAMES, saes, strict=True):
        z = sae.encode(x)
        assert found[f"L0/{name}"] == pytest.approx(
            float((z > 0).sum(1).double().mean())
        )
        middle, low, high = found[f"MSE/{name}"]
        assert middle == pytest.approx(float((x - sae(x)).square().mean()), rel=1e-5)
        assert low < middle < high
        centred = partial(rebuilt, sae)
        ends = {"zero": torch.zeros_like, "mean": lambda r: x.mean(0).expand_as(r)}
        clean, spliced = loss(read, None), loss(read, centred)
        for end, change in ends.items():
            slow = (loss(read, change) - spliced) / (loss(read, change) - clean)
            ours = found[f"loss recovered, {end}/{name}"]
            assert ours == pytest.approx(float(slow), abs=1e-4)
    small, large = saes[0], saes[1]
    z, rest = large.encode(x), x - small(x)
    lowers = [
        float((rest - z[:, i : i + 1] * large.W_dec[i]).square().sum())
        < float(rest.square().sum())
        for i in range(len(large.W_dec))
    ]
    live = (z > 0).any(0)
    share = torch.tensor(lowers)[live].double().mean()
    pair = "1536 in 768"
    assert found[f"live/{pair}"] == int(live.sum())
    assert found[f"share that lowers the error/{pair}"] == pytest.approx(float(share))


def test_a_model_in_half_precision_is_read_and_spliced(served):
    release = served["gemma"]
    model = row_numbers.fetched_model(release, device="cpu")
    assert model.model.dtype == torch.bfloat16
    tokens = packed_texts(texts(None), model, rows=150, context=16)
    read = row_numbers.read_texts(release, model, tokens)
    assert read.rows.dtype == torch.float32
    found = row_numbers.activation_numbers(FetchedSAEs(release), read, lambda _: None)
    assert found["L0/16384"] > 0
    assert 0 <= found["AUC of the cosine/32768 in 16384"] <= 1


def test_activations_that_are_not_finite_are_told(read, served):
    with torch.no_grad():
        read.model.model.transformer.wte.weight.fill_(torch.inf)
    with pytest.raises(ValueError, match="activations are finite numbers, but"):
        row_numbers.read_texts(served["gpt2"], read.model, read.tokens)
