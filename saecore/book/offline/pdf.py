"""The book as one PDF: Sphinx makes one page of all, and Chromium prints it."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from saecore.book import execute
from saecore.report.paths import ReportError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 600
"""Seconds that printing may take."""
PRINTING = (
    *("--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"),
    *("--disable-background-networking", "--disable-component-update"),
    "--virtual-time-budget=60000",
)


def browser() -> str:
    """Chromium, as the path has it. Raises ReportError if there is none."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise ReportError(
            f"the PDF is printed by Chromium, but none of {', '.join(BROWSERS)} is on "
            "the path: install it (Debian: apt install chromium)"
        )
    return found


def book_pdf(root: Path, staged: Path, target: Path) -> Path:
    """Print the `staged` book of the checkout at `root` to `target`.

    Solutions stand at its end. Raises ReportError if there is no browser, or if the
    page or its print fails.
    """
    program = browser()
    with tempfile.TemporaryDirectory() as scratch:
        page = one_page_html(root, staged, Path(scratch))
        return printed(program, page, target, profile=Path(scratch) / "profile")


def one_page_html(root: Path, staged: Path, output: Path) -> Path:
    """All pages as one, below `output`; returns its file."""
    command = [
        *(sys.executable, "-c", "from jupyter_book.cli.main import main; main()"),
        *("build", str(staged), "--config", str(root / "_config.yml")),
        *("--path-output", str(output), "--builder", "singlehtml", "--all", "-q"),
    ]
    log = output / "log"
    status, _ = execute.measured_run(command, log=log, cwd=root)
    page = output / "_build" / "singlehtml" / "intro.html"
    if status or not page.is_file():
        said = log.read_text(encoding="utf-8", errors="replace")
        raise ReportError(f"the book did not become one page:\n\n{said[-3000:]}")
    return page


def printed(program: str, page: Path, target: Path, *, profile: Path) -> Path:
    """Print a local `page` with the browser `program`; the file appears only when it is
    whole.
    """
    part = target.with_suffix(".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [program, *PRINTING, f"--user-data-dir={profile}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--no-sandbox")  # Chromium does not run as root within one
    command += [f"--print-to-pdf={part}", page.as_uri()]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise ReportError(
            f"{program} did not print the book in {PATIENCE} s: try again with less "
            "running beside it"
        ) from None
    if not part.is_file() or part.read_bytes()[:5] != b"%PDF-":
        raise ReportError(f"{program} printed no PDF:\n\n{done.stderr[-2000:]}")
    part.replace(target)
    return target
