"""`loop`: a function over arrays that is compiled at its first call."""

import inspect
from collections.abc import Callable
from typing import Any

ALLOWED = {"reassoc", "contract", "nsz"}
"""Sums may be reordered and fused; NaN and infinity keep their meaning."""


def loop(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` at its first call; the machine code is kept beside the module,
    or in the user's cache, or, where neither can be written, in memory alone.
    """
    import numba

    bare = inspect.unwrap(function)  # numba compiles no checks of types
    options: dict[str, Any] = {"fastmath": ALLOWED, "error_model": "numpy"}
    try:
        return numba.njit(cache=True, **options)(bare)
    except RuntimeError:  # no folder can be written
        return numba.njit(**options)(bare)
