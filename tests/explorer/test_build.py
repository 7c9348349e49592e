"""What the explorer says of dictionaries whose latents are known: one latent per
token.
"""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from saecore import profiles
from saecore.claims import sites
from saecore.claims.incompleteness.grid import stitching_grid
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.explorer import build as explored
from saecore.explorer import meta_latents
from saecore.explorer.latents import NEIGHBOURS, STRONGEST, Seen, Text, latents, seen_on
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import LanguageModel, OpenModel
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.sparse import sparse
from saecore.zoo.sae import SAE, configuration

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
    tokeniser = SimpleNamespace(bos_token_id=0, eos_token_id=0)
    small = Small().requires_grad_(False)
    return OpenModel(small, tokeniser, identity=LanguageModel("small", "0"))


@pytest.fixture
def text() -> Text:
    tokens = torch.randint(
        1, TOKENS, (40, 25), generator=torch.Generator().manual_seed(3)
    )
    tokens[:, 0] = 0
    return Text(tokens, {"half": {"low": [1, 2, 3], "high": [4, 5, 6, 7]}, "none": {}})


def rows_of(text: Text) -> torch.Tensor:
    strength = 1.0 + (torch.arange(1, text.tokens.shape[1]) % 2 == 0)
    rows = (
        nn.functional.one_hot(text.tokens[:, 1:] - 1, WIDTH) * strength[None, :, None]
    )
    return rows.reshape(-1, WIDTH).float()


def seen(order: torch.Tensor, text: Text, *, seed: int = 0) -> Seen:
    """An SAE whose latent j is direction order[j], with decoder norms other than
    one.
    """
    recipe = SAERecipe(Site(World(), rows=100), "relu", WIDTH, 1, seed=seed)
    eye = torch.eye(WIDTH)[order]
    scale = torch.linspace(0.5, 3, WIDTH)[:, None]
    weights = {"W_enc": eye.T / scale.T, "W_dec": eye * scale}
    weights |= {"b_enc": torch.zeros(WIDTH), "b_dec": torch.zeros(WIDTH)}
    cfg = configuration("relu", width=WIDTH, d_model=WIDTH, k=1, metadata={})
    return seen_on(recipe, SAE(cfg, weights), rows_of(text))


def test_each_latent_is_described_by_the_token_that_it_stands_for(model, text):
    one = seen(torch.arange(WIDTH), text)
    found = list(latents(one, [one], text, model))
    of_rows = text.of_rows
    for j, latent in enumerate(found[:-1]):
        assert latent.tokens == [(j + 1, pytest.approx(1))]
        assert latent.promoted[0][0] == j + 1
        assert latent.frequency == pytest.approx(
            float((of_rows == j + 1).float().mean())
        )
        assert sum(latent.histogram) == int((of_rows == j + 1).sum())
        assert latent.largest == pytest.approx(2 / float(one.sae.W_dec[j].norm()))
    silent = found[-1]
    assert (silent.frequency, silent.largest, silent.tokens, silent.contexts) == (
        0,
        0,
        [],
        [],
    )
    assert (silent.labels, silent.nearest) == ([], [])


def test_every_context_is_the_text_around_the_token_with_its_activations(model, text):
    one = seen(torch.arange(WIDTH), text)
    for j, latent in enumerate(latents(one, [one], text, model)):
        strongest = [context for context in latent.contexts if context.level is None]
        assert len(strongest) == (STRONGEST if latent.frequency else 0)
        for context in latent.contexts:
            full = text.tokens[context.sequence].tolist()
            assert full[context.position] == j + 1
            start = max(1, context.position - 14)
            assert list(context.tokens) == full[start : context.position + 8]
            strength = [
                1.0 + (place % 2 == 0)
                for place in range(start, start + len(context.tokens))
            ]
            expected = [
                s * (t == j + 1) for s, t in zip(strength, context.tokens, strict=True)
            ]
            norm = float(one.sae.W_dec[j].norm())
            torch.testing.assert_close(
                torch.tensor(context.values), torch.tensor(expected) / norm
            )
            if context.level is None:
                assert context.position % 2 == 0


def test_labels_are_those_of_the_words_and_rare_ones_are_left_out(model, text):
    one = seen(torch.arange(WIDTH), text)
    found = list(latents(one, [one], text, model))
    assert [latent.labels for latent in found] == [[]] * WIDTH  # one word is not enough
    both = seen(torch.arange(WIDTH), text)
    merged = torch.eye(WIDTH)
    merged[0] = torch.tensor([1.0, 1, 1] + [0] * (WIDTH - 3))
    weights = both.sae.weights | {"W_enc": merged.T.contiguous()}
    whole = seen_on(both.recipe, SAE(both.sae.cfg, weights), rows_of(text))
    label = next(iter(latents(whole, [whole], text, model))).labels[0]
    assert label == ("half: low", pytest.approx(1), 3, 3)


