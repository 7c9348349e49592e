"""nbval with a tolerance per number: a pytest plugin, loaded by the conftest.py of the
repository.

nbval reruns every cell as before; only the comparison of its outputs changes, to that
of `compare`. `--nbval-rtol` and `--nbval-atol` hold for printed text; a tag such as
`rtol=0.02` sets them for one cell.
"""

import os
import tempfile
from pathlib import Path
from typing import Any, no_type_check

import pytest
from nbval import plugin as nbval

from saecore.book.compare import (
    ATOL,
    RTOL,
    differences,
    misplaced_captions,
    text_tolerance,
)
from saecore.book.execute import quiet


class TolerantCell(nbval.IPyNbCell):
    """A cell whose outputs are compared number by number."""

    def compare_outputs(self, test: Any, ref: Any, skip_compare: Any = None) -> bool:
        """True if the rerun gave the stored result; what differs is left in
        `comparison_traceback`.
        """
        stored, rerun = nbval.coalesce_streams(ref), nbval.coalesce_streams(test)
        rtol, atol = self.tolerance()
        lines = differences(stored, rerun, rtol=rtol, atol=atol) + misplaced_captions(
            self.cell
        )
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


def pytest_configure(config: pytest.Config) -> None:
    """Under --nbval, kernels run as pages are made (`quiet`), and their verdicts go to
    a scratch folder.
    """
    if config.getoption("nbval", False):
        scratch = tempfile.TemporaryDirectory(
            prefix="saecore-nbval-", ignore_cleanup_errors=True
        )
        config.add_cleanup(scratch.cleanup)
        os.environ.update(quiet(Path(scratch.name)) | {"SAECORE_RESULTS": scratch.name})


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
