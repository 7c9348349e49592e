"""The logit lens on a model small enough to do it by hand."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from saecore.source.model.language_model import LanguageModel, OpenModel
from saecore.source.model.logit_lens import promoted


class RootMeanSquare(nn.Module):
    """A norm that stores its gain minus one, as some models do."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight - 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x / x.square().mean(-1, keepdim=True).sqrt() * (1 + self.weight)


class Small(nn.Module):
    """One block with a norm inside, a final norm, an unembedding."""

    def __init__(self, norm: nn.Module, vocabulary: int, d_model: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.LayerNorm(d_model)])
        self.norm = norm
        self.config = SimpleNamespace(bos_token_id=0)
        self.embed = nn.Embedding(vocabulary, d_model)
        self.head = nn.Linear(d_model, vocabulary, bias=False)
        nn.init.normal_(self.head.weight, generator=torch.Generator().manual_seed(2))

    def get_input_embeddings(self) -> nn.Module:
        return self.embed

    def get_output_embeddings(self) -> nn.Module:
        return self.head


def opened(norm: nn.Module, d_model: int = 8) -> OpenModel:
    small = Small(norm, 30, d_model).requires_grad_(False)
    opened = OpenModel(
        small,
        SimpleNamespace(bos_token_id=0, eos_token_id=0),
        identity=LanguageModel("small", "0"),
    )
    opened.d_model = d_model  # it cannot be run, so it cannot be read either
    return opened


@pytest.fixture
def gain() -> torch.Tensor:
    return torch.tensor([1.0, 2.0, 0.5, 3.0, 1.0, 0.1, 4.0, 1.5])


def test_scores_are_standardised_logits_through_the_norms_gain(gain):
    directions = torch.randn(5, 8, generator=torch.Generator().manual_seed(1))
    model = opened(RootMeanSquare(gain))
    found = promoted(model, directions, count=4)
    logits = (directions * gain) @ model.model.head.weight.T
    scores = (logits - logits.mean(1, keepdim=True)) / logits.std(1, keepdim=True)
    best = scores.topk(4, 1)
    torch.testing.assert_close(found.score, best.values)
    assert found.token.tolist() == best.indices.tolist()
    assert found.lowered.tolist() == (-scores).topk(4, 1).indices.tolist()
    assert (found.lowered_score < 0).all()


def test_a_layer_norm_takes_the_mean_off_a_root_mean_square_does_not(gain):
    constant, direction = torch.full((1, 8), 3.0), torch.arange(8.0)[None]
    centring = nn.LayerNorm(8)
    centring.weight.data = gain
    both = torch.cat([direction, direction + constant])
    layer_norm = promoted(opened(centring), both, count=30)
    torch.testing.assert_close(layer_norm.score[0], layer_norm.score[1])
    plain = promoted(opened(RootMeanSquare(gain)), both, count=30)
    assert (plain.score[0] - plain.score[1]).abs().max() > 0.1


def test_neither_the_length_of_a_direction_nor_a_dead_one_matters(gain):
    direction = torch.randn(1, 8, generator=torch.Generator().manual_seed(4))
    three = torch.cat([direction, 50 * direction, 0 * direction])
    found = promoted(opened(RootMeanSquare(gain)), three, count=3)
    torch.testing.assert_close(found.score[0], found.score[1])
    assert found.score[2].tolist() == [0, 0, 0]
