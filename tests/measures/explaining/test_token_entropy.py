"""Entropies with a closed form."""

import math

import torch

from saecore.measures.explaining.fragments import Fragments
from saecore.measures.explaining.token_entropy import token_entropy


def test_one_token_has_none_and_even_ones_the_logarithm_of_their_number():
    token = torch.tensor([[0, 1, 2, 3], [0, 1, 2, 3]])
    texts = Fragments(token, token, token + 1, token, torch.tensor([True, False]))
    one = (token == 2).float()
    even = torch.ones(2, 4)
    uneven = torch.tensor([[3.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    found = token_entropy(torch.stack([one, even, uneven, 0 * one]), texts)
    expected = [0, math.log(4), -0.75 * math.log(0.75) - 0.25 * math.log(0.25)]
    torch.testing.assert_close(found[:3], torch.tensor(expected).double())
    assert found[3].isnan()
