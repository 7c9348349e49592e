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
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ASSETS = Path(__file__).parent / "assets"
CHUNK = 16  # latents per data file
INDEXED = 4  # tokens of each kind that a list shows and a search finds
PLAIN_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Context(NamedTuple):
    """A stretch of text around a token on which a latent fires."""

    sequence: int
    """Number of the sequence in the site's text."""
    position: int
    """Which of its tokens the latent fires on; 0 is the token that begins every
    text.
    """
    tokens: Sequence[int]
    """The stretch."""
    values: Sequence[float]
    """The latent's activation on each of these tokens."""
    level: float | None = None
    """None for the strongest; else the share of the largest activation that this is an
    example of.
    """


class Label(NamedTuple):
    """A known attribute that a latent stands for."""

    name: str
    """Kind and value: "country: France"."""
    score: float
    """F1 of a latent; for a meta-latent, the share of its users' weight."""
    hits: int
    """Words of the label on which it fires; users with the label."""
    of: int
    """Words of the label; users."""


class Latent(NamedTuple):
    """What is shown about one latent or meta-latent; lists are best first."""

    frequency: float
    """Share of rows on which it is active."""
    largest: float
    """Its largest activation."""
    tokens: Sequence[tuple[int, float]] = ()
    """Tokens it fires on, with their share of its activation."""
    promoted: Sequence[tuple[int, float]] = ()
    """Tokens its direction raises, with standard deviations above the mean token."""
    lowered: Sequence[tuple[int, float]] = ()
    """Tokens its direction lowers."""
    labels: Sequence[Label] = ()
    """Known attributes."""
    histogram: Sequence[int] = ()
    """Counts of activations in equal parts of (0, largest]."""
    contexts: Sequence[Context] = ()
    """Where it fires."""
    nearest: Sequence[tuple[str, int, float]] = ()
    """Dictionary, latent, cosine of the decoder rows."""
    parts: Sequence[tuple[int, float]] = ()
    """Its meta-latents and how strongly its decoder row uses them."""
    users: Sequence[tuple[int, float]] = ()
    """For a meta-latent, the latents that use it and how strongly."""


class Dictionary(NamedTuple):
    """An SAE or a meta-SAE."""

    name: str
    """Part of every address of its latents: lower-case letters, digits and hyphens."""
    title: str
    """For people: "ReLU, 2,560 latents, seed 0"."""
    colour: str
    """A CSS colour of six hexadecimal digits: that of its architecture on every
    page.
    """
    facts: dict[str, str | int | float]
    """What is said about it as a whole, by name."""
    latents: Sequence[Latent]
    """In their order."""
    meta: str = ""
    """The dictionary of its meta-latents, if it has one."""
    by_token: Sequence[Sequence[int]] = ()
    """For each token of the vocabulary the latents that it activates most, or nothing
    (a meta-SAE).
    """
    of: str = ""
    """For a meta-SAE, the dictionary whose decoder rows it takes apart."""


class Explorer(NamedTuple):
    """All that one explorer shows."""

    vocabulary: Sequence[str]
    """Text of every token, with the space that a word carries before it."""
    dictionaries: Sequence[Dictionary]
    """The first is shown first."""


def write(explorer: Explorer, folder: Path) -> str:
    """Write scripts, style, data and one CSV file per dictionary into `folder` (emptied
    first).

    Returns the version of the content, which addresses carry so that no browser mixes
    two of them. Raises ValueError for names or colours that are not plain, names that
    are used twice or are unknown, and numbers of tokens or latents that do not exist.
    """
    check(explorer)
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


def _table(path: Path, dictionary: Dictionary, vocabulary: Sequence[str]) -> None:
    others = list(
        dict.fromkeys(name for one in dictionary.latents for name, _, _ in one.nearest)
    )
    with path.open("w", encoding="utf-8", newline="") as file:
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
    a formula.
    """
    yield from (_short(latent.frequency), _short(latent.largest))
    for tokens in (latent.tokens, latent.promoted, latent.lowered):
        yield json.dumps([vocabulary[token] for token, _ in tokens], ensure_ascii=False)
    yield from (
        (latent.labels[0].name, _short(latent.labels[0].score))
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


def check(explorer: Explorer) -> None:
    """Raises ValueError, in one sentence, for what the page could not show."""
    sizes = {one.name: len(one.latents) for one in explorer.dictionaries}
    if not sizes or len(sizes) < len(explorer.dictionaries):
        names = [one.name for one in explorer.dictionaries]
        raise ValueError(
            f"an explorer needs dictionaries with names of their own, got {names}: "
            f"rename them"
        )
    for one in explorer.dictionaries:
        if not PLAIN_NAME.fullmatch(one.name) or not re.fullmatch(
            "#[0-9A-Fa-f]{6}", one.colour
        ):
            raise ValueError(
                f"a dictionary's name must be made of a-z, 0-9 and single hyphens "
                f"and its colour be like "
                f"#0072B2, got {one.name!r} and {one.colour!r}: correct them"
            )
        if len(one.by_token) not in (0, len(explorer.vocabulary)):
            raise ValueError(
                f"a dictionary lists latents for no token or for every token of the "
                f"vocabulary, but "
                f"{one.name} does for {len(one.by_token)} of "
                f"{len(explorer.vocabulary)}: give all"
            )
        if lost := {number for numbers in one.by_token for number in numbers} - set(
            range(len(one.latents))
        ):
            raise ValueError(
                f"tokens may only point to latents of {one.name}, not to "
                f"{sorted(lost)[:3]}: leave them out"
            )
        for number, latent in enumerate(one.latents):
            _check_latent(
                f"{one.name}/{number}", one, latent, sizes, len(explorer.vocabulary)
            )


def _check_latent(
    address: str,
    home: Dictionary,
    latent: Latent,
    sizes: dict[str, int],
    vocabulary: int,
) -> None:
    tokens = {token for token, _ in (*latent.tokens, *latent.promoted, *latent.lowered)}
    tokens.update(token for context in latent.contexts for token in context.tokens)
    links = [(name, other) for name, other, _ in latent.nearest]
    links += [(home.meta, other) for other, _ in latent.parts] + [
        (home.of, o) for o, _ in latent.users
    ]
    if strange := sorted(token for token in tokens if not 0 <= token < vocabulary):
        raise ValueError(
            f"tokens must be numbers below {vocabulary}, but {address} has "
            f"{strange[:3]}: pass the "
            "vocabulary that the text was read with"
        )
    if lost := [link for link in links if not 0 <= link[1] < sizes.get(link[0], 0)]:
        raise ValueError(
            f"a latent may only point to latents of the explorer, but {address} "
            f"points to {lost[:3]}: "
            "add that dictionary or leave the link out"
        )
