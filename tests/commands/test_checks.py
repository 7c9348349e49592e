"""Each thing that is looked at, found right and found wrong."""

import shutil
from collections import namedtuple

import pytest

from saecore import machine
from saecore.commands import checks

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(
    ("version", "state"),
    [((3, 10), "problem"), ((3, 11), "ok"), ((3, 13), "ok"), ((3, 14), "problem")],
)
def test_the_pythons_that_are_tested_are_right(version, state):
    found = checks.check_python(version)
    assert found.state == state
    assert ("3.11 to 3.13" in found.do) == (state == "problem")


def test_the_pins_are_read_from_the_package_and_hold_here():
    assert checks.check_pins() == checks.Check(
        "packages", "ok", checks.check_pins().found
    )
    assert checks._pinned()["torch"]


@pytest.mark.parametrize(
    ("stated", "state", "said"),
    [
        ({"numpy": "0.1"}, "note", "pinned: 0.1"),
        ({"no-such-package": "1"}, "problem", "1 of 1 are missing: no-such-package"),
        ({}, "note", "no versions are stated"),
    ],
)
def test_other_versions_are_named(stated, state, said):
    found = checks.check_pins(stated)
    assert found.state == state
    assert said in found.found
    assert found.do


@pytest.mark.parametrize(
    ("held", "state"), [(1e9, "problem"), (2e9, "ok"), (2e10, "ok")]
)
def test_a_page_must_fit_into_memory(monkeypatch, held, state):
    monkeypatch.setattr(machine, "memory", lambda root=None: int(held))
    assert checks.check_memory().state == state


def test_a_run_within_two_gigabytes_has_one_worker(monkeypatch):
    monkeypatch.setattr(machine, "memory", lambda root=None: 2 * 1024**3)
    assert checks.check_memory().found == "2.1 GB, 1 process at once"


def test_threads_are_limited_by_what_make_sets(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert checks.check_cores().state == "ok"
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert checks.check_cores().state == "note"


def test_the_disk_is_that_of_a_folder_that_is_not_there_yet(tmp_path, monkeypatch):
    folder = tmp_path / "a" / "b"
    assert checks.check_disk(folder).state == "ok"
    assert not folder.exists()
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, 1_000_000_000))
    found = checks.check_disk(folder)
    assert (found.state, found.found[:9]) == ("note", "1 GB free")
    monkeypatch.setattr(checks.os, "access", lambda path, mode: False)
    assert checks.check_disk(folder).state == "problem"
