"""Packs that somebody changed."""

import json

from safetensors import safe_open
from safetensors.torch import save_file

from saecore.packs.layout import HEADER


def opened(path):
    """Tensors and header of a pack."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return tensors, json.loads(file.metadata()[HEADER])


def changed(path, change):
    """The same pack after `change(tensors, header)`."""
    tensors, header = opened(path)
    change(tensors, header)
    save_file(tensors, path, metadata={HEADER: json.dumps(header)})
    return path
