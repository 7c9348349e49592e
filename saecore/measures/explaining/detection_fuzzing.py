"""Two scores that ask an explanation for less than the activations: does it fire here,
and is it here?

Source: Paulo et al. (2410.13928), sections 3.2 and 3.3, where a language model answers;
here a rule does.
"""

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

SHOWN = 50  # fragments of a kind
FEWEST_FRAGMENTS = 10  # of a kind; with fewer the score is not defined


def detection_score(
    fires: Bool[Tensor, "latent fragment pos"],
    truth: Float[Tensor, "latent fragment pos"],
    *,
    generator: Generator,
    shown: int = SHOWN,
) -> Float[Tensor, " latent"]:
    """Detection score: balanced accuracy of the rule's "it fires somewhere in this
    fragment".

    On up to `shown` random fragments in which the latent fires and as many in which it
    does not: the mean of the two shares that the rule gets right, 0.5 by chance. nan
    where there are fewer than ten of either, as for a latent that fires everywhere:
    compare such latents after `fragments.at_density`.
    """
    active, said = truth.amax(2) > 0, fires.any(2)
    chance = torch.rand(active.shape, generator=generator)
    shares, defined = [], torch.ones(len(active), dtype=torch.bool)
    for kind in (active, ~active):
        chosen = _random(kind, chance, shown)
        shares.append((chosen & (said == active)).sum(1) / chosen.sum(1).clamp(min=1))
        defined &= kind.sum(1) >= FEWEST_FRAGMENTS
    return torch.where(defined, (shares[0] + shares[1]) / 2, torch.nan)


def fuzzing_score(
    said: Float[Tensor, "latent fragment pos"],
    truth: Float[Tensor, "latent fragment pos"],
    *,
    generator: Generator,
    shown: int = SHOWN,
) -> Float[Tensor, " latent"]:
    """Fuzzing score: balanced accuracy of telling right marks from wrong ones, by the
    activations that the rule predicts.

    In up to `shown` random fragments with activation, the tokens where the latent fires
    are marked (the strongest of them, where it fires on more than half), or as many
    others at random. The rule takes marks for right if it expects more of the marked
    tokens than of the others, on average. 0.5 by chance; nan where the latent fires in
    fewer than ten fragments.
    """
    active = truth.amax(2) > 0
    keys = torch.rand(active.shape, generator=generator)
    chosen = (
        keys.masked_fill(~active, -1.0).topk(min(shown, active.shape[1]), dim=1).indices
    )
    real = active.gather(1, chosen)
    at = chosen[..., None].expand(-1, -1, truth.shape[2])
    said, truth = said.gather(1, at), truth.gather(1, at)
    number = torch.minimum((truth > 0).sum(2), (truth <= 0).sum(2))
    elsewhere = torch.rand(truth.shape, generator=generator).masked_fill(
        truth > 0, -1.0
    )
    right = _fits(said, _largest(truth, number))
    wrong = _fits(said, _largest(elsewhere, number))
    judged = real & (number > 0)
    share = ((right & judged).sum(1) + (~wrong & judged).sum(1)) / (
        2 * judged.sum(1)
    ).clamp(min=1)
    return torch.where(judged.sum(1) >= FEWEST_FRAGMENTS, share, torch.nan)


def _random(
    kind: Tensor, chance: Tensor, count: int
) -> Bool[Tensor, "latent fragment"]:
    """Up to `count` of the flagged ones, at random."""
    keys = torch.where(kind, chance, -1.0)
    cut = keys.topk(min(count, keys.shape[1]), dim=1).values[:, -1:]
    return kind & (keys >= cut)


def _largest(x: Tensor, number: Tensor) -> Bool[Tensor, "latent fragment pos"]:
    """The `number` largest of each fragment."""
    order = x.argsort(dim=2, descending=True, stable=True)
    rank = torch.arange(x.shape[2]).expand(x.shape)
    return torch.zeros_like(x, dtype=torch.bool).scatter_(
        2, order, rank < number[..., None]
    )


def _fits(said: Tensor, marked: Tensor) -> Bool[Tensor, "latent fragment"]:
    """Whether more is expected of the marked tokens than of the others, on average."""
    inside, outside = marked.sum(2), (~marked).sum(2)
    of_marked = (said * marked).sum(2, dtype=torch.float64)
    rest = said.sum(2, dtype=torch.float64) - of_marked
    return of_marked * outside > rest * inside + 1e-9 * of_marked.abs()
