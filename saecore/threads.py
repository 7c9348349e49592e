"""One thread: what makes a run the same on machines with different numbers of cores."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread within, and as many as before afterwards.

    Sums over several threads round differently, and a sampled text then takes another
    turn. On busy cores one thread is also the faster choice for small models.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
