"""Random numbers of the claim: one stream, of which each section reads its own part.

So a section draws the same numbers on whatever page it runs, and whatever else that
page runs.
"""

import torch
from torch import Generator

STREAM_SEED = 20250207
STREAM_PLACES = {
    "by hand": 0,
    "nulls": 360,
    "straw man": 67_947,
    "graphs": 88_427,
    "choice": 149_867,
    "decoders": 3_813_155,
    "persons in text": 3_820_832,
    "persons in names": 4_087_982,
    "world relu": 4_605_882,
    "world topk": 5_547_620,
    "pairs of persons": 8_000_000,
    "mean rows": 8_500_000,
    "world edits relu": 11_000_000,
    "world edits topk": 12_000_000,
}
"""Where in the stream each section begins, in draws: far enough apart that on the
shipped model no two sections read the same numbers.
"""


def draws(section: str) -> Generator:
    """Random number generator of a section, at its place in the claim's stream.

    Raises ValueError for a section that has no place.
    """
    if section not in STREAM_PLACES:
        raise ValueError(
            f"a section must be one of {', '.join(STREAM_PLACES)}, got {section!r}: "
            "check the spelling"
        )
    generator = torch.Generator().manual_seed(STREAM_SEED)
    torch.rand(STREAM_PLACES[section], generator=generator)
    return generator
