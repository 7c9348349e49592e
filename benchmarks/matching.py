"""Matching two dictionaries exactly: the certified sparse way beside SciPy on the dense
matrix.

    python benchmarks/matching.py                        4096 latents, every case
    python benchmarks/matching.py --sizes 16384          at least 7 x the speed in 1/5
                                                         of the memory
    python benchmarks/matching.py --sizes 131072 --d-model 128 --cases related \\
        --no-dense --threads 2                           at most 120 s and 2 GB

Cases: `related` is the easy one; `hubs` has an uneven spectrum and a common mean (at
most 4 x the easy one); in `equal` and `many_equal` an eighth and a quarter of one
side's rows are alike (no slower than SciPy). Both ways run in this process, on one
thread unless told; times are CPU seconds, memory is what the process grows by at its
peak. The compiled kernels are warm. Totals are compared in double precision. `naive` is
nearest neighbours, what one would do without an assignment; it is faster and answers
another question.
"""

import argparse
import contextlib
import ctypes
import gc
import resource
import time
from collections.abc import Callable
from typing import TypeVar

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from saecore.measures.algebra.assignment import assign
from saecore.measures.algebra.nearest import nearest, unit_rows
from saecore.zoo.progress import Progress

Result = TypeVar("Result")


def related(width: int, d_model: int, *, seed: int = 0) -> tuple[Tensor, Tensor]:
    """45 % common directions with noise, 30 % in clusters of eight siblings, the rest
    unrelated; shuffled.
    """
    generator = torch.Generator().manual_seed(seed)
    common, clustered = int(0.45 * width), int(0.3 * width)
    a, b = (torch.randn(width, d_model, generator=generator) for _ in range(2))
    base = torch.randn(common, d_model, generator=generator)
    centre = torch.randn(clustered // 8 + 1, d_model, generator=generator)[
        torch.arange(clustered) // 8
    ]
    for x in (a, b):
        x[:common] = base + 0.4 * x[:common]
        x[common : common + clustered] = centre + 0.7 * x[common : common + clustered]
    return a, b[torch.randperm(width, generator=generator)]


def hubs(width: int, d_model: int, *, seed: int = 0) -> tuple[Tensor, Tensor]:
    """The same on a spectrum of j^-0.5 about a common mean: some rows are near all,
    some near none.
    """
    a, b = related(width, d_model, seed=seed)
    scale = torch.arange(1, d_model + 1.0) ** -0.5
    mean = (
        0.5
        * scale
        * torch.randn(d_model, generator=torch.Generator().manual_seed(seed + 1))
    )
    return a * scale + mean, b * scale + mean


def equal(
    width: int, d_model: int, *, seed: int = 0, share: float = 1 / 8
) -> tuple[Tensor, Tensor]:
    """`related`, with a share of the first side's rows alike."""
    a, b = related(width, d_model, seed=seed)
    a[: int(share * width)] = a[0].clone()
    return a, b


def many_equal(width: int, d_model: int, *, seed: int = 0) -> tuple[Tensor, Tensor]:
    """A quarter of the rows alike."""
    return equal(width, d_model, seed=seed, share=1 / 4)


def dense(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """What 2501.16615 does: the whole cosine matrix and SciPy's solver."""
    cosine = (unit_rows(a) @ unit_rows(b).T).numpy()
    row, column = linear_sum_assignment(cosine, maximize=True)
    return torch.from_numpy(row), torch.from_numpy(column)


def totals(a: Tensor, b: Tensor, row: Tensor, column: Tensor) -> tuple[float, int]:
    """Sum of the matched cosines of unit rows in double precision, and how many are
    above 0.7.
    """
    matched = (unit_rows(a)[row].double() * unit_rows(b)[column].double()).sum(1)
    return float(matched.sum()), int((matched > 0.7).sum())


def measured(run: Callable[[], Result]) -> tuple[Result, float, float]:
    """Result, CPU seconds, and by how many GB the peak memory of the process rose above
    its use before.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # give freed memory back first
        ctypes.CDLL(None).malloc_trim(0)
    before, start = _resident(), time.process_time()
    _reset_peak()
    result = run()
    return result, time.process_time() - start, max(_peak() - before, 0.0)


def _reset_peak() -> None:
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:  # not Linux: the peak is that of the whole process so far
        pass


def _resident() -> float:
    return _status("VmRSS")


def _peak() -> float:
    return _status("VmHWM")


def _status(name: str) -> float:
    """A line of /proc/self/status in GB; elsewhere the peak that getrusage knows."""
    try:
        with open("/proc/self/status") as file:
            line = next(line for line in file if line.startswith(name))
        return int(line.split()[1]) / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e9


def compare(
    case: Callable[..., tuple[Tensor, Tensor]],
    width: int,
    d_model: int,
    *,
    with_dense: bool,
) -> bool:
    """One line per way; returns whether the two exact ways agree."""
    a, b = case(width, d_model)
    gemm = measured(
        lambda: [torch.mm(a[i : i + 256], b.T).amax() for i in range(0, width, 256)]
    )[1]
    begun = time.perf_counter()
    rows = Progress("rows multiplied and matched", 2 * width)
    ours, seconds, memory = measured(
        lambda: assign(a, b, dense_below=0, progress=rows.advance)
    )
    wall = time.perf_counter() - begun
    total, shared = totals(a, b, torch.arange(width), ours.partner)
    print(f"{case.__name__} n={width} d={d_model}   (one matrix product: {gemm:.2f} s)")
    print(
        f"  ours    {seconds:8.2f} s {memory:7.3f} GB   total {total:.7f}  "
        f"above .7: {shared}   ({wall:.0f} s by the clock)"
    )
    print(
        f"          no matching exceeds it by more than {ours.gap:.1e}; {ours.rounds} "
        f"rounds; {ours.ties} ties; {int(ours.near(0.7).sum())} cosines within 1e-5 of "
        ".7"
    )
    if not with_dense:
        return True
    _, near, near_memory = measured(lambda: nearest(unit_rows(a), unit_rows(b)))
    print(
        f"  naive   {near:8.2f} s {near_memory:7.3f} GB   above .7: "
        f"{int((ours.nearest > 0.7).sum())}"
    )
    pairs, dense_seconds, dense_memory = measured(lambda: dense(a, b))
    best, count = totals(a, b, *pairs)
    print(
        f"  SciPy   {dense_seconds:8.2f} s {dense_memory:7.3f} GB   total {best:.7f}  "
        f"above .7: {count}"
    )
    print(
        f"  ours is {dense_seconds / seconds:.1f}x the speed, "
        f"{memory / dense_memory:.2f} of the memory",
        flush=True,
    )
    return total >= best - ours.gap - 1e-6 and abs(count - shared) <= ours.ties


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[4096], help="numbers of latents"
    )
    parser.add_argument("--d-model", type=int, default=256)
    cases = {one.__name__: one for one in (related, hubs, equal, many_equal)}
    parser.add_argument("--cases", nargs="+", choices=list(cases), default=list(cases))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--no-dense", action="store_true", help="leave SciPy out (8 to 12 n^2 bytes)"
    )
    arguments = parser.parse_args()
    assign(*related(600, 32))  # compiles
    torch.set_num_threads(arguments.threads)
    agree = [
        compare(cases[case], n, arguments.d_model, with_dense=not arguments.no_dense)
        for n in arguments.sizes
        for case in arguments.cases
    ]
    if not all(agree):
        raise SystemExit("the sparse and the dense matching differ")


if __name__ == "__main__":
    main()
