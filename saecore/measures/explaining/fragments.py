"""Texts cut to fragments, one from each, and what latents do on them: the documents of
an explanation.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from saecore.shapes import Dictionary, Rows

LENGTH = 64
ENCODED_AT_ONCE = 4096  # rows encoded at a time


class Fragments(NamedTuple):
    """One fragment of each text, and the half that the text belongs to."""

    token: Int[Tensor, "fragment pos"]
    """The token at each position."""
    previous: Int[Tensor, "fragment pos"]
    """The token before it (of the whole text, so the first position of a fragment has
    one too).
    """
    place: Int[Tensor, "fragment pos"]
    """Its place in its text, counted from 1; place 0 is the token that begins every
    text.
    """
    row: Int[Tensor, "fragment pos"]
    """Its number among the positions of all texts but their first ones: the row of a
    site.
    """
    fitting: Bool[Tensor, " fragment"]
    """Whether explanations are fitted on this text; they are judged on the others."""

    def half(self, *, fitting: bool) -> "Fragments":
        """The fragments of one half."""
        return Fragments(*(part[self.fitting == fitting] for part in self))


def fragments_of(
    tokens: Int[Tensor, "seq pos"], *, generator: Generator, length: int = LENGTH
) -> Fragments:
    """Fragments of `length` tokens, one from each text at a random place, and random
    halves of the texts.

    As in Cunningham et al. (2309.08600), appendix A: one fragment per text, so that
    fragments are independent, and without the token that begins a text. The halves are
    ours: the paper explains and scores on fragments of one pool. Raises ValueError for
    fewer than two texts, or texts too short.
    """
    texts, size = tokens.shape
    if texts < 2 or size <= length:
        raise ValueError(
            f"fragments of {length} tokens need at least two texts of more tokens "
            f"than that, got {texts} of {size} tokens: ask for shorter fragments, or "
            "give longer texts"
        )
    start = torch.randint(1, size - length + 1, (texts,), generator=generator)
    place = start[:, None] + torch.arange(length)
    row = torch.arange(texts)[:, None] * (size - 1) + place - 1
    fitting = torch.zeros(texts, dtype=torch.bool)
    fitting[torch.randperm(texts, generator=generator)[: texts // 2]] = True
    return Fragments(
        tokens.gather(1, place), tokens.gather(1, place - 1), place, row, fitting
    )


@torch.no_grad()
def activations_on(
    dictionary: Dictionary,
    rows: Rows,
    fragments: Fragments,
    latents: Int[Tensor, " latent"],
) -> Float[Tensor, "latent fragment pos"]:
    """Activations of some latents at every position of the fragments; `rows` are all
    rows of the site.

    Encodes a few thousand rows at a time and keeps the chosen latents alone: 4 bytes
    per latent and position, however dense the dictionary. Raises ValueError for rows or
    latents that are not there.
    """
    index, width = fragments.row.flatten(), len(dictionary.W_dec)
    if len(index) and int(index.max()) >= len(rows):
        raise ValueError(
            f"fragments name rows up to {int(index.max())}, but only {len(rows)} were "
            "given: pass all rows of the site whose texts the fragments were drawn from"
        )
    _known(latents, width)
    out = rows.new_empty(len(latents), len(index))
    for start in range(0, len(index), ENCODED_AT_ONCE):
        part = dictionary.encode(rows[index[start : start + ENCODED_AT_ONCE]])
        out[:, start : start + ENCODED_AT_ONCE] = part[:, latents].T
    return out.view(len(latents), *fragments.row.shape)


def at_density(
    y: Float[Tensor, "latent fragment pos"], density: float | Float[Tensor, " latent"]
) -> Float[Tensor, "latent fragment pos"]:
    """Activations at one density: only the largest of each latent are kept, so that it
    fires on a share `density` of the positions.

    A control: activations that are sparse agree with short rules more easily, so
    dictionaries are compared at one density. A latent that fires less often than that
    stays as it is; equal values at the cut all stay. Raises ValueError for a density
    outside (0, 1].
    """
    wanted = torch.as_tensor(density, dtype=torch.float64).expand(len(y))
    if not bool(((wanted > 0) & (wanted <= 1)).all()):
        raise ValueError(
            "a density is a share of positions above 0 and up to 1, got "
            f"{density}: correct it"
        )
    flat = y.flatten(1)
    count = (wanted * flat.shape[1]).round().long().clamp(1, flat.shape[1])
    out = torch.zeros_like(flat)
    for row, kept, n in zip(flat, out, count.tolist(), strict=True):
        cut = row.topk(n).values[-1]
        kept.copy_(row.where(row >= cut, 0))
    return out.view_as(y)


def _known(latents: Tensor, width: int) -> None:
    if len(latents) and not 0 <= int(latents.min()) <= int(latents.max()) < width:
        raise ValueError(
            f"latents must lie between 0 and {width - 1}, got {int(latents.min())} to "
            f"{int(latents.max())}: choose among them"
        )
