"""What a notebook states is shown and stored: a JSON twin with its faces, glued under
its name.
"""

import base64
import io

import pytest
import torch

from saecore.measures.algebra.intervals import Interval
from saecore.report import record, results, settings, table, tolerance
from saecore.report.digits import number_text
from saecore.report.figures import figure, subplots
from saecore.report.rendering import FACES, FIGURE, HIDDEN, NARROW, RESULT, TABLE
from saecore.report.results import columns_of, plain_value


def test_a_recorded_number_is_stored_glued_and_shown_with_its_interval(shown):
    record(
        "shared",
        torch.tensor(0.4216),
        rtol=0.02,
        interval=(0.4, 0.44),
        paper=0.42,
        unit="of all",
    )
    ((data, metadata),) = shown
    assert data[RESULT]["value"] == pytest.approx(0.4216)
    assert metadata["scrapbook"] == {"name": "shared", "mime_prefix": ""}
    assert float(data["text/plain"]) == data[RESULT]["value"]
    for words in ("0.42 [0.40, 0.44]", "of all", "paper: 0.42", "±2 %"):
        assert words in data["text/html"]


def test_a_solution_is_stored_with_its_usual_mistakes_and_kept_for_checks(
    shown, monkeypatch
):
    monkeypatch.setattr(results, "SOLVED", {})
    record("shared", 0.4)
    record("ex-one", torch.tensor(0.4), rtol=0.1, mistakes={"the <null>": 0.1})
    (plain, _), (solved, _) = shown
    assert "mistakes" not in plain[RESULT]
    assert solved[RESULT]["mistakes"] == [["the <null>", 0.1]]
    assert "<li>0.1: the &lt;null&gt;</li>" in solved["text/html"]
    assert {"ex-one": solved[RESULT]} == results.SOLVED
    with pytest.raises(ValueError, match="but twice is nan"):
        record("ex-one", 0.4, mistakes={"twice": float("nan")})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_cannot_be_recorded(value):
    with pytest.raises(ValueError, match="must be finite, but share is"):
        record("share", value)
    with pytest.raises(ValueError, match=r"must be finite, but share\.high is"):
        record("share", 0.5, interval=(0.4, value))


def test_the_three_ways_to_give_a_table_give_the_same_table():
    rows = [{"width": 160, "shared": 0.8}, {"width": 640}]
    want = {"width": [160, 640], "shared": [0.8, None]}
    assert columns_of(rows) == want
    assert (
        columns_of({"width": torch.tensor([160, 640]), "shared": [0.8, float("nan")]})
        == want
    )
    pandas = pytest.importorskip("pandas")
    assert columns_of(pandas.DataFrame(rows)) == want


def test_columns_of_different_length_are_refused():
    with pytest.raises(
        ValueError, match=r"one length, but they are \{'a': 1, 'b': 2\}"
    ):
        columns_of({"a": [1], "b": [1, 2]})


def test_a_table_keeps_the_order_of_its_columns_and_escapes_its_words(shown):
    table("t", [{"z": 1, "a": "<b>"}], caption="x < y")
    ((data, _),) = shown
    assert [name for name, _ in data[TABLE]["columns"]] == ["z", "a"]
    assert "&lt;b&gt;" in data["text/html"]
    assert "x &lt; y" in data["text/html"]
    assert data["text/plain"].splitlines() == ["z  a", "1  <b>"]


def test_plain_values_are_numbers_words_truths_and_gaps():
    values = [
        torch.tensor(2),
        torch.tensor(0.5),
        torch.tensor(True),
        "word",
        None,
        float("inf"),
    ]
    assert [plain_value(value) for value in values] == [
        2,
        0.5,
        True,
        "word",
        None,
        None,
    ]
    assert [number_text(value) for value in (2, 0.123456, True, "word", None)] == [
        "2",
        "0.1235",
        "yes",
        "word",
        "–",
    ]


def test_a_figure_is_a_picture_with_its_words_and_numbers_and_the_same_bytes_each_time(
    shown,
):
    for _ in range(2):
        fig, ax = subplots()
        ax.plot([0, 1], [0.5, 0.25])
        figure(
            "fall",
            fig,
            alt="a line that falls from left to right",
            data={"x": [0, 1], "y": [0.5, 0.25]},
        )
    (first, _), (second, _) = shown
    assert first == second
    assert b"Software" not in first["image/png"].encode()
    assert first[FIGURE]["columns"] == [["x", [0, 1]], ["y", [0.5, 0.25]]]
    assert first["text/plain"] == "<Figure: a line that falls from left to right>"


