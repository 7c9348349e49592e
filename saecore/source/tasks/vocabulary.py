"""The words that a language model holds as single tokens, and its residual stream at a
word.
"""

import re
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.source.model.language_model import OpenModel
from saecore.source.tasks.answers import position
from saecore.source.tasks.facts import Prompt


def whole_words(model: OpenModel, *, shortest: int = 4) -> list[str]:
    """Lower-case words of `shortest` letters or more that are one token with their
    space, sorted.
    """
    pieces = {model.decode([index]) for index in range(model.vocab_size)}
    return sorted(
        piece[1:] for piece in pieces if re.fullmatch(rf" [a-z]{{{shortest},}}", piece)
    )


def at_word(
    model: OpenModel, prompts: Sequence[Prompt], layers: Sequence[int]
) -> dict[int, Float[Tensor, "prompt d_model"]]:
    """The residual stream after each layer at the position of each prompt's word (its
    last token).
    """
    found = {layer: torch.empty(len(prompts), model.d_model) for layer in layers}
    at = torch.tensor([position(model, prompt) for prompt in prompts])
    for group in model.by_length([prompt.text for prompt in prompts]):
        for layer, stream in model.read(group.tokens, layers).items():
            rows = stream[torch.arange(len(stream)), at[group.members]]
            found[layer][group.members] = rows.float().cpu()
    return found
