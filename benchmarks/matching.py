"""Matching two dictionaries exactly: the certified sparse way beside SciPy on the dense
matrix.

    python benchmarks/matching.py                     about a minute: 2048 and 4096
    latents python benchmarks/matching.py --sizes 16384       the goal: at least 5x the
    speed in 1/5 of the memory python benchmarks/matching.py --case hubs         uneven
    spectrum and common mean: the hard case python benchmarks/matching.py --sizes 131072
    --d-model 128 --no-dense

Both run in this process, on one thread; times are CPU seconds, memory is what the
process grows by at its peak (the smaller run first). `naive` is nearest neighbours,
what one would do without an assignment; it is faster and answers another question.
"""

import argparse
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


def dense(a: Tensor, b: Tensor) -> tuple[float, int]:
    """What 2501.16615 does: the whole cosine matrix and SciPy's solver."""
    cosine = (unit_rows(a) @ unit_rows(b).T).numpy()
    matched = cosine[linear_sum_assignment(cosine, maximize=True)]
    return float(matched.sum(dtype="float64")), int((matched > 0.7).sum())


def measured(run: Callable[[], Result]) -> tuple[Result, float, float]:
    """Result, CPU seconds, and by how many GB the peak memory of the process rose above
    its use before.
    """
    gc.collect()
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
    _, near, near_memory = measured(lambda: nearest(unit_rows(a), unit_rows(b)))
    ours, seconds, memory = measured(lambda: assign(a, b, dense_below=0))
    shared = int((ours.cosine > 0.7).sum())
    print(f"{case.__name__} n={width} d={d_model}   (one matrix product: {gemm:.2f} s)")
    print(
        f"  ours    {seconds:8.2f} s {memory:7.3f} GB   total {ours.total:.4f}  "
        f"above .7: {shared}"
    )
    print(
        f"          certificate: no matching exceeds it by {ours.gap:.1e}; "
        f"{ours.rounds} rounds"
    )
    print(
        f"  naive   {near:8.2f} s {near_memory:7.3f} GB   above .7: "
        f"{int((ours.nearest > 0.7).sum())}"
    )
    if not with_dense:
        return True
    (total, count), dense_seconds, dense_memory = measured(lambda: dense(a, b))
    print(
        f"  SciPy   {dense_seconds:8.2f} s {dense_memory:7.3f} GB   total "
        f"{total:.4f}  above .7: {count}"
    )
    ratio = (
        f"{dense_seconds / seconds:.1f}x the speed, {memory / dense_memory:.2f} "
        f"of the memory"
    )
    print(f"  ours is {ratio}", flush=True)
    return abs(total - ours.total) <= ours.gap + 1e-6 * width and count == shared


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[2048, 4096], help="numbers of latents"
    )
    parser.add_argument("--d-model", type=int, default=256)
    parser.add_argument("--case", choices=["related", "hubs"], default="related")
    parser.add_argument(
        "--no-dense", action="store_true", help="leave SciPy out (8 to 12 n^2 bytes)"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    case = {"related": related, "hubs": hubs}[arguments.case]
    agree = [
        compare(case, n, arguments.d_model, with_dense=not arguments.no_dense)
        for n in arguments.sizes
    ]
    if not all(agree):
        raise SystemExit("the sparse and the dense matching differ")


if __name__ == "__main__":
    main()
