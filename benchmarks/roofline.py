"""The share of a training step that its encoder's product needs: `python
benchmarks/roofline.py`.

The product is counted as 2 B d F operations (batch, d_model, width) at the best float32
rate that a product reaches in this process, whatever the kernel. Each shape that this
book trains is measured alone and, where that pays, with seeds side by side.
"""

from collections.abc import Callable, Iterable

import ours
import results
import shapes
import timing
import torch
from shapes import Shape
from torch import Tensor
from training import in_turn

PRODUCTS = ((256, 128, 2048), (256, 160, 2560), (256, 768, 8192), (1024, 1024, 1024))
"""Rows, inner size and columns of the products that are tried."""
Kernel = Callable[[Tensor, Tensor, Tensor], object]


def kernels() -> dict[str, Kernel]:
    """Ways to multiply float32 matrices: x, w [column, inner], out."""

    def blas(x: Tensor, w: Tensor, out: Tensor) -> None:
        torch.mm(x, w.t(), out=out)

    def medium(x: Tensor, w: Tensor, out: Tensor) -> None:
        torch.set_float32_matmul_precision("medium")
        try:
            torch.mm(x, w.t(), out=out)
        finally:
            torch.set_float32_matmul_precision("highest")

    ways: dict[str, Kernel] = {"BLAS": blas}
    return ways | ({"oneDNN": medium} if exact(medium) else {})


def exact(kernel: Kernel) -> bool:
    """Whether a kernel is float32 throughout, as bfloat16 products are not."""
    generator = torch.Generator().manual_seed(0)
    x, w = torch.randn(2, 256, 512, generator=generator) / 512**0.25
    out = torch.empty(256, 256)
    kernel(x, w, out)
    return float((out.double() - x.double() @ w.double().t()).abs().max()) < 1e-4


def rates(products: Iterable[tuple[int, int, int]] = PRODUCTS) -> dict[str, float]:
    """Operations per CPU second of each kernel on each product."""
    found = {}
    for n, inner, m in products:
        x, w, out = torch.randn(n, inner), torch.randn(m, inner), torch.empty(n, m)
        runs = {
            name: lambda kernel=kernel, x=x, w=w, out=out: kernel(x, w, out)
            for name, kernel in kernels().items()
        }
        for name, cost in timing.interleaved(runs, warm=2).items():
            found[f"{name} {n} {inner} {m}"] = 2e3 * n * inner * m / cost.ms
    return found


def steps(asked: Iterable[Shape]) -> dict[Shape, timing.Cost]:
    """The cost of our step at each shape."""
    found = {}
    for shape in asked:
        run = in_turn(ours.ours(shape), shapes.batches(shape))
        found[shape] = timing.interleaved({"ours": run}, warm=3)["ours"]
        print(f"{shape.name:42}{found[shape].ms:9.3f} ms", flush=True)
    return found


def main() -> None:
    """Print the best rate, and the share of every shape."""
    asked = results.options(__doc__).parse_args()
    before = rates()
    wide = [Shape("topk", 128, 8192, 32), shapes.LARGE[0]]
    found = steps(dict.fromkeys([*shapes.BOOK, *shapes.STACKS, *wide]))
    reached = {name: max(rate, before[name]) for name, rate in rates().items()}
    best = max(reached, key=lambda name: reached[name])
    print(f"best product: {best}, {reached[best] / 1e9:.0f} billion operations/s")
    shares = {
        one: one.operations / reached[best] * 1e3 / cost.ms
        for one, cost in found.items()
    }
    for shape, share in shares.items():
        print(f"{shape.name:42}{share:9.3f}")
    numbers = {f"{shape.name}: share": share for shape, share in shares.items()}
    numbers |= {f"{name}: per second": rate for name, rate in reached.items()}
    rows = [
        {**one.row, **cost._asdict(), "share": shares[one]}
        for one, cost in found.items()
    ]
    results.write(asked.json, numbers | {"best": reached[best]}, rows)


if __name__ == "__main__":
    main()
