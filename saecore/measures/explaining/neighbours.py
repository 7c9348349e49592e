"""A hard null for explanations: that of the latent which fires most alike.

A random latent's explanation is about something else entirely; the nearest one's may be
about the same word in another place, so only a specific explanation beats it.
"""

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from saecore.measures.explaining.fragments import Fragments
from saecore.measures.explaining.interpretability import Autointerp
from saecore.measures.explaining.leads import Scored
from saecore.measures.explaining.predicates import Predicates
from saecore.measures.explaining.resampled_texts import fragment_sums, resampled_means
from saecore.measures.explaining.scores import scores


def most_alike(
    y: Float[Tensor, "latent fragment pos"], fragments: Fragments
) -> Int[Tensor, " latent"]:
    """For each latent the other one with the largest correlation of activations, on the
    half that explanations are fitted on.

    Raises ValueError for fewer than two latents.
    """
    if len(y) < 2:
        raise ValueError(
            f"a latent needs another one to be like, got {len(y)}: take more"
        )
    seen = y[:, fragments.fitting].flatten(1)
    seen = seen - seen.mean(1, keepdim=True)
    length = seen.norm(dim=1).clamp(min=1e-12)
    likeness = (seen @ seen.T) / length / length[:, None]
    return likeness.fill_diagonal_(-2).argmax(1)


def under_neighbours(
    found: Autointerp,
    y: Float[Tensor, "latent fragment pos"],
    fragments: Fragments,
    predicates: Predicates,
    *,
    least: int,
    each: int,
    draws: int,
    seed: int = 3,
) -> Scored:
    """Simulation scores of the latents that `found` has scored (with the same `seed`),
    each under the explanation of the scored latent that fires most like it, on the same
    fragments.
    """
    scored = ~found.scores.skipped
    which = scored.nonzero()[:, 0]
    giver = torch.arange(len(y))
    giver[which] = which[most_alike(y[which], fragments)]
    given, draw = found.rules.of(giver), Generator().manual_seed(seed)
    judged = scores(
        given, y, fragments, predicates, generator=draw, least=least, each=each
    )
    sums = fragment_sums(given, y, fragments, predicates)
    means = resampled_means(sums, scored, each=each, draws=draws)
    return Scored(judged.simulation[scored], means)
