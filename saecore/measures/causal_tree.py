"""Which latents of one layer a latent of a later layer depends on, and which those depend on in turn.

Source: Cunningham et al. (2309.08600), section 5 and figure 6: the tree of a latent for closing parentheses.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.shapes import Dictionary

CONTEXTS = 20


class Level(NamedTuple):
    """One layer of a language model on given texts, seen through a dictionary."""

    dictionary: Dictionary
    stream: Float[Tensor, "text pos d_model"]
    """The stream after the layer."""
    onward: Callable[[Tensor, Tensor], Tensor] | None
    """(stream of some of the texts, their numbers) -> their stream at the next level; None at the last."""


class Contexts(NamedTuple):
    """Places where a latent fires strongly."""

    text: Int[Tensor, " context"]
    at: Int[Tensor, " context"]
    """The position within the text."""
    activity: Float[Tensor, " context"]
    """What the latent does there."""


class Parents(NamedTuple):
    """All latents of the level below that fire in the contexts of a target, the most important first."""

    latent: Int[Tensor, " parent"]
    drop: Float[Tensor, " parent"]
    """Mean over the contexts of the target's decrease when the latent is set to zero wherever it fires up to
    the target's position; negative where the target rises."""
    contexts: Int[Tensor, " parent"]
    """Number of contexts in which it fires."""


class Node(NamedTuple):
    """A latent in the tree."""

    level: int
    """Number of the level, counted from the bottom."""
    latent: int
    activity: float
    """Its mean activation in the contexts that it is judged on (nan for a leaf, which is not)."""
    drop: float
    """By how much its child falls without it, as a share of the child's activation (nan for the root)."""
    control: float
    """The same with as long an edit in a random direction."""
    others: float
    """The mean of that share over all latents that fire below this one (nan for a leaf)."""
    parents: tuple["Node", ...]
    """The latents below that matter most."""


def strong(
    activity: Float[Tensor, "text pos"], *, generator: torch.Generator, count: int = CONTEXTS
) -> Contexts:
    """Up to `count` random places with activity in [M/2, M], M the largest; at most one of each text.

    The first position, which holds the same token in all texts, does not count. Raises ValueError if the
    latent never fires.
    """
    activity = activity.clone()
    activity[:, 0] = 0
    largest = activity.max()
    if not largest > 0:
        raise ValueError("contexts are places where a latent fires, but it never does: choose another latent")
    fit = activity >= largest / 2
    chance = torch.rand(activity.shape, generator=generator).masked_fill(~fit, -1.0)
    best, at = chance.max(1)
    text = best.topk(min(count, int((best >= 0).sum()))).indices
    return Contexts(text, at[text], activity[text, at[text]])


def parents(below: Level, above: Dictionary, latent: int, contexts: Contexts) -> Parents:
    """Set each latent below to zero, one at a time, and see how far the target falls.

    "Less than rank one": x - a_j(x) d_j at every position up to the target's but the first, so nothing
    happens where the latent is silent. The reconstruction error stays. One partial forward pass per latent
    that fires in the contexts, on the contexts where it does.
    """
    stream = below.stream[contexts.text]
    codes = _codes(below.dictionary, stream, contexts)
    fires = (codes != 0).any(1)  # [context, latent]
    found = fires.any(0).nonzero()[:, 0]
    drops = [
        _drop(below, above, latent, contexts, codes[..., j], below.dictionary.W_dec[j])
        for j in found.tolist()
    ]
    order = torch.tensor(drops).argsort(descending=True)
    return Parents(found[order], torch.tensor(drops)[order], fires[:, found].sum(0)[order])


def tree(
    levels: Sequence[Level], latent: int, *, branches: int = 2, contexts: int = CONTEXTS, seed: int = 0
) -> Node:
    """The tree below one latent of the last level: at every node the `branches` parents of largest drop.

    Each node is judged on contexts of its own. Raises ValueError if the latent never fires.
    """
    generator = torch.Generator().manual_seed(seed)
    return _grown(levels, latent, branches, contexts, generator, (float("nan"), float("nan")))


def nodes(root: Node) -> list[Node]:
    """All nodes, a node before its parents."""
    return [root, *(node for parent in root.parents for node in nodes(parent))]


def _grown(
    levels: Sequence[Level],
    latent: int,
    branches: int,
    count: int,
    generator: torch.Generator,
    edge: tuple[float, float],
) -> Node:
    nan = float("nan")
    if len(levels) == 1:
        return Node(0, latent, nan, *edge, nan, ())
    here, below = levels[-1], levels[-2]
    flat = here.dictionary.encode(here.stream.flatten(0, 1))[:, latent]
    places = strong(flat.view(here.stream.shape[:2]), generator=generator, count=count)
    found, mean = parents(below, here.dictionary, latent, places), float(places.activity.mean())
    grown = []
    for parent, drop in zip(found.latent[:branches].tolist(), found.drop.tolist(), strict=False):
        control = _control(below, here.dictionary, latent, places, parent, generator)
        share = (drop / mean, control / mean)
        grown.append(_grown(levels[:-1], parent, branches, count, generator, share))
    others = float(found.drop.mean()) / mean if len(found.drop) else nan
    return Node(len(levels) - 1, latent, mean, *edge, others, tuple(grown))


def _control(
    below: Level, above: Dictionary, latent: int, contexts: Contexts, parent: int, generator: torch.Generator
) -> float:
    """The drop for an edit as long as that of `parent`, in a random direction."""
    codes = _codes(below.dictionary, below.stream[contexts.text], contexts)[..., parent]
    direction = torch.randn(below.stream.shape[-1], generator=generator).to(below.stream)
    length = below.dictionary.W_dec[parent].norm()
    return _drop(below, above, latent, contexts, codes, direction * length / direction.norm())


def _drop(
    below: Level, above: Dictionary, latent: int, contexts: Contexts, amount: Tensor, direction: Tensor
) -> float:
    """Mean decrease of the target when amount [context, pos] times a direction is taken away below."""
    assert below.onward is not None
    where = (amount != 0).any(1).nonzero()[:, 0]
    text, at = contexts.text[where], contexts.at[where]
    edited = below.stream[text] - amount[where][..., None] * direction
    stream = below.onward(edited, text)[torch.arange(len(where)), at]
    fall = contexts.activity[where] - above.encode(stream)[:, latent]
    return float(fall.sum() / len(contexts.text))


def _codes(dictionary: Dictionary, stream: Tensor, contexts: Contexts) -> Float[Tensor, "context pos latent"]:
    """Activations at the positions that may matter: up to the target's, without the first."""
    codes = dictionary.encode(stream.flatten(0, 1)).view(*stream.shape[:2], -1)
    position = torch.arange(stream.shape[1])
    seen = (position > 0) & (position <= contexts.at[:, None])
    return codes * seen[..., None]
