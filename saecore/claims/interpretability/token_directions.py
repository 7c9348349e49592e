"""Dictionaries that know tokens and nothing else: one direction for each of the most
frequent tokens, found with the tokens at hand.

The strongest simple baseline where a row says above all which token it stands at.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.claims.sites import model_site
from saecore.profiles import Profile
from saecore.training.trainer import split
from saecore.zoo.baselines import PART, basis, top_k_dictionary
from saecore.zoo.sae import SAE
from saecore.zoo.store import Zoo

MEANS, SQUARES = "token means", "tokens, least squares"


def token_dictionaries(
    zoo: Zoo, profile: Profile, *, width: int, k: int
) -> dict[str, SAE]:
    """Directions of the `width` most frequent tokens of the texts that SAEs are trained
    on, with the `k` largest of each row: a token's mean row, as the difference from the
    mean of all (DiffMean of Wu et al. 2501.17148), and the direction that tells it from
    the other tokens best by least squares.
    """
    site = model_site(profile)
    train = split(zoo.get(site)).train  # not kept: these are many rows
    tokens = zoo.get(site.text)[:, 1:].flatten()[: len(train)]
    mean, spread = mean_and_spread(train)
    away = token_means(train, tokens, width) - mean
    found = {MEANS: away, SQUARES: torch.linalg.solve(spread, away.T).T}
    return {
        name: top_k_dictionary(token_dictionary(mean, away, directions), k)
        for name, directions in found.items()
    }


def mean_and_spread(
    rows: Float[Tensor, "row d_model"],
) -> tuple[Float[Tensor, " d_model"], Float[Tensor, "d_model d_model"]]:
    """The mean row, and the covariance with a little added so that it can be inverted;
    a part of the rows at a time.
    """
    mean = rows.mean(0, dtype=torch.float64)
    parts = (part.double() - mean for part in rows.split(PART))
    second = sum((part.T @ part for part in parts), torch.zeros(()))
    spread = second / len(rows) + 1e-6 * torch.eye(rows.shape[1])
    return mean.float(), spread.float()


def token_means(
    rows: Float[Tensor, "row d_model"], tokens: Int[Tensor, " row"], width: int
) -> Float[Tensor, "token d_model"]:
    """The mean row of each of the `width` most frequent tokens (of all, if they are
    fewer), the commonest first.
    """
    counts = torch.bincount(tokens)
    order = counts.argsort(descending=True, stable=True)[:width]
    often = order[counts[order] > 0]
    sums = torch.zeros(len(counts), rows.shape[1]).index_add_(0, tokens, rows)
    return sums[often] / counts[often][:, None]


def token_dictionary(
    mean: Float[Tensor, " d_model"],
    away: Float[Tensor, "token d_model"],
    directions: Float[Tensor, "token d_model"],
) -> SAE:
    """A dictionary that reads each direction about the mean, so scaled that the token's
    mean row reads 1, and writes the way from the mean to that row.
    """
    at_mean = (directions * away).sum(1, keepdim=True).clamp(min=1e-9)
    return basis((directions / at_mean).T.contiguous(), away, mean)
