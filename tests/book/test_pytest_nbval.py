"""The plugin end to end: a small notebook is stored, changed, and rerun by `pytest
--nbval`.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from saecore.book import notebooks
from saecore.book.execute import execute

ROOT = Path(__file__).parents[2]
SOURCE = """# %% tags=["parameters"]
world_seed = 0

# %%
from saecore.report import record, settings, table

settings(width=640)

record("shared", 0.84 / 2, rtol=0.02)
table("by_width", {"width": [160, 640], "share": [1.62 / 2, 0.8 / 2]}, rtol=0.02)

# %%
print("mean share", 0.894 / 2)
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """An executed notebook."""
    folder = tmp_path_factory.mktemp("book")
    source = folder / "small.py"
    source.write_text(SOURCE)
    execute(source, folder / "small.ipynb", {})
    return folder / "small.ipynb"


def rerun(page: Path) -> subprocess.CompletedProcess[str]:
    program = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(page.parent),
    ]
    options = [
        "-c",
        str(ROOT / "pyproject.toml"),
        "-p",
        "saecore.book.pytest_nbval",
        "-o",
        "addopts=",
    ]
    return subprocess.run(
        [*program, *options, str(page)], cwd=page.parent, capture_output=True, text=True
    )


def test_a_page_passes_unchanged_and_fails_by_name_when_its_numbers_are_changed(
    page, tmp_path
):
    done = rerun(page)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
    changed = tmp_path / "changed.ipynb"
    text = page.read_text()
    for old, new in (
        ('"value": 0.42', '"value": 0.441'),
        ('"value": 640', '"value": 641'),
        ("0.81,", "0.8505,"),
        ("share 0.447", "share 0.4694"),
    ):
        assert old in text
        text = text.replace(old, new)
    changed.write_text(text)
    failed = rerun(changed).stdout
    assert "2 failed, 1 passed" in failed
    assert (
        "shared.value: stored 0.441, rerun 0.42: off by 4.76 %, allowed 2.00 %"
        in failed
    )
    assert "width.value: stored 641, rerun 640: off by 0.16 %, allowed 0.00 %" in failed
    assert (
        "by_width.columns.share[0]: stored 0.8505, rerun 0.81: off by 4.76 %, allowed 2.00 %"
        in failed
    )
    assert (
        "stdout 'mean share 0.4694': stored 0.4694, rerun 0.447: off by 4.77 %"
        in failed
    )


def test_a_second_run_stores_the_same_bytes(page, tmp_path):
    source = page.with_suffix(".py")
    execute(source, tmp_path / "small.ipynb", {})
    assert (tmp_path / "small.ipynb").read_bytes() == page.read_bytes()
    assert notebooks.staleness(source, page) is None


@pytest.mark.parametrize("changed", [False, True])
def test_what_make_book_gave_is_compared_and_not_run_again(page, tmp_path, changed):
    own, ran = tmp_path / "small.ipynb", tmp_path / "ran.json"
    text = page.read_text().replace("import record", "import nothing_like_it, record")
    own.write_text(text)  # it could not be run
    ran.write_text(text.replace('"value": 0.42', '"value": 0.441') if changed else text)
    (tmp_path / "conftest.py").write_text(
        "import pytest\n"
        "from pathlib import Path\n"
        "from saecore.book import pytest_nbval\n"
        "from saecore.book.checking import just_run\n"
        "@pytest.hookimpl(trylast=True)\n"
        "def pytest_configure(config):\n"
        f"    given = just_run._outputs(Path({str(ran)!r}))\n"
        f"    config.stash[pytest_nbval.JUST_RUN] = {{Path({str(own)!r}): given}}\n"
    )
    done = rerun(own).stdout
    if changed:
        assert "1 failed, 2 passed" in done
        assert "shared.value: stored 0.42, rerun 0.441: off by 5" in done
    else:
        assert "3 passed" in done
