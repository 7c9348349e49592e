"""What an explorer holds is checked before anything of it is written."""

import json
import re
from pathlib import Path

import pytest

from saecore.explorer.content import (
    Context,
    Explorer,
    Latent,
    ShownDictionary,
    check_explorer,
)


def data(path: Path) -> list:
    """The key and the content of a data file."""
    text = path.read_text(encoding="ascii")
    call = re.fullmatch(r"saeExplorer\((.*)\);\n", text, re.DOTALL)
    assert call, text[:80]
    return json.loads(f"[{call.group(1)}]")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "a/b"}, "name must be made of a-z"),
        ({"name": "../up"}, "name must be made of a-z"),
        ({"colour": "red;}"}, "its colour be like"),
        (
            {"latents": [Latent(0.5, 1.0, tokens=[(99, 1.0)])]},
            r"tokens must be numbers below 21, .* has \[99\]",
        ),
        (
            {"latents": [Latent(0.5, 1.0, nearest=[("gone", 0, 1.0)])]},
            "may only point to latents of the explorer",
        ),
        (
            {"by_token": [[0]]},
            "for no token or for every token of the vocabulary, but one does for 1 of 21",
        ),
        (
            {"by_token": [[1], *[[]] * 20]},
            r"tokens may only point to latents of one, not to \[1\]",
        ),
        (
            {"latents": [Latent(0.5, 1.0, parts=[(0, 1.0)])]},
            "may only point to latents of the explorer",
        ),
        (
            {"latents": [Latent(0.5, 1.0, nearest=[("one", 1, 1.0)])]},
            "may only point to latents",
        ),
    ],
)
def test_what_a_page_could_not_show_is_refused(explorer, change, message):
    sound = ShownDictionary("one", "One", "#000000", {}, [Latent(0.5, 1.0)])
    with pytest.raises(ValueError, match=message):
        check_explorer(Explorer(explorer.vocabulary, [sound._replace(**change)]))


def test_dictionaries_need_names_of_their_own(explorer):
    one = ShownDictionary("one", "One", "#000000", {}, [Latent(0.5, 1.0)])
    for dictionaries in ([], [one, one]):
        with pytest.raises(ValueError, match="names of their own"):
            check_explorer(Explorer(explorer.vocabulary, dictionaries))


def test_a_sound_explorer_is_left_in_peace(explorer):
    check_explorer(explorer)


@pytest.mark.parametrize(
    "latent",
    [
        Latent(float("nan"), 1.0),
        Latent(0.5, float("inf")),
        Latent(0.5, 1.0, promoted=[(0, float("nan"))]),
        Latent(0.5, 1.0, contexts=[Context(0, 1, [0], [float("nan")])]),
    ],
)
def test_numbers_that_are_not_finite_are_refused(latent):
    shown = ShownDictionary("one", "One", "#000000", {}, [latent])
    with pytest.raises(ValueError, match="must be finite, but some of one/0"):
        check_explorer(Explorer(["a"], [shown]))
