"""Files that others wrote: JSON and safetensors, and a sentence for what is neither."""

import json
from pathlib import Path
from typing import Any

from torch import Tensor


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file; ValueError for anything else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path} must hold a JSON object, but: {error}: fetch it again"
        ) from None
    if not isinstance(found, dict):
        raise ValueError(
            f"{path} must hold a JSON object, but holds a {type(found).__name__}: "
            "fetch it again"
        )
    return found


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file, read whole; ValueError where it is none."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return load(path.read_bytes())
    except (OSError, SafetensorError, ValueError) as error:
        why = " ".join(str(error).split())
        raise ValueError(
            f"weights must be a whole safetensors file, but {path} is not ({why}): "
            "fetch it again"
        ) from None
