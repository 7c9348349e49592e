"""Functions over arrays that are compiled at their first call.

numba keeps machine code until the file of the function changes; a loop that it calls
may stand in another file. So the code is kept under a name made of the contents of all
files beside the function, and of those here: none of it outlives what it was made of.
"""

import hashlib
import inspect
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

ALLOWED = {"reassoc", "contract", "nsz"}
"""Sums may be reordered and fused; NaN and infinity keep their meaning."""
HERE = Path(__file__).parent


def loop(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` at its first call, with sums in the order that is fastest."""
    return _compiled(function, fastmath=ALLOWED, error_model="numpy")


def strict_loop(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` at its first call, with sums in the order that is written."""
    return _compiled(function)


def _compiled(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """The machine code is kept beside the module, or in the user's cache, or, where
    neither can be written, in memory alone.
    """
    import numba
    import numba.core.config

    config: Any = numba.core.config  # numba fills this module as it is imported
    bare: Any = inspect.unwrap(function)  # numba compiles no checks of types
    own, before = Path(bare.__code__.co_filename).parent, config.CACHE_DIR
    base = Path(before) if before else own / "__pycache__"
    # numba's own name of a function's code does not know its options
    order = "fast" if options else "strict"
    config.CACHE_DIR = str(base / f"loops-{_contents(own)}-{order}")
    try:
        return numba.njit(cache=True, **options)(bare)
    except RuntimeError:  # no folder can be written
        return numba.njit(**options)(bare)
    finally:
        config.CACHE_DIR = before


@cache
def _contents(folder: Path) -> str:
    """Twelve digits of the sha256 of the modules in `folder` and here."""
    modules = sorted({*folder.glob("*.py"), *HERE.glob("*.py")})
    digest = hashlib.sha256()
    for module in modules:
        digest.update(module.read_bytes())
    return digest.hexdigest()[:12]
