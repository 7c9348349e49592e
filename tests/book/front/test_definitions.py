"""The chapter on words with several meanings."""

import importlib
import re
from pathlib import Path

from saecore.book.front.definitions import definitions_markdown, words_defined
from saecore.book.front.stored_numbers import stored_number

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "book" / "notebooks"


def test_every_number_is_on_its_page_and_every_function_exists():
    words = words_defined(ROOT)
    assert [len(word["meaning"]) for word in words] == [4, 3, 3]
    for word in words:
        module, _, name = word["function"].rpartition(".")
        if name == "flags":
            module, _, owner = module.rpartition(".")
            assert hasattr(getattr(importlib.import_module(module), owner), name)
        else:
            assert hasattr(importlib.import_module(module), name)
        for meaning in word["meaning"]:
            if "number" in meaning:
                assert stored_number(PAGES, meaning["number"]), meaning["name"]


INTERVAL = r"0\.\d\d \[0\.\d\d, 0\.\d\d\]"


def test_a_meaning_has_its_formula_its_place_and_our_number(tmp_path):
    text = definitions_markdown(words_defined(ROOT), PAGES)
    assert "$P_e(i) = P_d(i)$, $\\min" in text
    assert re.search(INTERVAL, text)
    assert "[](notebooks/seed_definitions.ipynb)" in text
    without = definitions_markdown(words_defined(ROOT), tmp_path)
    assert not re.search(INTERVAL, without)
    assert "| – |" in without


def test_without_the_file_there_are_no_words(tmp_path):
    assert words_defined(tmp_path) == []
    assert definitions_markdown([], tmp_path) == ""
