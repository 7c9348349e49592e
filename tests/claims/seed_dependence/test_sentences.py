"""Every conclusion has its three sentences, and a page that shows it."""

from pathlib import Path

import pytest

from saecore.claims.seed_dependence.sentences import SEED_SENTENCES
from saecore.report.told import chosen_sentence

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"
PAGES = ("seed_dependence", "seed_definitions", "how_many_features")


@pytest.mark.parametrize("name", SEED_SENTENCES)
def test_a_conclusion_is_chosen_by_its_number_and_shown_once(name):
    said = SEED_SENTENCES[name]
    assert set(said) == {"holds", "fails", "undecided"}
    assert chosen_sentence((3.0, 2.0, 4.0), above=0, **said) == said["holds"]
    assert chosen_sentence((-3.0, -4.0, -2.0), above=0, **said) == said["fails"]
    assert chosen_sentence((0.0, -1.0, 1.0), above=0, **said) == said["undecided"]
    assert all("{number}" in sentence for sentence in map(str, said.values()))
    pages = [(NOTEBOOKS / f"{page}.py").read_text("utf-8") for page in PAGES]
    assert sum(page.count(f'SEED_SENTENCES["{name}"]') for page in pages) == 1
