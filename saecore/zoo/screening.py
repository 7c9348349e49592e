"""Which latents exceed a floor, found in bfloat16 and settled in fp32: exact, at half the cost for wide SAEs.

bfloat16 products are about twice as fast as fp32 ones where the processor has them. Their error has a
bound, so every entry that may exceed the floor is kept, its fp32 value computed alone, and the floor
applied to that.
"""

import time
from collections.abc import Callable
from functools import cache

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from saecore.sparse import dots

LEAST = (
    1 << 20
)  # latents x d_model from which screening is tried: below, the rest of a step is the dearer part
ROUNDING = 2.0**-8  # largest relative error of a number in bfloat16


def pays(rows: Tensor, w_enc: Tensor, floor: Tensor | float) -> bool:
    """Whether screening is faster here: a wide SAE, on a processor with fast bfloat16, above a positive floor
    (at a floor of 0 about half of all entries would have to be settled one by one).
    """
    alike = rows.dtype == w_enc.dtype == torch.float32 and rows.device.type == "cpu"
    return alike and w_enc.numel() >= LEAST and isinstance(floor, float) and floor > 0 and _fast()


def above(
    rows: Float[Tensor, "row d_model"],
    w_enc: Float[Tensor, "latent d_model"],
    b_enc: Float[Tensor, " latent"],
    floor: float,
    *,
    chunk: int,
) -> tuple[Int[Tensor, " entry"], Int[Tensor, " entry"], Float[Tensor, " entry"]]:
    """Row, latent and value of every pre-activation rows w_encᵀ + b_enc above `floor`, row by row.

    |error of the product| <= (2 u + u^2) |row| |w| by Cauchy and Schwarz, u being the rounding of the
    factors; the result is rounded once more, and so is the bound. `chunk` rows at a time. Rows or weights
    that are not finite give the entries that fp32 gives.
    """
    width, bound = len(w_enc), _bound(rows, w_enc, b_enc, floor)
    low, found = w_enc.bfloat16(), []
    for start in range(0, len(rows), chunk):
        near = functional.linear(rows[start : start + chunk].bfloat16(), low)
        flat = (~(near < bound)).view(-1).nonzero().view(-1)
        found.append(flat + start * width)
    flat = torch.cat(found)
    row, latent = (flat // width).int(), (flat % width).int()
    crow = torch.searchsorted(row, torch.arange(len(rows) + 1, dtype=torch.int32), out_int32=True)
    value = dots(crow, latent, rows, w_enc) + b_enc[latent]
    kept = (value > floor).nonzero().view(-1)
    return row[kept], latent[kept], value[kept]


def _bound(rows: Tensor, w_enc: Tensor, b_enc: Tensor, floor: float) -> Float[Tensor, " latent"]:
    """What the bfloat16 product of each latent reaches at least where the fp32 value exceeds the floor."""
    share = 2 * ROUNDING + ROUNDING**2 + 1e-4  # the last for sums in fp32
    least = floor - b_enc - share * rows.norm(dim=1).max() * w_enc.norm(dim=1)
    return (least - 4 * ROUNDING * least.abs()).bfloat16()


@cache
def _fast() -> bool:
    """True when a bfloat16 product takes at most 0.7 of the time of an fp32 one, in a trial made once."""
    generator = torch.Generator().manual_seed(1)
    x, weight = torch.randn(256, 768, generator=generator), torch.randn(1024, 768, generator=generator)
    low = x.bfloat16(), weight.bfloat16()
    return _seconds(lambda: functional.linear(*low)) < 0.7 * _seconds(lambda: functional.linear(x, weight))


def _seconds(work: Callable[[], Tensor]) -> float:
    """Shortest CPU time of five calls."""
    times = []
    for _ in range(5):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)
