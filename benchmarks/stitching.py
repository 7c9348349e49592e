"""What stitching costs beside encoding, and how exact it is: `python
benchmarks/stitching.py [--repeats 5]`.

Everything runs in this process on one thread, in CPU seconds; the goals are at most
0.25 times the time to encode with the larger dictionary for all single-latent effects,
at most 2.5 times for a curve of 3,000 swaps, and errors of at most 1e-5 against
float64. `naive` evaluates the stitched dictionary once per latent from cached
activations; it is timed on a few latents. Figures depend on the processor and on who
else uses it; the ratios less so.
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

import results
import torch
from torch import Tensor
from torch.nn.functional import normalize

from saecore.measures.dictionary.encoded import Encoded, encoded, residual
from saecore.measures.stitching.curves import curve
from saecore.measures.stitching.insertion import insertions
from saecore.sparse import row_of
from saecore.zoo.sae import SAE

SHAPES = (
    (160, 640, 2560, 16, 32768),
    (768, 3072, 24576, 32, 8192),
)  # d_model, widths, k, rows
SWAPS = 3000


class Case(NamedTuple):
    """Two TopK dictionaries around the same planted directions, and rows made of
    these.
    """

    small: SAE
    large: SAE
    x: Tensor


def main() -> None:
    """Print one block per shape."""
    options = results.options(__doc__)
    options.add_argument("--repeats", type=int, default=7)
    asked = options.parse_args()
    first = planted(16, 32, 64, 4, 100)
    insertions(first.small, first.large, first.x)  # imports SciPy
    numbers: dict[str, float] = {}
    for shape in SHAPES:
        case = planted(*shape)
        print("d_model {}, widths {} and {}, k {}, {} rows".format(*shape))
        found = report(case, asked.repeats)
        numbers |= {f"{shape[0]} {shape[2]}: {name}": x for name, x in found.items()}
    results.write(asked.json, numbers)


def report(case: Case, repeats: int) -> dict[str, float]:
    """Times of one case, in turns, and its errors; printed and returned as ratios."""
    small, large = encoded(case.small, case.x), encoded(case.large, case.x)
    steps = [torch.arange(one.width) % SWAPS for one in (small, large)]
    runs: dict[str, Callable[[], Any]] = {
        "encode": lambda: encoded(case.large, case.x),
        "effects": lambda: insertions(small, large, case.x),
        "curve": lambda: curve(
            small, large, case.x, remove=steps[0], insert=steps[1], steps=SWAPS
        ),
    }
    times = medians(runs, repeats)
    latents = large.active.latent[:: len(large.active.latent) // 8].long().unique()
    start = time.process_time()
    rough = naive(small, large, case.x, latents)
    every = (time.process_time() - start) / len(latents) * large.width
    exact = naive(as_double(small), as_double(large), case.x.double(), latents)
    found = runs["effects"]().effect[latents]
    print(f"  encode with the larger    {times['encode']:8.3f} s")
    print(
        f"  all effects               {times['effects']:8.3f} s  "
        f"{times['effects'] / times['encode']:6.2f} x"
    )
    print(
        f"  curve of {SWAPS} swaps      {times['curve']:8.3f} s  "
        f"{times['curve'] / times['encode']:6.2f} x"
    )
    print(f"  naive, all latents        {every:8.0f} s  (from {len(latents)} latents)")
    print(
        f"  largest relative error    {relative(found, exact):8.1e}    "
        f"naive in float32 {relative(rough, exact):.1e}"
    )
    return {
        "effects over encoding": times["effects"] / times["encode"],
        "curve over encoding": times["curve"] / times["encode"],
        "naive over effects": every / times["effects"],
        "error": relative(found, exact),
        "error of naive": relative(rough, exact),
    }


def planted(d_model: int, width: int, wider: int, k: int, rows: int) -> Case:
    """Rows of a sparse mixture, and dictionaries of its directions with noise."""
    generator = torch.Generator().manual_seed(0)
    true = normalize(torch.randn(2000, d_model, generator=generator), dim=1)
    strength = (torch.randn(rows, 2000, generator=generator) - 2).relu()
    x = strength @ true + 0.1 * torch.randn(rows, d_model, generator=generator)
    return Case(topk(true, width, k, generator), topk(true, wider, k, generator), x)


def topk(true: Tensor, width: int, k: int, generator: torch.Generator) -> SAE:
    """A TopK dictionary of noisy copies of `true`, as many as there is room for, and
    random directions.
    """
    d_model = true.shape[1]
    rows = torch.randn(width, d_model, generator=generator) / d_model**0.5
    pick = torch.arange(min(width, len(true)))
    rows[pick] = true[pick] + 0.5 * rows[pick]
    w_dec = normalize(rows, dim=1)
    cfg = {"architecture": "topk", "d_in": d_model, "d_sae": width, "k": k}
    weights = {
        "W_enc": 0.8 * w_dec.T.contiguous(),
        "W_dec": w_dec,
        "b_enc": torch.zeros(width),
    }
    return SAE(
        cfg, weights | {"b_dec": 0.1 * torch.randn(d_model, generator=generator)}
    )


def medians(runs: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Median CPU seconds of each run; in every round each runs once."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            start = time.process_time()
            run()
            times[name].append(time.process_time() - start)
    return {name: median(values) for name, values in times.items()}


def naive(small: Encoded, large: Encoded, x: Tensor, latents: Tensor) -> Tensor:
    """Effects by evaluating the stitched dictionary once per latent."""
    before, rows = residual(small, x), row_of(large.active).long()
    base = before.square().sum(1).mean()
    out = []
    for latent in latents.tolist():
        mine = large.active.latent == latent
        column = x.new_zeros(len(x))
        column[rows[mine]] = large.active.value[mine]
        after = before - column[:, None] * large.W_dec[latent]
        out.append(after.square().sum(1).mean() - base)
    return torch.stack(out)


def as_double(one: Encoded) -> Encoded:
    """The same activations, directions and bias in float64."""
    active = one.active._replace(value=one.active.value.double())
    return Encoded(active, one.W_dec.double(), one.bias.double())


def relative(found: Tensor, exact: Tensor) -> float:
    """Largest difference, each over its own exact size."""
    return float(((found.double() - exact) / exact).abs().max())


if __name__ == "__main__":
    main()
