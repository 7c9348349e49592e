"""Mutants are what they should be, and tests that look kill them."""

import ast
import json
from pathlib import Path

import pytest

from faults.mutations import groups, running
from faults.mutations.mutants import mutants
from saecore.book.tested import failures, faults_markdown

SOURCE = '''"""A module."""
LIMIT: int = 3

@decorated(1)
def judged(x: "a" = None, *, sure=True) -> int | None:
    """Its first line."""
    if not x and x < 2:
        raise ValueError(f"got {x + 1}")
    done()
    return -x
'''


def test_each_place_is_changed_and_texts_annotations_and_decorators_are_not():
    assert [one.name for one in mutants(SOURCE)] == [
        "module: 3 → 4 in LIMIT: int = 3",
        "module: 3 → 2 in LIMIT: int = 3",
        "judged: True → False in @decorated(1)",
        "judged: not x and x < 2 → not x or x < 2 in if not x and x < 2:",
        "judged: not x and x < 2 → not (not x and x < 2) in if not x and x < 2:",
        "judged: not x → x in if not x and x < 2:",
        "judged: x < 2 → x <= 2 in if not x and x < 2:",
        "judged: 2 → 3 in if not x and x < 2:",
        "judged: 2 → 1 in if not x and x < 2:",
        "judged: raise ValueError(f'got {x + 1}') → pass",
        "judged: done() → pass",
        "judged: return -x → return None",
        "judged: -x → x in return -x",
    ]


def test_a_mutant_differs_from_its_source_in_one_line():
    whole = ast.unparse(ast.parse(SOURCE)).splitlines()
    for one in mutants(SOURCE):
        changed = ast.unparse(one.tree).splitlines()
        assert len(changed) == len(whole)
        assert sum(a != b for a, b in zip(whole, changed, strict=True)) == 1


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A module whose tests look at one of its two functions."""
    (tmp_path / "own.py").write_text(
        "def seen(x):\n    return x + 1\n\n\ndef unseen(x):\n    return x + 1\n"
    )
    (tmp_path / "test_own.py").write_text(
        "import own\n\n\ndef test_it():\n    assert own.seen(2) == 3\n"
    )
    monkeypatch.setattr(running, "ROOT", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_the_survivors_are_those_that_no_test_looks_at(package):
    some = mutants((package / "own.py").read_text())
    module = Path("own.py")
    lived = list(running.survivors(module, some, ["test_own.py"]))
    assert len(some) == 8
    assert [one.name.split(":")[0] for one in lived] == ["unseen"] * 4


def test_a_module_is_changed_for_those_that_hold_it_as_part_of_its_package():
    """As `from saecore.claims import verdicts` does."""
    module = Path("saecore/claims/verdicts.py")
    (one,) = [
        one
        for one in groups.of(module)
        if one.name == "names: return Claim.names() → return None"
    ]
    whole = ast.parse((running.ROOT / module).read_text())
    found = [
        running.passed(module, tree, groups.tests_of(module), {}, patience=300)
        for tree in (whole, one.tree)
    ]
    assert [one is not None for one in found] == [True, False]


def test_tests_that_fail_without_a_change_are_an_error(package):
    (package / "test_own.py").write_text("def test_it():\n    assert False\n")
    with pytest.raises(RuntimeError, match="must pass before"):
        list(running.survivors(Path("own.py"), [], ["test_own.py"]))


def test_a_draw_is_that_of_its_seed_and_leaves_out_what_is_tried_whole():
    def named(seed):
        drawn = groups.draw(20, seed)
        return [(module, one.name) for module, some in drawn.items() for one in some]

    drawn = named(3)
    assert drawn == named(3) != named(4)
    assert len(drawn) == 20
    assert not {str(module) for module, _ in drawn} & set(groups.VERDICTS)


def test_every_module_of_the_first_group_has_mutants_and_tests():
    for module, tests in groups.VERDICTS.items():
        assert mutants((groups.ROOT / module).read_text())
        assert all((groups.ROOT / test).is_file() for test in tests)


@pytest.mark.parametrize("name", groups.EQUIVALENT)
def test_an_equivalent_mutant_is_one_that_there_is(name):
    module, mutant = name.split(", ", 1)
    known = [one.name for one in mutants((groups.ROOT / module).read_text())]
    assert known.count(mutant) == 1


def test_the_page_has_the_share_with_its_interval_and_the_survivors_by_name(tmp_path):
    group = {"mutants": 11, "killed": 8, "equivalent": {"a: 1 → 2": "never read"}}
    group["survivors"] = ["b: x < y → x <= y", "c: 0 → 1"]
    found = {"seed": 5, "groups": {"verdicts and intervals": group}}
    assert failures("mutations", found) == [
        "no test fails under b: x < y → x <= y",
        "no test fails under c: 0 → 1",
    ]
    facts = {"date": "2030-01-01", "seconds": 9, "machine": {"processor": "one"}}
    (tmp_path / "mutations.json").write_text(json.dumps(found | facts))
    page = faults_markdown(tmp_path)
    assert "| 11 | 8 | 1 | 80.0% (49.0% to 94.3%) |" in page
    assert r"b\: x \< y → x \<= y" in page
    assert "never read" in page
