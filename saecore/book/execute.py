"""Run notebooks: each in its own process, a few at a time, with its seconds and its
peak memory.

Run as `python -m saecore.book.execute SOURCE TARGET PARAMETERS` this file is such a
process.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from saecore import machine
from saecore.book import notebooks, watch
from saecore.book.notes import packed_pages, unsuited_pages
from saecore.report.paths import ReportError

_AT_ONCE = 2
_BESIDE = 150_000_000
"""Bytes of the process that asks for the pages."""
QUIET = {
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "WANDB_MODE": "disabled",
    "TQDM_DISABLE": "1",
    "JUPYTER_PREFER_ENV_PATH": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "PYTHONWARNINGS": "ignore:IProgress not found",
}
"""One thread, no network, no progress bars: what every run of a page sets, here and
under nbval.
"""


def quiet(scratch: Path) -> dict[str, str]:
    """`QUIET`, and in place of the user's own settings of IPython, Jupyter and
    Matplotlib, which would show on pages, those of a folder `scratch`.
    """
    plain = scratch / "matplotlibrc"
    plain.write_text("")
    own = {"IPYTHONDIR": str(scratch / ".ipython"), "MATPLOTLIBRC": str(plain)}
    if not _home_is_written_to():
        own["MPLCONFIGDIR"] = str(scratch / ".matplotlib")
    return QUIET | own | {"JUPYTER_PATH": ""}


def _home_is_written_to() -> bool:
    """Whether Matplotlib can keep its list of fonts where it does; it would warn."""
    try:
        home = Path.home()
        for said, usual in (("CONFIG", ".config"), ("CACHE", ".cache")):
            base = os.environ.get(f"XDG_{said}_HOME") or home / usual
            kept = Path(os.environ.get("MPLCONFIGDIR") or Path(base) / "matplotlib")
            kept.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=kept):
                pass
    except (OSError, RuntimeError):
        return False
    return True


class PageCost(NamedTuple):
    """What one process used."""

    seconds: float
    """Wall time from start to end, with the start of Python."""
    cpu_seconds: float
    """User and system time of the process and its children."""
    peak_mb: float
    """Largest resident memory of any one of them, in MB (10^6 bytes)."""


class Running:
    """Commands that run; all of them can be ended, from any thread."""

    def __init__(self) -> None:
        self._lock, self._inputs, self._ended = threading.Lock(), set(), False

    def run(self, command: Sequence[str], **options: Any) -> int:
        """Run a watched command to its end, or until `end`; its exit status."""
        with self._lock:
            if self._ended:
                raise ReportError("nothing more is run: another page has failed")
            process = subprocess.Popen(command, stdin=subprocess.PIPE, **options)
            assert process.stdin is not None
            self._inputs.add(process.stdin)
        try:
            return process.wait()
        finally:
            with self._lock:
                self._inputs.remove(process.stdin)
                process.stdin.close()
            process.wait()

    def end(self) -> None:
        """End all that run, and let nothing more begin."""
        with self._lock:
            self._ended = True
            for one in self._inputs:
                one.close()


def measured_run(
    command: Sequence[str],
    *,
    log: Path | None = None,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    running: Running | None = None,
) -> tuple[int, PageCost]:
    """Run `command`, its output to `log` (or to this terminal), and return its exit
    status and its cost. It ends, with all that it started, when this process or
    `running` does.
    """
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as scratch,
        open(log or os.devnull, "wb") as stream,
    ):
        out = Path(scratch) / "cost.json"
        streams = {"stdout": stream, "stderr": subprocess.STDOUT} if log else {}
        watched = watch.command(out, command)
        ended = (running or Running()).run(watched, env=env, cwd=cwd, **streams)
        seconds = time.monotonic() - started
        if not out.is_file():
            return ended or 1, PageCost(seconds, 0.0, 0.0)
        status, cpu_seconds, peak = json.loads(out.read_text())
    unit = 1 if sys.platform == "darwin" else 1024
    return status, PageCost(seconds, cpu_seconds, peak * unit / 1e6)


def run_all(
    sources: Sequence[Path],
    folder: Path,
    *,
    parameters: dict[str, Any],
    results: Path,
    say: Callable[[str], None] = print,
) -> dict[str, PageCost]:
    """Execute `sources` into `folder` and return what each cost, by name.

    The notebooks write their verdicts to `results`. A page that the user's own model
    does not suit, or that fails on it, is a note that says why. Raises ReportError
    naming the notebook that failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    own = quiet(folder)
    environment = os.environ | own | {"SAECORE_RESULTS": str(results)}
    if "MPLCONFIGDIR" in own:  # a long search for fonts would be said on a page
        fonts = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(fonts, env=environment, capture_output=True)
    running = Running()

    def run(source: Path) -> PageCost:
        target, log = folder / f"{source.stem}.ipynb", folder / f"{source.stem}.log"
        program = [
            sys.executable,
            "-m",
            "saecore.book.execute",
            str(source),
            str(target),
            json.dumps(parameters),
        ]
        status, cost = measured_run(program, log=log, env=environment, running=running)
        if status:
            raise ReportError(
                f"notebooks/{source.name} failed:\n\n{_tail(log)}\n\nThe whole log "
                f"is {log}"
            )
        stopped = ", not run on this model" * bool(unsuited_pages.reason(target))
        say(
            f"   {source.name}: {cost.seconds:.0f} s, peak memory {cost.peak_mb:.0f} "
            f"MB{stopped}"
        )
        return cost

    at_once = min(_AT_ONCE, machine.side_by_side(machine.PAGE, beside=_BESIDE))
    with ThreadPoolExecutor(at_once) as pool:
        jobs = {source.stem: pool.submit(run, source) for source in sources}
        try:
            return {name: job.result() for name, job in jobs.items()}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            running.end()
            raise


