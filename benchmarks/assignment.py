"""The matching of two dictionaries as figures: `python benchmarks/assignment.py`.

Time and memory beside SciPy on the dense matrix at 16,384 latents, at 65,536, where
the dense matrix no longer fits, beside the two products that any exact way needs, and
at the paper's 131,072.
`matching.py` prints the same for any size.
"""

import matching
import results
import roofline

from saecore.measures.algebra.assignment import assign

BESIDE_DENSE, ALONE, PAPERS = (16_384, 256), (65_536, 128), (131_072, 128)


def main() -> None:
    """Print one line per size."""
    asked = results.options(__doc__).parse_args()
    best = max(roofline.rates().values())
    numbers: dict[str, float] = {}
    for make in (
        beside_dense,
        lambda: alone(*ALONE, best),
        lambda: alone(*PAPERS, best),
    ):
        found = make()
        for name, number in found.items():
            print(f"{name:40}{number:12.3g}", flush=True)
        numbers |= found
        results.write(asked.json, numbers)


def beside_dense() -> dict[str, float]:
    """Time and memory of ours and of SciPy's, and whether they find the same; and the
    hard case beside this easy one.
    """
    width, d_model = BESIDE_DENSE
    a, b = matching.related(width, d_model)
    ours, seconds, memory = matching.measured(lambda: assign(a, b, dense_below=0))
    hard = matching.hubs(width, d_model)
    _, of_hubs, _ = matching.measured(lambda: assign(*hard, dense_below=0))
    pairs, slow, large = matching.measured(lambda: matching.dense(a, b))
    total, count = matching.totals(a, b, *pairs)
    return {
        f"{width}: SciPy": slow / seconds,
        f"{width}: memory over SciPy's": memory / large,
        f"{width}: hubs over easy": of_hubs / seconds,
        f"{width}: difference of the totals": abs(total - ours.total) / total,
        f"{width}: difference of the counts": abs(
            count - float((ours.cosine > 0.7).sum())
        ),
    }


def alone(width: int, d_model: int, best: float) -> dict[str, float]:
    """Time over what the goal allows: three times two products, and 15 seconds."""
    a, b = matching.related(width, d_model)
    found, seconds, memory = matching.measured(lambda: assign(a, b, dense_below=0))
    allowed = 3 * 2 * 2.0 * width**2 * d_model / best + 15
    return {
        f"{width}: seconds": seconds,
        f"{width}: seconds over allowed": seconds / allowed,
        f"{width}: GB": memory,
        f"{width}: gap of the certificate": found.gap,
    }


if __name__ == "__main__":
    main()
