"""What the papers used: models, SAEs and published numbers, as book/papers.toml lists
them.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple

from saecore.report.paths import claims_file

Format = Literal["saelens", "sparsify", "gemma scope"]
FORMAT_FILES: dict[Format, tuple[str, ...]] = {
    "saelens": ("cfg.json", "sae_weights.safetensors"),
    "sparsify": ("cfg.json", "sae.safetensors"),
    "gemma scope": ("params.npz",),
}
"""The files of one SAE in each format, the weights last."""
OwnNumbers = dict[str, Any]
"""A number by its key, or value, low and high."""


class ReleasedSAE(NamedTuple):
    """An SAE that a paper used."""

    name: str
    """What tells it from its siblings: a width, a seed."""
    width: int
    repo: str
    """Repository on the hub."""
    folder: str
    """Where its files lie in it."""


class PublishedNumber(NamedTuple):
    """One number of a paper about these SAEs."""

    key: str
    """The name under which ours is computed."""
    part: str
    """What has to be run for it."""
    paper: float
    place: str
    """Where the paper has it."""


@dataclass(frozen=True)
class Release:
    """What one paper measured: a model, a site in it, SAEs, and numbers."""

    name: str
    title: str
    source: str
    cite: str
    model: str
    """The language model's name on the hub."""
    parameters: int
    model_bytes: int
    """Of its weights on the hub."""
    dtype: str
    """In which the language model is read."""
    hook_name: str
    d_model: int
    centred: bool
    """Whether the SAEs read rows whose coordinates have their mean taken off."""
    threshold: float
    """Decoder cosine above which two latents are called the same."""
    context: int
    """Tokens of a text."""
    format: Format
    saes: tuple[ReleasedSAE, ...]
    numbers: tuple[PublishedNumber, ...]
    meta_of: str = ""
    """The SAE whose decoder rows a meta-SAE learns from; "" for none."""

    @property
    def parts(self) -> list[str]:
        """What can be run, in the order of the numbers: weights first."""
        return list(dict.fromkeys(one.part for one in self.numbers))

    @property
    def files(self) -> tuple[str, ...]:
        """The files of one of its SAEs."""
        return FORMAT_FILES[self.format]

    def weight_bytes(self, sae: ReleasedSAE) -> int:
        """Bytes of an SAE's weights on the hub and in memory, in float32: two matrices
        and their biases, 4 (2 width d_model + width + d_model), and 4 width more for
        the thresholds of Gemma Scope.
        """
        biases = sae.width * (2 if self.format == "gemma scope" else 1) + self.d_model
        return 4 * (2 * sae.width * self.d_model + biases)


@cache
def releases() -> dict[str, Release]:
    """All of them, by name."""
    return {name: _release(name, said) for name, said in _table().items()}


def release_of(name: str) -> Release:
    """The release of that name. Raises ValueError for another."""
    known = releases()
    if name not in known:
        raise ValueError(
            f"the papers' own models are {', '.join(known)}, but {name!r} was asked "
            "for: take one of them"
        )
    return known[name]


def words() -> dict[str, str]:
    """What the numbers are, by the beginnings of their keys."""
    return _read()["words"]


def text_repo() -> tuple[str, int]:
    """The hub's data set whose texts are read where none is given, and its size."""
    text = _read()["text"]
    return text["repo"], int(text["bytes"])


def _release(name: str, said: dict[str, Any]) -> Release:
    return Release(
        name=name,
        **{
            **said,
            "saes": tuple(ReleasedSAE(**one) for one in said["saes"]),
            "numbers": tuple(PublishedNumber(**one) for one in said["numbers"]),
        },
    )


def _table() -> dict[str, Any]:
    return {name: one for name, one in _read().items() if "saes" in one}


@cache
def _read() -> dict[str, Any]:
    path = claims_file().with_name("papers.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
