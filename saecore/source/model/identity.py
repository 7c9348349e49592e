"""Which language model lies in a folder: its name, and a fingerprint of all that
decides what it says.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from saecore.profiles import name_of_folder

FINGERPRINTED = ("*.safetensors", "config.json", "tokenizer.json")
SETTINGS = ("tokenizer_config.json", "special_tokens_map.json")
"""Settings of the tokeniser, where a folder has them."""
SHIPPED_SETTINGS = {
    "bos_token": "<|endoftext|>",
    "clean_up_tokenization_spaces": False,
    "eos_token": "<|endoftext|>",
    "tokenizer_class": "TokenizersBackend",
    "unk_token": "<|endoftext|>",
}
"""The settings of the shipped model, which is older than their part in the fingerprint:
they add nothing to it.
"""
_IDLE = (
    "added_tokens_decoder",
    "backend",
    "chat_template",
    "is_local",
    "local_files_only",
    "model_max_length",
    "name_or_path",
    "pad_token",
    "padding_side",
    "processor_class",
    "special_tokens_map_file",
    "tokenizer_file",
    "truncation_side",
)
"""Settings that change no text here, or that tokenizer.json repeats."""


class BadModelFolder(ValueError):
    """A folder that should hold a language model does not, or it is damaged."""


@dataclass(frozen=True)
class LanguageModel:
    """Which language model: its name and what it is made of. Where it lies is no part
    of it.
    """

    name: str
    fingerprint: str
    """SHA-256 of weights, configuration and tokeniser."""


def identify(folder: str | Path) -> LanguageModel:
    """The identity of a Hugging Face folder; `BadModelFolder` if weights, config or
    tokeniser are missing.

    Files are read once while they keep their size and time.
    """
    folder = Path(folder)
    files = []
    for pattern in FINGERPRINTED:
        found = sorted(path for path in folder.glob(pattern) if path.is_file())
        if not found:
            raise BadModelFolder(
                f"A language model's folder must hold {', '.join(FINGERPRINTED)}; "
                f"{folder} has no {pattern}: pass a folder written by save_pretrained "
                "of the model and of its fast tokenizer."
            )
        files += found
    more = [path for name in SETTINGS if (path := folder / name).is_file()]
    stamps = [tuple(map(_stamp, some)) for some in (files, more)]
    home = folder.resolve()
    return LanguageModel(name_of_folder(home), _hashed(home, *stamps))


_Stamp = tuple[str, int, int]


def _stamp(path: Path) -> _Stamp:
    """Name, size and time (nanoseconds)."""
    return path.name, path.stat().st_size, path.stat().st_mtime_ns


@lru_cache(maxsize=64)
def _hashed(folder: Path, files: tuple[_Stamp, ...], more: tuple[_Stamp, ...]) -> str:
    """The fingerprint of files of these names, sizes and times."""
    digest = hashlib.sha256()
    for name, size, _ in files:
        digest.update(f"{name} {size}\n".encode())
        with (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    if (settings := _settings(folder)) not in ({}, SHIPPED_SETTINGS):
        digest.update(json.dumps(settings, sort_keys=True).encode())
    return digest.hexdigest()


def _settings(folder: Path) -> dict[str, Any]:
    """What the files of `SETTINGS` say, but for what changes no text here."""
    said: dict[str, Any] = {}
    for name in SETTINGS:
        path = folder / name
        try:
            said |= json.loads(path.read_text("utf-8")) if path.is_file() else {}
        except (ValueError, TypeError) as error:
            raise BadModelFolder(
                f"{path} must be the JSON of a tokeniser's settings, but is not "
                f"({error}): fetch it again."
            ) from None
    return {key: value for key, value in said.items() if key not in _IDLE}
