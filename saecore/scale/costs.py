"""What a size takes: core hours from measured throughput, and for GPUs, which nobody
measured here, an estimate from a formula whose constants are stated.
"""

import math
from typing import NamedTuple

from saecore.report.speed import Speed
from saecore.scale.batch_plan import STATE

STEPS_MEASURED = "training"
"""The benchmark whose rows say how long a step takes."""
FLOAT32_PEAK = 67e12
"""FLOP/s of an H100 (SXM) in float32, which training uses; NVIDIA's data sheet."""
BFLOAT16_PEAK = 989e12
"""FLOP/s of the same in bfloat16, dense, in which a large language model is read."""
MEMORY_BANDWIDTH = 3.35e12
"""Bytes/s of its memory."""
UTILISATION = 0.4
"""Share of the peaks that is assumed to be reached."""
GPU_MEMORY = 80e9
"""Bytes of one."""
STATE_SHARE = 0.75
"""Share of its memory that weights, gradients and moments may fill."""
GPU_PRICE, CORE_PRICE = 3.0, 0.04
"""Dollars an hour that are assumed; prices of clouds differ by a factor of three."""
GPU_BATCH = 8192
"""Rows of a step on a GPU."""


class Size(NamedTuple):
    """Something that one may want to train."""

    name: str
    d_model: int
    width: int
    k: int
    rows: int
    """Seen in training by each SAE."""
    saes: int
    parameters: float
    """Of the language model whose rows are read."""


PRICED = (
    Size("one seed sweep of this book", 160, 640, 8, 1_200_000, 9, 2.5e6),
    Size("GPT-2 small, 24,576 latents", 768, 24_576, 32, 300_000_000, 1, 124e6),
    Size("Pythia-160M, 32,768 latents", 768, 32_768, 32, 8_000_000_000, 9, 162e6),
    Size("8B model, 131,072 latents", 4096, 131_072, 32, 8_000_000_000, 9, 8e9),
    Size("8B model, 16,777,216 latents", 4096, 1 << 24, 32, 8_000_000_000, 1, 8e9),
)
"""From the book's own to the papers' full scale and beyond."""


class SizeCost(NamedTuple):
    """What a size takes."""

    state: float
    """Bytes of one SAE's weights, gradients and moments in training."""
    stored: float
    """Bytes of the rows in float32, if they were stored."""
    core_hours: float
    """On one core of the machine of the benchmarks."""
    devices: int
    """GPUs that one SAE must be sharded over."""
    gpu_hours: float
    """Estimated, of training all SAEs."""
    reading_hours: float
    """Estimated, of reading the rows from the language model once."""


def cost(size: Size, speed: Speed) -> SizeCost:
    """What a size takes."""
    state = float(STATE * size.width * size.d_model)
    rows = size.rows * size.saes
    products = rows * size.width * size.d_model
    reading = 2 * size.parameters * size.rows / (BFLOAT16_PEAK * UTILISATION)
    return SizeCost(
        state=state,
        stored=4.0 * size.rows * size.d_model,
        core_hours=products / products_per_second(size, speed) / 3600,
        devices=math.ceil(state / (GPU_MEMORY * STATE_SHARE)),
        gpu_hours=rows * gpu_seconds(size) / 3600,
        reading_hours=reading / 3600,
    )


def products_per_second(size: Size, speed: Speed) -> float:
    """Measured throughput in rows x latents x d_model a second, on one core: of the
    TopK step of the benchmarks whose width x d_model is nearest, by its logarithm.
    """
    steps = speed.of(STEPS_MEASURED, kind="topk", candidate="ours", saes=1)
    wanted = math.log(size.width * size.d_model)
    near = min(
        steps, key=lambda row: abs(math.log(row["width"] * row["d_model"]) - wanted)
    )
    return near["batch"] * near["width"] * near["d_model"] / (near["ms"] / 1000)


def largest_measured(speed: Speed) -> int:
    """The largest width x d_model that was measured."""
    steps = speed.of(STEPS_MEASURED, kind="topk", candidate="ours", saes=1)
    return max(row["width"] * row["d_model"] for row in steps)


def gpu_seconds(size: Size) -> float:
    """Estimated GPU seconds per row: the products of the encoder (2 width d_model FLOP)
    and of the active latents (8 k d_model: decoder, and three gradients) at the peak of
    float32, and the optimiser's traffic (7 reads and writes of every weight in a step).
    """
    flops = 2 * size.width * size.d_model + 8 * size.k * size.d_model
    traffic = 7 * 4 * 2 * size.width * size.d_model / GPU_BATCH
    return flops / (FLOAT32_PEAK * UTILISATION) + traffic / (
        MEMORY_BANDWIDTH * UTILISATION
    )
