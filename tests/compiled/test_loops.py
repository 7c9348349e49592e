"""A compiled loop, with and without a place for its machine code."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from saecore.compiled.loops import loop, strict_loop

ROOT = Path(__file__).parents[2]


def total(values):
    """Sum of the values."""
    out = np.float32(0)
    for i in range(values.shape[0]):
        out += values[i]
    return out


@pytest.mark.parametrize("writable", [True, False])
def test_a_loop_gives_what_the_function_gives(writable, monkeypatch) -> None:
    loop(total)(np.zeros(1, np.float32))  # numba imports more of itself as it compiles

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


def test_sums_in_the_written_order_are_those_of_python() -> None:
    values = np.array([1e8, 1, -1e8, 1], np.float32)
    assert strict_loop(total)(values) == total(values)


def test_machine_code_does_not_outlive_a_loop_that_it_calls(tmp_path) -> None:
    head = "from saecore.compiled.loops import loop\n"
    (tmp_path / "caller.py").write_text(
        f"{head}from called import inner\n@loop\ndef outer(x):\n    return inner(x)\n"
    )
    seen = []
    for number in (2, 3):
        (tmp_path / "called.py").write_text(
            f"{head}@loop\ndef inner(x):\n    return {number} * x\n"
        )
        program = "from caller import outer; print(outer(1))"
        path = os.pathsep.join([str(tmp_path), str(ROOT)])
        done = subprocess.run(
            [sys.executable, "-B", "-c", program],
            env=os.environ | {"PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        seen.append(done.stdout.strip())
    assert seen == ["2", "3"]
    assert vars(numba)["config"].CACHE_DIR == ""
