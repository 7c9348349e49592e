"""The fused loss and its gradients are the plain ones."""

import math

import torch
from torch.testing import assert_close

from saecore.tiny_lm.chunked_loss import CHUNK, chunked_cross_entropy


def test_the_chunked_loss_and_its_gradients_are_the_plain_ones():
    generator = torch.Generator().manual_seed(0)
    rows, vocabulary = CHUNK + 7, 50
    hidden = (
        torch.randn(rows, 8, generator=generator).bfloat16().float().requires_grad_()
    )
    weight = (
        torch.randn(vocabulary, 8, generator=generator)
        .bfloat16()
        .float()
        .requires_grad_()
    )
    target = torch.randint(vocabulary, (rows,), generator=generator)
    plain = torch.nn.functional.cross_entropy(hidden @ weight.T, target)
    expected = torch.autograd.grad(plain, (hidden, weight))
    chunked = chunked_cross_entropy(hidden, weight, target)
    found = torch.autograd.grad(3 * chunked, (hidden, weight))
    assert_close(chunked, plain, atol=5e-3, rtol=0)
    for gradient, other in zip(found, expected, strict=True):
        assert_close(gradient / 3, other, atol=2e-2 * other.abs().max().item(), rtol=0)


def test_equal_logits_cost_the_logarithm_of_the_vocabulary():
    loss = chunked_cross_entropy(torch.zeros(5, 4), torch.ones(100, 4), torch.arange(5))
    assert_close(loss.item(), math.log(100), atol=1e-5, rtol=0)
