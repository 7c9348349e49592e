"""The explorer of latents: plain lists in, a folder of static files out that needs no
server.

A page with `fragment` in it loads explorer.js, a catalogue and one dictionary's index;
everything about a latent comes from small files beside them when it is asked for. Data
are scripts that call one function, as a page opened from a disk may not read JSON.
Whatever a token holds, it reaches the page as text.
"""

import csv
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from saecore.explorer.content import (
    Context,
    Explorer,
    Latent,
    ShownDictionary,
    check_explorer,
)

ASSETS = Path(__file__).parent / "assets"
CHUNK = 16
"""Latents per data file."""
INDEXED = 4
"""Tokens of each kind that a list shows and a search finds."""


def write(explorer: Explorer, folder: Path) -> str:
    """Write scripts, style, data and one CSV file per dictionary into `folder` (emptied
    first).

    Returns the version of the content, which addresses carry so that no browser mixes
    two of them. Raises ValueError for names or colours that are not plain, names that
    are used twice or are unknown, and numbers of tokens or latents that do not exist.
    """
    check_explorer(explorer)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for asset in ("explorer.js", "explorer.css"):
        shutil.copy(ASSETS / asset, folder / asset)
    _script(folder / "catalogue.js", "catalogue", catalogue(explorer))
    for dictionary in explorer.dictionaries:
        own = folder / dictionary.name
        own.mkdir()
        _script(
            own / "index.js",
            dictionary.name,
            [indexed(latent) for latent in dictionary.latents],
        )
        if dictionary.by_token:
            _script(own / "tokens.js", f"{dictionary.name}/tokens", dictionary.by_token)
        for number, start in enumerate(range(0, len(dictionary.latents), CHUNK)):
            details = [
                detailed(latent) for latent in dictionary.latents[start : start + CHUNK]
            ]
            _script(own / f"{number}.js", f"{dictionary.name}/{number}", details)
        _table(folder / f"{dictionary.name}.csv", dictionary, explorer.vocabulary)
    return version(folder)


def version(folder: Path) -> str:
    """Ten digits that change with the content of a written folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.*")):
        digest.update(
            path.relative_to(folder).as_posix().encode() + b"\n" + path.read_bytes()
        )
    return digest.hexdigest()[:10]


def catalogue(explorer: Explorer) -> dict[str, Any]:
    """What the first view needs to know of all dictionaries."""
    shown = [
        {**one._asdict(), "latents": len(one.latents), "facts": list(one.facts.items())}
        | {"by_token": bool(one.by_token)}
        for one in explorer.dictionaries
    ]
    return {
        "chunk": CHUNK,
        "vocabulary": list(explorer.vocabulary),
        "dictionaries": shown,
    }


def indexed(latent: Latent) -> list[Any]:
    """What lists show and searches look at: frequency, largest activation, tokens,
    promoted tokens, labels, number of users.
    """
    return [
        _short(latent.frequency),
        _short(latent.largest),
        [token for token, _ in latent.tokens[:INDEXED]],
        [token for token, _ in latent.promoted[:INDEXED]],
        [[label.name, _short(label.score)] for label in latent.labels[:2]],
        len(latent.users),
    ]


def detailed(latent: Latent) -> dict[str, Any]:
    """Everything about a latent, short."""
    pairs = ("tokens", "promoted", "lowered", "parts", "users")
    shown = {
        name: [[which, _short(value)] for which, value in getattr(latent, name)]
        for name in pairs
    }
    return {
        **shown,
        "labels": [[x.name, _short(x.score), x.hits, x.of] for x in latent.labels],
        "histogram": list(latent.histogram),
        "nearest": [
            [name, other, _short(cosine)] for name, other, cosine in latent.nearest
        ],
        "contexts": [_context(context) for context in latent.contexts],
    }


def _context(context: Context) -> list[Any]:
    """Sequence, position, level, tokens, and the activations above 0 as offset, value,
    offset, value...
    """
    fired = [
        part
        for place, value in enumerate(context.values)
        if value > 0
        for part in (place, _short(value))
    ]
    return [
        context.sequence,
        context.position,
        context.level,
        list(context.tokens),
        fired,
    ]


def _short(value: float) -> float:
    """Three significant digits."""
    return float(f"{value:.3g}")


def _script(path: Path, key: str, content: Any) -> None:
    """A data file: ASCII, and no `<` in it, whatever the tokens are."""
    data = json.dumps([key, content], separators=(",", ":"), allow_nan=False).replace(
        "<", "\\u003c"
    )
    path.write_text(f"saeExplorer({data[1:-1]});\n", encoding="ascii")


COLUMNS = (
    "frequency",
    "largest activation",
    "fires on",
    "promotes",
    "lowers",
    "label",
    "score of the label",
)


def _table(path: Path, dictionary: ShownDictionary, vocabulary: Sequence[str]) -> None:
    others = list(
        dict.fromkeys(name for one in dictionary.latents for name, _, _ in one.nearest)
    )
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        links = [f"nearest in {name}" for name in others]
        writer.writerow(
            ["latent", *COLUMNS, *links, "meta-latents", "users", "strongest contexts"]
        )
        for number, latent in enumerate(dictionary.latents):
            writer.writerow([number, *_cells(latent, vocabulary, others)])


def _cells(
    latent: Latent, vocabulary: Sequence[str], others: Iterable[str]
) -> Iterator[Any]:
    """One line of the table. Lists are JSON, so that no cell of a token's text reads as
    a formula; a label that would be one has an apostrophe before it.
    """
    yield from (_short(latent.frequency), _short(latent.largest))
    for tokens in (latent.tokens, latent.promoted, latent.lowered):
        yield json.dumps([vocabulary[token] for token, _ in tokens], ensure_ascii=False)
    yield from (
        (_no_formula(latent.labels[0].name), _short(latent.labels[0].score))
        if latent.labels
        else ("", "")
    )
    for name in others:
        yield json.dumps(
            {n: _short(cosine) for where, n, cosine in latent.nearest if where == name}
        )
    for linked in (latent.parts, latent.users):
        yield json.dumps({n: _short(weight) for n, weight in linked})
    texts = [
        "".join(vocabulary[t] for t in c.tokens)
        for c in latent.contexts
        if c.level is None
    ]
    yield json.dumps(texts, ensure_ascii=False)


def _no_formula(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
