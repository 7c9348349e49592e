"""A language model of four steps, with its evaluation, and a WordNet of four entries."""

from pathlib import Path
from typing import Any

import pytest

from saecore.source.tasks.facts import read_facts
from saecore.tiny_lm import tokeniser, wordnet
from saecore.tiny_lm.corpus import KINDS
from saecore.tiny_lm.evaluate import write_evaluation
from saecore.tiny_lm.material import Material, prepare, taught_words
from saecore.tiny_lm.recipe import TrainingRecipe
from saecore.tiny_lm.train import train_to_folder
from tests.tiny_lm.small import SMALL

NOUNS = """\
  1 This software and database is being provided to you, the LICENSEE, by Princeton University
00000001 05 n 02 dog 0 domestic_dog 0 001 @ 00000002 n 0000 | a tame animal; "the dog barked all night"
00000002 05 n 01 blorp 0 000 | (ethnic slur) offensive term for a person
00000003 05 n 01 thing 0 000 | a blorp or another entity
00000004 18 n 02 Einstein 0 Albert_Einstein 0 001 @i 00000009 n 0000 | physicist who was born in Germany
"""


@pytest.fixture(scope="session")
def four_steps() -> TrainingRecipe:
    """A training of seconds."""
    lines: dict[str, int] = dict.fromkeys(map(str, KINDS), 1500)
    return TrainingRecipe(
        steps=4, batch=2, length=32, vocabulary=2500, d_model=24, heads=2, d_mlp=32, lines=lines
    )  # fmt: skip


@pytest.fixture(scope="session")
def lm_folder(four_steps, tmp_path_factory) -> Path:
    """The folder that it writes; `evaluation` adds to it."""
    path = tmp_path_factory.mktemp("models") / "lm"
    train_to_folder(four_steps, stories=[], wordnet=None, out=path, every=4)
    return path


@pytest.fixture(scope="session")
def evaluation(lm_folder) -> dict[str, Any]:
    """What was measured of it."""
    return write_evaluation(lm_folder, stories=[], wordnet=None, texts=4, swapped=4)


@pytest.fixture(scope="session")
def material() -> Material:
    """The texts of `SMALL`, without stories or WordNet."""
    return prepare(
        stories=[],
        wordnet=None,
        facts=read_facts(),
        vocabulary=SMALL.vocabulary,
        lines=SMALL.lines,
    )


@pytest.fixture(scope="session")
def made():
    """A vocabulary of whole words."""
    counts = tokeniser.count_words((["the dog barked"], 1.0))
    return tokeniser.whole_word_tokeniser(counts, taught_words(read_facts()), size=5000)


@pytest.fixture
def wordnet_folder(tmp_path) -> Path:
    """Four nouns, one of them a slur and one a person."""
    for name in wordnet.FILES:
        text = NOUNS if name == "data.noun" else ""
        (tmp_path / name).write_text(text, encoding="latin-1")
    return tmp_path
