"""The page on sizes: `python -m saecore.scale.size_page` writes `book/scale.md`."""

import math
from pathlib import Path

from saecore.report.paths import required_checkout
from saecore.report.speed import Speed, read_speed
from saecore.scale import costs
from saecore.scale.costs import PRICED, Size, SizeCost, cost

SIZE_PAGE = "scale.md"
TEXT = Path(__file__).with_suffix(".md")
"""The page with gaps for numbers."""


def size_page(speed: Speed) -> str:
    """The page, from the figures of the benchmarks."""
    found = [(size, cost(size, speed)) for size in PRICED]
    (made,) = [speed.made[costs.STEPS_MEASURED]]
    machine = f"{made['machine']['processor']}, {made['date']}"
    return TEXT.read_text(encoding="utf-8").format(
        sizes=_table(
            ("what", "d_model", "latents", "rows seen", "SAEs", "state", "rows"),
            [_shape(size, one) for size, one in found],
        ),
        costs=_table(
            ("what", "core hours", "$", "GPUs", "GPU hours", "reading", "$"),
            [_hours(size, one, speed) for size, one in found],
        ),
        machine=machine,
        utilisation=costs.UTILISATION,
        float32=costs.FLOAT32_PEAK / 1e12,
        bfloat16=costs.BFLOAT16_PEAK / 1e12,
        bandwidth=costs.MEMORY_BANDWIDTH / 1e12,
        batch=costs.GPU_BATCH,
        core_price=costs.CORE_PRICE,
        gpu_price=costs.GPU_PRICE,
        state=costs.STATE,
        share=costs.STATE_SHARE,
        memory=costs.GPU_MEMORY / 1e9,
    )


def _shape(size: Size, one: SizeCost) -> list[str]:
    numbers = f"{size.d_model:,}", f"{size.width:,}", _count(size.rows)
    return [size.name, *numbers, str(size.saes), _bytes(one.state), _bytes(one.stored)]


def _hours(size: Size, one: SizeCost, speed: Speed) -> list[str]:
    beyond = size.width * size.d_model > costs.largest_measured(speed)
    gpu = one.gpu_hours + one.reading_hours
    return [
        size.name,
        "~" * beyond + told_number(one.core_hours),
        "~" * beyond + told_number(one.core_hours * costs.CORE_PRICE),
        str(one.devices),
        told_number(one.gpu_hours),
        told_number(one.reading_hours),
        told_number(gpu * costs.GPU_PRICE),
    ]


def _table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [list(head), ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def told_number(number: float) -> str:
    """A number with two significant digits, small ones as such."""
    if number < 0.01:
        return "<0.01"
    digits = max(0, 1 - math.floor(math.log10(number)))
    rounded = round(number, 1 - math.floor(math.log10(number)))
    return f"{rounded:,.{digits}f}"


def _count(number: int) -> str:
    if number >= 10**9:
        return f"{number / 1e9:g} billion"
    return f"{number / 1e6:g} million"


def _bytes(number: float) -> str:
    units = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"))
    size, unit = next((one for one in units if number >= one[0]), units[-1])
    return f"{told_number(number / size)} {unit}"


def main() -> None:
    """Write the page."""
    page = required_checkout() / "book" / SIZE_PAGE
    page.write_text(size_page(read_speed()), encoding="utf-8")


if __name__ == "__main__":
    main()
