"""Time of a step against the number of rows and of seeds: `python
benchmarks/scaling.py`."""

import results
import shapes
from training import lines, measured

BESIDE = ("ours", "ours, pure", "SAELens", "sparsify", "dictionary_learning")


def main() -> None:
    """Print one line per shape and candidate; peers take seeds one by one."""
    asked = results.options(__doc__).parse_args()
    rows, not_run = [], {}
    for shape in [*shapes.BY_ROWS, *shapes.STACKS]:
        peers = BESIDE if shape.saes == 1 and shape.kind == "topk" else ("ours",)
        found, missing = measured(shape, peers)
        rows += lines(shape, found)
        not_run |= missing
    results.write(asked.json, {}, rows, not_run=not_run)


if __name__ == "__main__":
    main()
