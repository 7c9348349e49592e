"""What a reconstruction is, for dictionaries of every kind: those whose decoder is
linear, those that normalise each row, and objects that are neither.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.shapes import Dictionary, Directions, Latents, Rows, RowScaled

_TOLERANCE = 1e-3
"""Of the largest entry of a reconstruction: rounding, not another decoder."""


def rebuilt(dictionary: Dictionary | RowScaled, x: Rows) -> Rows:
    """The reconstruction of rows: encode, decode; a `RowScaled` dictionary is given the
    rows again for their units.
    """
    if isinstance(dictionary, RowScaled):
        return dictionary.decode(dictionary.encode(x), x)
    return dictionary.decode(dictionary.encode(x))


def strengths(
    dictionary: Dictionary | RowScaled, x: Rows
) -> Float[Tensor, "row latent"]:
    """Activations in the rows' own units: a latent adds its activation times its
    decoder row to the reconstruction. Those of `encode`, multiplied by the scales of
    the rows where the dictionary normalises them.
    """
    latents = dictionary.encode(x)
    if isinstance(dictionary, RowScaled):
        return latents * dictionary.row_units(x).scale
    return latents


def one_decoder(dictionary: Dictionary | RowScaled, what: str) -> Dictionary:
    """The dictionary, whose decoder is the same for every row; ValueError for one that
    normalises rows, naming what needs it.
    """
    if isinstance(dictionary, RowScaled):
        raise ValueError(
            f"{what} needs one decoder for all rows, but this dictionary normalises "
            "each row and decodes it with a scale of its own: take one trained with "
            " normalize_activations='none'"
        )
    return dictionary


def directions_of(dictionary: Any) -> Directions:
    """W_dec [latent, d_model] without a gradient; ValueError for an object that has
    none in float32 or float64.
    """
    found = getattr(dictionary, "W_dec", None)
    kinds = (torch.float32, torch.float64)
    if isinstance(found, Tensor) and found.ndim == 2 and found.dtype in kinds:
        return found.detach()
    got = f"{tuple(found.shape)}, {found.dtype}" if isinstance(found, Tensor) else found
    raise ValueError(
        "a dictionary has W_dec [latent, d_model] in float32 or float64, but that of "
        f"this {type(dictionary).__name__} is {got}: open it with saecore.open_sae"
    )


def rows_for(w_dec: Directions, x: Float[Tensor, "..."]) -> Rows:
    """Rows as a dictionary with these directions reads them, in their precision;
    ValueError unless they are [row, d_model] of its d_model.
    """
    if x.ndim != 2 or x.shape[1] != w_dec.shape[1]:
        raise ValueError(
            "a dictionary encodes rows of its own site, [row, d_model]: its d_model is "
            f"{w_dec.shape[1]}, but the rows have shape {tuple(x.shape)}; give rows of "
            "the site that it was trained on, and a batch of texts as x.flatten(0, -2)"
        )
    return x.to(w_dec.dtype)


def check_decoder(dictionary: Any, x: Rows, w_dec: Directions) -> None:
    """Raises ValueError unless `encode` gives latents [row, latent] and `decode` makes
    z W_dec + decode(0) of them, tried on a few rows.
    """
    try:
        latents = dictionary.encode(x)
        made = dictionary.decode(latents)
        bias = dictionary.decode(torch.zeros_like(latents[:1]))
        linear = _differs(latents, made, bias, w_dec)
    except (AttributeError, TypeError, RuntimeError) as error:
        linear = " ".join(str(error).split())
    if linear:
        raise ValueError(
            "a dictionary encodes rows as latents [row, latent] and decodes them "
            f"linearly, but this {type(dictionary).__name__} does not ({linear}): open "
            "it with saecore.open_sae"
        )


def _differs(latents: Latents, made: Tensor, bias: Tensor, w_dec: Tensor) -> str:
    """How much a decoding is off z W_dec + bias; "" if it is not."""
    if not len(latents):
        return ""
    gap = (made - (latents @ w_dec + bias)).abs().amax()
    allowed = _TOLERANCE * made.abs().amax().clamp(min=1e-12)
    return f"decode is off z W_dec + decode(0) by {gap:.3g}" if gap > allowed else ""
