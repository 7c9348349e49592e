"""Open a language model, read its residual stream, run it with an edit, let it write.

Works on any folder that transformers opens as a causal language model; only plain
forward hooks on the decoder's blocks are used, so TransformerLens is not needed (its
`blocks.{layer}.hook_resid_post` is our `resid_post`).
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.errors import Unsuited
from saecore.source.model.hooks import Enough, blocks, captured, edited
from saecore.source.model.identity import BadModelFolder, LanguageModel, identify

Stream = Float[Tensor, "seq pos d_model"]
Edit = tuple[int, Callable[[Stream], Stream]]
"""A layer, and what becomes of the stream after it."""
_Kind = Literal["resid_pre", "resid_post"]

LOCAL: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
"""How transformers opens a folder here: no network, and no code that lies in the
folder.
"""

SAME_LOGITS = 0.05
"""Share of the logits' standard deviation that two ways of computing may differ by: in
bfloat16 they do by a hundredth, and where one of them is wrong by much more.
"""


class Alike(NamedTuple):
    """Prompts of one length in tokens."""

    members: Int[Tensor, " prompt"]
    """Their numbers."""
    tokens: Int[Tensor, "prompt pos"]


def open_model(
    folder: str | Path, *, device: str = "cpu", dtype: str = "float32"
) -> "OpenModel":
    """Open a Hugging Face folder without touching the network; `dtype` is that of
    weights and stream, on every processor.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    identity = identify(folder)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **LOCAL)
        found: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=getattr(torch, dtype), output_loading_info=True, **LOCAL
        )
        model, loading = found
    except Exception as reason:
        raise refusal(folder, reason) from reason
    _check_weights(folder, loading)
    model = model.eval().requires_grad_(False).to(device)
    opened = OpenModel(model, tokenizer, identity=identity)
    _check_causal(opened)
    return opened


def _check_weights(folder: str | Path, loading: dict[str, Any]) -> None:
    """BadModelFolder if transformers has drawn some weights at random: others each
    time, under one fingerprint.
    """
    lacking = [
        *loading["missing_keys"],
        *(one[0] for one in loading["mismatched_keys"]),
    ]
    if lacking:
        raise BadModelFolder(
            "A language model's folder must hold all its weights, the output layer "
            f"too; {folder} lacks {', '.join(sorted(lacking)[:3])}: take the folder of "
            "the causal language model, not of its base, a classifier or an encoder."
        )


@torch.no_grad()
def _check_causal(model: "OpenModel") -> None:
    """BadModelFolder if what is said at a token is not finite, or depends on the next
    one.
    """
    words = [(model.bos + step) % model.vocab_size for step in range(1, 4)]
    pair = torch.tensor([[model.bos, words[0], last] for last in words[1:]])
    said = model.logits(pair)
    name = model.identity.name
    if not said.isfinite().all():
        raise BadModelFolder(
            f"A language model's logits must be finite; those of {name} are not: its "
            "weights are damaged or too large for this precision, fetch them again."
        )
    if (said[0, :2] - said[1, :2]).abs().max() > SAME_LOGITS * said.std():
        raise BadModelFolder(
            "A causal language model must not read ahead; what "
            f"{name} says at a token changes with the next one: it is an encoder, use "
            "a model that was trained to predict the next token."
        )


def refusal(folder: str | Path, reason: Exception) -> BadModelFolder:
    """What to say, in one sentence, of a folder that transformers did not open."""
    if "trust_remote_code" in str(reason):
        return BadModelFolder(
            "A language model's folder must open with transformers' own classes; "
            f"{folder} asks for code of its own (auto_map), which is not run: "
            "use a model of a kind that transformers knows."
        )
    return BadModelFolder(
        f"A language model's folder must be one that transformers opens; {folder} is "
        f"not ({' '.join(str(reason).split())}): write it again with save_pretrained."
    )


