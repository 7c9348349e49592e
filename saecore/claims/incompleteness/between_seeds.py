"""The numbers by which the claim of incompleteness is judged, each for one small and
one large dictionary.

Each takes both dictionaries, as `encoded` gives them, the rows, and the constants of
the rule that it needs. `interval` averages one of them over all pairs of seeds.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from saecore.measures.algebra.intervals import Interval, over_pairs
from saecore.measures.dictionary import nulls
from saecore.measures.dictionary.encoded import Encoded, mean_square, residual
from saecore.measures.stitching.cosine_proxy import max_cosine, roc
from saecore.measures.stitching.families import linked_families, links
from saecore.measures.stitching.insertion import insertions
from saecore.measures.stitching.novelty import novelty
from saecore.shapes import Rows
from saecore.sparse import decode


def between_seeds(
    smaller: Sequence[Encoded],
    larger: Sequence[Encoded],
    measure: Callable[[Encoded, Encoded], float],
) -> Float[Tensor, "seed other"]:
    """`measure(small, large)` for every two dictionaries of different seeds; nan where
    the seeds are equal.

    With the same list twice this is the control: two seeds of one width. What
    `intervals.over_pairs` reads.
    """
    out = torch.full((len(smaller), len(larger)), torch.nan, dtype=torch.float64)
    for s, small in enumerate(smaller):
        for t, large in enumerate(larger):
            if s != t:
                out[s, t] = measure(small, large)
    return out


def interval(
    smaller: Sequence[Encoded],
    larger: Sequence[Encoded],
    measure: Callable[[Encoded, Encoded], float],
    *,
    level: float,
) -> Interval:
    """Mean of `measure` over all pairs of different seeds, with the jackknife interval
    of `intervals.over_pairs`.
    """
    return over_pairs(between_seeds(smaller, larger, measure), level=level)


def novel_share(
    small: Encoded,
    large: Encoded,
    x: Rows,
    *,
    fdr: float,
    least: float,
    together: int = 1,
) -> float:
    """Novel latents: the share of the large dictionary's latents that surely lower the
    small one's error.

    "Surely" as in `novelty`: at a false discovery rate of `fdr` over the latents that
    fire on at least `least` rows; `together` rows in a row are one observation.
    """
    found = novelty(
        insertions(small, large, x, together=together), fdr=fdr, least=least
    )
    return float(found.novel.double().mean())


def novel_by_cosine(small: Encoded, large: Encoded, *, threshold: float) -> float:
    """Novel latents by the cosine: the share whose largest cosine is at most the
    threshold.
    """
    return float((max_cosine(small, large) <= threshold).double().mean())


def sign_auc(
    small: Encoded, large: Encoded, x: Rows, similarity: Float[Tensor, "latent"]
) -> float:
    """AUC of "similarity is low" for "inserted alone, the latent lowers the error",
    over live latents.
    """
    found = insertions(small, large, x)
    return roc(similarity[found.live], (found.effect < 0)[found.live]).auc


def stranger_auc(
    small: Encoded, large: Encoded, x: Rows, *, generator: Generator
) -> float:
    """The null of `sign_auc`: the largest cosine with Gaussian rows of the small
    decoder's covariance.
    """
    known = nulls.Weights(small.W_dec.T, small.W_dec)
    stranger = nulls.same_covariance(known, generator=generator)
    return sign_auc(small, large, x, max_cosine(stranger, large))


def all_novel(small: Encoded, large: Encoded, x: Rows, *, threshold: float) -> float:
    """Relative change of the error when all latents up to the threshold join; the bias
    moves (eq 5).
    """
    which = max_cosine(small, large) <= threshold
    joined = torch.where(which[large.active.latent.long()], large.active.value, 0)
    share = int(which.sum()) / (small.width + int(which.sum()))
    before = residual(small, x)
    after = before - decode(large.active._replace(value=joined), large.W_dec)
    return (
        mean_square(after - share * (large.bias - small.bias)) / mean_square(before) - 1
    )


def swap_l0(small: Encoded, large: Encoded, *, threshold: float) -> float:
    """Change of L0, the mean number of active latents, while all families are swapped,
    in any order.

    Zero on average over two dictionaries of one width taken in both directions.
    """
    groups = linked_families(links(small, large, above=threshold))
    come, go = (
        one.fired[alone.logical_not()].sum()
        for one, alone in ((large, groups.novel), (small, groups.lost))
    )
    return float(come - go) / small.rows
