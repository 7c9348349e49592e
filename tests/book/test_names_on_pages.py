"""The name of a model's folder is text on every page, whatever it holds."""

import json

import pytest
from docutils import nodes
from docutils.core import publish_doctree

from saecore.book import claims_table, notebooks, provenance
from saecore.book.execute import PageCost
from saecore.book.notes import unsuited_pages
from saecore.report import Claim

NAMES = [
    "a`<img src=x onerror=alert(1)>`b",
    "a`<script>alert(1)`b",
    "a\n\n# Heading <b>b\n\n- c",
    "a`\n\n```{raw} html\n<b>b\n```\n",
    "``a `",
    "`{{a}}`$b$*c*",
    "[a](b)`[a](b)`",
]
LIVE = (
    nodes.raw,
    nodes.image,
    nodes.reference,
    nodes.section,
    nodes.title,
    nodes.math,
    nodes.list_item,
)


def parsed(text: str) -> nodes.document:
    """What MyST makes of a page with the extensions of the book."""
    from myst_parser.parsers.docutils_ import Parser

    extensions = [
        "amsmath",
        "attrs_inline",
        "colon_fence",
        "deflist",
        "dollarmath",
        "tasklist",
    ]
    settings = {"myst_enable_extensions": extensions, "report_level": 5}
    return publish_doctree(text, parser=Parser(), settings_overrides=settings)


def stopped(name, tmp_path):
    (tmp_path / "page.py").write_text("# %% [markdown]\n# A claim\n\n# %%\n1\n")
    page = unsuited_pages.stopped_page(
        tmp_path / "page.py", parameters={"profile": f"models/{name}"}, why="no words"
    )
    return page.cells[1].source


def adapted(name, tmp_path):
    (tmp_path / "page.py").write_text("# %% [markdown]\n# A claim\n\n# %%\n1\n")
    page = notebooks.read_source(tmp_path / "page.py")
    return unsuited_pages.adapted(page, {"profile": f"models/{name}"}).cells[1].source


def made(name, tmp_path):
    facts = provenance.facts(
        tmp_path, profile=name, world_seed=0, costs={"a": PageCost(1.0, 1.0, 1.0)}
    )
    return provenance.provenance_markdown(facts)


def judged(name, tmp_path):
    claim = Claim.read("seed_dependence")
    stored = {"claim": claim.name, "profile": name, "world_seed": 0, "verdict": "holds"}
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "a.json").write_text(
        json.dumps(stored | {"parts": [], "numbers": {}})
    )
    return line_of_a_run(claims_table.claims_markdown([tmp_path], set()))


def not_run(name, tmp_path):
    stopped = {Claim.read("seed_dependence").notebook: "no words"}
    return line_of_a_run(
        claims_table.claims_markdown([], set(), stopped=stopped, run=(name, 0))
    )


def line_of_a_run(text):
    """The one line that names the model: a name that broke it would not be whole."""
    (line,) = (line for line in text.splitlines() if line.startswith("On "))
    return line


@pytest.mark.parametrize("page", [stopped, adapted, made, judged, not_run])
@pytest.mark.parametrize("name", NAMES)
def test_a_folders_name_is_shown_as_it_is_and_nothing_in_it_comes_to_life(
    page, name, tmp_path
):
    document = parsed(page(name, tmp_path))
    shown = [node.astext() for node in document.findall(nodes.literal)]
    assert " ".join(name.split()) in [" ".join(text.split()) for text in shown]
    for live in LIVE:
        assert not [
            node for node in document.findall(live) if node.astext() != "Important"
        ], live


def test_a_plain_name_stays_plain():
    assert unsuited_pages.code("tiny") == "`tiny`"
