"""Pairs of prompts that differ in one name, and what the model says when the stream of one is put right.

The task of Wang et al. (2211.00593): *When Mary and John went to the shop, John gave a ring to* ... The
target prompt has another name in place of the indirect object's (Mary), so another answer.
"""

import re
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.source.facts import Facts, Prompt, prompts, read_facts
from saecore.source.language_model import OpenModel, Stream
from saecore.source.replay import gives_tuple, replayed


class Pair(NamedTuple):
    """Two prompts of the same number of tokens whose answers differ."""

    base: Prompt
    target: Prompt


def exchanged(model: OpenModel, count: int, *, facts: Facts | None = None, seed: int = 0) -> list[Pair]:
    """`count` pairs for the model's "ioi" sentences: in the target another name is the indirect object.

    All prompts have one length in tokens, the commonest among the trained sentences, so nothing is padded
    (the authors' code pads). Names are single tokens; the third name stands in neither place of the base.
    Raises ValueError if too few such pairs exist.
    """
    facts, random = facts or read_facts(), Random(seed)
    names = [name for group in facts.names.values() for name in group if len(model.encode(f" {name}")) == 2]
    drawn = prompts("ioi", facts=facts, count=8 * count, seed=seed)
    pairs = [Pair(base, _other(base, random.choice(names))) for base in drawn]
    lengths = [(len(model.encode(base.text)), len(model.encode(target.text))) for base, target in pairs]
    differ = [base.word != target.answer != base.answer for base, target in pairs]
    common = Counter(b for (b, t), new in zip(lengths, differ, strict=True) if b == t and new)
    length = common.most_common(1)[0][0] if common else 0
    fit = [p for p, both, new in zip(pairs, lengths, differ, strict=True) if new and both == (length, length)]
    if len(fit) < count:
        raise ValueError(
            f"pairs must have one length in tokens, but only {len(fit)} of the {count} asked for do in this "
            "model: ask for fewer"
        )
    return fit[:count]


class Exchanged:
    """The streams of both prompts of each pair after a layer, and how far a stream is from the target's.

    `base` and `target` are the streams to work on; `divergence(stream)` is the mean over pairs of
    KL(patched || target) at the last position, in nats, when `stream` stands in for the base prompt's; the
    layers below are not run again. Source: Cunningham et al. (2309.08600), section 4.
    """

    base: Stream
    target: Stream

    def __init__(self, model: OpenModel, pairs: Sequence[Pair], layer: int) -> None:
        self.model, self.layer = model, layer
        self._tokens, aim = (_tokens(model, [pair[side] for pair in pairs]) for side in (0, 1))
        if self._tokens.shape != aim.shape:
            raise ValueError(
                f"both prompts of all pairs must have one length, got {tuple(self._tokens.shape)} and "
                f"{tuple(aim.shape)}: take pairs from `exchanged`"
            )
        self.base, self.target = (model.read(ids, [layer])[layer] for ids in (self._tokens, aim))
        self._in_tuple = gives_tuple(model.model, model.blocks[layer], self._tokens[:1])
        self._aim = model.logits(aim, last=True)[:, -1]

    @torch.no_grad()
    def divergence(self, stream: Stream) -> float:
        """KL between what the model says after `stream` and to the target; 0 for the target's own stream."""
        return float(self._divergence(stream))

    def gradient(self) -> Stream:
        """The gradient of `divergence` at the base prompts' own streams."""
        stream = self.base.clone().requires_grad_()
        with torch.enable_grad():
            self._divergence(stream).backward()
        assert stream.grad is not None
        return stream.grad

    def _divergence(self, stream: Tensor) -> Float[Tensor, ""]:
        with replayed(list(self.model.blocks), self.layer, stream, in_tuple=self._in_tuple):
            said = self.model.model(self._tokens.to(self.model.device), use_cache=False, logits_to_keep=1)
        return kl(said.logits[:, -1].float(), self._aim).mean()


def kl(said: Float[Tensor, "*shape vocab"], meant: Float[Tensor, "*shape vocab"]) -> Float[Tensor, "*shape"]:
    """KL(said || meant) of the distributions with these logits, over the last axis; nats."""
    p, q = said.log_softmax(-1), meant.log_softmax(-1)
    return (p.exp() * (p - q)).sum(-1)


def _tokens(model: OpenModel, asked: Sequence[Prompt]) -> Int[Tensor, "prompt pos"]:
    encoded = [model.encode(prompt.text) for prompt in asked]
    if len({len(ids) for ids in encoded}) != 1:
        raise ValueError(
            "prompts that are exchanged must have one length in tokens, got "
            f"{sorted(set(map(len, encoded)))}: take pairs from `exchanged`"
        )
    return torch.tensor(encoded)


def _other(base: Prompt, name: str) -> Prompt:
    """The same prompt with another indirect object."""
    text, before = (re.sub(rf"\b{base.answer}\b", name, part) for part in (base.text, base.before))
    return Prompt(text, base.word, name, (base.word, name), before, base.template)
