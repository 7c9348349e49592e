"""When compiled loops are used, and what is said when they cannot be."""

import sys

import pytest
import torch

from saecore.compiled import availability
from saecore.compiled.availability import SWITCH, available, serves


@pytest.fixture(autouse=True)
def asked_anew():
    """The answer is kept for a process; here it is asked for each time."""
    available.cache_clear()
    yield
    available.cache_clear()


def test_plain_arrays_of_float32_are_served() -> None:
    assert serves(torch.zeros(2), torch.zeros(3, 4))


def test_other_types_and_gradients_are_left_to_torch() -> None:
    assert not serves(torch.zeros(2), torch.zeros(2).double())
    learning = torch.zeros(2, requires_grad=True)
    assert not serves(learning)
    with torch.no_grad():
        assert serves(learning)


def test_a_variable_leaves_everything_to_torch(monkeypatch) -> None:
    monkeypatch.setenv(SWITCH, "0")
    assert not serves(torch.zeros(2))


def test_without_numba_one_sentence_says_what_follows(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.warns(UserWarning, match="numba does not work here .* plain torch"):
        assert not availability.available()
