"""A sentence is chosen by its number, and by nothing else."""

import pytest

from saecore.book.compare import differences
from saecore.measures.algebra.intervals import Interval
from saecore.report import told
from saecore.report.told import chosen_sentence

SAID = {"holds": "More: {number}, not {than}.", "fails": "No more.", "undecided": "?"}


@pytest.mark.parametrize(
    ("number", "than", "sentence"),
    [
        ((0.5, 0.4, 0.6), 0.3, SAID["holds"]),
        ((0.5, 0.4, 0.6), 0.5, SAID["undecided"]),
        ((0.5, 0.4, 0.6), 0.6, SAID["fails"]),
        ((0.5, 0.4, 0.6), (0.2, 0.1, 0.3), SAID["holds"]),
        ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), SAID["undecided"]),
        (0.5, 0.5, SAID["fails"]),
        (Interval(0.5, 0.4, 0.6, 0.05, 0.95), 0.3, SAID["holds"]),
    ],
)
def test_the_interval_chooses(number, than, sentence):
    assert (
        chosen_sentence(
            number, above=than, holds=SAID["holds"], fails=SAID["fails"], undecided="?"
        )
        == sentence
    )


@pytest.mark.parametrize(
    ("than", "sentence"), [(0.7, "holds"), (0.5, "undecided"), (0.4, "fails")]
)
def test_below_is_the_mirror_image(than, sentence):
    assert (
        chosen_sentence(
            (0.5, 0.4, 0.6),
            below=than,
            holds=SAID["holds"],
            fails=SAID["fails"],
            undecided="?",
        )
        == SAID[sentence]
    )


@pytest.mark.parametrize("bounds", [{}, {"above": 0, "below": 1}])
def test_one_bound_is_asked_for(bounds):
    with pytest.raises(ValueError, match="give one of above= and below="):
        chosen_sentence(0.5, **SAID, **bounds)


def output(monkeypatch, *args, **named):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: shown.append(data))
    told(*args, **named)
    return {"output_type": "display_data", "data": shown[0]}


def test_a_paragraph_has_the_numbers_and_a_rerun_must_choose_alike(monkeypatch):
    first = output(monkeypatch, (0.512, 0.41, 0.61), above=0.3, **SAID)
    assert first["data"]["text/markdown"] == "More: 0.51 [0.41, 0.61], not 0.30."
    drifted = output(monkeypatch, (0.513, 0.41, 0.61), above=0.3, **SAID)
    assert differences([first], [drifted], rtol=0, atol=0) == []
    other = output(monkeypatch, (0.512, 0.29, 0.61), above=0.3, **SAID)
    assert any(
        "sentence" in line for line in differences([first], [other], rtol=0, atol=0)
    )
