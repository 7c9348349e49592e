"""Let a language model write, with keys and values kept in memory that is set aside
once.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.errors import Unsuited
from saecore.source.model.language_model import SAME_LOGITS, OpenModel

TOGETHER = 128
"""Texts that are written side by side: their keys and values take 0.7 MB each in the
shipped model.
"""


def sample(
    model: OpenModel,
    sequences: int,
    length: int,
    *,
    temperature: float = 1.0,
    generator: torch.Generator,
    banned: Sequence[int] = (),
    batch: int = 256,
    progress: Callable[[int], None] | None = None,
) -> Int[Tensor, "seq pos"]:
    """Ancestral sampling: `bos`, then tokens drawn from the softmax at `temperature`,
    never one that is `banned`.

    `progress` is told the number of sequences done. `generator` is a CPU generator.
    """
    if temperature <= 0:
        raise ValueError(
            f"A temperature must be above 0, not {temperature}: pass 1 for the model's "
            "own text."
        )
    check_positions(model, length)
    texts = []
    for start in range(0, sequences, batch):
        count = min(batch, sequences - start)
        texts.append(
            sampled_tokens(
                model,
                count,
                length,
                temperature=temperature,
                generator=generator,
                banned=banned,
            )
        )
        if progress is not None:
            progress(start + count)
    return torch.cat(texts) if texts else torch.empty(0, length, dtype=torch.int64)


def sampled_tokens(
    model: OpenModel,
    sequences: int,
    length: int,
    *,
    temperature: float,
    generator: torch.Generator,
    banned: Sequence[int] = (),
) -> Int[Tensor, "seq pos"]:
    """Ancestral sampling of `sequences` texts of `length` tokens, all from one stream
    of random numbers, `TOGETHER` of them at a time.
    """
    levels = [torch.rand(sequences, 1, generator=generator) for _ in range(1, length)]
    if not levels:
        return torch.full((sequences, length), model.bos)
    parts = torch.cat(levels, 1).split(TOGETHER)
    steps = cached_steps if keeps_context(model) else whole_passes
    return torch.cat(
        [_written(model, part, temperature, steps, banned) for part in parts]
    )


@torch.no_grad()
def check_positions(model: OpenModel, length: int) -> None:
    """Unsuited where the model's table of positions is shorter than a text."""
    try:
        model.logits(torch.full((1, length), model.bos), last=True)
    except IndexError:
        raise Unsuited(
            "A language model must have positions for the text that it is to write, "
            f"but {model.identity.name} does not for {length} tokens: ask for shorter "
            "text, or use a model with more positions"
        ) from None


_Steps = Callable[[OpenModel, int], Callable[[Tensor], Tensor]]
"""For a model and a length: tokens so far -> logits of the next one."""


def cached_steps(model: OpenModel, length: int) -> Callable[[Tensor], Tensor]:
    """Tokens so far -> logits of the next one: only the newest token is read, with the
    keys and values that are kept of the others.
    """
    cache = _cache(model.model.config, length)

    def step(tokens: Tensor) -> Tensor:
        newest = tokens[:, -1:].to(model.device)
        return model.model(
            newest, past_key_values=cache, use_cache=True, logits_to_keep=1
        ).logits[:, -1]

    return step


def whole_passes(model: OpenModel, length: int) -> Callable[[Tensor], Tensor]:
    """The same, all tokens read anew each time: for models that keep nothing, or keep
    it in a form of their own (Mamba, GPT-1).
    """
    return lambda tokens: model.logits(tokens)[:, -1]


@torch.no_grad()
def keeps_context(model: OpenModel, *, length: int = 8) -> bool:
    """Whether tokens one by one, with keys and values kept, give the logits of a whole
    pass.
    """
    order = torch.arange(length)[None] + model.bos
    tokens = order % model.model.get_input_embeddings().weight.shape[0]
    whole, step = model.logits(tokens), cached_steps(model, length)
    try:
        steps = [step(tokens[:, : end + 1]).float() for end in range(length)]
    except Exception:  # whatever a model raises that takes no such cache
        return False
    last = whole[:, -1]
    return bool((steps[-1] - last).abs().max() <= SAME_LOGITS * last.std())


@torch.no_grad()
def _written(
    model: OpenModel,
    levels: Float[Tensor, "seq drawn"],
    temperature: float,
    steps: _Steps,
    banned: Sequence[int],
) -> Int[Tensor, "seq pos"]:
    """Texts whose tokens are drawn at given `levels` of their chances."""
    sequences, length = len(levels), levels.shape[1] + 1
    tokens = torch.full((sequences, length), model.bos)
    step = steps(model, length)
    for position in range(1, length):
        logits = step(tokens[:, :position])
        chances = (
            (logits.float() / temperature if temperature != 1 else logits.float())
            .softmax(-1)
            .cpu()
        )
        chances[:, list(banned)] = 0
        level = levels[:, position - 1 : position]
        tokens[:, position] = token_at(level, chances)
    return tokens


def drawn_token(
    chances: Float[Tensor, "row vocab"], *, generator: torch.Generator
) -> Int[Tensor, "row"]:
    """Categorical sampling, one index per row by its chances."""
    return token_at(torch.rand(len(chances), 1, generator=generator), chances)


def token_at(
    level: Float[Tensor, "row 1"], chances: Float[Tensor, "row vocab"]
) -> Int[Tensor, "row"]:
    """Inverse transform sampling: where the running sum of the chances passes a uniform
    number, its `level`.

    Several times faster than `torch.multinomial` on a CPU, which draws a number for
    every entry.
    """
    running = chances.cumsum(-1)
    return (
        torch.searchsorted(running, level * running[:, -1:], right=True)
        .squeeze(-1)
        .clamp_max(chances.shape[-1] - 1)
    )


def _cache(config: Any, length: int) -> Any:
    """A cache whose growing layers are replaced by ones of fixed memory; sliding
    windows are short anyway.
    """
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer

    class FixedLayer(DynamicLayer):
        """Keys and values in one block of memory each, of which the filled part is
        shown.
        """

        def update(
            self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
        ) -> tuple[Any, Any]:
            if not self.is_initialized:
                self.lazy_initialization(key_states, value_states)
                # of different widths in multi-head latent attention
                self.memory = [
                    states.new_empty(*states.shape[:2], length, states.shape[3])
                    for states in (key_states, value_states)
                ]
                self.filled = 0
            start, self.filled = self.filled, self.filled + key_states.shape[-2]
            for kept, states in zip(
                self.memory, (key_states, value_states), strict=True
            ):
                kept[:, :, start : self.filled] = states
            self.keys, self.values = (one[:, :, : self.filled] for one in self.memory)
            return self.keys, self.values

    cache = DynamicCache(config=config)
    cache.layers = [
        FixedLayer() if type(layer) is DynamicLayer else layer for layer in cache.layers
    ]
    return cache
