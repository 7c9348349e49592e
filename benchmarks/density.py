"""ReLU and JumpReLU beside a dense step, by the share of active latents: `python
benchmarks/density.py`.

The dense steps do not depend on how many latents are active; ours does, so that SAELens
is run at the low densities only. The plain dense step is that of ReLU for both, which
is the cheaper one.
"""

import results
import shapes
from training import lines, measured

ALLOWED = "ours over naive, the most"


def main() -> None:
    """Print one line per density and candidate."""
    asked = results.options(__doc__).parse_args()
    numbers, rows, not_run = {}, [], {}
    for shape in shapes.BY_DENSITY:
        density = shape.k / shape.width
        beside = ["SAELens"] if density < 0.03 else []
        found, missing = measured(shape, ["ours", "ours, pure", "naive", *beside])
        numbers |= {
            f"{shape.kind} at {density:.1%}: {name}": cost.ms / found["ours"].ms
            for name, cost in found.items()
            if name != "ours"
        }
        rows += [row | {"density": density} for row in lines(shape, found)]
        not_run |= missing
    slowest = min(ratio for name, ratio in numbers.items() if "naive" in name)
    results.write(asked.json, numbers | {ALLOWED: 1 / slowest}, rows, not_run=not_run)


if __name__ == "__main__":
    main()
