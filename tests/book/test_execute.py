"""Runs of notebooks: measured, apart from each other, and never leaving half a page."""

import os
import subprocess
import sys

import pytest

from saecore.book import execute, notebooks
from saecore.book.execute import measured_run, run_all
from saecore.book.notes import unsuited_pages
from saecore.report.paths import ReportError

GOOD = """# %% tags=["parameters"]
world_seed = 0

# %%
import os

print("seed", world_seed)
print(os.environ["OMP_NUM_THREADS"], os.environ["SAECORE_RESULTS"])
"""
BAD = "# %%\nwidth = 640\n\n# %%\nraise ValueError(f'no SAE of width {width}')\n"


def test_the_cost_of_a_process_is_its_own_time_and_its_largest_memory(tmp_path):
    program = "import sys, time; block = bytearray(150_000_000); time.sleep(0.3); print('said'); sys.exit(3)"
    status, cost = measured_run([sys.executable, "-c", program], log=tmp_path / "log")
    assert status == 3
    assert (tmp_path / "log").read_text() == "said\n"
    assert 0.3 <= cost.seconds < 60
    assert 150 < cost.peak_mb < 400
    assert 0 < cost.cpu_seconds <= cost.seconds + 1


def test_the_memory_of_the_process_that_asks_is_not_counted(tmp_path):
    held = b"x" * 300_000_000
    _, cost = measured_run([sys.executable, "-c", "pass"], log=tmp_path / "log")
    assert len(held) > 1e6 * cost.peak_mb > 1e6


def test_a_notebook_gets_its_parameters_and_one_thread(tmp_path):
    source = tmp_path / "good.py"
    source.write_text(GOOD)
    said = []
    costs = run_all(
        [source],
        tmp_path / "pages",
        parameters={"world_seed": 7},
        results=tmp_path / "results",
        say=said.append,
    )
    text = (tmp_path / "pages" / "good.ipynb").read_text()
    assert "seed 7" in text
    assert f"1 {tmp_path / 'results'}" in text
    assert list(costs) == ["good"]
    assert len(said) == 1
    assert said[0].strip().startswith("good.py: ")


def test_a_failing_notebook_is_named_with_its_cell_and_leaves_no_page(tmp_path):
    source = tmp_path / "bad.py"
    source.write_text(BAD)
    with pytest.raises(
        ReportError, match=r"(?s)notebooks/bad.py failed.*no SAE of width 640"
    ):
        run_all([source], tmp_path / "pages", parameters={}, results=tmp_path)
    assert not (tmp_path / "pages" / "bad.ipynb").exists()


UNFIT = """# %% [markdown]
# # A claim about words

# %% tags=["parameters"]
profile = "tiny"

# %%
class Unsuited(ValueError):
    pass

raise {error}("it takes 20 words, but this model has [1]: use a larger one")
"""


def attempt(tmp_path, error, parameters):
    """A page whose model lacks something, and one that runs, in the same run."""
    (tmp_path / "unfit.py").write_text(UNFIT.format(error=error))
    (tmp_path / "good.py").write_text(GOOD)
    said = []
    sources = [tmp_path / "unfit.py", tmp_path / "good.py"]
    costs = run_all(
        sources,
        tmp_path / "pages",
        parameters=parameters,
        results=tmp_path / "results",
        say=said.append,
    )
    return costs, sorted(said)


def test_a_page_that_does_not_suit_a_users_model_says_so_and_the_run_goes_on(tmp_path):
    costs, said = attempt(tmp_path, "Unsuited", {"profile": "/models/small"})
    assert list(costs) == ["unfit", "good"]
    assert [line.endswith("not run on this model") for line in said] == [False, True]
    page, good = tmp_path / "pages" / "unfit.ipynb", tmp_path / "pages" / "good.ipynb"
    assert (
        unsuited_pages.reason(page)
        == "it takes 20 words, but this model has [1]: use a larger one"
    )
    assert unsuited_pages.reason(good) is None
    assert [cell.cell_type for cell in notebooks.read(page).cells] == [
        "markdown",
        "markdown",
    ]


def test_a_page_that_fails_on_a_users_model_says_how_and_the_run_goes_on(tmp_path):
    costs, said = attempt(tmp_path, "ValueError", {"profile": "/models/small"})
    assert list(costs) == ["unfit", "good"]
    assert said[1].endswith("not run on this model")
    page = tmp_path / "pages" / "unfit.ipynb"
    why = "ValueError: it takes 20 words, but this model has [1]: use a larger one"
    assert unsuited_pages.reason(page) == why
    assert 'raise ValueError("it takes' in page.with_suffix(".log").read_text()


def test_a_page_whose_kernel_is_killed_says_so_and_the_run_goes_on(tmp_path):
    source = tmp_path / "killed.py"
    source.write_text("# %%\nimport os\n\nos.kill(os.getpid(), 9)\n")
    of, pages = {"profile": "/models/small"}, tmp_path / "pages"
    run_all([source], pages, parameters=of, results=tmp_path)
    why = unsuited_pages.reason(pages / "killed.ipynb")
    assert why is not None
    assert "was ended from outside" in why


@pytest.mark.parametrize("error", ["Unsuited", "ValueError"])
@pytest.mark.parametrize("parameters", [{}, {"profile": "tiny"}])
def test_on_the_shipped_model_an_error_ends_the_run(tmp_path, error, parameters):
    with pytest.raises(
        ReportError, match=r"(?s)notebooks/unfit.py failed.*it takes 20 words"
    ):
        attempt(tmp_path, error, parameters)
    assert not (tmp_path / "pages" / "unfit.ipynb").exists()


def test_pages_do_not_see_the_users_settings_of_matplotlib_and_jupyter(
    tmp_path, monkeypatch
):
    home = tmp_path / "home"
    (home / ".config" / "matplotlib").mkdir(parents=True)
    (home / ".config" / "matplotlib" / "matplotlibrc").write_text("text.usetex: True")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_PATH", "/nowhere")
    own = execute.quiet(tmp_path)
    program = "import matplotlib; print(matplotlib.rcParams['text.usetex'])"
    command = [sys.executable, "-c", program]
    said = [
        subprocess.run(command, env=env, capture_output=True, text=True).stdout
        for env in (dict(os.environ), os.environ | own)
    ]
    assert said == ["True\n", "False\n"]
    assert own["JUPYTER_PATH"] == ""
    assert "MPLCONFIGDIR" not in own


def test_without_a_home_matplotlib_writes_beside_the_pages(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR"):
        monkeypatch.delenv(name, raising=False)
    assert execute.quiet(tmp_path)["MPLCONFIGDIR"] == str(tmp_path / ".matplotlib")
