"""Zero ablation of one latent at a time: what a latent of a later layer loses, in
contexts where it fires strongly.

Source: Cunningham et al. (2309.08600), section 5 and figure 6: the tree of a latent for
closing parentheses.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.dictionary.encoded import CHUNK_ENTRIES, encoded
from saecore.shapes import Dictionary
from saecore.sparse import row_of

CONTEXTS = 20
CONTEXTS_AT_ONCE = 64  # contexts at a time


class LayerMap(Protocol):
    """Part of a language model: what becomes of edited streams at the next level.

    Edit e is made to stream[context[e]], that of the text number text[context[e]], and
    adds change[c] at position[c] for all c with edit[c] = e; what comes back is its
    row, at the next level, at position at[context[e]]. Later positions do not matter.
    """

    def __call__(
        self,
        stream: Tensor,
        at: Tensor,
        context: Tensor,
        edit: Tensor,
        position: Tensor,
        change: Tensor,
        text: Tensor,
        /,
    ) -> Tensor:
        """(stream [context pos d_model], at [context], context [edit], edit [change],
        position [change], change [change d_model], text [context]) -> [edit d_model].
        """
        ...


class Level(NamedTuple):
    """One layer of a language model on given texts, seen through a dictionary."""

    dictionary: Dictionary
    """Its latents are the nodes of this level."""
    stream: Float[Tensor, "text pos d_model"]
    """The stream after the layer."""
    onward: LayerMap | None
    """From here to the next level; None at the last."""


class Contexts(NamedTuple):
    """Places where a latent fires strongly."""

    text: Int[Tensor, " context"]
    """Number of the text."""
    at: Int[Tensor, " context"]
    """The position within the text."""
    activity: Float[Tensor, " context"]
    """What the latent does there."""


class Fired(NamedTuple):
    """What fires in the contexts of some targets at positions that may matter: an entry
    for each time.
    """

    target: Int[Tensor, " context"]
    """Which target the context belongs to."""
    places: Contexts
    """The contexts of all targets, one target after the other."""
    context: Int[Tensor, " entry"]
    """Ascending."""
    position: Int[Tensor, " entry"]
    """Where, within the text of the context."""
    latent: Int[Tensor, " entry"]
    """Which latent fires there."""
    value: Float[Tensor, " entry"]
    """Its activation."""


class Falls(NamedTuple):
    """What targets lose without latents of the level below."""

    fall: Float[Tensor, "target latent"]
    """Mean decrease over the target's contexts, 0 in those where the latent is silent;
    negative where the target rises; nan for a target without contexts."""
    contexts: Int[Tensor, "target latent"]
    """Number of contexts in which the latent was taken away."""


def activity(
    level: Level, latents: Int[Tensor, " target"]
) -> Float[Tensor, "target text pos"]:
    """What some latents do at each position."""
    rows, width = level.stream.flatten(0, 1), len(level.dictionary.W_dec)
    parts = [
        level.dictionary.encode(piece)[:, latents]
        for piece in rows.split(CHUNK_ENTRIES // width + 1)
    ]
    return torch.cat(parts).T.reshape(len(latents), *level.stream.shape[:2])


def strong_texts(level: Level) -> Int[Tensor, " latent"]:
    """Number of texts in which each latent fires at half its maximum or more, beyond
    the first position.

    That is how many contexts a latent has at most; 0 for one that never fires.
    """
    texts, width = level.stream[:, 1:], len(level.dictionary.W_dec)
    step = CHUNK_ENTRIES // (width * texts.shape[1]) + 1
    parts = [
        level.dictionary.encode(piece.flatten(0, 1)).view(*piece.shape[:2], -1).amax(1)
        for piece in texts.split(step)
    ]
    best = torch.cat(parts)  # [text, latent]
    return ((best >= best.amax(0) / 2) & (best > 0)).sum(0)


def strong(
    activity: Float[Tensor, "text pos"],
    *,
    generator: torch.Generator,
    count: int = CONTEXTS,
) -> Contexts:
    """Up to `count` random places with activity in [M/2, M], M the largest; at most one
    of each text.

    The first position, which holds the same token in all texts, does not count. In
    random order; empty if the latent never fires.
    """
    activity = activity.clone()
    activity[:, 0] = 0
    fit = (activity >= activity.max() / 2) & (activity > 0)
    chance = (
        torch.rand(activity.shape, generator=generator)
        .to(activity.device)
        .masked_fill(~fit, -1.0)
    )
    best, at = chance.max(1)
    text = best.topk(min(count, int((best >= 0).sum()))).indices
    text = text[torch.randperm(len(text), generator=generator)]
    return Contexts(text, at[text], activity[text, at[text]])


def halves(
    activity: Float[Tensor, "text pos"],
    *,
    generator: torch.Generator,
    count: int = CONTEXTS,
) -> tuple[Contexts, Contexts]:
    """Contexts for choosing and for judging: up to `count` each, at random, no text in
    both.

    Where there are fewer than twice `count`, what there is is halved (one more for
    choosing); below two there is nothing to halve, and both are empty.
    """
    places = strong(activity, generator=generator, count=2 * count)
    found = len(places.text)
    cut = (found + 1) // 2 if found > 1 else 0
    end = found if found > 1 else 0
    first, second = (
        Contexts(*(part[some] for part in places))
        for some in (slice(cut), slice(cut, end))
    )
    return first, second


@torch.no_grad()
def fired(below: Level, places: Sequence[Contexts]) -> Fired:
    """What fires below in the contexts of each target, up to the target's position but
    not at the first.
    """
    target = torch.cat(
        [torch.full_like(one.text, number) for number, one in enumerate(places)]
    )
    every = Contexts(*(torch.cat(parts) for parts in zip(*places, strict=True)))
    positions = torch.arange(below.stream.shape[1], device=every.at.device)
    context, position = ((positions > 0) & (positions <= every.at[:, None])).nonzero(
        as_tuple=True
    )
    active = encoded(
        below.dictionary, below.stream[every.text[context], position]
    ).active
    row = row_of(active).long()
    return Fired(
        target, every, context[row], position[row], active.latent.long(), active.value
    )


@torch.no_grad()
def falls(
    below: Level,
    above: Dictionary,
    latents: Int[Tensor, " target"],
    found: Fired,
    *,
    wanted: Bool[Tensor, "target latent"] | None = None,
    directions: Float[Tensor, "draw latent d_model"] | None = None,
) -> Falls:
    """Zero ablation: how far targets fall when a latent below is set to zero, one at a
    time, for all (`wanted`) that fire.

    "Less than rank one": x - a_j(x) d_j at every position up to the target's but the
    first, so nothing happens where the latent is silent. The reconstruction error
    stays. d_j is a row of W_dec, or of `directions` for other edits at the same places:
    then the mean over them.
    """
    w_dec = below.dictionary.W_dec.detach()
    directions = (w_dec[None] if directions is None else directions).to(
        below.stream.dtype
    )
    fall = found.places.activity.new_zeros(len(latents), len(w_dec))
    count = found.context.new_zeros(fall.shape)
    keep = torch.ones_like(found.context, dtype=torch.bool)
    if wanted is not None:
        keep = wanted[found.target[found.context], found.latent]
    for first in range(0, len(found.target), CONTEXTS_AT_ONCE):
        some = (
            keep & (found.context >= first) & (found.context < first + CONTEXTS_AT_ONCE)
        ).nonzero()[:, 0]
        if not len(some):
            continue
        context, latent, rows = _edited(
            below, found, some, slice(first, first + CONTEXTS_AT_ONCE), directions
        )
        target = found.target[context]
        after = above.encode(rows).view(*context.shape, len(directions), -1).mean(1)
        after = after.gather(1, latents[target, None])[:, 0]
        fall.index_put_(
            (target, latent), found.places.activity[context] - after, accumulate=True
        )
        count.index_put_((target, latent), torch.ones_like(target), accumulate=True)
    size = torch.bincount(found.target, minlength=len(latents))
    return Falls(fall / size[:, None], count)


def _edited(
    below: Level,
    found: Fired,
    some: Int[Tensor, " entry"],
    block: slice,
    directions: Tensor,
) -> tuple[Int[Tensor, " pair"], Int[Tensor, " pair"], Float[Tensor, "edit d_model"]]:
    """Context and latent of each pair of them, and rows at the next level without it:
    one for each draw.
    """
    assert below.onward is not None
    draws, width, _ = directions.shape
    context, latent = found.context[some], found.latent[some]
    key, pair = (context * width + latent).unique(return_inverse=True)
    change = -found.value[some, None, None] * directions[:, latent].transpose(0, 1)
    change = change.to(below.stream.dtype)  # a dictionary may be of another precision
    edit = pair[:, None] * draws + torch.arange(draws, device=pair.device)
    rows = below.onward(
        below.stream[found.places.text[block]],
        found.places.at[block],
        (key // width - block.start).repeat_interleave(draws),
        edit.flatten(),
        found.position[some].repeat_interleave(draws),
        change.flatten(0, 1),
        found.places.text[block],
    )
    return key // width, key % width, rows
