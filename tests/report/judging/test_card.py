"""The card says all that its twin holds, in words, and so does the terminal."""

import copy
import json
import re

import pytest

from saecore.report.judging import card
from saecore.report.judging.claims_text import as_json, as_text
from saecore.report.rendering import FACES, VERDICT

CONDITION = {"number": "shared", "interval": "below", "than": 0.5, "holds": True}
TWIN = {
    "claim": "differ",
    "says": "they differ",
    "sentence": "They <differ>.",
    "source": "A paper & more, abstract",
    "verdict": "cannot be told",
    "scope": "TopK on a small model",
    "registered": {"world_seed": 41, "verdict": "holds in part", "parts": {"low": "?"}},
    "profile": "tiny",
    "world_seed": 3,
    "rtol": 0.02,
    "atol": 0,
    "parts": [
        {
            "name": "low",
            "says": "The share is low",
            "core": True,
            "written": "after seed 0 was known",
            "shows": "shared",
            "null": "chance",
            "control": "whole",
            "paper": "0.42 (Pythia)",
            "place": "figure 1",
            "verdict": "holds",
            "conditions": [CONDITION],
            "gate": [
                {"number": "whole", "interval": "above", "than": 0.5, "holds": True}
            ],
        }
    ],
    "left_out": [
        {
            "name": "up",
            "says": "The share rises",
            "core": False,
            "written": "before",
            "shows": "slope",
            "null": "",
            "control": "",
            "paper": "0.1 more",
            "place": "table 2",
            "verdict": None,
        }
    ],
    "words": {"shared": "share of latents that two seeds share", "chance": "by luck"}
    | {"whole": "share that the whole row turns"},
    "numbers": {"shared": [0.2565, 0.2418, 0.2713], "chance": [0.001, 0.001, 0.001]}
    | {"whole": [0.75, 0.6, 0.9]},
}
SAID = (
    "cannot be told",
    "world seed 3",
    "The share is low",
    "0.26 [0.24, 0.27]",
    "share of latents that two seeds share",
    "by luck",
    "0.00",
    "0.42 (Pythia)",
    "figure 1",
    "holds",
    "The share rises",
    "not run on this model",
    "0.1 more",
    "TopK on a small model",
    "holds in part",
    "in the registered run, world seed 41",
    "positive control",
    "share that the whole row turns",
    "What the sentence says",
    "Measured beside it",
)


def words(html):
    return re.sub(r"<[^>]+>", " ", html)


@pytest.mark.parametrize("said", SAID)
def test_card_and_text_say_what_the_twin_holds(said):
    faces = FACES[VERDICT](TWIN)
    assert said in words(faces["text/html"])
    assert said in faces["text/plain"]
    assert said in as_text([TWIN])


def test_the_card_quotes_the_paper_and_escapes_what_it_quotes():
    html = card.card_html(TWIN)
    assert "“They &lt;differ&gt;.”" in html
    assert "A paper &amp; more, abstract" in html
    assert html.index("They") < html.index("cannot be told") < html.index("share is")
    assert len(
        re.findall(r"<(div|ul|li|p|dl|dd|dt|details|blockquote)\b", html)
    ) == len(re.findall(r"</(div|ul|li|p|dl|dd|dt|details|blockquote)>", html))


def test_a_verdict_has_a_word_and_a_sign_beside_its_colour():
    for verdict, sign in card.SIGNS.items():
        assert verdict in card.badge(verdict)
        assert sign in card.badge(verdict)
    assert len(set(card.SIGNS.values())) == len(card.SIGNS) == 4


@pytest.mark.parametrize(
    ("holds", "said"), [(True, ""), (False, "not "), (None, "may or may not be ")]
)
def test_a_condition_is_a_sentence(holds, said):
    condition = CONDITION | {"holds": holds}
    text = card.condition_text(condition, TWIN["numbers"], TWIN["words"])
    start = "share of latents that two seeds share: 0.26 [0.24, 0.27], "
    assert text == f"{start}{said}below 0.5"
    condition |= {"interval": "above", "than": "chance"}
    text = card.condition_text(condition, TWIN["numbers"], TWIN["words"])
    assert text == f"{start}{said}above by luck, 0.00"


def test_each_change_of_the_twin_changes_the_card():
    for change in ("verdict", "sentence", "source", "profile"):
        twin = copy.deepcopy(TWIN) | {change: "does not hold"}
        assert card.card_faces(twin)["text/html"] != card.card_html(TWIN)
    twin = copy.deepcopy(TWIN)
    twin["numbers"]["shared"][0] *= 1.05
    assert card.card_html(twin) != card.card_html(TWIN)


def test_several_verdicts_are_set_apart_and_json_keeps_every_digit():
    assert as_text([TWIN, TWIN]).split("\n\n") == [card.text(TWIN)] * 2
    assert json.loads(as_json([TWIN])) == [TWIN]


def test_the_conditions_begin_with_the_gate_and_end_with_when_they_were_written():
    first, second, third = card.conditions(TWIN)
    assert first.startswith("The share is low, if the positive control works: share")
    assert first.endswith("0.75 [0.60, 0.90], above 0.5")
    assert "below 0.5" in second
    assert third == "“The share is low” was written after seed 0 was known"


def test_a_card_without_scope_or_registered_run_says_nothing_of_them():
    bare = copy.deepcopy(TWIN) | {"scope": "", "registered": None}
    for face in card.card_faces(bare).values():
        assert "registered" not in face
    assert "sae-card-scope" not in card.card_html(bare)
