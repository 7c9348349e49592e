"""Memory that is freed stays with the process while it trains, so that a step has no
page faults, and goes back to the system afterwards.
"""

import ctypes
import gc
from functools import cache

FREED = 1 << 30
"""Bytes of freed memory that are kept, and below which blocks are taken from them."""
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Numbers of the two settings in glibc's malloc.h."""


@cache
def keep_freed_memory() -> bool:
    """Tell the C library to keep what is freed, once per process; says whether it could
    be told.

    A step frees blocks of some megabytes and asks for them again. glibc gives such
    blocks back to the system, which then has to clear every page anew. Other libraries
    are left as they are.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(TRIM_THRESHOLD, FREED) and mallopt(MMAP_THRESHOLD, FREED))


def give_back_memory() -> bool:
    """Give freed memory back to the system, as after a job of another size; says
    whether the C library could be told.

    What several jobs have left adds up otherwise: blocks that each of them freed lie
    between blocks that are still in use.
    """
    gc.collect()
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return False
    return bool(trim(0))
