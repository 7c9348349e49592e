"""Language models as others open them: a Hugging Face folder, a name on its hub, or an
object of TransformerLens.
"""

import dataclasses
import hashlib
import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from saecore.errors import Unsuited
from saecore.source.model.identity import (
    FINGERPRINTED,
    BadModelFolder,
    LanguageModel,
)
from saecore.source.model.language_model import OpenModel, open_model

_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_FILES = (*FINGERPRINTED, "*.json", "*.model", "*.txt")


def open_any_model(what: Any, *, device: str = "cpu") -> OpenModel:
    """A language model, opened: from a Hugging Face folder, by its name on the hub, or
    from a TransformerLens `HookedTransformer` or `TransformerBridge`.

    Folders and names are opened in float32. A name is looked for in the local cache and
    at the hub (`HF_ENDPOINT` is honoured). An object is used as it is, on its own
    device; its stream can be read and edited, its logits and losses asked for. What
    needs a key-value cache (sampling text, resuming inside a text) needs a model of
    transformers: there an object is refused. Raises BadModelFolder (a ValueError) for
    what is none of these, for an object without a tokenizer, and for one in float16 on
    a CPU.
    """
    if isinstance(what, str | Path):
        return _from_name(what, device)
    if isinstance(what, nn.Module) and _is_lens(what):
        return _from_lens(what)
    raise BadModelFolder(
        "A language model is a Hugging Face folder, a name on its hub, or a "
        "HookedTransformer or TransformerBridge of TransformerLens, but this is a "
        f"{type(what).__name__}: give one of them."
    )


def _from_name(what: str | Path, device: str) -> OpenModel:
    if Path(what).exists():
        return open_model(what, device=device)
    if not _HUB_NAME.fullmatch(str(what)):
        raise BadModelFolder(
            "A language model is opened from a folder or by its name on the hub "
            f"(owner/name), but there is no folder {what}: check the path."
        )
    model = open_model(_fetched(str(what)), device=device)
    name = str(what).split("/")[-1]
    model.identity = dataclasses.replace(model.identity, name=name)
    return model


def _fetched(name: str) -> str:
    """The folder of a model of the hub in the local cache, fetched if need be."""
    from huggingface_hub import snapshot_download

    try:
        return snapshot_download(name, allow_patterns=list(_FILES))
    except Exception as error:  # the network, the hub, a gate
        why = " ".join(str(error).split()) or repr(error)
        raise BadModelFolder(
            f"A model's name must be that of a folder here or one that the hub gives, "
            f"but {name} is neither ({why[:300]}): check the name, the network, and, "
            "for a gated model, your token."
        ) from error


def _is_lens(what: nn.Module) -> bool:
    homes = {one.__module__.split(".")[0] for one in type(what).__mro__}
    return "transformer_lens" in homes and hasattr(what, "cfg")


def _from_lens(what: Any) -> OpenModel:
    if getattr(what, "tokenizer", None) is None:
        raise BadModelFolder(
            "A language model reads text, but this "
            f"{type(what).__name__} has no tokenizer: give it one when it is made."
        )
    parameter = next(what.parameters())
    if parameter.dtype == torch.float16 and parameter.device.type == "cpu":
        raise BadModelFolder(
            "A model on a CPU is computed in float32 or bfloat16, but this "
            f"{type(what).__name__} is in float16: call .to(torch.float32) first."
        )
    lens = _Lens(what).eval()
    return OpenModel(lens, what.tokenizer, identity=_identity(what))


def _identity(what: Any) -> LanguageModel:
    """Name and a hash of the weights: an object lies in no folder."""
    digest = hashlib.sha256()
    for name, one in sorted(what.state_dict().items()):
        digest.update(f"{name} {tuple(one.shape)} {one.dtype}\n".encode())
        numbers = one.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        digest.update(numbers.numpy().data)
    name = Path(str(what.cfg.model_name)).name
    return LanguageModel(name, digest.hexdigest())


class _Said:
    """What a pass of transformers returns, as far as `OpenModel` asks."""

    def __init__(self, logits: Tensor) -> None:
        self.logits = logits


class _Embedding:
    """The embedding as transformers keeps it: weight [vocab, d_model]."""

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight
        self.embedding_dim = weight.shape[1]


class _Unembedding:
    """The unembedding as transformers keeps it: weight [vocab, d_model]."""

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight


class _Config:
    """A configuration, as far as a TransformerLens model has one of transformers'."""

    def __init__(self, bos: int | None) -> None:
        self.bos_token_id = bos

    def get_text_config(self, **options: Any) -> Any:
        raise _needs_transformers()


def _needs_transformers() -> Unsuited:
    return Unsuited(
        "Sampling text, and going on from the middle of a pass, need a model of "
        "transformers, but this one is an object of TransformerLens: open its Hugging "
        "Face folder for that."
    )


class _Lens(nn.Module):
    """A TransformerLens model behind the calls of transformers that `OpenModel` makes.
    Its blocks are its own: their outputs are the residual stream.
    """

    def __init__(self, lens: Any) -> None:
        super().__init__()
        self.lens = lens
        self.config = _Config(getattr(lens.tokenizer, "bos_token_id", None))

    def get_input_embeddings(self) -> _Embedding:
        return _Embedding(self.lens.W_E.detach())

    def get_output_embeddings(self) -> _Unembedding:
        return _Unembedding(self.lens.W_U.detach().T)

    def forward(
        self,
        tokens: Tensor,
        *,
        use_cache: bool = False,
        logits_to_keep: int = 0,
        **options: Any,
    ) -> _Said:
        if use_cache or options:
            raise _needs_transformers()
        logits = self.lens(tokens, return_type="logits", prepend_bos=False)
        return _Said(logits[:, -logits_to_keep:] if logits_to_keep else logits)
