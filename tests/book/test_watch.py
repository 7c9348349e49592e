"""Commands that are watched: nothing of them is left when the one who asked is gone."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from saecore.book import watch

ROOT = Path(__file__).parents[2]
PAGE = """# %% tags=["parameters"]
world_seed = 0

# %%
import subprocess
import time

subprocess.Popen(["sleep", "600"], start_new_session=True)
open({mark!r}, "w").close()
time.sleep(600)
"""
BOOK = """
import sys
from pathlib import Path
from saecore.book.execute import run_all

folder = Path(sys.argv[1])
try:
    pages = sorted(folder.glob("*.py"))
    run_all(pages, folder / "pages", parameters={}, results=folder / "results")
except KeyboardInterrupt:
    sys.exit("stopped")
"""
TREE = """
import subprocess, sys, time
subprocess.Popen(["sleep", "600"], start_new_session=True)
subprocess.Popen([sys.executable, "-c", "import os; os.fork() or __import__('time').sleep(600)"],)
print("begun", flush=True)
time.sleep(600)
"""


@pytest.fixture
def book(tmp_path, processes):
    """A process that runs two pages, each with a child of its own; and all under it."""
    for name in ("one", "two"):
        text = PAGE.format(mark=str(tmp_path / f"{name}.begun"))
        (tmp_path / f"{name}.py").write_text(text)
    parent = subprocess.Popen(
        [sys.executable, "-c", BOOK, str(tmp_path)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    processes.wait(lambda: len(list(tmp_path.glob("*.begun"))) == 2, 90, "both pages")
    under = processes.under(parent.pid)
    assert (
        len(
            under,
        )
        >= 8
    )  # of each: the watcher, the page's process, its kernel, its child
    yield parent, under
    parent.kill()
    parent.wait()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_nothing_of_a_book_is_left_when_it_is_ended(book, processes, how) -> None:
    parent, under = book
    parent.send_signal(how)
    said = parent.communicate(timeout=10)[1]
    assert said == ("stopped\n" if how == signal.SIGINT else "")
    processes.gone(under)


def test_nothing_of_a_book_is_left_after_an_interrupt_of_its_group(
    book,
    processes,
) -> None:
    parent, under = book
    os.killpg(parent.pid, signal.SIGINT)
    assert parent.communicate(timeout=10)[1] == "stopped\n"
    processes.gone(under)


def test_what_lost_its_own_parent_is_ended_too(tmp_path, processes) -> None:
    asked = watch.command(tmp_path / "cost", [sys.executable, "-c", TREE])
    watched = subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert watched.stdin is not None
    assert watched.stdout is not None
    assert watched.stdout.readline() == b"begun\n"
    processes.wait(lambda: len(processes.under(watched.pid)) >= 3, 10, "the tree")
    under = processes.under(watched.pid)
    watched.stdin.close()
    assert watched.wait(timeout=10) == 1
    processes.gone(under)
    watched.stdout.close()
    assert not (tmp_path / "cost").exists()


def test_a_command_that_ends_by_itself_tells_its_status_and_what_it_used(
    tmp_path,
) -> None:
    asked = watch.command(
        tmp_path / "cost",
        [sys.executable, "-c", "import sys; sys.exit(5)"],
    )
    with subprocess.Popen(asked, stdin=subprocess.PIPE) as watched:
        assert watched.wait(timeout=60) == 0
    status, seconds, peak = json.loads((tmp_path / "cost").read_text())
    assert status == 5
    assert seconds > 0
    assert peak > 0


def test_all_under_a_process_are_found_by_their_parents() -> None:
    known = {2: 1, 3: 2, 4: 3, 5: 1, 6: 5, 7: 7}
    assert watch.under(2, known) == {3, 4}
    assert watch.under(1, known) == {2, 3, 4, 5, 6}
    assert watch.under(7, known) == {7}
    assert watch.under(9, known) == set()


def test_this_process_has_a_parent_by_either_way(monkeypatch) -> None:
    assert watch.parents()[os.getpid()] == os.getppid()
    monkeypatch.setattr(watch, "parents", watch._parents_by_ps)
    try:
        assert watch.parents()[os.getpid()] == os.getppid()
    except FileNotFoundError:
        pytest.skip("there is no ps here")
