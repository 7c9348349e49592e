"""The files that others embed."""

import json
from xml.etree import ElementTree as xml

from saecore.book.front.cards import write_cards
from saecore.report.judging.claim import Claim


def test_a_judged_claim_has_a_picture_and_its_numbers(tmp_path, claim, runs, front):
    other = Claim.read("erasure")
    made = write_cards(tmp_path / "cards", [claim, other], runs, front, date="today")
    assert made == ["seed_dependence"]
    assert sorted(p.name for p in (tmp_path / "cards").iterdir()) == [
        "seed_dependence.json",
        "seed_dependence.svg",
    ]
    svg = xml.parse(tmp_path / "cards" / "seed_dependence.svg").getroot()
    assert "Run of today." in "".join(svg.itertext())
    data = json.loads((tmp_path / "cards" / "seed_dependence.json").read_text())
    assert (data["date"], data["page"]) == ("today", f"../{claim.notebook}.html")
    model, world = data["subjects"]
    assert (model["profile"], model["verdict"], model["registered"]) == (
        "tiny",
        "holds",
        None,
    )
    assert world["registered"] == {"world_seed": 9, "verdict": "holds"}
    assert model["headline"]["number"]["high"] == 0.4
    assert model["headline"]["compared_with"]["value"] == 0.02
    assert model["headline"]["papers"] == {"Pythia": 0.42}
    assert [part["name"] for part in model["statements"]] == [
        part.name for part in claim.parts
    ]
