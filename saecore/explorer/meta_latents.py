"""Meta-latents: what the decoder rows of an SAE are made of, and which latents use each
meta-latent.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from saecore.explorer.content import Label, Latent, ShownDictionary
from saecore.explorer.latents import TOKENS, Seen, neighbours, pairs_of
from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.dictionary import top_contexts
from saecore.recipes.explorer import shown_name
from saecore.recipes.meta import MetaRecipe
from saecore.report import figures
from saecore.source.model.language_model import OpenModel
from saecore.source.model.logit_lens import promoted
from saecore.sparse import Active
from saecore.zoo.sae import SAE

Key = TypeVar("Key", int, str)
SHARE_SHOWN = 0.1


def with_meta(
    dictionaries: Sequence[ShownDictionary],
    recipe: MetaRecipe,
    meta: SAE,
    seen: Sequence[Seen],
    model: OpenModel,
) -> list[ShownDictionary]:
    """The dictionaries, with the meta-SAE of the first one, `seen[0]`, beside it."""
    first, *others = dictionaries
    name = shown_name(recipe)
    parts = meta.encode_sparse(unit_rows(seen[0].sae.W_dec))
    first = first._replace(latents=with_parts(first.latents, parts), meta=name)
    shown = list(meta_latents(meta, first.latents, parts, seen, model))
    return [first, meta_dictionary(name, recipe, meta, shown, first), *others]


def with_parts(latents: Sequence[Latent], parts: Active) -> list[Latent]:
    """The latents with the meta-latents of their decoder rows, the strongest first."""
    shown = []
    for j, latent in enumerate(latents):
        own = slice(int(parts.crow[j]), int(parts.crow[j + 1]))
        pairs = zip(parts.latent[own].tolist(), parts.value[own].tolist(), strict=True)
        shown.append(latent._replace(parts=sorted(pairs, key=lambda pair: -pair[1])))
    return shown


def meta_latents(
    meta: SAE,
    latents: Sequence[Latent],
    parts: Active,
    seen: Sequence[Seen],
    model: OpenModel,
) -> Iterator[Latent]:
    """Meta-latents with the latents whose decoder rows use them (`parts`: one row per
    latent).

    Its tokens and labels are those of its users, weighted by how strongly they use it
    and, for a label, only as the best one of a user.
    """
    by = top_contexts.by_latent(parts, meta.width)
    lens = promoted(model, meta.W_dec, count=TOKENS)
    near = neighbours(unit_rows(meta.W_dec), seen)
    for m in range(meta.width):
        own = slice(int(by.crow[m]), int(by.crow[m + 1]))
        users = list(zip(by.row[own].tolist(), by.value[own].tolist(), strict=True))
        yield Latent(
            frequency=len(users) / len(latents),
            largest=users[0][1] if users else 0.0,
            tokens=_tokens(users, latents),
            promoted=pairs_of(lens.token[m], lens.score[m]),
            lowered=pairs_of(lens.lowered[m], lens.lowered_score[m]),
            labels=_labels(users, latents),
            nearest=near[m],
            users=users,
        )


def _tokens(
    users: Sequence[tuple[int, float]], latents: Sequence[Latent]
) -> list[tuple[int, float]]:
    mass: dict[int, float] = defaultdict(float)
    for j, weight in users:
        for token, share in latents[j].tokens:
            mass[token] += weight * share
    total = sum(weight for j, weight in users if latents[j].tokens)
    return [(token, value / total) for token, value in _heaviest(mass, TOKENS)]


def _heaviest(mass: Mapping[Key, float], count: int) -> list[tuple[Key, float]]:
    return sorted(mass.items(), key=lambda pair: -pair[1])[:count]


def _labels(
    users: Sequence[tuple[int, float]], latents: Sequence[Latent]
) -> list[Label]:
    mass: dict[str, float] = defaultdict(float)
    hits: Counter[str] = Counter()
    for j, weight in users:
        for label in latents[j].labels[:1]:
            mass[label.name] += weight
            hits[label.name] += 1
    total = sum(weight for _, weight in users)
    return [
        Label(name, value / total, hits[name], len(users))
        for name, value in _heaviest(mass, 3)
        if hits[name] >= 2 and value >= SHARE_SHOWN * total
    ]


def meta_dictionary(
    name: str,
    recipe: MetaRecipe,
    meta: SAE,
    latents: Sequence[Latent],
    of: ShownDictionary,
) -> ShownDictionary:
    """The meta-SAE of the dictionary `of`."""
    facts = {
        "architecture": figures.NAMES["batchtopk"],
        "meta-latents": recipe.width,
        "seed": recipe.seed,
        "takes apart": of.title,
        "mean number per latent": round(
            sum(len(one.users) for one in latents) / len(of.latents), 2
        ),
    }
    if "fvu" in meta.log:
        facts["variance left, rows held back"] = round(meta.log["fvu"], 3)
    title = f"Meta-SAE, {recipe.width:,} meta-latents"
    return ShownDictionary(
        name, title, figures.colour("batchtopk"), facts, latents, of=of.name
    )
