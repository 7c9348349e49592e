"""Dictionaries that know nothing, and what sharing with them looks like.

The paper has no nulls. Between the easiest and the hardest to beat: Gaussian
directions, the dictionary itself turned by a random rotation, the same with the
principal axes kept (random signs), and Gaussian rows of the same covariance. Trained
nulls (SAEs before training, on Gaussian rows, on an untrained language model) belong to
the zoo; they go through `shared` like any other dictionary.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from saecore.shapes import LinearEncoder, Rows


@dataclass
class Weights:
    """A dictionary that is nothing but its weights; encodes with a ReLU and no bias."""

    W_enc: Float[Tensor, "d_model latent"]
    W_dec: Float[Tensor, "latent d_model"]

    def encode(self, x: Tensor) -> Tensor:
        """ReLU of the products with the encoder's columns."""
        return (x @ self.W_enc).relu()

    def decode(self, latents: Tensor) -> Tensor:
        """Sum of the rows of W_dec."""
        return latents @ self.W_dec


def gaussian(
    dictionary: LinearEncoder, *, generator: Generator, tied: bool = True
) -> Weights:
    """Gaussian null: independent directions in place of all latents; width and d_model
    kept.

    With `tied` the encoder is the decoder transposed (as every SAE starts), which makes
    "same partner" automatic and this the more demanding null; otherwise it is drawn on
    its own.
    """
    width, d_model = dictionary.W_dec.shape
    rows = torch.randn(width, d_model, generator=generator)
    columns = rows.T if tied else torch.randn(width, d_model, generator=generator).T
    return Weights(columns.clone(), rows)


def rotated(dictionary: LinearEncoder, *, generator: Generator) -> Weights:
    """Rotation null: the dictionary turned by one random rotation (Haar): all cosines
    within it stay, its place does not.
    """
    d_model = dictionary.W_dec.shape[1]
    q, r = torch.linalg.qr(
        torch.randn(d_model, d_model, generator=generator, dtype=torch.float64)
    )
    return _turned(dictionary, q * r.diagonal().sign())


def sign_flipped(
    dictionary: LinearEncoder, *, generator: Generator, rows: Rows | None = None
) -> Weights:
    """Sign-flip null: the dictionary mirrored along random principal axes: cosines
    within it and its spectrum stay.

    The axes are those of `rows` (activations, about their mean) or, without them, of
    the dictionary's own decoder rows (about zero). x -> x V S V^T, S random signs:
    keeps the covariance in that basis exactly.
    """
    if rows is None:
        cloud = dictionary.W_dec.detach().cpu().double()
    else:
        cloud = rows.detach().cpu().double() - rows.detach().cpu().double().mean(0)
    axes = torch.linalg.eigh(cloud.T @ cloud).eigenvectors
    signs = torch.randint(2, (len(axes),), generator=generator).double() * 2 - 1
    return _turned(dictionary, axes * signs @ axes.T)


def same_covariance(dictionary: LinearEncoder, *, generator: Generator) -> Weights:
    """Covariance-matched null: Gaussian latents with the mean and covariance of the
    dictionary's own latents.

    A latent is taken as the pair (decoder row, encoder column), 2 d_model numbers, so
    that a drawn encoder fits its drawn decoder as well as the real ones do on average.
    """
    width, d_model = dictionary.W_dec.shape
    pairs = (
        torch.cat([dictionary.W_dec.detach(), dictionary.W_enc.detach().T], 1)
        .cpu()
        .double()
    )
    pairs = torch.where(torch.isfinite(pairs), pairs, 0)
    noise = torch.randn(width, 2 * d_model, generator=generator, dtype=torch.float64)
    drawn = same_moments(pairs, noise).to(dictionary.W_dec.dtype)
    return Weights(drawn[:, d_model:].T.clone(), drawn[:, :d_model].clone())


def same_moments(
    rows: Rows, noise: Float[Tensor, "drawn d_model"]
) -> Float[Tensor, "drawn d_model"]:
    """Gaussian rows with the mean and covariance of `rows`, as many as there are rows
    of standard normal `noise`: mean + noise Lambda^1/2 U^T, where the covariance is
    U Lambda U^T. In float64.
    """
    rows = rows.double()
    mean = rows.mean(0)
    values, axes = torch.linalg.eigh((rows - mean).T @ (rows - mean) / len(rows))
    return mean + (noise * values.clamp(min=0).sqrt()) @ axes.T


def _turned(dictionary: LinearEncoder, rotation: Tensor) -> Weights:
    dtype = dictionary.W_dec.dtype
    rows, columns = (
        dictionary.W_dec.detach().cpu().double(),
        dictionary.W_enc.detach().cpu().double(),
    )
    return Weights((rotation.T @ columns).to(dtype), (rows @ rotation).to(dtype))


KINDS = {
    "Gaussian": gaussian,
    "rotated": rotated,
    "sign-flipped": sign_flipped,
    "same covariance": same_covariance,
}
