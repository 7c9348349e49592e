"""The line that says how far a job is."""

import io
import time

import pytest

from saecore.book.execute import QUIET
from saecore.zoo import progress
from saecore.zoo.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_line_states_share_speed_and_time_left() -> None:
    shown = Progress("training 3 SAEs", 4_000_000, stream=io.StringIO())
    shown.done = 1_000_000
    assert (
        shown.line(50.0)
        == "training 3 SAEs: 25 % of 4.0 M rows, 20.0 k rows/s, 2 min 30 s left"
    )


def test_a_short_job_says_nothing_where_lines_stay(monkeypatch) -> None:
    stream, now = io.StringIO(), [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    shown = Progress("rows", 100, stream=stream)
    for now[0] in (1.0, 5.0, 14.9):
        shown.advance(10)
    assert stream.getvalue() == ""
    now[0] = 15.1
    shown.advance(10)
    shown.advance(10)
    assert stream.getvalue().count("\n") == 1


def test_a_terminal_line_is_written_over_and_wiped(monkeypatch) -> None:
    stream, now = Terminal(), [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    shown = Progress("rows", 100, stream=stream)
    now[0] = 1.0
    shown.advance(50)
    shown.close()
    assert stream.getvalue().startswith("\rrows: 50 %")
    assert "\n" not in stream.getvalue()
    assert stream.getvalue().endswith("\r")


def test_what_waits_counts_its_time_from_the_first_advance(monkeypatch) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    stream = Terminal()
    shown = Progress("rows", 100, stream=stream, waits=True)
    for now[0], amount in ((60.0, 10), (61.0, 10)):
        shown.advance(amount)
    assert shown.start == 60.0
    assert stream.getvalue() == "\rrows: 20 % of 100 rows, 20 rows/s, 4 s left"


def test_processes_that_share_a_terminal_write_whole_lines(monkeypatch) -> None:
    monkeypatch.setenv(progress.LINES, "1")
    assert not Progress("rows", 100, stream=Terminal()).live


class Kernel:
    """What IPython gives inside a notebook."""

    kernel = "ipykernel"


@pytest.fixture
def notebook(monkeypatch):
    """This process, as if a kernel ran it."""
    import IPython

    monkeypatch.setattr(IPython, "get_ipython", Kernel)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)


def test_a_notebook_has_one_bar_and_no_lines(notebook, monkeypatch, capsys) -> None:
    shown = Progress("training 3 SAEs", 100)
    assert shown._bar is not None
    assert (shown._bar.total, shown._bar.desc) == (100, "training 3 SAEs")
    now = time.monotonic()
    monkeypatch.setattr(progress.time, "monotonic", lambda: now + 60)
    shown.advance(30)
    shown.advance(20)
    assert shown._bar.n == 50
    assert "min" not in capsys.readouterr().err
    shown.close()
    assert shown._bar.disable


def test_pages_that_are_stored_or_rerun_have_no_bar(notebook, monkeypatch) -> None:
    for name, value in QUIET.items():
        monkeypatch.setenv(name, value)
    assert Progress("rows", 100)._bar is None


def test_a_terminal_and_a_workflow_have_no_bar() -> None:
    assert not progress.in_notebook()
    assert Progress("rows", 100)._bar is None
