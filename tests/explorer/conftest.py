"""A small explorer whose tokens are as hostile as they come; and a dictionary whose
latents are known, one per token.
"""

import random
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from saecore.explorer.content import Context, Explorer, Label, Latent, ShownDictionary
from saecore.explorer.latents import Seen, SeenText, seen_on
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import LanguageModel, OpenModel
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.zoo.sae import SAE, configuration

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
) -> ShownDictionary:
    draw = random.Random(width)
    shown = [
        latent(j, draw=draw, of=name, width=width, label=(labels or {}).get(j, ""))
        for j in range(width)
    ]
    return ShownDictionary(
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
    meta = ShownDictionary(
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


# token 0 begins every text; latent j fires on token j + 1, twice as strongly at even
# positions
TOKENS = 12
WIDTH = TOKENS  # the last latent is silent


class Small(nn.Module):
    """A language model of which only the unembedding matters: direction j raises token
    j + 1.
    """

    def __init__(self) -> None:
        super().__init__()
        self.config = SimpleNamespace(bos_token_id=0)
        self.layers = nn.ModuleList([nn.Identity()])
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, TOKENS, bias=False)
        self.head.weight.data = torch.eye(WIDTH).roll(1, 0)
        self.embed = nn.Embedding(TOKENS, WIDTH)

    def get_input_embeddings(self) -> nn.Module:
        return self.embed

    def get_output_embeddings(self) -> nn.Module:
        return self.head


@pytest.fixture
def model() -> OpenModel:
    """The small one, opened."""
    tokeniser = SimpleNamespace(bos_token_id=0, eos_token_id=0)
    small = Small().requires_grad_(False)
    opened = OpenModel(small, tokeniser, identity=LanguageModel("small", "0"))
    opened.d_model = WIDTH  # it cannot be run, so it cannot be read either
    return opened


@pytest.fixture
def text() -> SeenText:
    """40 texts of 24 tokens after the first, with labels of some words."""
    tokens = torch.randint(
        1, TOKENS, (40, 25), generator=torch.Generator().manual_seed(3)
    )
    tokens[:, 0] = 0
    return SeenText(
        tokens, {"half": {"low": [1, 2, 3], "high": [4, 5, 6, 7]}, "none": {}}
    )


@pytest.fixture
def rows_of():
    """The rows of a text: text -> rows."""
    return _rows_of


def _rows_of(text: SeenText) -> torch.Tensor:
    strength = 1.0 + (torch.arange(1, text.tokens.shape[1]) % 2 == 0)
    rows = (
        nn.functional.one_hot(text.tokens[:, 1:] - 1, WIDTH) * strength[None, :, None]
    )
    return rows.reshape(-1, WIDTH).float()


@pytest.fixture
def seen():
    """An SAE whose latent j is direction order[j], with decoder norms other than one:
    (order, text, seed) -> Seen.
    """
    return _seen


def _seen(order: torch.Tensor, text: SeenText, *, seed: int = 0) -> Seen:
    recipe = SAERecipe(Site(World(), rows=100), "relu", WIDTH, 1, seed=seed)
    eye = torch.eye(WIDTH)[order]
    scale = torch.linspace(0.5, 3, WIDTH)[:, None]
    weights = {"W_enc": eye.T / scale.T, "W_dec": eye * scale}
    weights |= {"b_enc": torch.zeros(WIDTH), "b_dec": torch.zeros(WIDTH)}
    cfg = configuration("relu", width=WIDTH, d_model=WIDTH, k=1, metadata={})
    return seen_on(recipe, SAE(cfg, weights), _rows_of(text))
