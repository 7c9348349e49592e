"""Whether the compiled loops may be used: for which tensors, and on which machine."""

import os
import warnings
from functools import cache

import torch
from torch import Tensor

SWITCH = "SAECORE_COMPILED"
"""Environment variable: 0 leaves everything to plain torch."""


def serves(*tensors: Tensor) -> bool:
    """Whether these tensors can go through compiled loops: float32, on a processor,
    without gradients, where numba works.
    """
    plain = all(
        x.device.type == "cpu"
        and x.dtype == torch.float32
        and not (x.requires_grad and torch.is_grad_enabled())
        for x in tensors
    )
    return plain and available()


@cache
def available() -> bool:
    """Whether numba can be used here and is wanted; says once what follows if not."""
    if os.environ.get(SWITCH, "1") == "0":
        return False
    try:
        import numba  # noqa: F401
    except Exception as error:  # numba refuses versions of numpy by several errors
        warnings.warn(
            f"numba does not work here ({error}): the same numbers are computed by "
            "plain torch, training takes about twice as long",
            stacklevel=2,
        )
        return False
    return True