def test_the_nearest_latent_of_another_seed_is_the_same_direction(model, text):
    order = torch.randperm(WIDTH, generator=torch.Generator().manual_seed(9))
    first, second = seen(torch.arange(WIDTH), text), seen(order, text, seed=1)
    assert (first.name, second.name) == (f"relu-{WIDTH}-seed0", f"relu-{WIDTH}-seed1")
    for j, latent in enumerate(latents(first, [first, second], text, model)):
        near = [
            (name, other) for name, other, cosine in latent.nearest if cosine > 0.999
        ]
        assert near == (
            [] if j == WIDTH - 1 else [(second.name, order.tolist().index(j))]
        )
        assert (
            len([name for name, *_ in latent.nearest if name == first.name])
            <= NEIGHBOURS
        )


def test_meta_latents_know_their_users_and_the_users_know_them(model, text):
    one = seen(torch.arange(WIDTH), text)
    plain = list(latents(one, [one], text, model))
    dense = torch.zeros(WIDTH, 3)
    dense[0, 0], dense[1, 0], dense[1, 2] = 0.5, 1.5, 0.25
    parts = sparse(dense)
    with_parts = meta_latents.with_parts(plain, parts)
    assert [latent.parts for latent in with_parts[:3]] == [
        [(0, 0.5)],
        [(0, 1.5), (2, 0.25)],
        [],
    ]
    weights = {
        "W_enc": torch.eye(WIDTH)[:, :3].contiguous(),
        "W_dec": torch.eye(WIDTH)[:3].contiguous(),
    }
    weights |= {"b_enc": torch.zeros(3), "b_dec": torch.zeros(WIDTH)}
    meta = SAE(configuration("relu", width=3, d_model=WIDTH, k=1, metadata={}), weights)
    found = list(meta_latents.meta_latents(meta, with_parts, parts, [one], model))
    assert [latent.users for latent in found] == [[(1, 1.5), (0, 0.5)], [], [(1, 0.25)]]
    assert found[0].tokens == [(2, pytest.approx(0.75)), (1, pytest.approx(0.25))]
    assert found[0].nearest[0] == (one.name, 0, pytest.approx(1))
    assert found[1].tokens == []


def test_the_meta_sae_stands_beside_the_dictionary_that_it_takes_apart(model, text):
    from saecore.explorer.content import Explorer, check

    one, other = (
        seen(torch.arange(WIDTH), text),
        seen(torch.arange(WIDTH), text, seed=1),
    )
    shown = [
        explored._dictionary(
            x, list(latents(x, [one, other], text, model)), text, tokens=TOKENS
        )
        for x in (one, other)
    ]
    weights = {
        "W_enc": torch.eye(WIDTH)[:, :3].contiguous(),
        "W_dec": torch.eye(WIDTH)[:3].contiguous(),
    }
    weights |= {"b_enc": torch.zeros(3), "b_dec": torch.zeros(WIDTH)}
    meta = SAE(configuration("relu", width=3, d_model=WIDTH, k=1, metadata={}), weights)
    recipe = MetaRecipe(
        SAERecipe(Site(World(), rows=100), "relu", 100, 1), width=3, k=1
    )
    found = meta_latents.with_meta(shown, recipe, meta, [one, other], model)
    assert [x.name for x in found] == [one.name, "meta-3-seed0", other.name]
    assert (found[0].meta, found[1].of) == ("meta-3-seed0", one.name)
    assert found[0].by_token[0] == []  # the token that begins every text has no row
    assert [numbers[0] for numbers in found[0].by_token[1:]] == list(range(TOKENS - 1))
    check(Explorer([str(t) for t in range(TOKENS)], found))


def test_the_explorer_asks_for_nothing_that_the_claims_do_not_ask_for():
    profile = profiles.read()
    asked = sites.members(stitching_grid(profile)) + sites.members(model_seeds(profile))
    assert set(explored.recipes(profile)) <= set(asked)
    meta = explored.meta_recipe(profile)
    assert (meta.sae, meta.width, meta.rows) == (
        explored.recipes(profile)[0],
        128,
        "decoder",
    )


def test_words_with_two_labels_of_one_kind_and_words_of_several_tokens_are_left_out():
    pairs = [
        ("orange", "color"),
        ("orange", "fruit"),
        ("red", "color"),
        ("teal", "color"),
        ("apple", "fruit"),
    ]
    token = {" orange": 3, " red": 4, " apple": 5, "teal": 6}
    assert explored._grouped(pairs, token) == {"color": [4], "fruit": [5]}


def test_pieces_of_characters_and_lost_spaces_are_spelled():
    assert explored._word("\ufffd", "Ģ") == "⟨Ģ⟩"
    assert explored._word("king", "▁king") == " king"
    assert explored._word(" king", "Ġking") == " king"
    assert explored._word("", "") == ""
