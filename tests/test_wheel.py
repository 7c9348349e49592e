"""The wheel alone is enough for a portable notebook, as in Colab: an empty environment
with the libraries linked in, no checkout, a folder of its own.
"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from saecore.book import notebooks
from saecore.book.checking.agreement import page_agreement
from saecore.book.execute import QUIET

ROOT = Path(__file__).parents[1]
PAGES = ("published_matchings", "verdict_seeds")
"""They train nothing, and read what the wheel has to carry."""


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """The Python of an environment that has the wheel, and the libraries of this one
    but not its saecore.
    """
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "-q"]
    built = [*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(built, check=True)
    (wheel,) = folder.glob("saecore-*.whl")
    made = [sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")]
    subprocess.run(made, check=True)
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    target = [*pip, "install", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(target, check=True)
    libraries = sysconfig.get_paths()["purelib"]
    (site / "libraries.pth").write_text(f"{libraries}\n")  # its own .pth is not read
    return folder / "venv" / "bin" / "python"


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_portable_notebook_runs_with_the_wheel_alone(python, name, tmp_path):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    own = {
        "SAECORE_ZOO": str(tmp_path / "zoo"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    page = ROOT / "book" / "portable" / f"{name}.ipynb"
    work = tmp_path / "work"
    work.mkdir()
    asked = ["-m", "papermill", "-k", "python3", str(page), str(tmp_path / "out.ipynb")]
    done = subprocess.run(
        [str(python), *asked],
        cwd=work,
        env=clean | QUIET | own,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert list(work.rglob("*")) == []
    committed = ROOT / "book" / "notebooks" / f"{name}.ipynb"
    rerun = notebooks.read(tmp_path / "out.ipynb")
    rerun.cells = [cell for cell in rerun.cells if cell.get("id") != "install"]
    notebooks.write(rerun, tmp_path / "compared.ipynb")
    found = page_agreement(committed, tmp_path / "compared.ipynb")
    assert found.off == []
    assert found.agreeing == found.numbers > 20
