"""What an explorer holds: dictionaries, their latents, labels and contexts;
and its check.
"""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

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


class ShownDictionary(NamedTuple):
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
    dictionaries: Sequence[ShownDictionary]
    """The first is shown first."""


def check_explorer(explorer: Explorer) -> None:
    """Raises ValueError, in one sentence, for what the page could not show."""
    sizes = {one.name: len(one.latents) for one in explorer.dictionaries}
    if not sizes or len(sizes) < len(explorer.dictionaries):
        names = [one.name for one in explorer.dictionaries]
        raise ValueError(
            f"an explorer needs dictionaries with names of their own, got {names}: "
            "rename them"
        )
    for one in explorer.dictionaries:
        if not PLAIN_NAME.fullmatch(one.name) or not re.fullmatch(
            "#[0-9A-Fa-f]{6}", one.colour
        ):
            raise ValueError(
                "a dictionary's name must be made of a-z, 0-9 and single hyphens and "
                f"its colour be like #0072B2, got {one.name!r} and {one.colour!r}: "
                "correct them"
            )
        if len(one.by_token) not in (0, len(explorer.vocabulary)):
            raise ValueError(
                "a dictionary lists latents for no token or for every token of the "
                f"vocabulary, but {one.name} does for {len(one.by_token)} of "
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
    home: ShownDictionary,
    latent: Latent,
    sizes: dict[str, int],
    vocabulary: int,
) -> None:
    tokens = {token for token, _ in (*latent.tokens, *latent.promoted, *latent.lowered)}
    tokens.update(token for context in latent.contexts for token in context.tokens)
    pairs = (latent.tokens, latent.promoted, latent.lowered, latent.parts, latent.users)
    numbers = [
        latent.frequency,
        latent.largest,
        *(label.score for label in latent.labels),
    ]
    numbers += [value for some in pairs for _, value in some]
    numbers += [cosine for _, _, cosine in latent.nearest]
    numbers += [value for context in latent.contexts for value in context.values]
    if not all(map(math.isfinite, numbers)):
        raise ValueError(
            f"numbers of a latent must be finite, but some of {address} are not: leave "
            "it out, or look at its SAE's weights"
        )
    links = [(name, other) for name, other, _ in latent.nearest]
    links += [(home.meta, other) for other, _ in latent.parts] + [
        (home.of, o) for o, _ in latent.users
    ]
    if strange := sorted(token for token in tokens if not 0 <= token < vocabulary):
        raise ValueError(
            f"tokens must be numbers below {vocabulary}, but {address} has "
            f"{strange[:3]}: pass the vocabulary that the text was read with"
        )
    if lost := [link for link in links if not 0 <= link[1] < sizes.get(link[0], 0)]:
        raise ValueError(
            f"a latent may only point to latents of the explorer, but {address} points "
            f"to {lost[:3]}: add that dictionary or leave the link out"
        )
