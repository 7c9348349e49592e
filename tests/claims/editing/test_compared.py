"""SAEs beside bases, pair by pair: planted counts, the best basis, paired differences."""

import pytest
import torch

from saecore.claims.editing.compared import (
    ComparedCounts,
    compared_rows,
    fewer,
    savings,
)
from saecore.measures.editing.by_pair import PairCounts


def counted(latents):
    latents = torch.as_tensor(latents).double()
    return PairCounts(latents, latents * 7, latents / 100)


def planted():
    """Pairs that differ far more than the dictionaries do: the SAEs save two latents in
    each.
    """
    hard = torch.linspace(5, 100, 40).round()
    noise = [(torch.arange(40) % 2) - 0.5, 0.5 - (torch.arange(40) % 2)]
    saes = [counted(hard + one) for one in noise]
    bases = {"best": counted(hard + 2), "worse": counted(hard + 3)}
    return ComparedCounts(saes, bases, {"SAE": 1.0, "best": 1.0, "worse": 0.9})


def test_the_difference_is_taken_pair_by_pair_beside_the_best_basis():
    found = savings(planted(), "latents", level=0.95)
    assert found.best == "best"
    assert found.saved.estimate == pytest.approx(2)
    assert found.saved.low > 1.5
    assert found.saes.high > found.basis.low  # apart they tell nothing


def test_a_basis_may_be_best_in_one_measure_and_not_in_another():
    one = planted()
    worse = one.bases["worse"]
    one.bases["worse"] = worse._replace(size=worse.size / 10)
    assert savings(one, "size", level=0.95).best == "worse"
    assert savings(one, "numbers", level=0.95).best == "best"


def test_the_share_of_pairs_does_not_ask_at_what_price_a_failure_is_entered():
    one = planted()
    one = one._replace(saes=[counted(sae.latents.clone()) for sae in one.saes * 3])
    for price in (160.0, 1e6):
        for sae in one.saes:
            sae.latents[:8] = price
        found = fewer(one, "latents", level=0.95)
        assert found.estimate == pytest.approx(0.8)
        assert 0 < found.low < 0.8 < found.high <= 1


def test_a_row_per_order_and_dictionary():
    rows = compared_rows({"ACDC": planted()}, level=0.95)
    assert [row["dictionary"] for row in rows] == ["SAE", "best", "worse"]
    assert [row["pairs halfway"] for row in rows] == [1.0, 1.0, 0.9]
    assert rows[1]["latents, median"] == pytest.approx(54, abs=3)
    assert rows[1]["latents"] == pytest.approx(rows[0]["latents"] + 2)
    assert rows[1]["low"] < rows[1]["latents"] < rows[1]["high"]