def test_a_wide_figure_is_stored_once_more_for_a_phone_beside_its_picture(shown):
    from PIL import Image

    sizes = {}
    for width in (6.4, 4.0):
        fig, ax = subplots(figsize=(width, 3.6))
        ax.plot([0, 1], [0.5, 0.25])
        figure("fall", fig, alt="a line that falls from left to right")
        data, _ = shown[-1]
        pictures = [data[kind] for kind in ("image/png", NARROW) if kind in data]
        opened = [Image.open(io.BytesIO(base64.b64decode(one))) for one in pictures]
        sizes[width] = [picture.width for picture in opened]
    assert sizes == {6.4: [921, 703], 4.0: [576]}


def test_a_figure_without_a_sentence_in_its_place_is_refused():
    fig, _ = subplots()
    with pytest.raises(ValueError, match="alt text must say in a sentence"):
        figure("fall", fig, alt="a figure")


@pytest.fixture
def page():
    """A page that sets its own tolerance, and leaves none behind."""
    yield tolerance
    tolerance()


def last(shown):
    """The twin that was shown last."""
    data = shown[-1][0]
    return next(data[mime] for mime in FACES if mime in data)


def tolerances(shown):
    """The tolerances of a record, a table and a figure that say none themselves."""
    found = []
    for show in (
        lambda: record("x", 1),
        lambda: table("t", {"x": [1]}),
        lambda: figure(
            "f", subplots()[0], alt="an empty pair of axes", data={"x": [1]}
        ),
    ):
        show()
        found.append((last(shown)["rtol"], last(shown)["atol"]))
    return found


def test_a_page_sets_the_tolerance_of_what_does_not_say_its_own(shown, page):
    assert tolerances(shown) == [(1e-3, 0), (1e-3, 1e-9), (1e-3, 1e-9)]
    page(rtol=0.03, atol=0.01)
    assert tolerances(shown) == [(0.03, 0.01)] * 3
    page(rtol=0.04)
    assert tolerances(shown) == [(0.04, 0), (0.04, 1e-9), (0.04, 1e-9)]
    record("x", 100, rtol=0.0, atol=0.5)
    assert (last(shown)["rtol"], last(shown)["atol"]) == (0, 0.5)
    record("x", 1, rtol=0.0, atol=0.5)
    assert last(shown)["atol"] == 0.045  # a wide one is cut for a small number
    table("t", {"a": [1], "b": [2]}, rtol={"a": 0.5})
    assert last(shown)["rtol"] == {"a": 0.5, "b": 0.04}
    with pytest.raises(ValueError, match="a tolerance must be zero or more"):
        page(rtol=-0.1)


def test_an_interval_is_recorded_as_its_estimate_with_its_ends(shown):
    record("shared", Interval(0.42, 0.4, 0.44, 0.01, 0.95))
    assert [last(shown)[key] for key in ("value", "low", "high")] == [0.42, 0.4, 0.44]
    nan = float("nan")
    record("alone", Interval(0.42, nan, nan, nan, 0.95))
    assert [last(shown)[key] for key in ("value", "low", "high")] == [0.42, None, None]


def test_settings_are_stored_by_name_and_hidden_from_the_page(shown):
    settings(width=640, share=torch.tensor(0.5), kind="topk")
    names = [metadata["scrapbook"]["name"] for _, metadata in shown]
    assert names == ["width", "share", "kind"]
    for data, metadata in shown:
        assert metadata["scrapbook"]["mime_prefix"] == HIDDEN
        assert all(mime.startswith(HIDDEN) for mime in data)
        twin = data[HIDDEN + RESULT]
        assert (twin["rtol"], twin["atol"]) == (0, 0)
        assert {m.removeprefix(HIDDEN): face for m, face in data.items()} == {
            RESULT: twin
        } | FACES[RESULT](twin)
    texts = [data[HIDDEN + "text/plain"] for data, _ in shown]
    assert texts == ["640", "0.5", "'topk'"]


@pytest.mark.parametrize("value", [None, float("nan"), [1, 2], {"a": 1}])
def test_a_setting_that_prose_cannot_say_is_refused(value):
    with pytest.raises(ValueError, match="a finite number or a word, but width is"):
        settings(width=value)


def test_a_number_with_its_ends_brings_its_own_interval(shown):
    record("shared", (0.42, 0.40, 0.44))
    record("other", Interval(0.42, 0.40, 0.44, 0.01, 0.95))
    (first, _), (second, _) = (bundle for bundle in shown)
    assert first[RESULT]["low"] == second[RESULT]["low"] == 0.40
    assert first["text/html"].replace("shared", "other") == second["text/html"]
