"""Pages for programs that do not speak MyST: plain Markdown, and nothing of MyST
left.
"""

import re

import nbformat
import pytest

from saecore.book import portable
from saecore.report.rendering import RESULT, result_faces
from saecore.report.results import settings

SITE = "https://example.org/book/notebooks/page.html"
CITE = {"paulo2025": "[Paulo and Belrose (2025)](https://arxiv.org/abs/2501.16615)"}
GLUED = {"shared": "0.41666", "page.ipynb::shared": "0.41666", "word": "many"}


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        ("(label)=\n# Title", "# Title"),
        (
            "See {cite:t}`paulo2025`.",
            "See [Paulo and Belrose (2025)](https://arxiv.org/abs/2501.16615).",
        ),
        ("the share is {glue:text}`page.ipynb::shared:.2f`", "the share is 0.42"),
        ("the share is {glue:text}`shared:.1%`", "the share is 41.7%"),
        ("{glue:text}`other.ipynb::gone:.2f`", "`gone`"),
        (
            "In {numref}`fig-width` it falls",
            f"In [the figure]({SITE}#fig-width) it falls",
        ),
        (
            "$$a\n= b.$$ (eq-sum)\n\nBy {eq}`eq-sum` so",
            f"$$a\n= b.$$\n\nBy [the equation]({SITE}#equation-eq-sum) so",
        ),
        ("a {math}`x^2`", "a $x^2$"),
        ("as [here](subjects) and [there](../reproduce.md)", None),
        (
            "[paper](https://arxiv.org) and [above](#a)",
            "[paper](https://arxiv.org) and [above](#a)",
        ),
        ("```{note}\nMind the gap.\n```", "> **Note**\n>\n> Mind the gap."),
        ("```{exercise}\n:label: ex\nWhy?\n```", "> **Exercise**\n>\n> Why?"),
        (
            "```{exercise} Level 3\n:label: ex\nWhy?\n```",
            "> **Exercise (level 3)**\n>\n> Why?",
        ),
        (
            "```{hint}\n:class: dropdown\nLook.\n```",
            "<details><summary>Hint</summary>\n\nLook.\n\n</details>",
        ),
        (
            "```{solution} ex\n:class: dropdown\nBecause.\n```",
            "<details><summary>Solution</summary>\n\nBecause.\n\n</details>",
        ),
        (
            ":::{admonition} Look here\n:class: tip\nText.\n:::",
            "> **Look here**\n>\n> Text.",
        ),
        ("```python\nx = 1\n```", "```python\nx = 1\n```"),
    ],
)
def test_each_role_and_directive_becomes_plain_text(myst, plain):
    made = portable.plain_markdown(myst, SITE, CITE, GLUED)
    if plain is None:
        plain = "as [here](https://example.org/book/notebooks/subjects.html) and "
        plain += "[there](https://example.org/book/notebooks/../reproduce.html)"
    assert made == plain
    assert not re.search(r"\{[\w:]+\}`", made)


def test_a_page_gets_an_install_cell_and_loses_its_outputs_but_not_its_code():
    twin = {
        "name": "shared",
        "value": 0.5,
        "low": None,
        "high": None,
        "rtol": 0.1,
        "atol": 0.0,
        "unit": "",
    }
    twin |= {"paper": None}
    output = nbformat.v4.new_output(
        "display_data",
        {RESULT: twin, **result_faces(twin)},
        metadata={"scrapbook": {"name": "shared"}},
    )
    page = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("(x)=\n# Title", id="a"),
            nbformat.v4.new_code_cell(
                "1 + 1", outputs=[output], execution_count=1, id="b"
            ),
            nbformat.v4.new_markdown_cell("```{solution-end}\n```", id="c"),
        ]
    )
    page.nbformat_minor = 5
    made = portable.portable(page, site=SITE, cite=CITE, glued={})
    assert [cell.source.splitlines()[0] for cell in made.cells[::2]] == [
        "# Title",
        "1 + 1",
    ]
    assert made.cells[1].source == portable.INSTALL
    assert made.cells[2].outputs == []
    assert page.cells[1].outputs


def test_the_committed_install_cell_says_one_sentence_where_saecore_is_missing(
    monkeypatch,
):
    exec(portable.INSTALL, {})  # it is here: nothing happens
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="does not know where its package is: open"):
        exec(portable.INSTALL, {})


def test_what_a_page_records_is_found_by_its_name(tmp_path):
    output = nbformat.v4.new_output(
        "display_data",
        {"text/plain": "0.5"},
        metadata={"scrapbook": {"name": "shared"}},
    )
    page = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("x", outputs=[output])]
    )
    assert portable.recorded(tmp_path / "p.ipynb", page) == {
        "shared": "0.5",
        "p.ipynb::shared": "0.5",
    }


def test_citations_are_links_with_the_authors_and_the_year(tmp_path):
    (tmp_path / "a.bib").write_text(
        "@article{a, title={T}, author={Paulo, Gon and Belrose, Nora}, year={2025}, url={https://a.org}}\n"
        "@article{b, title={T}, author={One, A and Two, B and Three, C}, year={2024}, url={https://b.org}}\n"
    )
    assert portable.citations(tmp_path / "a.bib") == {
        "a": "[Paulo and Belrose (2025)](https://a.org)",
        "b": "[One et al. (2024)](https://b.org)",
    }


def test_settings_are_found_though_the_page_hides_them(tmp_path, monkeypatch):
    outputs = []

    def display(data, *, raw, metadata):
        outputs.append(nbformat.v4.new_output("display_data", data, metadata=metadata))

    monkeypatch.setattr("IPython.display.display", display)
    settings(width=640, share=0.25, kind="topk")
    cell = nbformat.v4.new_code_cell("x", outputs=outputs)
    page = nbformat.v4.new_notebook(cells=[cell])
    glued = portable.recorded(tmp_path / "p.ipynb", page)
    text = "".join(
        f"{{glue:text}}`{name}` " for name in ("width:d", "share:.1f", "kind:s")
    )
    made = portable.plain_markdown(text, SITE, CITE, glued)
    assert made.split() == ["640", "0.2", "topk"]
