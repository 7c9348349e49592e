"""How much memory an audit takes, worked out from sizes before it begins."""

from collections.abc import Sequence

from saecore.audit.measured.pairs import MEAN_COSINE_UP_TO
from saecore.audit.weights import AuditedWeights
from saecore.machine import memory

_LIBRARIES = 450_000_000
"""Bytes of the process before it has opened anything."""
SHARDS = 350_000_000
"""Bytes of the shards that are compared, and their cosines."""
ONE_TO_ONE = 14
"""Copies of a direction's numbers, of both SAEs, while they are matched and nulls are
made.
"""
_WHOLE = 5
"""Copies of an SAE's directions while it is opened whole, and then kept."""


def bytes_needed(
    one: AuditedWeights,
    others: Sequence[AuditedWeights] = (),
    *,
    exact_up_to: int,
    read_rows: int = 0,
) -> int:
    """Bytes that an audit holds at most at once: directions that stay in their file
    count once, those of the SAEs that are opened whole or matched one to one as often
    as they are copied, and `read_rows` rows three times.
    """
    total, whole = _LIBRARIES + SHARDS, read_rows > 0
    for sae in (one, *others):
        size = 2 * 4 * sae.width * sae.d_model
        total += size * (_WHOLE if whole or not sae.mapped else 1)
    pairs = [max(one.width, other.width) for other in others]
    exact = max((width for width in pairs if width <= exact_up_to), default=0)
    total += ONE_TO_ONE * 4 * exact * one.d_model
    total += 2 * 8 * min(exact, MEAN_COSINE_UP_TO) ** 2
    return total + 3 * 4 * read_rows * one.d_model


def refuse_too_little(needed: int) -> None:
    """Raises ValueError where this machine, or whoever limits it, allows less."""
    if needed > (allowed := memory()):
        raise ValueError(
            f"this audit holds about {needed / 1e9:.1f} GB, but this machine allows "
            f"{allowed / 1e9:.1f} GB: lower --exact-up-to or --rows, leave out "
            "--model, or give fewer SAEs"
        )
