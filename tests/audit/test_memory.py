"""Memory is worked out before anything is measured."""

import pytest
import torch

from saecore.audit import memory
from saecore.audit.memory import bytes_needed, refuse_too_little
from saecore.audit.weights import AuditedWeights
from saecore.measures.seeds.mutual import RowShards


def unread(first: int, last: int) -> torch.Tensor:
    raise AssertionError("nothing is read to work memory out")


def wide(width=131_072, d_model=512, mapped=True):
    rows = RowShards(width, d_model, unread)
    return AuditedWeights("w", "standard", {}, rows, rows, mapped)


def test_two_wide_saes_in_their_files_take_less_than_two_gigabytes():
    assert bytes_needed(wide(), [wide()], exact_up_to=32_768) < 2e9


def test_matching_opening_and_rows_take_more():
    least = bytes_needed(wide(), [wide()], exact_up_to=32_768)
    assert bytes_needed(wide(), [wide()], exact_up_to=200_000) > 2 * least
    assert bytes_needed(wide(mapped=False), [wide()], exact_up_to=0) > least
    assert bytes_needed(wide(), [wide()], exact_up_to=0, read_rows=1000) > least


def test_too_little_is_said_in_one_sentence(monkeypatch):
    monkeypatch.setattr(memory, "memory", lambda: 10**9)
    refuse_too_little(10**9)
    with pytest.raises(
        ValueError, match=r"about 2\.0 GB, but this machine allows 1\.0"
    ):
        refuse_too_little(2 * 10**9)
