"""Examples in docstrings give what they say."""

import doctest
import importlib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "saecore"
WITH_EXAMPLES = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if any(
        line.lstrip().startswith(">>> ") and "+SKIP" not in line
        for line in path.read_text(encoding="utf-8").splitlines()
    )
)


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


def test_main_measures_have_examples():
    measures = [one for one in map(dotted, WITH_EXAMPLES) if "measures" in one]
    assert len(measures) >= 4


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=dotted)
def test_examples_give_what_they_say(path):
    found = doctest.testmod(importlib.import_module(dotted(path)))
    assert found.attempted > 0
    assert found.failed == 0
