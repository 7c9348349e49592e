"""Indirect object identification (IOI), and activation patching between two prompts of
it that differ in one name.

The task of Wang et al. (2211.00593): *When Mary and John went to the shop, John gave a
ring to* ... The target prompt has another name in place of the indirect object's
(Mary), so another answer.
"""

import re
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.errors import Unsuited
from saecore.source.model.language_model import OpenModel, Stream
from saecore.source.model.next_token import kl_divergence
from saecore.source.model.resume import EVERY, Resumed
from saecore.source.tasks.facts import Facts, Prompt, prompts, read_facts


class Pair(NamedTuple):
    """Two prompts of the same number of tokens whose answers differ."""

    base: Prompt
    """The prompt that is patched."""
    target: Prompt
    """The same with another indirect object."""


def exchanged(
    model: OpenModel, count: int, *, facts: Facts | None = None, seed: int = 0
) -> list[Pair]:
    """Indirect object identification in `count` pairs of the model's "ioi" sentences:
    in the target prompt another name is the indirect object.

    All prompts have one length in tokens, the commonest among the trained sentences, so
    nothing is padded (the authors' code pads). Names are single tokens; the third name
    stands in neither place of the base. Raises Unsuited if too few such pairs exist.
    """
    facts, random = facts or read_facts(), Random(seed)
    names = [
        name
        for group in facts.names.values()
        for name in group
        if len(model.encode(f" {name}")) == 2
    ]
    if len(names) < 3:
        raise Unsuited(
            f"exchanged names must be single tokens, but only {len(names)} of the "
            "names are in this model: take one that knows common English first names "
            "as single tokens"
        )
    drawn = prompts("ioi", facts=facts, count=8 * count, seed=seed)
    pairs = [Pair(base, _other(base, random.choice(names))) for base in drawn]
    lengths = [
        (len(model.encode(base.text)), len(model.encode(target.text)))
        for base, target in pairs
    ]
    differ = [base.word != target.answer != base.answer for base, target in pairs]
    common = Counter(
        b for (b, t), new in zip(lengths, differ, strict=True) if b == t and new
    )
    length = common.most_common(1)[0][0] if common else 0
    fit = [
        p
        for p, both, new in zip(pairs, lengths, differ, strict=True)
        if new and both == (length, length)
    ]
    if len(fit) < count:
        raise Unsuited(
            f"pairs must have one length in tokens, but only {len(fit)} of the {count} "
            "asked for do in this model: ask for fewer"
        )
    return fit[:count]


class Exchanged:
    """Activation patching between two prompts: how far a stream is from the target.

    `base` and `target` are the streams after a layer, `base_tokens` and `target_tokens`
    the prompts as the model reads them. `divergences(stream)` is KL(patched || target)
    at the last position, in nats, when `stream` stands in for the base prompt's, for
    each pair; `divergence(stream)` is its mean. Layers below are not run again, nor
    what no longer matters of the last one (see `saecore.source.model.resume`). Source:
    Cunningham et al. (2309.08600), section 4. Raises ValueError if the prompts differ
    in length.
    """

    base: Stream
    target: Stream
    base_tokens: Int[Tensor, "prompt pos"]
    target_tokens: Int[Tensor, "prompt pos"]

    def __init__(self, model: OpenModel, pairs: Sequence[Pair], layer: int) -> None:
        self.model, self.layer = model, layer
        base, target = (
            _tokens(model, [pair[side] for pair in pairs]) for side in (0, 1)
        )
        if base.shape != target.shape:
            raise ValueError(
                "both prompts of all pairs must have one length, got "
                f"{tuple(base.shape)} and {tuple(target.shape)}: take pairs from "
                "`exchanged`"
            )
        self.base_tokens, self.target_tokens = base, target
        self._text = Resumed(model, base, layer, last=True, lean=True)
        self.base, self.target = self._text.stream, model.read(target, [layer])[layer]
        self._aim = model.logits(target, last=True)[:, -1].log_softmax(-1)

    @torch.no_grad()
    def divergences(
        self, stream: Stream, prompts: Int[Tensor, " seq"] | None = None
    ) -> Float[Tensor, " seq"]:
        """KL between what the model says after `stream` and to the target, pair by
        pair.

        `prompts`: the numbers of the pairs that `stream` belongs to, all of them by
        default; pairs do not touch one another, so a pair whose stream did not change
        need not be asked again.
        """
        return self._divergences(stream, prompts)

    def divergence(self, stream: Stream) -> float:
        """The mean of `divergences` over all pairs; 0 for the target's own stream."""
        return float(self.divergences(stream).mean())

    def gradient(self) -> Stream:
        """The gradient of `divergence` at the base prompts' own streams."""
        stream = self.base.clone().requires_grad_()
        with torch.enable_grad():
            self._divergences(stream, None).mean().backward()
        assert stream.grad is not None
        return stream.grad

    def _divergences(self, stream: Tensor, prompts: Tensor | None) -> Tensor:
        chosen = EVERY if prompts is None else prompts.to(self.model.device)
        said = self._text.logits(stream, chosen)[:, -1]
        return kl_divergence(said.log_softmax(-1), self._aim[chosen])


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
    text, before = (
        re.sub(rf"\b{base.answer}\b", name, part) for part in (base.text, base.before)
    )
    return Prompt(text, base.word, name, (base.word, name), before, base.template)
