"""What is mutated, and by which tests: all that makes a verdict or an interval, and a
draw from measures and from the selection of training.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faults.mutations.mutants import Mutant, mutants
from faults.mutations.mutants import number as mutants_in
from faults.mutations.running import ROOT, survivors, warmed

JUDGING = "tests/report/judging"
VERDICTS = {
    "saecore/report/judging/rule.py": (f"{JUDGING}/test_rule.py",),
    "saecore/report/judging/claim.py": (
        f"{JUDGING}/test_claim.py",
        "tests/claims/test_verdicts.py",
    ),
    "saecore/report/judging/constants.py": (f"{JUDGING}/test_constants.py",),
    "saecore/claims/verdicts.py": ("tests/claims/test_verdicts.py",),
    "saecore/measures/algebra/intervals.py": (
        "tests/measures/algebra/test_intervals.py",
    ),
}
"""All mutants of these are tried."""
DRAWN_FROM = ("saecore/measures", "saecore/training")
DRAWN = 300
EQUIVALENT: dict[str, str] = {
    "saecore/report/judging/rule.py, Condition.holds: 1 → 0 in tie = isinstance("
    "self.than, str) and low == high == bound[0] == bound[1]": (
        "a tie counts only where low is at least the upper bound, and then the bounds "
        "are equal if the lower one is met"
    ),
    "saecore/report/judging/constants.py, module: TYPE_CHECKING → not TYPE_CHECKING in "
    "if TYPE_CHECKING:": "the two types differ for a checker at run time alone",
    "saecore/measures/algebra/intervals.py, share_over_seeds: 0.0 → 1.0 in low = "
    "float(beta.ppf(tail, hits, misses + 1)) if hits > 0 else 0.0": (
        "without hits the share is 0, and the lower end is the smaller of the two"
    ),
    "saecore/measures/algebra/intervals.py, share_over_seeds: 1.0 → 0.0 in high = "
    "float(beta.ppf(1 - tail, hits + 1, misses)) if misses > 0 else 1.0": (
        "without misses the share is 1, and the upper end is the larger of the two"
    ),
}
"""Mutants that no test can tell from the source, and why."""


def run(*, drawn: int = DRAWN, seed: int = 0) -> dict[str, Any]:
    """Try all mutants of verdicts and intervals, and some of the others."""
    first = {Path(module): of(Path(module)) for module in VERDICTS}
    return {
        "seed": seed,
        "groups": {
            "verdicts and intervals": tried(first),
            "drawn": tried(draw(drawn, seed)),
        },
    }


def tried(some: dict[Path, list[Mutant]]) -> dict[str, Any]:
    """How many mutants were killed, and the names of the others."""
    lived = []
    for module, ones in some.items():
        tests = tests_of(module)
        warmed(tests)
        lived += [f"{module}, {one.name}" for one in survivors(module, ones, tests)]
    number = sum(map(len, some.values()))
    equivalent = {name: EQUIVALENT[name] for name in lived if name in EQUIVALENT}
    return {
        "mutants": number,
        "killed": number - len(lived),
        "equivalent": equivalent,
        "survivors": [name for name in lived if name not in equivalent],
    }


def draw(number: int, seed: int) -> dict[Path, list[Mutant]]:
    """Mutants of all modules that are not judged above, each as likely."""
    every = [
        (module, place)
        for module in modules()
        for place in range(mutants_in((ROOT / module).read_text()))
    ]
    chosen = random.Random(seed).sample(range(len(every)), min(number, len(every)))
    found = defaultdict(list)
    for module, place in (every[one] for one in sorted(chosen)):
        found[module].append(place)
    return {module: _some(of(module), places) for module, places in found.items()}


def of(module: Path) -> list[Mutant]:
    """All mutants of a module."""
    return mutants((ROOT / module).read_text())


def modules() -> Iterator[Path]:
    """The modules that mutants are drawn from: those that have tests of their own."""
    for folder in DRAWN_FROM:
        for path in sorted((ROOT / folder).rglob("*.py")):
            module = path.relative_to(ROOT)
            of_verdicts = str(module) in VERDICTS
            if not of_verdicts and (ROOT / tests_of(module)[0]).is_file():
                yield module


def tests_of(module: Path) -> tuple[str, ...]:
    """The files of tests that cover a module."""
    if str(module) in VERDICTS:
        return VERDICTS[str(module)]
    folder = Path("tests", *module.parts[1:-1])
    return (str(folder / f"test_{module.name}"),)


def _some(every: list[Mutant], places: list[int]) -> list[Mutant]:
    return [every[place] for place in places]
