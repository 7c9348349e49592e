"""The numbers by which the claim of incompleteness is judged, each for one small and
one large dictionary: on all rows, and without each group of rows ("views").

`tables` asks them of all pairs of seeds; `over_seeds` makes an interval of one of them.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from saecore.measures.algebra.classifier_scores import auroc_of_rank_sums, midranks
from saecore.measures.algebra.intervals import Interval, over_pairs
from saecore.measures.algebra.nearest import nearest, unit_rows
from saecore.measures.dictionary.encoded import Encoded, mean_square, residual
from saecore.measures.dictionary.nulls import same_moments
from saecore.measures.stitching.cosine_proxy import max_cosine
from saecore.measures.stitching.families import linked_families, links
from saecore.measures.stitching.insertion import Insertions
from saecore.measures.stitching.novelty import novelty
from saecore.measures.stitching.row_groups import groups_of, views
from saecore.shapes import Rows
from saecore.sparse import decode

Views = Float[Tensor, "view"]
"""A number on all rows, then without each group of them."""
Tables = Mapping[str, Float[Tensor, "view seed other"]]
"""Numbers by name, for every pair of seeds; nan where the seeds are equal."""


def tables(
    smaller: int, larger: int, measure: Callable[[int, int], Mapping[str, Views]]
) -> dict[str, Float[Tensor, "view seed other"]]:
    """The numbers of `measure(seed, other)` for every two different seeds that both
    widths have.

    With one width twice this is the control: two seeds of one width.
    """
    seeds, found = min(smaller, larger), {}
    for s in range(seeds):
        for t in range(seeds):
            for name, value in measure(s, t).items() if s != t else ():
                empty = torch.full((len(value), seeds, seeds), torch.nan).double()
                found.setdefault(name, empty)[:, s, t] = value
    return found


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

    def of_pair(s: int, t: int) -> dict[str, Tensor]:
        return {"": torch.tensor([measure(smaller[s], larger[t])])}

    return over_pairs(tables(len(smaller), len(larger), of_pair)[""][0], level=level)


def surely_novel(
    found: Sequence[Insertions], *, fdr: float, least: float
) -> Bool[Tensor, "view latent"]:
    """Novel latents: which latents surely lower the error, for each view.

    "Surely" as in `novelty`: at a false discovery rate of `fdr` over the latents that
    fire on at least `least` rows.
    """
    return torch.stack([novelty(one, fdr=fdr, least=least).novel for one in found])


def novel_by_cosine(small: Encoded, large: Encoded, *, threshold: float) -> float:
    """Novel latents by the cosine: the share whose largest cosine is at most the
    threshold.
    """
    return float((max_cosine(small, large) <= threshold).double().mean())


def sign_auc(
    found: Sequence[Insertions], similarity: Float[Tensor, "draw latent"]
) -> Views:
    """AUC of "similarity is low" for "inserted alone, the latent lowers the error",
    over live latents; the mean over draws of the similarity.
    """
    live = found[0].live
    lower = torch.stack([(one.effect < 0)[live] for one in found])
    sums = lower.double() @ midranks(-similarity[:, live]).T
    count = lower.sum(1, keepdim=True)
    return auroc_of_rank_sums(sums, count, cases=lower.shape[1]).mean(1)


def strangers(
    small: Encoded, *, draws: int, generator: Generator
) -> Float[Tensor, "draw latent d_model"]:
    """The null of the cosine: Gaussian decoders with the mean and covariance of the
    small one's rows, drawn `draws` times.
    """
    shape = (draws * small.width, small.W_dec.shape[1])
    noise = torch.randn(shape, generator=generator, dtype=torch.float64)
    drawn = same_moments(small.W_dec.double(), noise).to(small.W_dec.dtype)
    return drawn.view(draws, small.width, -1)


def stranger_cosines(
    several: Float[Tensor, "draw latent d_model"], large: Encoded
) -> Float[Tensor, "draw other"]:
    """Largest cosine of each latent of `large` with each drawn decoder."""
    rows = unit_rows(large.W_dec)
    return torch.stack([nearest(rows, unit_rows(one)).value[:, 0] for one in several])


def all_novel(
    small: Encoded,
    large: Encoded,
    x: Rows,
    *,
    threshold: float,
    groups: int = 1,
    together: int = 1,
) -> Views:
    """Relative change of the error when all latents up to the threshold join; the bias
    moves (eq 5).
    """
    which = max_cosine(small, large) <= threshold
    joined = torch.where(which[large.active.latent.long()], large.active.value, 0)
    share = int(which.sum()) / (small.width + int(which.sum()))
    before = residual(small, x)
    after = before - decode(large.active._replace(value=joined), large.W_dec)
    after = after - share * (large.bias - small.bias)
    slices = groups_of(len(x), groups=groups, together=together)
    errors = [
        [mean_square(rest[rows]) * (rows.stop - rows.start) for rows in slices]
        for rest in (before, after)
    ]
    was, now = (views(torch.tensor(one, dtype=torch.float64)) for one in errors)
    return now / was - 1


def swap_l0(small: Encoded, large: Encoded, *, threshold: float) -> dict[str, float]:
    """L0 by phases of the walk: what novel latents add, what lost ones take away at its
    end, and the swaps between.

    The swaps are what is left: L0(large) - L0(small) - novel + lost. Zero on average
    over two dictionaries of one width taken in both directions.
    """
    groups = linked_families(links(small, large, above=threshold))
    novel, lost = (
        float(one.fired[alone].sum()) / one.rows
        for one, alone in ((large, groups.novel), (small, groups.lost))
    )
    between = large.l0 - small.l0
    return {
        "novel": novel,
        "lost": lost,
        "between": between,
        "swaps": between - novel + lost,
    }
