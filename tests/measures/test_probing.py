"""Linear probes are judged on rows they have not seen."""

import pytest
import torch

from saecore.measures.probing import cross_fitted


def _rows(seed: int, *, signal: float) -> tuple[torch.Tensor, list[str]]:
    generator = torch.Generator().manual_seed(seed)
    labels = [str(i % 4) for i in range(400)]
    x = torch.randn(400, 30, generator=generator)
    x[:, :4] += signal * torch.nn.functional.one_hot(torch.arange(400) % 4).float()
    return x, labels


def test_a_planted_label_is_told():
    probed = cross_fitted(*_rows(0, signal=8.0))
    assert probed.accuracy > 0.99
    assert probed.baseline == 0.25


def test_without_a_signal_the_probe_is_at_chance_although_it_could_memorise():
    x, labels = _rows(1, signal=0.0)
    assert abs(cross_fitted(x, labels).accuracy - 0.25) < 0.08


def test_a_label_rarer_than_the_folds_is_refused():
    x, labels = _rows(2, signal=1.0)
    with pytest.raises(ValueError, match="at least 4 rows each"):
        cross_fitted(x, ["rare", *labels[1:]])


def test_unequal_lengths_are_refused():
    x, labels = _rows(3, signal=1.0)
    with pytest.raises(ValueError, match="every row needs one label"):
        cross_fitted(x, labels[1:])
