"""What our Sphinx extensions do to a page: terms are linked once, the theme's faults are
put right, and each page says what it is.
"""

import importlib.util
import json
import re
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

from saecore.report.rendering import NARROW

FOLDER = Path(__file__).parents[2] / "book" / "_ext"
CONF = f"""import sys
sys.path.insert(0, {str(FOLDER)!r})
extensions = ["myst_parser", "saebook_terms", "saebook_access", "saebook_address"]
myst_enable_extensions = ["dollarmath"]
html_theme, html_title = "basic", "The book"
html_baseurl = "https://example.org/book/"
root_doc = "index"
"""
INDEX = """# A latent in a title

The `latent` of code, the $latent$ of a formula and [latents](glossary.md) of a link.

Two "latents" fire. A latent again, a non-latent thing, and novel latents & more.

| latent |
|---|
| absorber |

- an absorber in a list

```{toctree}
glossary
```
"""
GLOSSARY = """# Glossary

```{glossary}
latent
  A unit. Not an absorber.

novel latent
  New.

absorber
  It absorbs a latent.
```
"""
SPELLED = {
    "latent": "latent",
    "latents": "latent",
    "novel latents": "novel latent",
    "absorber": "absorber",
}


def extension(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    source = tmp_path_factory.mktemp("source")
    (source / "_generated").mkdir()
    files = {"conf.py": CONF, "index.md": INDEX, "glossary.md": GLOSSARY}
    files["_generated/terms.json"] = json.dumps(SPELLED)
    for name, text in files.items():
        (source / name).write_text(text)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(source)]
    done = subprocess.run(
        [*command, str(source / "out")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return source / "out"


def test_a_term_is_linked_where_it_first_stands_in_running_text(site):
    page = (site / "index.html").read_text()
    links = re.findall(
        r'<a class="reference internal" href="glossary.html#term-([\w-]+)">'
        r'<span class="sae-term">([\w ]+)</span></a>',
        page,
    )
    assert links == [
        ("latent", "latents"),
        ("novel-latent", "novel latents"),
        ("absorber", "absorber"),
    ]
    assert "sae-term" not in (site / "glossary.html").read_text()


EXERCISES = """# Page

```{exercise}
:label: ex-one
How many are there?
```

```{solution} ex-one
:class: dropdown
Seven.
```

## After it

The end.
"""


def test_where_all_pages_are_one_solutions_stand_at_the_end_below_what_was_asked(
    tmp_path,
):
    conf = CONF.replace('"saebook_terms"', '"sphinx_exercise", "saebook"')
    (tmp_path / "conf.py").write_text(conf)
    (tmp_path / "index.md").write_text(EXERCISES)
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "singlehtml", str(tmp_path)]
    done = subprocess.run(
        [*command, str(tmp_path / "out")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "index.html").read_text()
    assert page.index("The end.") < page.index("Solutions") < page.index("Seven.")
    said = re.search(r'href="[^"]*#ex-one">How many are there\?</a>', page)
    assert said
    assert page.index("Solutions") < said.start() < page.index("Seven.")
    assert "dropdown" not in page


def built(folder: Path, builder: str) -> str:
    """The first page of a book with one notebook, which carries a narrow picture."""
    conf = CONF.replace('"myst_parser", "saebook_terms"', '"myst_nb", "saebook_narrow"')
    (folder / "conf.py").write_text(conf + 'nb_execution_mode = "off"\n')
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Page")])
    for narrow in ({NARROW: b64encode(b"narrow").decode()}, {}):
        data = {"image/png": b64encode(b"wide" + str(narrow).encode()).decode()}
        shown = nbformat.v4.new_output("display_data", data | narrow)
        cell = nbformat.v4.new_code_cell("shown", outputs=[shown])
        cell.metadata["mystnb"] = {"image": {"alt": "What is seen"}}
        page.cells.append(cell)
    nbformat.write(page, folder / "index.ipynb")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", builder, str(folder)]
    done = subprocess.run([*command, str(folder / "out")], capture_output=True)
    assert done.returncode == 0, done.stderr
    return (folder / "out" / "index.html").read_text()


def test_a_phone_gets_the_narrow_picture_of_a_figure_that_has_one(tmp_path):
    page = built(tmp_path, "html")
    source, wide = re.findall(
        r'<picture><source media="screen and \(max-width: 600px\)" '
        r'srcset="([^"]*)"><img alt="What is seen"[^>]*src="([^"]*)"[^>]*></picture>',
        page,
    )[0]
    assert (tmp_path / "out" / source).read_bytes() == b"narrow"
    assert (tmp_path / "out" / wide).read_bytes().startswith(b"wide")
    assert page.count("<picture>") == 1
    assert page.count("<img") == 2


def test_where_all_pages_are_one_the_wide_picture_stays(tmp_path):
    page = built(tmp_path, "singlehtml")
    assert page.count("<img") == 2
    assert "<picture>" not in page


def test_without_a_glossary_no_page_changes(tmp_path):
    class Application:
        srcdir = tmp_path

    assert extension("saebook_terms").spellings(Application) == {}


def test_a_page_says_what_it_is_in_the_words_of_its_first_paragraph(site):
    page = (site / "index.html").read_text()
    said = "The latent of code, the latent of a formula and latents of a link."
    assert f'<meta name="description" content="{said}">' in page
    address = "https://example.org/book/index.html"
    for name, value in {"title": "A latent in a title", "url": address}.items():
        assert f'<meta property="og:{name}" content="{value}">' in page


def test_the_page_for_no_page_needs_no_other_file_and_leads_home(site):
    page = (site / "404.html").read_text()
    assert re.findall(r'(?:href|src)="([^"]*)"', page) == ["https://example.org/book/"]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (
            '<summary aria-label="Toggle hidden content">\n<span>Show</span>',
            "<summary>\n<span>Show</span>",
        ),
        (
            '<a class="reference internal" href="x.html">Chapter</a><details open>'
            "<summary><span>",
            '<a class="reference internal" href="x.html">Chapter</a><details open>'
            '<summary aria-label="Pages below: Chapter"><span>',
        ),
        (
            '<div role="list" class="citation-list">',
            '<div class="citation-list">',
        ),
        (
            '<div class="citation" id="a" role="doc-biblioentry">',
            '<div class="citation" id="a">',
        ),
        (
            '<button class="btn search-button-field x" title="S" aria-label="Search" a>',
            '<button class="btn search-button-field x" title="S" a>',
        ),
        ("<p>all else</p>", "<p>all else</p>"),
    ],
)
def test_what_the_theme_leaves_to_be_wished_is_put_right(theirs, ours):
    assert extension("saebook_access").mended(theirs) == ours
