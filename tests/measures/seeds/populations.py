"""Features that seeds find with known probabilities, and the published counts."""

import torch
from torch import Tensor

# 2501.16615, donut figure, nine seeds of 32,768 latents
PUBLISHED = torch.tensor(
    [0.348, 0.0782, 0.064, 0.06, 0.0589, 0.0632, 0.0685, 0.0865, 0.173],
    dtype=torch.float64,
)
CAPTURES = 32768 * 9 * PUBLISHED / torch.arange(1, 10)


def caught(
    probability: Tensor, *, seeds: int = 9, one_offs: int = 0, seed: int = 0
) -> Tensor:
    """f_r of features that each seed finds with their probability, plus one-offs per
    seed.
    """
    generator = torch.Generator().manual_seed(seed)
    found = (
        torch.rand(len(probability), seeds, generator=generator, dtype=torch.float64)
        < probability[:, None]
    )
    times = torch.cat([found.sum(1), torch.ones(one_offs * seeds, dtype=torch.int64)])
    return torch.bincount(times[times > 0] - 1, minlength=seeds).double()


def beta(alpha: float, of_beta: float, count: int) -> Tensor:
    """Quantiles of a Beta law: a population without sampling noise."""
    from scipy.stats import beta as law

    return torch.from_numpy(
        law.ppf((torch.arange(count).double() + 0.5).numpy() / count, alpha, of_beta)
    )
