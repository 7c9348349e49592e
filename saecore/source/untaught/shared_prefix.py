"""The stream at words after one prefix: keys and values of the prefix are computed once
(prefix caching).
"""

from contextlib import suppress
from copy import deepcopy
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.source.model.hooks import Enough, captured
from saecore.source.model.language_model import OpenModel

SAME_STREAM = 0.02
"""By which share of its length the stream of the first word may differ from that of a
whole pass: rounding in bfloat16 gives .005."""


@torch.no_grad()
def stream_after(
    model: OpenModel,
    before: list[int],
    words: Int[Tensor, "word pos"],
    layer: int,
    *,
    batch: int = 512,
) -> Float[Tensor, "word d_model"]:
    """The residual stream after `layer` at the last token of each word, float32.

    All words have one number of tokens. A model that does not go on from keys and
    values as a whole pass does (one without a cache, for instance) reads every word
    with the prefix.
    """
    if not len(words):
        return torch.empty(0, model.d_model)
    truth = whole_pass(model, before, words[:1], layer)
    if not _goes_on(model, before, words[:1], layer, truth):
        return whole_pass(model, before, words, layer)
    cache = _prefix(model, before)
    parts = [_after(model, cache, part, layer) for part in words.split(batch)]
    return torch.cat(parts)


def whole_pass(
    model: OpenModel,
    before: list[int],
    words: Int[Tensor, "word pos"],
    layer: int,
    *,
    batch: int = 64,
) -> Float[Tensor, "word d_model"]:
    """The same, every word read with the whole prefix."""
    prefix = torch.tensor(before).expand(len(words), -1)
    tokens = torch.cat([prefix, words], 1)
    parts = [model.read(part, [layer])[layer][:, -1] for part in tokens.split(batch)]
    return torch.cat(parts).float().cpu()


def _goes_on(
    model: OpenModel, before: list[int], words: Tensor, layer: int, truth: Tensor
) -> bool:
    try:
        found = _after(model, _prefix(model, before), words, layer)
    except (TypeError, ValueError, RuntimeError, AttributeError):
        return False  # another kind of cache, or none
    return bool((found - truth).norm() <= SAME_STREAM * truth.norm())


def _prefix(model: OpenModel, before: list[int]) -> Any:
    from transformers import DynamicCache

    cache = DynamicCache(config=model.model.config)
    tokens = torch.tensor([before]).to(model.device)
    model.model(tokens, past_key_values=cache, use_cache=True, logits_to_keep=1)
    return cache


def _after(model: OpenModel, cache: Any, words: Tensor, layer: int) -> Tensor:
    own = deepcopy(cache)
    own.batch_repeat_interleave(len(words))
    block = model.blocks[layer]
    with captured({layer: block}, before=False) as streams, suppress(Enough):
        tokens = words.to(model.device)
        model.model(tokens, past_key_values=own, use_cache=True, logits_to_keep=1)
    return streams[layer][:, -1].float().cpu()
