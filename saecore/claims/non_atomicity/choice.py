"""Five-way multiple choice on the language model: do its meta-latents tell which latent
it is?
"""

from collections.abc import Iterator
from functools import reduce
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.meta_saes import MetaSAEs, WithNull
from saecore.measures.algebra.matching_pursuit import pursue
from saecore.measures.meta.multiple_choice import (
    Statistics,
    distractors,
    multiple_choice,
    random_distractors,
    shuffled_uses,
    tf_idf,
    token_statistics,
)
from saecore.measures.meta.variance_explained import isotropic, k_means
from saecore.recipes.meta import MetaRecipe
from saecore.report import mean
from saecore.shapes import Directions, Rows
from saecore.source.model.language_model import open_model

TAIL = 32_768
"""Rows of the text, its last, that the token statistics are counted on."""
ASKED_LATENTS = 500
"""Latents that are asked for, per seed."""
NEIGHBOURS = 8
"""Nearest latents that describe a latent in the most local of the controls."""
_BLOCK = 8192

Shown = tuple[Float[Tensor, "latent part"], Float[Tensor, "latent part"] | None]
"""Who uses which parts, and what the chooser sees if that is something else."""


class TokenRows(NamedTuple):
    """The rows that token statistics are counted on."""

    kinds: Int[Tensor, " kind"]
    """The tokens that occur."""
    kind: Int[Tensor, " row"]
    """Which of them each row is."""
    rows: Rows
    """The activations."""


def token_rows(found: MetaSAEs) -> TokenRows:
    """The last `TAIL` rows of the language model's text, with their tokens."""
    site = found.grid.base[0].sae.site
    tokens = found.zoo.get(site.text)[:, 1:].reshape(-1)[-TAIL:]
    kinds, kind = tokens.unique(return_inverse=True)
    return TokenRows(kinds, kind, found.zoo.get(site)[-TAIL:])


class FiveWay(NamedTuple):
    """What the five-way choice about one SAE is made of."""

    words: Statistics
    """TF-IDF of the tokens that each latent fires on."""
    uses: Float[Tensor, "latent meta"]
    """How strongly each latent uses each meta-latent."""
    dealt: Float[Tensor, "latent meta"]
    """The same, dealt to other latents: the null."""
    target: Int[Tensor, " question"]
    """The latents that are asked for."""
    random: Int[Tensor, "question other"]
    """Four wrong answers each, drawn among all live latents, as in the paper."""
    near: Int[Tensor, "question other"]
    """Four wrong answers each, those with the nearest decoder rows."""
    rows: Directions
    """The decoder rows."""
    isotropic: Directions
    """As many random directions as there are meta-latents."""

    def right(self, shown: Shown) -> tuple[float, float]:
        """Share right among random and among near wrong answers."""
        uses, seen = shown
        random, near = (
            multiple_choice(self.words, uses, self.target, wrong, shown=seen).accuracy
            for wrong in (self.random, self.near)
        )
        return random, near


def five_ways(found: MetaSAEs) -> Iterator[FiveWay]:
    """The five-way choice about each ReLU SAE of the base setting, seed by seed."""
    text, generator = token_rows(found), draws("choice")
    for recipe in found.grid.base:
        yield _five_way(found, recipe, text, generator)


def _five_way(
    found: MetaSAEs, recipe: MetaRecipe, text: TokenRows, generator: Generator
) -> FiveWay:
    sae, rows = found.saes[recipe.sae], found.rows(recipe).rows
    parts = zip(text.rows.split(_BLOCK), text.kind.split(_BLOCK), strict=True)
    size = {"width": sae.width, "tokens": len(text.kinds)}
    counted = (
        token_statistics(sae.encode_sparse(x), kind, **size) for x, kind in parts
    )
    statistics = reduce(torch.add, counted)
    live = (statistics.sum(1) > 0).nonzero()[:, 0]
    target = live[torch.randperm(len(live), generator=generator)[:ASKED_LATENTS]]
    random = random_distractors(target, live, generator=generator)
    directions = isotropic(rows, recipe.width, generator=generator)
    uses = found.uses(recipe)
    return FiveWay(
        words=tf_idf(statistics),
        uses=uses,
        dealt=shuffled_uses(uses, generator=generator),
        target=target,
        random=random,
        near=distractors(rows, target, live),
        rows=rows,
        isotropic=directions,
    )


def choice(found: MetaSAEs) -> WithNull:
    """Share of five-way choices with random wrong answers that meta-latents get right,
    beside shuffled meta-latents.
    """
    told = []
    for one in five_ways(found):
        asked = {"target": one.target, "others": one.random}
        told.append(
            [
                multiple_choice(one.words, one.uses, shown=shown, **asked).accuracy
                for shown in (one.uses, one.dealt)
            ]
        )
    return WithNull(*map(found.over_seeds, zip(*told, strict=True)))


def choices_by_description(found: MetaSAEs) -> dict[str, list[tuple[float, float]]]:
    """Share right among random and among near wrong answers, per seed, by what
    describes a latent.
    """
    told: dict[str, list[tuple[float, float]]] = {}
    for one in five_ways(found):
        for name, shown in _described(one, found.k).items():
            told.setdefault(name, []).append(one.right(shown))
    return told


def choice_rows(told: dict[str, list[tuple[float, float]]]) -> list[dict[str, Any]]:
    """`choices_by_description` as the rows of a table, means over seeds."""
    columns = "right, random distractors", "right, nearest distractors"
    return [
        {"explained by": name}
        | {
            title: mean(one[place] for one in seeds)
            for place, title in enumerate(columns)
        }
        for name, seeds in told.items()
    ]


def _described(one: FiveWay, k: int) -> dict[str, Shown]:
    """Meta-latents and what could stand in their place."""
    rows, count = one.rows, one.uses.shape[1]
    centred = rows - rows.mean(0)
    member = torch.cdist(centred, k_means(rows, count)).argmin(1)
    near = (rows @ rows.T).fill_diagonal_(-1).topk(NEIGHBOURS, dim=1).indices
    random = pursue(centred, one.isotropic, count=k).dense(count).relu()
    latents = torch.eye(len(rows)), torch.zeros(len(rows), len(rows))
    return {
        "meta-latents": (one.uses, None),
        "shuffled meta-latents": (one.uses, one.dealt),
        "random directions": (random, None),
        "k-means, one cluster": (
            torch.nn.functional.one_hot(member, count).float(),
            None,
        ),
        "the eight nearest latents": (latents[0], latents[1].scatter_(1, near, 1.0)),
    }


def taken_apart(found: MetaSAEs, words: tuple[str, ...]) -> list[dict[str, Any]]:
    """The meta-latents of the latent that fires most exclusively on each word, each by
    the tokens of three other latents that use it most (first seed): a table.
    """
    one, kinds = next(five_ways(found)), token_rows(found).kinds
    model = open_model(found.profile.folder)
    spelled = [model.decode([index]).strip() for index in kinds.tolist()]
    label = [spelled[index] for index in one.words.argmax(1).tolist()]
    rows = []
    for word in words:
        if word not in spelled:
            continue
        latent = int(one.words[:, spelled.index(word)].argmax())
        used = int((one.uses[latent] > 0).sum())
        for meta in one.uses[latent].argsort(descending=True)[:used].tolist():
            users = one.uses[:, meta].argsort(descending=True).tolist()
            others = [label[i] for i in users if i != latent][:3]
            rows.append(
                {
                    "latent": f"{latent} ({word})",
                    "meta-latent": meta,
                    "weight": float(one.uses[latent, meta]),
                    "latents that use it most": ", ".join(others),
                }
            )
    return rows
