"""What a language model expects at every position of a text, as it is or with its
stream edited.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from saecore.source.model.language_model import Edit, OpenModel
from saecore.source.model.resume import Resumed

LOGITS = 8_000_000
"""Numbers of logits held at a time."""
PIECE = 4_000_000
"""The same where many edits follow each other, for which smaller pieces are quicker."""
KEPT = 25_000_000
"""Numbers of a text's distributions that are kept (100 MB), or none are."""


def losses(
    model: OpenModel, tokens: Int[Tensor, "seq pos"], *, edit: Edit | None = None
) -> Float[Tensor, "seq predicted"]:
    """Cross-entropy loss of each token but the first, given those before it, in nats;
    the stream edited if asked.
    """

    def cost(piece: Tensor) -> Tensor:
        logits = model.logits(piece, edit=edit)[:, :-1]
        expected = piece[:, 1:].to(logits.device)
        flat = functional.cross_entropy(
            logits.flatten(0, 1), expected.flatten(), reduction="none"
        )
        return flat.view(expected.shape)

    return _by_sequences(model, tokens, cost)


def divergence(
    model: OpenModel, tokens: Int[Tensor, "seq pos"], edit: Edit
) -> Float[Tensor, "seq predicted"]:
    """KL divergence of next-token distributions, KL(as it is || edited), in nats: how
    far an edit moves each.

    For the tokens but the first, like `losses`; what an edit does to text that it
    should leave alone.
    """

    def moved(piece: Tensor) -> Tensor:
        before = model.logits(piece)[:, :-1].log_softmax(-1)
        after = model.logits(piece, edit=edit)[:, :-1].log_softmax(-1)
        return kl_divergence(before, after)

    return _by_sequences(model, tokens, moved)


def _by_sequences(
    model: OpenModel, tokens: Tensor, function: Callable[[Tensor], Tensor]
) -> Float[Tensor, "seq predicted"]:
    """A function of sequences, so many at a time as their logits allow."""
    _check(tokens)
    batch = max(1, LOGITS // (tokens.shape[1] * model.vocab_size))
    with torch.no_grad():
        return torch.cat([function(piece).cpu() for piece in tokens.split(batch)])


class Divergences:
    """KL divergences for many edits of one text (`divergence`): what no edit changes is
    computed once, when first needed.

    Kept are the stream after each layer that was asked for, and the unedited
    distributions if they are no more than `KEPT` numbers; else those are computed again
    for every edit. One object may serve all layers. The edits see some sequences at a
    time, as in `divergence`.
    """

    def __init__(self, model: OpenModel, tokens: Int[Tensor, "seq pos"]) -> None:
        _check(tokens)
        self.model, self.tokens = model, tokens
        batch = max(1, PIECE // (tokens.shape[1] * model.vocab_size))
        self._pieces = [
            slice(start, start + batch) for start in range(0, len(tokens), batch)
        ]
        self._resumed: dict[int, Resumed] = {}
        self._before: dict[int, Tensor] = {}  # by where the piece begins

    @torch.no_grad()
    def __call__(self, edit: Edit) -> Float[Tensor, "seq predicted"]:
        """KL(as it is || edited) of each next token, in nats."""
        layer, change = edit
        if layer not in self._resumed:
            self._resumed[layer] = Resumed(self.model, self.tokens, layer)
        return torch.cat(
            [self._moved(self._resumed[layer], change, which) for which in self._pieces]
        )

    def _moved(
        self, text: Resumed, change: Callable[[Tensor], Tensor], which: slice
    ) -> Tensor:
        before = self._unedited(text, which)
        after = text.logits(change(text.stream[which].clone()), which)[:, :-1]
        # one sequence at a time stays in the processor's cache
        pairs = zip(before, after, strict=True)
        kl = [kl_divergence(one, other.log_softmax(-1)) for one, other in pairs]
        return torch.stack(kl).cpu()

    def _unedited(
        self, text: Resumed, which: slice
    ) -> Float[Tensor, "seq predicted vocab"]:
        if which.start in self._before:
            return self._before[which.start]
        found = text.logits(text.stream[which], which)[:, :-1].log_softmax(-1)
        if self.tokens.numel() * self.model.vocab_size <= KEPT:
            self._before[which.start] = found
        return found


def kl_divergence(
    log_p: Float[Tensor, "*shape vocab"], log_q: Float[Tensor, "*shape vocab"]
) -> Float[Tensor, "*shape"]:
    """KL divergence KL(p || q) = sum_v p_v (log p_v - log q_v), in nats; p comes first.

    Of the log-probabilities of two distributions over the last axis: `log_softmax(-1)`
    of logits. Not symmetric: `divergence` here has the unedited model as p, activation
    patching (`saecore.source.tasks.ioi`) the patched one.
    """
    return functional.kl_div(log_q, log_p, reduction="none", log_target=True).sum(-1)


def _check(tokens: Tensor) -> None:
    if tokens.shape[1] < 2:
        raise ValueError(
            "there is a next token only in sequences of two or more, got "
            f"{tokens.shape[1]}: give longer ones"
        )
