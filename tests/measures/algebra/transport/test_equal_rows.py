"""Equal rows are found number by number, and dealt out again."""

import numpy as np
import torch

from saecore.measures.algebra.transport import equal_rows
from saecore.measures.algebra.transport.equal_rows import (
    distinct_rows,
    one_of_each,
    split_by_kind,
)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_planted_copies_are_one_kind_and_all_others_are_their_own():
    x = normal(40, 6)
    x[7] = x[30] = x[2]
    x[21] = x[4]
    found = distinct_rows(x)
    assert len(found.first) == 37
    assert found.members.sum() == 40
    torch.testing.assert_close(one_of_each(x, found)[found.kind], x)
    assert found.kind[7] == found.kind[30] == found.kind[2]
    assert found.members[found.kind[[2, 4, 5]]].tolist() == [3, 2, 1]


def test_minus_zero_is_zero_and_an_ulp_is_a_difference():
    x = torch.zeros(3, 2)
    x[1] = -0.0
    x[2, 0] = torch.finfo(torch.float32).tiny
    assert distinct_rows(x).kind.tolist() == [0, 0, 1]
    assert distinct_rows(x.double()).members.tolist() == [2, 1]


def test_where_all_rows_differ_nothing_is_copied():
    x = normal(20, 3)
    found = distinct_rows(x)
    assert one_of_each(x, found) is x
    assert found.kind.tolist() == list(range(20))


def test_one_checksum_for_all_rows_costs_kinds_but_makes_no_rows_equal(monkeypatch):
    monkeypatch.setattr(equal_rows, "_checksums", lambda x: np.zeros(len(x), np.uint64))
    x = normal(5, 3)
    x[3] = x[0]
    assert distinct_rows(x).kind.tolist() == [0, 1, 2, 0, 3]


def test_members_are_dealt_out_to_the_slots_that_their_kind_owns():
    rows = distinct_rows(torch.tensor([[1.0], [2.0], [1.0]]))
    columns = distinct_rows(torch.tensor([[5.0], [6.0], [5.0], [7.0]]))
    # slots: two of column kind 0, then one each; 2 is no row kind
    partner = split_by_kind(np.array([0, 2, 0, 1]), rows, columns)
    assert partner.tolist() == [0, 3, 1]
