"""A compiled loop, with and without a place for its machine code."""

import numba
import numpy as np
import pytest

from saecore.compiled.loops import loop


def total(values):
    """Sum of the values."""
    out = np.float32(0)
    for i in range(values.shape[0]):
        out += values[i]
    return out


@pytest.mark.parametrize("writable", [True, False])
def test_a_loop_gives_what_the_function_gives(writable, monkeypatch) -> None:
    real = numba.njit

    def without_a_folder(*, cache: bool = False, **options):
        if cache and not writable:
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    monkeypatch.setattr(numba, "njit", without_a_folder)
    values = np.arange(10, dtype=np.float32)
    assert loop(total)(values) == total(values) == 45


def test_not_a_number_stays_one() -> None:
    assert np.isnan(loop(total)(np.array([1, np.nan, 2], np.float32)))
