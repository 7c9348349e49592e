"""A language model in a GGUF file, written as a Hugging Face folder.

llama.cpp's format keeps weights of a few bits each; here they are turned into numbers
once (by transformers and the package `gguf`) and stored in bfloat16, which has fewer
digits than float32 but more than the quantised weights carried. A model opened from
GGUF refuses `save_pretrained`, so its weights go into a fresh one of the same
configuration.
"""

import importlib.util
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import torch

from saecore.errors import ZooError
from saecore.places import as_others


def write_gguf_folder(gguf: Path, folder: Path) -> None:
    """Write the language model of a GGUF file into `folder`: whole, or not at all.

    Raises ZooError without the package `gguf`, or for a file that transformers cannot
    open.
    """
    if importlib.util.find_spec("gguf") is None:
        raise ZooError(
            "weights in a GGUF file are read by the package gguf, but it is not "
            "installed: run `pip install gguf`"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        _write(gguf, part)
        as_others(part)
        if not (folder / "config.json").is_file():
            part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write(gguf: Path, part: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    where: dict[str, Any] = {"gguf_file": gguf.name, "local_files_only": True}
    try:
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, **where)
        opened: Any = AutoModelForCausalLM.from_pretrained(
            gguf.parent, dtype=torch.float32, **where
        )
    except Exception as reason:
        raise ZooError(
            f"a GGUF file must be one that transformers opens, but {gguf} is not "
            f"({' '.join(str(reason).split())}): fetch it again"
        ) from reason
    config = opened.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    plain = type(opened)(config)
    plain.load_state_dict(opened.state_dict())
    plain.to(torch.bfloat16).save_pretrained(part)
    tokenizer.save_pretrained(part)
