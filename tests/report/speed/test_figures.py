"""The pictures of the page on speed are drawn from stored rows."""

import pytest

from saecore.report.figures import subplots
from saecore.report.speed import figures
from saecore.report.speed.stored import Speed

SHAPE = {"kind": "topk", "d_model": 128, "width": 2048, "k": 32, "batch": 2048}


@pytest.fixture
def speed():
    step = {**SHAPE, "saes": 1, "candidate": "ours", "ms": 4.0}
    peer = step | {"candidate": "SAELens", "ms": 40.0}
    small = step | {"d_model": 64, "width": 256, "batch": 1024, "share": 0.5}
    memory = {**SHAPE, "candidate": "ours", "mb": 5.0, "allowed_mb": 50.0}
    whole = {**SHAPE, "rows_per_second": 1e5, "kernel": 0.01, "faults": 0.0}
    rows = {
        "training": [step, peer, peer | {"candidate": "SAELens, fastest, medium"}],
        "scaling": [step, step | {"batch": 256}, small, small | {"saes": 4}],
        "roofline": [small],
        "memory": [memory],
        "whole": [whole],
    }
    return Speed({"roofline/best": 1e11}, rows, {}, {})


def test_the_time_of_the_encoder_stands_below_the_steps(speed):
    rows = figures.step_times(speed)
    assert [row["candidate"] for row in rows] == ["ours", "SAELens", figures.ROOFLINE]
    assert rows[-1]["ms"] == pytest.approx(1e3 * 2 * 2048 * 128 * 2048 / 1e11)


def test_memory_stands_beside_what_the_goal_allows(speed):
    assert [row["mb"] for row in figures.step_memory(speed)] == [5.0, 50.0]


def test_times_are_shared_by_rows_and_seeds(speed):
    assert [row["us"] for row in figures.row_times(speed)] == [
        pytest.approx(4e3 / rows) for rows in (2048, 256)
    ]
    one, four = (row["us"] for row in figures.seed_times(speed))
    assert one == pytest.approx(4 * four)


def test_a_training_has_its_rate_and_the_systems_share(speed):
    (row,) = figures.trainings(speed)
    assert (row["rows per CPU second"], row["system, %"]) == (100_000, 1.0)


def test_every_picture_can_be_drawn(speed):
    fig, axes = subplots(2, 2)
    figures.draw_curves(axes[0, 0], figures.step_times(speed), "width", "ms")
    figures.draw_curves(axes[0, 1], figures.step_memory(speed), "width", "mb")
    figures.draw_seeds(axes[1, 0], figures.seed_times(speed))
    figures.draw_roofline(axes[1, 1], figures.roofline_shares(speed))
    labels = axes[0, 0].get_legend_handles_labels()[1]
    assert labels == ["SAELens", figures.ROOFLINE, "ours"]
    fig.clear()
