"""Curves that are made up: at equal L0, and along widths."""

from types import SimpleNamespace
from typing import Any

import pytest

from saecore.claims.interpretability.fidelity import comparisons
from saecore.claims.interpretability.fidelity.comparisons import (
    fvu_at,
    fvu_ratios,
    last_gains,
    ratio_rows,
)
from saecore.claims.interpretability.fidelity.fidelity_of_saes import KeptBySae
from saecore.report.told import chosen_sentence


def kept(l0: float, fvu: float) -> Any:
    nothing: Any = None
    found: Any = SimpleNamespace(l0=l0, fvu=fvu)
    return KeptBySae(recipe=nothing, fidelity=found, recovered=nothing, perplexity=0.0)


def power(scale: float, shift: float = 1.0) -> dict[int, Any]:
    """SAEs whose FVU is scale / sqrt(L0), with L0 a little off."""
    return {k: kept(k * shift, scale * (k * shift) ** -0.5) for k in (4, 8, 32)}


def test_a_power_law_is_read_rightly_between_and_beyond_its_points():
    for l0 in (3.5, 4, 6, 20, 40):
        assert fvu_at(power(0.6, 1.1), l0) == pytest.approx(0.6 * l0**-0.5)
    with pytest.raises(ValueError, match="at least two"):
        fvu_at({4: kept(4, 0.3)}, 4)


def test_architectures_are_compared_at_the_l0_of_topk():
    sweep = {"topk": power(0.6), "batchtopk": power(0.54, 1.1), "relu": power(0.9)}
    ratios = fvu_ratios(sweep)
    assert list(ratios) == ["batchtopk", "relu"]
    assert list(ratios["batchtopk"].values()) == pytest.approx([0.9] * 3)
    row = ratio_rows(ratios)[0]
    assert row["architecture"] == "BatchTopK"
    assert row["at TopK's L0, k 8"] == pytest.approx(0.9)


def test_a_wider_sae_that_leaves_more_unexplained_gains_less_than_nothing():
    widths = {"relu": {160: kept(8, 0.2), 640: kept(8, 0.1), 2560: kept(8, 0.11)}}
    assert last_gains(widths) == {"ReLU": pytest.approx(-0.1)}


def test_sentences_are_those_of_the_numbers(monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(
        comparisons,
        "told",
        lambda number, **by: said.append(chosen_sentence(number, **by)),
    )
    comparisons.say_batchtopk({"batchtopk": {4: 0.9}, "jumprelu": {4: 0.92}})
    comparisons.say_batchtopk({"batchtopk": {4: 1.1}, "jumprelu": {4: 0.9}})
    comparisons.say_last_gains({"ReLU": -0.1, "TopK": 0.3})
    comparisons.say_last_gains({"ReLU": 0.1, "TopK": 0.3})
    starts = [" ".join(one.split()[:5]) for one in said]
    assert starts == [
        "BatchTopK leaves less than TopK", "From JumpReLU it differs by",
        "BatchTopK does not leave less", "From JumpReLU it differs by",
        "Not in every architecture: the", "It takes away at least",
    ]  # fmt: skip
    assert "as in their paper" in said[1]
    assert "up to" in said[3]
