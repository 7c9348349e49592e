"""The geometry of the stream and its letter probe, in closed form."""

import pytest
import torch

from saecore.measures.dictionary.geometry import participation_ratio
from saecore.tiny_lm.evaluate_stream import _probe, participation_ratios


def test_the_participation_ratios_are_those_of_the_rows_after_each_layer(shipped):
    tokens = torch.tensor([shipped.encode("Once upon a time there was a dog.")] * 2)
    tokens[1, 3:] = tokens[0, 3:].flip(0)
    found = participation_ratios(shipped, tokens)
    assert list(found) == [str(layer) for layer in range(shipped.n_layers)]
    rows = shipped.read(tokens, [2])[2][:, 1:].flatten(0, 1)
    assert found["2"] == pytest.approx(participation_ratio(rows))


def test_a_probe_finds_letters_that_are_there_and_none_that_are_not():
    generator = torch.Generator().manual_seed(0)
    letters = list("abcd") * 100
    rows = torch.randn(400, 6, generator=generator)
    nothing = _probe(rows, letters)
    assert nothing["accuracy"] < 0.36
    assert nothing["variance_share"] < 0.03
    rows[:, 0] += 20 * torch.arange(4).repeat(100)
    assert _probe(rows, letters)["accuracy"] > 0.98
