"""Five-way multiple choice: do its meta-latents tell which latent it is, better than a
description without parts does?
"""

from collections.abc import Iterator
from functools import reduce
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.meta_saes import MetaSAEs, WithNull
from saecore.claims.non_atomicity.resemblance import META
from saecore.measures.algebra.intervals import Interval, crossed, share_over_seeds
from saecore.measures.algebra.matching_pursuit import pursue
from saecore.measures.meta.cluster_null import k_means
from saecore.measures.meta.multiple_choice import (
    Statistics,
    distractors,
    multiple_choice,
    random_distractors,
    shuffled_uses,
    tf_idf,
    token_statistics,
)
from saecore.measures.meta.variance_explained import isotropic
from saecore.recipes.explorer import latent_cell
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
    target: Int[Tensor, " question"]
    """The latents that are asked for."""
    random: Int[Tensor, "question other"]
    """Four wrong answers each, drawn among all live latents, as in the paper."""
    near: Int[Tensor, "question other"]
    """Four wrong answers each, those with the nearest decoder rows."""
    described: dict[str, Shown]
    """Meta-latents and what could stand in their place."""


class Credits(NamedTuple):
    """What was answered about one SAE, question by question, by description."""

    random: dict[str, Float[Tensor, " question"]]
    """Among random wrong answers."""
    near: dict[str, Float[Tensor, " question"]]
    """Among the nearest wrong answers."""


def five_ways(found: MetaSAEs) -> Iterator[FiveWay]:
    """The five-way choice about each ReLU SAE of the base setting, seed by seed."""
    text, generator = token_rows(found), draws("choice")
    for recipe in found.grid.base:
        yield five_way(found, recipe, _words(found, recipe, text), generator)


def _words(found: MetaSAEs, recipe: MetaRecipe, text: TokenRows) -> Statistics:
    """How strongly each latent fires on each token."""
    sae = found.saes[recipe.sae]
    parts = zip(text.rows.split(_BLOCK), text.kind.split(_BLOCK), strict=True)
    size = {"width": sae.width, "tokens": len(text.kinds)}
    counted = (
        token_statistics(sae.encode_sparse(x), kind, **size) for x, kind in parts
    )
    return reduce(torch.add, counted)


def five_way(
    found: MetaSAEs, recipe: MetaRecipe, statistics: Statistics, generator: Generator
) -> FiveWay:
    """The choice about one SAE, by what its latents fire on."""
    rows, live = found.rows(recipe).rows, (statistics.sum(1) > 0).nonzero()[:, 0]
    target = live[torch.randperm(len(live), generator=generator)[:ASKED_LATENTS]]
    random = random_distractors(target, live, generator=generator)
    directions = isotropic(rows, recipe.width, generator=generator)
    uses = found.uses(recipe)
    dealt = shuffled_uses(uses, generator=generator)
    described = {META: (uses, None), "shuffled meta-latents": (uses, dealt)}
    described |= _without_parts(rows, directions, found.k)
    near = distractors(rows, target, live)
    return FiveWay(tf_idf(statistics), uses, target, random, near, described)


def _without_parts(
    rows: Directions, directions: Float[Tensor, "direction d_model"], k: int
) -> dict[str, Shown]:
    """Random directions, one cluster, the nearest latents."""
    centred, count = rows - rows.mean(0), len(directions)
    member = torch.cdist(centred, k_means(rows, count)).argmin(1)
    cosine = (rows @ rows.T).fill_diagonal_(-1)
    near = cosine.topk(min(NEIGHBOURS, len(rows) - 1), dim=1).indices
    random = pursue(centred, directions, count=k).dense(count).relu()
    own, seen = torch.eye(len(rows)), torch.zeros(len(rows), len(rows))
    cluster = torch.nn.functional.one_hot(member, count).float()
    return {
        "random directions": (random, None),
        "k-means, one cluster": (cluster, None),
        "the eight nearest latents": (own, seen.scatter_(1, near, 1.0)),
    }


def credits(one: FiveWay) -> Credits:
    """Every description put to every question."""
    given = [
        {
            name: multiple_choice(
                one.words, uses, one.target, wrong, shown=seen
            ).credit.double()
            for name, (uses, seen) in one.described.items()
        }
        for wrong in (one.random, one.near)
    ]
    return Credits(*given)


class Choice(NamedTuple):
    """The five-way choice over seeds and questions."""

    seeds: list[Credits]
    """What was answered, seed by seed."""
    random: WithNull
    """Meta-latents beside the best other description, random wrong answers."""
    near: WithNull
    """The same, nearest wrong answers."""

    def rows(self) -> list[dict[str, Any]]:
        """A row per description, means over seeds."""
        return [
            {
                "explained by": name,
                "right, random distractors": _share(self.seeds, "random", name),
                "right, nearest distractors": _share(self.seeds, "near", name),
            }
            for name in self.seeds[0].random
        ]


def choice(found: MetaSAEs) -> Choice:
    """Five-way choices on the language model."""
    return over_choices(found, [credits(one) for one in five_ways(found)])


def over_choices(found: MetaSAEs, seeds: list[Credits]) -> Choice:
    """Meta-latents beside the description without parts that does best."""
    return Choice(seeds, *(_beside(found, seeds, way) for way in ("random", "near")))


def _beside(found: MetaSAEs, seeds: list[Credits], way: str) -> WithNull:
    level = found.claim.constants["confidence"]
    others = [name for name in seeds[0].random if name != META]
    best = max(others, key=lambda name: _share(seeds, way, name))

    def shares(name: str) -> Interval:
        answered = [getattr(one, way)[name] for one in seeds]
        means = [float(one.mean()) for one in answered]
        return share_over_seeds(means, trials=list(map(len, answered)), level=level)

    gaps = [getattr(one, way)[META] - getattr(one, way)[best] for one in seeds]
    return WithNull(
        shares(META), shares(best), crossed(_apart(gaps), level=level), best
    )


def _apart(seeds: list[Float[Tensor, " question"]]) -> Float[Tensor, "seed unit"]:
    """Questions that differ from seed to seed: each in a column of its own."""
    table = torch.full((len(seeds), sum(map(len, seeds))), torch.nan).double()
    start = 0
    for seed, one in enumerate(seeds):
        table[seed, start : start + len(one)] = one
        start += len(one)
    return table


def _share(seeds: list[Credits], way: str, name: str) -> float:
    return mean(getattr(one, way)[name].mean() for one in seeds)


def taken_apart(found: MetaSAEs, words: tuple[str, ...]) -> list[dict[str, Any]]:
    """The meta-latents of the latent that fires most exclusively on each word, each by
    the tokens of three other latents that use it most (first seed, which the explorer
    shows): a table.
    """
    recipe = found.grid.base[0]
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
                    "latent": latent_cell(recipe.sae, latent, f"{latent} ({word})"),
                    "meta-latent": latent_cell(recipe, meta),
                    "weight": float(one.uses[latent, meta]),
                    "latents that use it most": ", ".join(others),
                }
            )
    return rows
