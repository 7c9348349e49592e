"""A small explorer whose tokens are as hostile as they come."""

import random

import pytest

from saecore.explorer.content import Context, Dictionary, Explorer, Label, Latent

HOSTILE = (
    "<script>document.title='broken in'</script>",
    "<img src=x onerror=\"document.title='broken in'\">",
    "</noscript></script><h1>",
    '"',
    "'",
    "\\",
    "\n",
    "\u2028",
    "\u202egnp.exe",
    "&amp;",
    "\x00",
    "`${1}`",
    "]]>",
    "=1+1",
)
WORDS = (" king", " queen", " bird", " sparrow", " France", "ing", ",")
VOCABULARY = (*HOSTILE, *WORDS)


def latent(
    number: int, *, draw: random.Random, of: str, width: int, label: str = ""
) -> Latent:
    """A latent whose strongest token is number `number` of the vocabulary, and that
    knows some others.
    """
    own = number % len(VOCABULARY)
    tokens = [(own, 0.6), ((own + 1) % len(VOCABULARY), 0.3)]
    around = [draw.randrange(len(VOCABULARY)) for _ in range(6)]
    contexts = [
        Context(
            3,
            5,
            [*around[:3], own, *around[3:]],
            [0, 0, 0.25, 2.0 - 0.1 * place, 0, 0, 0],
            level,
        )
        for place, level in enumerate((None, None, 0.5))
    ]
    return Latent(
        frequency=1 / (number + 2),
        largest=2.0,
        tokens=tokens,
        promoted=[((own + 2) % len(VOCABULARY), 5.5)],
        lowered=[((own + 3) % len(VOCABULARY), -4.5)],
        labels=[Label(label, 0.75, 3, 4)] if label else [],
        histogram=[5, 3, 0, 1],
        contexts=contexts,
        nearest=[(of, (number + 1) % width, 0.5)],
    )


def dictionary(
    name: str, width: int, *, labels: dict[int, str] | None = None
) -> Dictionary:
    draw = random.Random(width)
    shown = [
        latent(j, draw=draw, of=name, width=width, label=(labels or {}).get(j, ""))
        for j in range(width)
    ]
    return Dictionary(
        name, f"<b>{name}</b>, {width} latents", "#0072B2", {"L0 <i>": 8.0}, shown
    )


@pytest.fixture(scope="session")
def explorer() -> Explorer:
    """70 latents, of which two have labels and one is silent, and a meta-SAE of three
    latents.
    """
    large = dictionary(
        "relu-70", 70, labels={16: "category: bird", 40: 'country: <script>"'}
    )
    silent = Latent(frequency=0, largest=0)
    latents = [
        one._replace(parts=[(j % 3, 0.5), ((j + 1) % 3, 0.25)])
        for j, one in enumerate(large.latents)
    ]
    latents[69] = silent
    by_token = [[50] if word == " queen" else [] for word in VOCABULARY]
    large = large._replace(latents=latents, meta="meta-3", by_token=by_token)
    users = [
        [
            (j, weight)
            for j, one in enumerate(latents)
            for part, weight in one.parts
            if part == m
        ]
        for m in range(3)
    ]
    meta = Dictionary(
        "meta-3",
        "Meta-SAE",
        "#56B4E9",
        {},
        [
            Latent(frequency=len(u) / 70, largest=0.5, tokens=[(14, 1.0)], users=u)
            for u in users
        ],
        of="relu-70",
    )
    return Explorer(VOCABULARY, [large, meta])
