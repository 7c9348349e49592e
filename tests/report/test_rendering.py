"""What a number, a table or a figure looks like is a function of its stored twin alone."""

import base64
import json
import re

from saecore.report import record, table
from saecore.report.rendering import (
    FACES,
    TABLE,
    csv_text,
    numbers_of_figure,
    table_html,
)


def test_faces_are_functions_of_the_stored_twin_alone(shown):
    record("shared", 0.42)
    table("t", {"a": [1.0]})
    for data, _ in shown:
        mime = next(key for key in data if key in FACES)
        stored = json.loads(json.dumps(data[mime], sort_keys=True))
        assert {key: data[key] for key in ("text/html", "text/plain")} == FACES[mime](
            stored
        )


def test_a_long_table_is_folded_and_its_twin_is_not(shown):
    for count in (12, 13):
        table("t", {"x": list(range(count))}, caption="Many < rows")
    (short, _), (long, _) = shown
    assert "<details" not in short["text/html"]
    assert "<caption>Many &lt; rows</caption>" in short["text/html"]
    assert "<summary>Many &lt; rows (13 rows)</summary>" in long["text/html"]
    assert "<caption>" not in long["text/html"]
    assert long[TABLE]["caption"] == "Many < rows"
    assert long["text/html"].count("<td") == 13


def test_what_stands_in_a_cell_is_shown_as_text():
    html = table_html({"<a>": ["<b>", 1.5]}, "x < y")
    assert "&lt;a&gt;" in html
    assert "&lt;b&gt;" in html
    assert "x &lt; y" in html
    assert '<td class="sae-number">1.5</td>' in html
    assert table_html({"a": [1, 2, 3]}, rows=2).count("<td") == 2


def test_the_numbers_of_a_figure_are_all_in_its_csv_file_and_the_first_in_its_table():
    columns = {"x": list(range(100)), "y": [0.1 + 0.2] * 100}
    twin = {"name": "fall", "columns": [[n, v] for n, v in columns.items()]}
    html = numbers_of_figure(twin)
    data = re.search(r"base64,([\w+/=]+)", html)
    assert data
    assert base64.b64decode(data[1]).decode() == csv_text(columns)
    assert "All 100 rows as CSV" in html
    assert "the first 80 rows" in html
    assert numbers_of_figure({"name": "empty", "columns": []}) == ""


def test_a_csv_file_keeps_every_digit():
    assert csv_text({"y": [0.1 + 0.2]}) == "y\n0.30000000000000004\n"


def test_a_cell_that_names_a_latent_links_to_the_explorer():
    html = table_html({"latent": ["explorer:relu-640-seed0/17"]})
    assert '<a href="../explorer.html#/relu-640-seed0/17">17</a>' in html
    assert "<a " not in table_html({"latent": ["explorer:a/b"]})
    said = table_html({"latent": ["17 (<cat>) explorer:relu-640-seed0/17"]})
    assert '#/relu-640-seed0/17">17 (&lt;cat&gt;)</a>' in said
