"""The folder of a trained language model, as Hugging Face opens it."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from saecore.tiny_lm import tokeniser


def write_folder(
    model: Any, made: Tokenizer, folder: Path, *, training: Mapping[str, Any]
) -> None:
    """Write a folder for transformers in half precision, with `training.json`, whole or
    not at all.
    """
    import copy

    from transformers import PreTrainedTokenizerFast

    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        target = Path(temporary) / folder.name
        copy.deepcopy(model).half().save_pretrained(target)
        config = json.loads((target / "config.json").read_text())
        (target / "config.json").write_text(
            json.dumps({**config, "dtype": "float32"}, indent=1) + "\n"
        )
        marks = dict.fromkeys(
            ("bos_token", "eos_token", "unk_token", "pad_token"), tokeniser.END
        )
        PreTrainedTokenizerFast(
            tokenizer_object=tokeniser.with_beginning(made),
            model_max_length=256,
            clean_up_tokenization_spaces=False,
            **marks,
        ).save_pretrained(target)
        (target / "training.json").write_text(
            json.dumps(training, indent=1) + "\n", encoding="utf-8"
        )
        for path in target.iterdir():
            path.chmod(0o644)  # safetensors writes for the owner alone
        _complete(target, folder)


def _complete(made: Path, folder: Path) -> None:
    """Move a finished folder into place; files that only the old one has (facts, card)
    stay.
    """
    if folder.is_dir():
        for kept in folder.iterdir():
            if not (made / kept.name).exists():
                shutil.copy2(kept, made / kept.name)
        folder.rename(made.parent / "old")
    made.rename(folder)


def checksums(paths: Sequence[Path]) -> dict[str, str]:
    """The SHA-256 of each file, by file name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
