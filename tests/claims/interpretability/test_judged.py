"""Numbers of the verdict from scores that are made up."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from saecore.claims.interpretability.compared import AllExplained
from saecore.claims.interpretability.judged import (
    best_mean,
    least_lead,
    scores_and_leads,
    shares_reached,
)
from saecore.measures.explaining.interpretability import Autointerp
from saecore.report import Claim


def several(*scores: float) -> Any:
    """Dictionaries whose latents all have nearly one score, on all texts."""
    return [made(score) for score in scores]


def made(score: float) -> Any:
    near = score + 0.001 * torch.tensor([-1.0, 0.0, 1.0]).double()
    nothing: Any = None
    return Autointerp(
        rules=nothing,
        scores=SimpleNamespace(simulation=near),  # pyright: ignore[reportArgumentType]
        swapped=near,
        simulation=nothing,
        resampled=torch.full((5,), score).double(),
    )


FOUND: Any = AllExplained(
    base=several(0.80, 0.81, 0.82),
    neighbours=[one.scored for one in several(0.3, 0.3, 0.3)],
    bases={"PCA": several(0.4), "coordinates": several(0.5), "ICA": several(0.6)},
    sparse={"PCA": several(0.7), "ICA": several(0.81)},
    tied=several(0.7, 0.7, 0.71),
    sparse_as_tied={"ICA": several(0.9)},
    untrained=several(0.4, 0.41, 0.42),
    frozen={"decoder": several(0.5, 0.5, 0.5), "encoder": several(0.6, 0.6, 0.6)},
    tokens={"means": several(0.9), "squares": several(0.85)},
)
NUMBERS = scores_and_leads(FOUND, level=0.95)


def test_every_number_of_the_rule_is_there():
    assert set(Claim.read("interpretability").needs()) <= set(NUMBERS)


def test_the_best_of_several_others_counts():
    assert NUMBERS["score_bases"][0] == pytest.approx(0.5)
    assert NUMBERS["lead_bases"][0] == pytest.approx(0.31)
    assert NUMBERS["lead_bases_sparse"][0] == pytest.approx(0.11)
    assert NUMBERS["score_ica"][0] == pytest.approx(0.6)
    assert NUMBERS["lead_frozen"][0] == pytest.approx(0.21)
    assert NUMBERS["score_others"][0] == pytest.approx(0.6)
    both = {"a": several(0.1), "b": several(0.2)}
    assert best_mean(both, level=0.95).estimate == pytest.approx(0.2)
    ours = [one.scored for one in several(0.5)]
    assert least_lead(ours, both, level=0.95).estimate == pytest.approx(0.3)


def test_a_part_that_leads_in_one_way_only_does_not_hold():
    claim = Claim.read("interpretability")
    dict(claim.constants)  # counts as reading them
    judged = claim.judge(profile="made", world_seed=0, numbers=NUMBERS)
    found = {part["name"]: part["verdict"] for part in judged["parts"]}
    assert found["bases"] == "holds"
    assert found["ica"] == "cannot be told"  # as sparse, the two are alike
    assert found["tied"] == "does not hold"
    assert found["lookup"] == "does not hold"
    assert judged["verdict"] == "holds in part"


def test_the_share_that_a_control_reaches():
    shares = shares_reached(FOUND, level=0.95)
    assert list(shares) == ["untrained", "decoder", "encoder", "means", "squares"]
    assert shares["untrained"].estimate == pytest.approx(0.41 / 0.81)
    assert shares["means"].low < shares["means"].estimate < shares["means"].high
