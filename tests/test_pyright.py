"""Types of the whole project: what pyright has to say of them."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.types
def test_pyright_finds_no_error():
    command = [sys.executable, "-m", "pyright"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
