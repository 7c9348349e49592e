"""The stored figures against the goals, as a table, and as pictures in _build/bench:
`python benchmarks/report.py`.
"""

from pathlib import Path

from saecore.report import subplots
from saecore.report.rendering import table_faces
from saecore.report.results import column_pairs, columns_of
from saecore.report.speed import details, figures, judge_goals, read_goals, read_speed

PICTURES = Path(__file__).parents[1] / "_build" / "bench"


def main() -> None:
    """Print the table; draw the pictures that the page has."""
    speed = read_speed()
    rows = details(judge_goals(read_goals(), speed.numbers))
    twin = {"caption": "", "columns": column_pairs(columns_of(rows))}
    print(table_faces(twin)["text/plain"])
    for name, why in speed.not_run.items():
        print(f"not run: {name} ({why})")
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, (draw, *arguments) in {
        "time": (figures.draw_curves, figures.step_times(speed), "width", "ms"),
        "memory": (figures.draw_curves, figures.step_memory(speed), "width", "mb"),
        "seeds": (figures.draw_seeds, figures.seed_times(speed)),
        "shares": (figures.draw_roofline, figures.roofline_shares(speed)),
    }.items():
        fig, ax = subplots()
        draw(ax, *arguments)
        fig.savefig(PICTURES / f"{name}.png", dpi=144)


if __name__ == "__main__":
    main()