class OpenModel:
    """A causal language model with its tokeniser. Every text begins with the token
    `bos`.
    """

    def __init__(self, model: Any, tokenizer: Any, *, identity: LanguageModel) -> None:
        self.model, self.tokenizer, self.identity = model, tokenizer, identity
        self.blocks = blocks(model)
        self.n_layers = len(self.blocks)
        self.vocab_size = int(model.get_output_embeddings().weight.shape[0])
        self.device = next(model.parameters()).device
        self.bos = _beginning(model, tokenizer)
        self.special = _special(tokenizer)

    @cached_property
    def d_model(self) -> int:
        """Length of the stream's rows; some embeddings are narrower (OPT-350m)."""
        return self.read(torch.tensor([[self.bos]]), [0])[0].shape[-1]

    def encode(self, text: str) -> list[int]:
        """The tokens of `text` after `bos`."""
        return [self.bos, *self.tokenizer(text, add_special_tokens=False)["input_ids"]]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of tokens, with the space that a word carries before it, also at the
        beginning, where SentencePiece drops it.
        """
        text = self.tokenizer.decode(list(ids))
        first = self.tokenizer.convert_ids_to_tokens(ids[0]) if len(ids) else None
        lost = (first or "").startswith("▁") and not text.startswith(" ")
        return f" {text}" if lost else text

    def token(self, word: str) -> int:
        """The token of `word` within a text, with its leading space; Unsuited if it is
        not a single one.
        """
        ids = self.tokenizer(f" {word}", add_special_tokens=False)["input_ids"]
        if len(ids) == 2 and self.tokenizer.convert_ids_to_tokens(ids[0]) == "▁":
            # a normaliser puts a space before every text: two would stand here
            ids = self.tokenizer(word, add_special_tokens=False)["input_ids"]
        if len(ids) != 1:
            raise Unsuited(
                "A word asked for as one token must be one; this model splits "
                f"{word!r} into {len(ids)} ({[self.decode([i]) for i in ids]}): use a "
                "model that holds it as one token, or another word"
            )
        return ids[0]

    @torch.no_grad()
    def read(
        self,
        tokens: Int[Tensor, "seq pos"],
        layers: Sequence[int],
        kind: _Kind = "resid_post",
        *,
        batch: int = 64,
    ) -> dict[int, Stream]:
        """The residual stream after (or, `resid_pre`, before) each of `layers`; later
        layers are not run.
        """
        wanted = {layer: self._block(layer) for layer in layers}
        found: dict[int, list[Tensor]] = {layer: [] for layer in wanted}
        for piece in tokens.split(batch):
            with (
                captured(wanted, before=kind == "resid_pre") as streams,
                suppress(Enough),
            ):
                self._run(piece)
            for layer, stream in streams.items():
                found[layer].append(stream)
        return {layer: torch.cat(streams) for layer, streams in found.items()}

    @torch.no_grad()
    def logits(
        self,
        tokens: Int[Tensor, "seq pos"],
        *,
        edit: Edit | None = None,
        last: bool = False,
    ) -> Float[Tensor, "seq asked vocab"]:
        """The logits of each next token, with the stream after a layer edited; `last`:
        last position only.
        """
        keep = {"logits_to_keep": 1} if last else {}
        if edit is None:
            return self._run(tokens, **keep).logits.float()
        with edited(self._block(edit[0]), edit[1]):
            return self._run(tokens, **keep).logits.float()

    def next_logits(
        self, prompts: Sequence[str], *, edit: Edit | None = None, batch: int = 256
    ) -> Float[Tensor, "prompt vocab"]:
        """The logits of the token after each prompt. An edit sees the prompts in
        batches of equal length.
        """
        logits = torch.empty(len(prompts), self.vocab_size)
        for group in self.by_length(prompts):
            pieces = (part.split(batch) for part in group)
            for members, tokens in zip(*pieces, strict=True):
                said = self.logits(tokens, edit=edit, last=True)
                logits[members] = said[:, -1].cpu()
        return logits

    def by_length(
        self,
        prompts: Sequence[str],
        *,
        apart: Sequence[int] | None = None,
    ) -> list[Alike]:
        """Prompts that can share a batch: of one length in tokens, nothing padded.

        Prompts whose numbers `apart` differ do not go together either. Groups, and
        prompts within them, are in the order in which they come.
        """
        encoded = [self.encode(prompt) for prompt in prompts]
        keys = zip(map(len, encoded), apart or [0] * len(encoded), strict=True)
        groups: dict[tuple[int, int], list[int]] = {}
        for index, key in enumerate(keys):
            groups.setdefault(key, []).append(index)
        tokens = ([encoded[index] for index in group] for group in groups.values())
        pairs = zip(groups.values(), tokens, strict=True)
        return [Alike(*map(torch.tensor, pair)) for pair in pairs]

    def _run(self, tokens: Tensor, **options: Any) -> Any:
        return self.model(tokens.to(self.device), use_cache=False, **options)

    def _block(self, layer: int) -> Any:
        if not 0 <= layer < self.n_layers:
            raise ValueError(
                f"A layer must be 0 to {self.n_layers - 1} for this model, not {layer}."
            )
        return self.blocks[layer]


def _special(tokenizer: Any) -> tuple[int, ...]:
    """The tokens that are no text, such as those that begin or end one."""
    added = getattr(tokenizer, "added_tokens_decoder", {}).items()
    named = {index for index, token in added if token.special}
    return tuple(sorted(named | set(getattr(tokenizer, "all_special_ids", ()))))


def _beginning(model: Any, tokenizer: Any) -> int:
    known = model.get_input_embeddings().weight.shape[0]
    config = model.config
    if not hasattr(config, "bos_token_id") and hasattr(config, "get_text_config"):
        config = config.get_text_config()  # of models that also see images
    said = getattr(config, "bos_token_id", None)
    for candidate in (tokenizer.bos_token_id, said, tokenizer.eos_token_id):
        if isinstance(candidate, int) and 0 <= candidate < known:
            return candidate
    raise BadModelFolder(
        "A language model must name the token that begins a text, one of its "
        f"{known}; its tokenizer and config name none: set bos_token in "
        "tokenizer_config.json."
    )
