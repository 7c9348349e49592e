"""What the explorer shows of each latent of an SAE: where it fires, what it promotes,
what lies near it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.explorer.content import Context, Label, Latent
from saecore.measures.algebra.nearest import nearest, unit_rows
from saecore.measures.dictionary import top_contexts
from saecore.measures.dictionary.top_contexts import ByLatent
from saecore.recipes.explorer import shown_name
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import OpenModel
from saecore.source.model.logit_lens import promoted
from saecore.sparse import Active, joined
from saecore.zoo.sae import SAE

BEFORE, AFTER = 14, 8
"""Tokens shown before, and from, the one that a latent fires on."""
_NEAR = (4, 2)
"""Two contexts are one if they agree in the last 4 tokens up to the peak and the next
2.
"""
STRONGEST, TOKENS, NEIGHBOURS, BINS = 8, 8, 2, 20
_LEVELS = (0.75, 0.5, 0.25)
BLOCK = 1 << 14
"""Rows encoded at a time."""
F1_SHOWN = 0.15
THRESHOLDS = (0.0, 0.2, 0.5)
"""Shares of the largest activation above which a latent counts as active."""
Kinds = Mapping[str, Mapping[str, Sequence[int]]]


class SeenText(NamedTuple):
    """The text behind a site's rows, and what is known of its tokens."""

    tokens: Int[Tensor, "seq pos"]
    kinds: Kinds
    """Kind of label -> label -> tokens of its words."""

    @property
    def of_rows(self) -> Int[Tensor, " row"]:
        """The token that each row belongs to."""
        return self.tokens[:, 1:].reshape(-1)


class Seen(NamedTuple):
    """An SAE encoded on a text: activations sorted by latent, and directions."""

    name: str
    recipe: SAERecipe
    sae: SAE
    by: ByLatent
    directions: Float[Tensor, "latent d_model"]
    """Unit decoder rows; 0 for latents that never fire."""


def seen_on(recipe: SAERecipe, sae: SAE, rows: Float[Tensor, "row d_model"]) -> Seen:
    """An SAE on all rows of its site, encoded in blocks."""
    # copied at once: pieces that are kept between large arrays cost memory
    parts = (sae.encode_sparse(block) for block in rows.split(BLOCK))
    active = joined([Active(*(x.clone() for x in part)) for part in parts])
    by = top_contexts.by_latent(active, sae.width)
    directions = unit_rows(sae.W_dec) * (by.fired > 0)[:, None]
    return Seen(
        shown_name(recipe),
        recipe,
        sae,
        by,
        directions,
    )


def latents(
    one: Seen, seen: Sequence[Seen], text: SeenText, model: OpenModel
) -> Iterator[Latent]:
    """Max-activating contexts, logit lens, labels and nearest neighbours of every
    latent of `one`; neighbours are looked for in all dictionaries that were `seen`.
    """
    by, token = one.by, text.of_rows
    shares = top_contexts.token_shares(by, token, count=TOKENS)
    lens = promoted(model, one.sae.W_dec, count=TOKENS)
    labels = _labels(by, token, text.kinds)
    bins = top_contexts.histograms(by, bins=BINS).tolist()
    around = _around(text.tokens)
    near = neighbours(one.directions, seen, own=one.name)
    for j in range(one.sae.width):
        yield Latent(
            frequency=int(by.fired[j]) / len(token),
            largest=float(by.largest[j]),
            tokens=pairs_of(shares.token[j], shares.share[j]),
            promoted=pairs_of(lens.token[j], lens.score[j]),
            lowered=pairs_of(lens.lowered[j], lens.lowered_score[j]),
            labels=labels[j],
            histogram=bins[j],
            contexts=_contexts(by, j, around, text.tokens),
            nearest=near[j],
        )


def pairs_of(
    which: Int[Tensor, " rank"], value: Float[Tensor, " rank"]
) -> list[tuple[int, float]]:
    """Tokens with their scores; -1 stands for none."""
    return [
        (token, score)
        for token, score in zip(which.tolist(), value.tolist(), strict=True)
        if token >= 0
    ]


