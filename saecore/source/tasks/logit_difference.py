"""Logit difference: how clearly a language model prefers the right answer, as a
function of one vector that is patched in.

`AnswerMetric` is the callable that ablation and integrated gradients
(`saecore.measures.absorption.ablation`) ask: given a vector for the residual stream at
the word's position, what does the model answer?
"""

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.errors import Unsuited
from saecore.source.model.language_model import OpenModel
from saecore.source.model.resume import Resumed
from saecore.source.tasks.answers import position
from saecore.source.tasks.facts import Prompt

Others = Literal["mean", "max"]


class AnswerMetric:
    """Logit difference: (vectors [copy, d_model], prompt [copy]) -> m [copy].

    Copy c is prompt prompt[c] with the residual stream at its word's position after
    `layer` replaced by vectors[c] (activation patching); m = g[answer] - mean over the
    other choices of g, with g the logits at the last position (2409.14507, section 4
    and A.10: 25 other letters). `others="max"` subtracts the largest instead, the
    paper's variant. Unit: natural-log odds. Differentiable in `vectors`; weights take
    no gradient. `rows` and `clean` are vectors and m of the unedited model.

    Any causal model of transformers: what comes before the word keeps its keys and
    values, what lies below the layer is not run again, and only the logits of the
    choices are computed (`saecore.source.model.resume`). Where a whole forward pass
    under an edit gives something else, `replays` is False and whole passes are made, as
    with `whole`. Several copies of several prompts go through the model together,
    `batch` at a time; prompts of different length never share a batch.

    Raises ValueError for no prompts, a layer that is not there, or an answer that is
    not among two or more choices; Unsuited for a choice of several tokens, or a word at
    whose end the tokeniser makes no cut.
    """

    rows: Float[Tensor, "prompt d_model"]
    """The model's own stream at each word, after `layer`."""
    clean: Float[Tensor, "prompt"]
    """m of the unedited model."""

    def __init__(
        self,
        model: OpenModel,
        prompts: Sequence[Prompt],
        layer: int,
        *,
        others: Others = "mean",
        batch: int = 256,
        whole: bool = False,
    ) -> None:
        _check(model, prompts, layer)
        self.model, self.prompts, self.layer, self.batch = model, prompts, layer, batch
        self.others: Others = others
        self._choose()
        self._resume(whole)
        self.replays = all(text.replays for text in self._texts)
        with torch.no_grad():
            self.clean = self(self.rows, torch.arange(len(prompts)))

    def __call__(
        self, vectors: Float[Tensor, "copy d_model"], prompt: Int[Tensor, "copy"]
    ) -> Float[Tensor, "copy"]:
        """The logit difference m of each copy, in natural-log odds."""
        some = self._choice_logits(vectors, prompt)
        choice = self._choice[prompt.to(self.model.device)]
        return margin(
            some,
            self._answer[prompt.to(self.model.device)],
            choice >= 0,
            others=self.others,
        )

    def logits(
        self, vectors: Float[Tensor, "copy d_model"], prompt: Int[Tensor, "copy"]
    ) -> Float[Tensor, "copy choice"]:
        """The logits of each prompt's choices, in their order; nan where a prompt has
        fewer than others.
        """
        known = self._choice[prompt.to(self.model.device)] >= 0
        return self._choice_logits(vectors, prompt).masked_fill(~known, torch.nan)

    def _choice_logits(self, vectors: Tensor, prompt: Tensor) -> Tensor:
        """[copy, choice], with the logit of some other token where there is no such
        choice.
        """
        prompt = prompt.to(self.model.device)
        vectors = vectors.to(self.model.device, self.rows.dtype)
        order = torch.argsort(
            self._rank[prompt], stable=True
        )  # by group, and copies of a prompt together
        pieces = []
        for number, members in self._runs(prompt, order):
            text, which = self._texts[number], self._place[prompt[members]]
            pieces.append(text.patched(vectors[members], text.start, which))
        found = (
            torch.cat(pieces) if pieces else self.rows.new_empty(0, len(self._tokens))
        )
        back = torch.empty_like(order)
        back[order] = torch.arange(len(order), device=order.device)
        return found[back].gather(1, self._choice[prompt].clamp_min(0))

    def _runs(self, prompt: Tensor, order: Tensor) -> list[tuple[int, Tensor]]:
        """Copies that can share a forward pass: (group, copies), in the given order."""
        counts = torch.bincount(self._of[prompt], minlength=len(self._texts)).tolist()
        split = order.split(counts)
        return [
            (n, some)
            for n, part in enumerate(split)
            for some in part.split(self.batch)
            if len(some)
        ]

    def _choose(self) -> None:
        """The tokens of all choices, and for each prompt which of them are its own."""
        words = {word for prompt in self.prompts for word in prompt.choices}
        token = {word: self.model.token(word) for word in words}
        tokens = sorted(set(token.values()))
        column = {word: tokens.index(token[word]) for word in words}
        most = max(len(prompt.choices) for prompt in self.prompts)
        device = self.model.device
        rows = [
            [column[w] for w in p.choices] + [-1] * (most - len(p.choices))
            for p in self.prompts
        ]
        self._tokens = torch.tensor(tokens, device=device)
        self._choice = torch.tensor(rows, device=device)
        answers = [prompt.choices.index(prompt.answer) for prompt in self.prompts]
        self._answer = torch.tensor(answers, device=device)

    def _resume(self, whole: bool) -> None:
        """Sort the prompts by shape, and resume those of each shape at their word."""
        at = [position(self.model, prompt) for prompt in self.prompts]
        groups = self.model.by_length([p.text for p in self.prompts], apart=at)
        self._of, self._place = torch.empty(2, len(at), dtype=torch.int64)
        self._texts: list[Resumed] = []
        for number, (members, tokens) in enumerate(groups):
            self._of[members] = number
            self._place[members] = torch.arange(len(members))
            self._texts.append(self._text(tokens, at[int(members[0])], whole))
        rank = self._of * len(at) + self._place
        device = self.model.device
        order = torch.argsort(torch.argsort(rank)).to(device)
        self.rows = torch.cat([text.stream[:, 0] for text in self._texts])[order]
        self._of, self._place = self._of.to(device), self._place.to(device)
        self._rank = rank.to(device)

    def _text(self, tokens: Tensor, at: int, whole: bool) -> Resumed:
        return Resumed(
            self.model,
            tokens,
            self.layer,
            start=at,
            last=True,
            lean=True,
            choice=self._tokens,
            batch=self.batch,
            whole=whole,
        )


