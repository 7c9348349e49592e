"""`linear`: x Wᵀ + b in full fp32, by whichever kernel of this machine is fastest."""

import os
import time
from collections.abc import Callable
from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

CHOICE = "SAECORE_KERNELS"
"""Environment variable that names the kernels which trials would choose otherwise: blas
or onednn, and bfloat16 behind a comma where selections are to be screened. Machines
that share a run then take the same, and round alike.
"""


def linear(
    x: Float[Tensor, "row d_model"],
    weight: Float[Tensor, "latent d_model"],
    bias: Float[Tensor, " latent"],
) -> Float[Tensor, "row latent"]:
    """x Wᵀ + b, without a gradient, in true fp32.

    On some processors oneDNN is about twice as fast as the BLAS behind `torch.mm`. It
    is taken when it gives the same numbers and is clearly faster in a trial of a few
    milliseconds, made once, unless $SAECORE_KERNELS names one.
    """
    if x.device.type == "cpu" and x.dtype == torch.float32 and onednn_is_better():
        return _onednn(x, weight, bias)
    return functional.linear(x, weight, bias)


def _onednn(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")


@cache
def onednn_is_better() -> bool:
    """True when oneDNN exists here, agrees with `functional.linear` to 1e-4, and takes
    at most 0.8 of its time; or as $SAECORE_KERNELS says.
    """
    if chosen := named_kernels():
        return "onednn" in chosen
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(256, 128, generator=generator)
    weight = torch.randn(1024, 128, generator=generator)
    bias = torch.randn(1024, generator=generator)
    try:
        same = torch.allclose(
            _onednn(x, weight, bias),
            functional.linear(x, weight, bias),
            atol=1e-4,
            rtol=1e-4,
        )
    except (RuntimeError, AttributeError, NotImplementedError):
        return False
    plain = shortest_seconds(functional.linear, x, weight, bias)
    return same and shortest_seconds(_onednn, x, weight, bias) < 0.8 * plain


def named_kernels() -> tuple[str, ...]:
    """The kernels that $SAECORE_KERNELS names, none if it is unset. Raises ValueError
    for others.
    """
    names = tuple(filter(None, os.environ.get(CHOICE, "").split(",")))
    products = [name for name in names if name != "bfloat16"]
    if names and products not in (["blas"], ["onednn"]):
        raise ValueError(
            f"{CHOICE} is blas or onednn, with ,bfloat16 behind it where selections "
            f"are screened, but is {','.join(names)!r}: correct it, or unset it"
        )
    return names


def shortest_seconds(function: Callable[..., Tensor], *arguments: Tensor) -> float:
    """Shortest CPU time of five calls, in seconds."""
    times = []
    for _ in range(5):
        start = time.process_time()
        function(*arguments)
        times.append(time.process_time() - start)
    return min(times)
