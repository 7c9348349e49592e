"""Hours follow from measured steps; estimates from their formula."""

import pytest

from saecore.report.speed import Speed, read_speed
from saecore.scale import costs
from saecore.scale.costs import PRICED, Size, cost, gpu_seconds, products_per_second

STEP = {"kind": "topk", "candidate": "ours", "saes": 1, "batch": 1000, "d_model": 10}
SPEED = Speed(
    {},
    {
        "training": [
            STEP | {"width": 100, "ms": 100.0},
            STEP | {"width": 1000, "ms": 500.0},
            STEP | {"width": 100, "ms": 1.0, "candidate": "naive"},
        ]
    },
    {},
    {},
)


def test_throughput_is_that_of_the_nearest_shape():
    near = Size("", 10, 90, 4, 1000, 1, 1e6)
    assert products_per_second(near, SPEED) == pytest.approx(1000 * 1000 / 0.1)
    far = near._replace(width=10**6)
    assert products_per_second(far, SPEED) == pytest.approx(1000 * 10_000 / 0.5)
    assert costs.largest_measured(SPEED) == 10_000


def test_hours_of_a_measured_shape_are_its_steps():
    size = Size("", 10, 1000, 4, 10_000_000, 3, 1e6)
    found = cost(size, SPEED)
    assert found.core_hours == pytest.approx(3 * 10_000 * 0.5 / 3600)
    assert found.state == 32 * 1000 * 10
    assert found.stored == 4 * 10_000_000 * 10
    reading = 2 * 1e6 * 1e7 / (costs.BFLOAT16_PEAK * costs.UTILISATION) / 3600
    assert found.reading_hours == pytest.approx(reading)


def test_an_sae_too_wide_for_one_device_is_spread_over_several():
    whole = costs.GPU_MEMORY * costs.STATE_SHARE
    width = int(1.5 * whole / (32 * 4096))
    size = Size("", 4096, width, 32, 1000, 1, 8e9)
    assert cost(size, SPEED).devices == 2


def test_gpu_seconds_grow_with_the_width_and_never_beat_the_peak():
    narrow, wide = PRICED[1], PRICED[-1]
    for size in (narrow, wide):
        least = 2 * size.width * size.d_model / costs.FLOAT32_PEAK
        assert gpu_seconds(size) > least
    ratio = wide.width * wide.d_model / (narrow.width * narrow.d_model)
    assert gpu_seconds(wide) / gpu_seconds(narrow) == pytest.approx(ratio, rel=0.01)


def test_the_stored_benchmarks_give_hours_for_every_size():
    speed = read_speed()
    hours = [cost(size, speed).core_hours for size in PRICED]
    assert hours == sorted(hours)
    assert min(hours) > 0
