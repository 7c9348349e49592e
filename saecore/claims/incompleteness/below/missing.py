"""What was missing: novel latents of the explorer's SAE, with the tokens on which they
fire.

Leask et al. (2502.04878), appendix A.3: the example "make sure", and figure 11, the
error where a novel latent fires.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.claims.incompleteness.held_out import TEXTS, HeldOut
from saecore.claims.incompleteness.verdict_numbers import put_into, smaller
from saecore.claims.sites import model_site
from saecore.measures.dictionary.encoded import Encoded, residual
from saecore.measures.dictionary.top_contexts import by_latent, distinct
from saecore.measures.stitching.cosine_proxy import max_cosine
from saecore.measures.stitching.insertion import Insertions
from saecore.measures.stitching.novelty import novelty
from saecore.profiles import Profile
from saecore.source.model.language_model import open_model
from saecore.zoo.store import Zoo

Spelled = Callable[[list[int]], str]
"""The text of some tokens."""
NAMED = 8
"""Latents that are shown."""
CONTEXTS_EACH = 3
"""Contexts of each."""
BEFORE = 4
"""Tokens before the one on which the latent fires."""


class Missing(NamedTuple):
    """Novel latents of one wide SAE for one narrow one, refit."""

    name: str
    """Of the wide SAE in the explorer."""
    rows: int
    """Held-out tokens."""
    order: Int[Tensor, "shown"]
    """The novel latents that lower the error most, best first."""
    cosine: Float[Tensor, "latent"]
    """Largest cosine with the smaller SAE."""
    effects: Insertions
    """Into the smaller SAE with its decoder fitted on the other half of the rows."""
    contexts: dict[int, list[str]]
    """Where the shown latents are strongest, the token itself in brackets."""
    error_there: tuple[float, float]
    """Error of the smaller and of the larger SAE where a novel latent fires, over that
    where it does not; the mean over all novel latents (1 if there are none)."""


def missing(zoo: Zoo, profile: Profile, held: HeldOut) -> Missing:
    """The most useful novel latents of seed 0 of the base pair's wide SAE, which the
    explorer shows, for seed 1 of the narrow one.
    """
    kind, u, v = held.base
    small, large = held.seeds(kind, u)[1], held.seeds(kind, v)[0]
    effects = put_into(held, smaller(held, small), large)[1][0]
    rule = held.rule
    sure = novelty(
        effects, fdr=rule["false_discovery_rate"], least=rule["least_firings"]
    ).novel
    order = torch.where(sure, effects.effect, torch.inf).argsort()
    order = order[: min(NAMED, int(sure.sum()))]
    text = zoo.get(model_site(profile, sample=1).text)[-TEXTS:]
    shown = strongest(large, text, order.tolist(), open_model(profile.folder).decode)
    there = [
        float(error_where(residual(one, held.x), large)[sure].mean())
        if sure.any()
        else 1.0
        for one in (small, large)
    ]
    return Missing(
        f"{kind}-{v}-seed0",
        len(held.x),
        order,
        max_cosine(small, large),
        effects,
        shown,
        (there[0], there[1]),
    )


def error_where(
    rest: Float[Tensor, "row d_model"], large: Encoded
) -> Float[Tensor, "latent"]:
    """Conditional error (figure 11): mean squared error of the rows on which each
    latent fires, over that of the rows on which it does not; 0 if it never fires.
    """
    error = rest.double().square().sum(1)
    per_entry = error.repeat_interleave(large.active.crow.diff().long())
    sums = torch.bincount(
        large.active.latent.long(), weights=per_entry, minlength=large.width
    )
    there = sums / large.fired.clamp(min=1)
    elsewhere = (error.sum() - sums) / (len(rest) - large.fired).clamp(min=1)
    return there / elsewhere


def strongest(
    large: Encoded, text: Int[Tensor, "seq pos"], latents: list[int], spelled: Spelled
) -> dict[int, list[str]]:
    """Max-activating contexts of some latents, no two with the same last tokens."""
    by = by_latent(large.active, large.width)
    padded = torch.nn.functional.pad(text, (BEFORE - 1, 0), value=-1)
    around = padded.unfold(1, BEFORE, 1)[:, 1:].reshape(-1, BEFORE)
    return {
        latent: [
            _said(text, int(by.row[entry]), spelled)
            for entry in distinct(by, latent, around, count=CONTEXTS_EACH)
        ]
        for latent in latents
    }


def _said(text: Tensor, row: int, spelled: Spelled) -> str:
    """The tokens up to a row's own, which stands in brackets."""
    sequence, place = divmod(row, text.shape[1] - 1)
    ids = text[sequence, max(0, place + 1 - BEFORE) : place + 2].tolist()
    before, own = (spelled(some).replace("\n", "↵") for some in (ids[:-1], ids[-1:]))
    return f"{before} [{own.strip()}]".strip()


def missing_rows(found: Missing) -> list[dict[str, Any]]:
    """The latents as rows of a table; the first column is an explorer address."""
    return [
        {
            "latent": f"explorer:{found.name}/{latent}",
            "fires on": "; ".join(found.contexts[latent]),
            "share of tokens": int(found.effects.fired[latent]) / found.rows,
            "largest cosine": float(found.cosine[latent]),
            "change of the error, %": 100 * float(found.effects.relative[latent]),
        }
        for latent in found.order.tolist()
    ]