def _tail(log: Path, lines: int = 40) -> str:
    return "\n".join(
        log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    )


def execute(source: Path, target: Path, parameters: dict[str, Any]) -> None:
    """Run one notebook in this process's kernel and store the normalised page at
    `target`.

    Where it stops on the user's own model, it is the notebook's claim and the reason.
    """
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    try:
        done = _executed(source, parameters)
    except PapermillExecutionError as error:
        why = unsuited_pages.why_stopped(error.ename, error.evalue, parameters)
        if why is None:
            raise
        if error.ename not in unsuited_pages.STOPS:
            print(_failure(error), file=sys.stderr)
        page = unsuited_pages.stopped_page(source, parameters=parameters, why=why)
    except DeadKernelError:
        said = "the page's process was ended from outside, as where memory is short"
        why = unsuited_pages.why_stopped("Killed", said, parameters)
        if why is None:
            raise
        page = unsuited_pages.stopped_page(source, parameters=parameters, why=why)
    else:
        ran = unsuited_pages.adapted(done, parameters)
        ran = packed_pages.named(ran, source.stem, parameters)
        page = notebooks.normalise(ran, source=source, parameters=parameters)
    notebooks.write(page, target)


def _executed(source: Path, parameters: dict[str, Any]) -> Any:
    """The notebook after its run."""
    import papermill

    with tempfile.TemporaryDirectory() as scratch:
        plain, done = Path(scratch) / "plain.ipynb", Path(scratch) / "done.ipynb"
        notebooks.write(notebooks.read_source(source), plain)
        papermill.execute_notebook(
            str(plain),
            str(done),
            parameters=parameters,
            kernel_name="python3",
            cwd=scratch,
            progress_bar=False,
        )
        return notebooks.read(done)


def _failure(error: Any) -> str:
    """The failing cell and the end of its traceback."""
    cell = f"cell [{error.exec_count}]:\n{error.source}\n"
    return "\n".join([cell, *error.traceback[-3:]])


def main(source: str, target: str, parameters: str) -> int:
    """The body of the child process: 0, or 1 with the failing cell on stderr."""
    from papermill.exceptions import PapermillExecutionError

    try:
        execute(Path(source), Path(target), json.loads(parameters))
    except PapermillExecutionError as error:
        print(_failure(error), file=sys.stderr)
        return 1
    except ReportError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
