"""Settings in prose, end to end: MyST-NB finds them, and the page shows none."""

import re
import subprocess
import sys

import nbformat
import pytest
from nbformat import v4

from saecore.report import settings

CONF = "extensions = ['myst_nb']\nnb_execution_mode = 'off'\nhtml_theme = 'basic'\n"
PROSE = """# Page

Widths {glue:text}`one.ipynb::width:.0f`, {glue:text}`one.ipynb::width:d`,
share {glue:text}`one.ipynb::share:.1f`, kind {glue:text}`one.ipynb::kind:s`, end.
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The HTML of two pages, by name: the one that glues, and one that cites it."""
    outputs = []

    def display(data, *, raw, metadata):
        assert raw
        outputs.append(v4.new_output("display_data", data, metadata=metadata))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("IPython.display.display", display)
        settings(width=64019, share=0.25, kind="topk")
    folder = tmp_path_factory.mktemp("glue")
    code = v4.new_code_cell("settings()", outputs=outputs, execution_count=1)
    cells = [v4.new_markdown_cell(PROSE), code]
    python = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    one = v4.new_notebook(cells=cells, metadata=python)
    nbformat.write(one, folder / "one.ipynb")
    (folder / "index.md").write_text(PROSE + "\n```{toctree}\none\n```\n")
    (folder / "conf.py").write_text(CONF)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", folder]
    done = subprocess.run([*command, folder / "out"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    pages = ("one", "index")
    return {page: (folder / "out" / f"{page}.html").read_text() for page in pages}


@pytest.mark.parametrize("page", ["one", "index"])
def test_a_setting_stands_in_the_prose_of_its_page_and_of_another(book, page):
    text = " ".join(re.sub(r"<[^>]+>", "", book[page]).split())
    assert "Widths 64019, 64019, share 0.2, kind topk, end." in text


def test_the_page_shows_no_output_of_a_setting(book):
    assert book["one"].count("64019") == 2
    assert "sae-result" not in book["one"]
