"""Equal rows taken together: one row of each kind with a count, and back."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int
from numpy import ndarray
from torch import Tensor


class Distinct(NamedTuple):
    """The kinds of rows of a set, in the order of their first members."""

    first: Int[ndarray, "kind"]
    """A row of each kind."""
    members: Int[ndarray, "kind"]
    """How many rows are equal to it, itself among them."""
    kind: Int[ndarray, "row"]
    """Kind of each row."""


def distinct_rows(rows: Tensor) -> Distinct:
    """Distinct rows of a set [row, d_model]: which rows are equal, number by number.

    Rows with one 64-bit checksum are compared; a row that is not equal to the first of
    its checksum counts as a kind of its own.
    """
    numbers = np.ascontiguousarray(rows.cpu().numpy() + 0.0)  # no minus zero
    _, first, kind = np.unique(
        _checksums(numbers), return_index=True, return_inverse=True
    )
    if len(first) == len(numbers):
        every = np.arange(len(numbers))
        return Distinct(every, np.ones(len(numbers), np.int64), every)
    leader = first[kind]
    other = (numbers != numbers[leader]).any(1)
    leader[other] = np.flatnonzero(other)
    first, kind, count = np.unique(leader, return_inverse=True, return_counts=True)
    return Distinct(first, count, kind)


def _checksums(numbers: ndarray) -> ndarray:
    """A checksum of the bits of each row: a sum of words times fixed odd numbers."""
    words = numbers.view(np.uint32)
    odd = np.random.default_rng(1).integers(1 << 63, size=words.shape[1]) * 2 + 1
    total = np.zeros(len(words), np.uint64)
    for word, factor in zip(words.T, odd.astype(np.uint64), strict=True):
        total += word * factor
    return total


def split_by_kind(
    owner: Int[ndarray, "slot"], rows: Distinct, columns: Distinct
) -> Int[ndarray, "row"]:
    """Partner of each row from the row kind in each slot of the column kinds.

    Slots go column kind by column kind, as many as it has members, which are dealt out
    in order. Slots of a number that is no row kind stay unmatched.
    """
    by_row = np.argsort(rows.kind, kind="stable")
    by_column = np.argsort(columns.kind, kind="stable")
    slots = np.argsort(owner, kind="stable")[: len(by_row)]
    partner = np.empty(len(by_row), np.int64)
    partner[by_row] = by_column[slots]
    return partner


def one_of_each(x: Tensor, kinds: Distinct) -> Tensor:
    """One row of each kind; the set itself where all its rows differ."""
    if len(kinds.first) == len(x):
        return x
    return x[torch.from_numpy(kinds.first).to(x.device)]
