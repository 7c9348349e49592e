"""The matching of two dictionaries as figures: `python benchmarks/assignment.py`.

Time and memory beside SciPy on the dense matrix at 16,384 latents, and at 65,536,
where the dense matrix no longer fits, beside the two products that any exact way needs.
`matching.py` prints the same for any size.
"""

import matching
import results
import roofline
import torch

from saecore.measures.algebra.assignment import assign

BESIDE_DENSE, ALONE = (16_384, 256), (65_536, 128)


def main() -> None:
    """Print one line per size."""
    asked = results.options(__doc__).parse_args()
    best = max(roofline.rates().values())
    numbers = beside_dense(*BESIDE_DENSE) | alone(*ALONE, best)
    for name, number in numbers.items():
        print(f"{name:40}{number:12.3g}")
    results.write(asked.json, numbers)


def beside_dense(width: int, d_model: int) -> dict[str, float]:
    """Time and memory of ours and of SciPy's, and whether they find the same."""
    a, b = matching.related(width, d_model)
    ours, seconds, memory = matching.measured(lambda: assign(a, b, dense_below=0))
    (total, count), slow, large = matching.measured(lambda: matching.dense(a, b))
    return {
        f"{width}: SciPy": slow / seconds,
        f"{width}: memory over SciPy's": memory / large,
        f"{width}: difference of the totals": abs(total - ours.total) / total,
        f"{width}: difference of the counts": abs(
            count - float((ours.cosine > 0.7).sum())
        ),
    }


def alone(width: int, d_model: int, best: float) -> dict[str, float]:
    """Time over what the goal allows: three times two products, and 15 seconds."""
    a, b = matching.related(width, d_model)
    hard = matching.hubs(BESIDE_DENSE[0], BESIDE_DENSE[1])
    easy = matching.related(*BESIDE_DENSE)
    _, seconds, memory = matching.measured(lambda: assign(a, b, dense_below=0))
    _, of_hubs, _ = matching.measured(lambda: assign(*hard, dense_below=0))
    _, of_easy, _ = matching.measured(lambda: assign(*easy, dense_below=0))
    allowed = 3 * 2 * 2.0 * width**2 * d_model / best + 15
    return {
        f"{width}: seconds": seconds,
        f"{width}: seconds over allowed": seconds / allowed,
        f"{width}: GB": memory,
        f"{BESIDE_DENSE[0]}: hubs over easy": of_hubs / of_easy,
    }


if __name__ == "__main__":
    torch.manual_seed(0)
    main()