def margin(
    logits: Float[Tensor, "copy choice"],
    answer: Int[Tensor, "copy"],
    known: Bool[Tensor, "copy choice"],
    *,
    others: Others = "mean",
) -> Float[Tensor, "copy"]:
    """Logit difference: logits[answer] minus the mean (or the largest) of the other
    choices that are `known`.
    """
    at = answer[:, None]
    other = known.scatter(1, at, False)
    own = logits.gather(1, at)[:, 0]
    if others == "max":
        return own - logits.masked_fill(~other, -torch.inf).amax(1)
    return own - logits.masked_fill(~other, 0).sum(1) / other.sum(1)


def _check(model: OpenModel, prompts: Sequence[Prompt], layer: int) -> None:
    if not prompts:
        raise ValueError("An answer metric needs prompts, got none: pass at least one.")
    if not 0 <= layer < model.n_layers:
        raise ValueError(
            f"A layer must be 0 to {model.n_layers - 1} for this model, not {layer}."
        )
    for prompt in prompts:
        if prompt.answer not in prompt.choices or len(set(prompt.choices)) < 2:
            raise ValueError(
                "A prompt's answer must be one of two or more choices; "
                f"{prompt.answer!r} and {prompt.choices} are not (prompt "
                f"{prompt.text!r}): give the choices of this question."
            )
        before = model.encode(prompt.before)
        if model.encode(prompt.text)[: len(before)] != before:
            raise Unsuited(
                "A prompt's tokens must begin with those up to its word; in this model "
                f"{prompt.text!r} does not begin with the tokens of {prompt.before!r}: "
                "use a model whose tokens end where words do (or end the word at a "
                "space)"
            )
