"""nbval with a tolerance per number: a pytest plugin, loaded by the conftest.py of the
repository.

nbval reruns every cell as before; only the comparison of its outputs changes, to that
of `compare`. Pages that `make book` has just run from this commit are compared as they
are and not run again (`just_run`), unless `--nbval-anew` is said. `--nbval-rtol` and
`--nbval-atol` hold for printed text; a tag such as `rtol=0.02` sets them for one cell.
Pages that were made of other SAEs than the zoo here holds are compared by `other_saes`.
"""

import os
import tempfile
from pathlib import Path
from typing import Any, no_type_check

import pytest
from nbval import plugin as nbval

from saecore.book.checking.just_run import just_run, place_of
from saecore.book.checking.other_saes import statistical_differences
from saecore.book.compare import (
    ATOL,
    RTOL,
    differences,
    misplaced_captions,
    text_tolerance,
)
from saecore.book.execute import quiet

OTHER_SAES = pytest.StashKey[set[str]]()
"""Pages whose SAEs here are not those of the committed ones."""
JUST_RUN = pytest.StashKey[dict[Path, dict[str, Any]]]()
"""By a committed page, what `make book` gave in place of it."""


class TolerantCell(nbval.IPyNbCell):
    """A cell whose outputs are compared number by number."""

    def runtest(self) -> None:
        """Run the cell, or take what `make book` gave, and compare."""
        ran = self.config.stash.get(JUST_RUN, {}).get(self.parent.path)
        if ran is None:
            super().runtest()
            return
        given = ran.get(place_of(self.cell_num, self.cell.source))
        if given is None:
            self.raise_cell_error("`make book` ran no such cell")
        if not self.compare_outputs(given, self.cell.outputs):
            self.raise_cell_error(
                "Cell outputs differ", "\n".join(self.comparison_traceback)
            )

    def compare_outputs(self, test: Any, ref: Any, skip_compare: Any = None) -> bool:
        """True if the rerun gave the stored result; what differs is left in
        `comparison_traceback`.
        """
        stored, rerun = nbval.coalesce_streams(ref), nbval.coalesce_streams(test)
        if self.parent.name in self.config.stash.get(OTHER_SAES, ()):
            lines = statistical_differences(stored, rerun)
        else:
            rtol, atol = self.tolerance()
            lines = differences(stored, rerun, rtol=rtol, atol=atol)
        lines += misplaced_captions(self.cell)
        self.comparison_traceback = [f"  {line}" for line in lines]
        return not lines

    def tolerance(self) -> tuple[float, float]:
        """The tolerances of printed text: of this cell's tag, else of the command
        line.
        """
        options = self.config.option
        return text_tolerance(
            self.cell, float(options.nbval_rtol), float(options.nbval_atol)
        )


class TolerantFile(nbval.IPyNbFile):
    """A notebook of tolerant cells."""

    def setup(self) -> None:
        """Start a kernel if there is something to run."""
        if self.path not in self.config.stash.get(JUST_RUN, {}):
            super().setup()

    def collect(self) -> Any:
        for cell in super().collect():
            yield TolerantCell.from_parent(
                self,
                name=cell.name,
                cell_num=cell.cell_num,
                cell=cell.cell,
                options=cell.options,
            )


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("nbval")
    group.addoption(
        "--nbval-rtol",
        type=float,
        default=RTOL,
        help="relative tolerance for printed numbers",
    )
    group.addoption(
        "--nbval-atol",
        type=float,
        default=ATOL,
        help="absolute tolerance for printed numbers",
    )
    group.addoption(
        "--nbval-anew",
        action="store_true",
        help="run pages again even if `make book` has just run them",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Under --nbval, kernels run as pages are made (`quiet`), and their verdicts go to
    a scratch folder.
    """
    if config.getoption("nbval", False):
        scratch = tempfile.TemporaryDirectory(
            prefix="saecore-nbval-", ignore_cleanup_errors=True
        )
        config.add_cleanup(scratch.cleanup)
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        config.stash[OTHER_SAES] = _others()
        if not config.getoption("nbval_anew"):
            config.stash[JUST_RUN] = _just_run()
        os.environ.update(quiet(Path(scratch.name)) | {"SAECORE_RESULTS": scratch.name})


def _others() -> set[str]:
    """Names of the notebooks of the book that are made of other SAEs here."""
    from saecore.book import provenance
    from saecore.book.checking.same_saes import made_of_others
    from saecore.report.paths import checkout

    root = checkout()
    if root is None:
        return set()
    facts = provenance.read(root / "book" / "notebooks" / "provenance.json")
    return {f"{page}.ipynb" for page in made_of_others(facts)}


def _just_run() -> dict[Path, dict[str, Any]]:
    from saecore.report.paths import checkout

    root = checkout()
    if root is None:
        return {}
    return {
        root / "book" / "notebooks" / name: cells
        for name, cells in just_run(root).items()
    }


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Which pages are not run again, and which are held to their intervals alone."""
    others, ran = (
        sorted(config.stash.get(OTHER_SAES, ())),
        config.stash.get(JUST_RUN, {}),
    )
    lines = []
    if ran:
        lines.append(
            f"{len(ran)} pages were run by `make book` from this commit and are not "
            "run again (--nbval-anew does)"
        )
    if not others:
        return lines
    return [
        *lines,
        "this machine rounds otherwise than that of the committed pages, and trains "
        "other SAEs from the same seeds: intervals must meet, and no verdict be "
        f"opposed, on {', '.join(others)}",
    ]


@pytest.hookimpl(wrapper=True)
# the tests' type checker would hide from pytest that this is a generator
@no_type_check
def pytest_collect_file(file_path: Any, parent: Any) -> Any:
    found = yield
    return [
        TolerantFile.from_parent(parent, path=file_path)
        if type(collector) is nbval.IPyNbFile
        else collector
        for collector in found
    ]