def _labels(
    by: ByLatent, token: Int[Tensor, " row"], kinds: Kinds
) -> list[list[Label]]:
    """The three labels of each latent with the largest F1, at whichever of `THRESHOLDS`
    is best; at least two words must make it active.
    """
    at = [
        top_contexts.label_scores(
            top_contexts.above(by, t), token, list(kinds.values())
        )
        for t in THRESHOLDS
    ]
    f1 = torch.stack([torch.where(scores.words >= 2, scores.f1, 0) for scores in at])
    best, which = f1.max(0)
    words = torch.stack([scores.words for scores in at]).gather(0, which[None])[0]
    names = [f"{kind}: {label}" for kind, labels in kinds.items() for label in labels]
    value, label = best.topk(min(3, len(names)), dim=1)
    found: list[list[Label]] = [[] for _ in best]
    for j, r in (value >= F1_SHOWN).nonzero().tolist():
        n = int(label[j, r])
        found[j].append(
            Label(names[n], float(value[j, r]), int(words[j, n]), int(at[0].of[n]))
        )
    return found


def _around(tokens: Int[Tensor, "seq pos"]) -> Int[Tensor, "row near"]:
    """The tokens that make two contexts the same, for every row; -1 beyond the text."""
    before, after = _NEAR
    padded = torch.nn.functional.pad(tokens, (before - 1, after), value=-1)
    windows = padded.unfold(1, before + after, 1)[:, 1:]
    return windows.reshape(-1, before + after)


def _contexts(
    by: ByLatent, latent: int, around: Tensor, tokens: Int[Tensor, "seq pos"]
) -> list[Context]:
    chosen: list[tuple[int, float | None]] = [
        (entry, None)
        for entry in top_contexts.distinct(by, latent, around, count=STRONGEST)
    ]
    used = {entry for entry, _ in chosen}
    weaker = zip(top_contexts.at_levels(by, latent, _LEVELS), _LEVELS, strict=False)
    chosen += [(entry, level) for entry, level in weaker if entry not in used]
    start, stop = int(by.crow[latent]), int(by.crow[latent + 1])
    rows, order = by.row[start:stop].long().sort()
    return [
        _context(int(by.row[entry]), level, rows, by.value[start:stop][order], tokens)
        for entry, level in chosen
    ]


def _context(
    row: int, level: float | None, rows: Tensor, values: Tensor, tokens: Tensor
) -> Context:
    """The stretch around one row; `rows`, ascending, and `values` are where the latent
    fires.
    """
    per_text = tokens.shape[1] - 1
    text, position = row // per_text, row % per_text + 1
    first, last = max(1, position - BEFORE), min(tokens.shape[1], position + AFTER)
    asked = torch.arange(first, last) - 1 + text * per_text
    place = torch.searchsorted(rows, asked).clamp(max=len(rows) - 1)
    value = torch.where(rows[place] == asked, values[place], 0)
    return Context(
        text, position, tokens[text, first:last].tolist(), value.tolist(), level
    )


def neighbours(
    directions: Float[Tensor, "latent d_model"], seen: Sequence[Seen], *, own: str = ""
) -> list[list[tuple[str, int, float]]]:
    """Nearest neighbours by cosine in every dictionary, among latents that fire."""
    found: list[list[tuple[str, int, float]]] = [[] for _ in directions]
    for other in seen:
        home = other.name == own
        best = nearest(
            directions, other.directions, count=min(NEIGHBOURS + home, other.sae.width)
        )
        for j, (values, numbers) in enumerate(
            zip(best.value.tolist(), best.other.tolist(), strict=True)
        ):
            pairs = [
                (n, v)
                for n, v in zip(numbers, values, strict=True)
                if v > 0 and not (home and n == j)
            ]
            found[j] += [(other.name, n, v) for n, v in pairs[:NEIGHBOURS]]
    return found
