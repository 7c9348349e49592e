"""An optional judge: a language model that explains latents and predicts their
activations from that.

The interface of the paper's automated interpretability (Cunningham et al. 2309.08600,
appendix A): `explain` passages, `simulate` fragments. It takes the place of the rules
of `measures.rules`; what it predicts is scored by `measures.explaining.simulation` in
the same way. Departures: any model behind an OpenAI-compatible endpoint; one answer at
temperature 0 in place of expectations over the model's probabilities, which few
endpoints give.

Nothing is sent before its cost has been shown and `confirm=True` been passed.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.judge import prompts
from saecore.judge.chat import Answer, Endpoint
from saecore.judge.chat import request as ask
from saecore.judge.prompts import Passage

LETTERS_PER_TOKEN = 3
"""Fewer than in plain prose (about 4), as tokens stand on lines of their own."""
EXPLANATION = 100
"""Tokens of an explanation at most."""

Fragment = Sequence[str]
"""The texts of its tokens."""


class Question(NamedTuple):
    """A question about one latent: passages to explain it from, and fragments to
    predict.
    """

    latent: int
    shown: tuple[Passage, ...]
    """Passages that it is explained from."""
    asked: tuple[tuple[str, ...], ...]
    """Fragments, as the texts of their tokens, on which activations are predicted."""


class JudgedLatent(NamedTuple):
    """An explanation of one latent, and the activations that it predicts."""

    latent: int
    explanation: str
    activations: Float[Tensor, "fragment pos"]
    """Predicted, from 0 to 10; all 0 in a fragment whose answer could not be read."""
    unread: int
    """Number of such fragments."""


class RequestCost(NamedTuple):
    """The cost of questions at most, as far as it can be told before."""

    requests: int
    tokens_in: int
    """Estimated from the letters."""
    tokens_out: int
    """What answers may be long at most."""
    price: float | None
    """In the currency of the endpoint's prices; None where they are not given."""

    def __str__(self) -> str:
        price = (
            "price unknown" if self.price is None else f"at most about {self.price:.2f}"
        )
        return (
            f"{self.requests:,} requests with about {self.tokens_in:,} tokens, "
            f"answered by {self.tokens_out:,} tokens at most; {price}"
        )


class _Request(NamedTuple):
    """One question to the endpoint."""

    system: str
    text: str
    longest: int


class Judge:
    """An LLM judge: a language model that explains latents and predicts them. `used`
    adds up what the endpoint counted so far.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.used = Answer("", 0, 0)

    def explain(self, passages: Sequence[Passage], *, confirm: bool = False) -> str:
        """An explanation of a latent: what it reacts to, in a phrase. Raises ValueError
        without `confirm`, ChatError if asking fails.
        """
        request = _explaining(passages)
        self._confirmed([request], confirm)
        return prompts.read_explanation(self._ask(request))

    def simulate(
        self, explanation: str, fragments: Sequence[Fragment], *, confirm: bool = False
    ) -> Float[Tensor, "fragment pos"]:
        """Simulation: activations from 0 to 10 at every token of fragments of one
        length; one request for each.

        All 0 where an answer cannot be read. Raises as `explain` does.
        """
        requests = _simulating(explanation, fragments)
        self._confirmed(requests, confirm)
        return self._simulated(requests, fragments)[0]

    def detect(
        self, explanation: str, fragments: Sequence[Fragment], *, confirm: bool = False
    ) -> Bool[Tensor, " fragment"]:
        """Detection: in which fragments the latent fires; one request for all. None of
        them if the answer cannot be read. Raises as `explain` does.
        """
        request = _Request(
            prompts.DETECTING,
            prompts.listed(explanation, fragments),
            6 * len(fragments) + 20,
        )
        self._confirmed([request], confirm)
        found = prompts.read_numbers(self._ask(request), len(fragments))
        return torch.zeros(len(fragments), dtype=torch.bool) if found is None else found

    def cost(self, questions: Sequence[Question]) -> RequestCost:
        """What `judged` will cost; asks nothing."""
        # explanations are not known yet
        placeholder = "x" * EXPLANATION * LETTERS_PER_TOKEN
        requests = [
            request
            for question in questions
            for request in (
                _explaining(question.shown),
                *_simulating(placeholder, question.asked),
            )
        ]
        return self._cost(requests)

    def judged(
        self, questions: Sequence[Question], *, confirm: bool = False
    ) -> list[JudgedLatent]:
        """Explain every latent, and predict it on its fragments. Prints the cost first.

        Raises ValueError, with the cost, without `confirm`; ChatError if asking fails.
        """
        self._shown(self.cost(questions), confirm)
        found = []
        for one in questions:
            explanation = prompts.read_explanation(self._ask(_explaining(one.shown)))
            said, unread = self._simulated(
                _simulating(explanation, one.asked), one.asked
            )
            found.append(JudgedLatent(one.latent, explanation, said, unread))
        return found

    def _simulated(
        self, requests: Sequence[_Request], fragments: Sequence[Fragment]
    ) -> tuple[Tensor, int]:
        answers = [
            prompts.read_activations(self._ask(request), len(fragment))
            for request, fragment in zip(requests, fragments, strict=True)
        ]
        rows = [
            torch.zeros(len(f)) if a is None else a
            for a, f in zip(answers, fragments, strict=True)
        ]
        return torch.stack(rows), sum(answer is None for answer in answers)

    def _ask(self, request: _Request) -> str:
        answer = ask(
            self.endpoint, request.system, request.text, longest=request.longest
        )
        tokens = (a + b for a, b in zip(self.used[1:], answer[1:], strict=True))
        self.used = Answer("", *tokens)
        return answer.text

    def _confirmed(self, requests: Sequence[_Request], confirm: bool) -> None:
        self._shown(self._cost(requests), confirm)

    def _shown(self, cost: RequestCost, confirm: bool) -> None:
        if not confirm:
            raise ValueError(
                f"nothing is sent to {self.endpoint.url} before it is confirmed; this "
                f"would be {cost}: pass confirm=True to send it"
            )
        print(f"{self.endpoint.model} at {self.endpoint.url}: {cost}", flush=True)

    def _cost(self, requests: Sequence[_Request]) -> RequestCost:
        letters = sum(len(one.system) + len(one.text) for one in requests)
        tokens_in, tokens_out = (
            letters // LETTERS_PER_TOKEN,
            sum(one.longest for one in requests),
        )
        prices = (self.endpoint.price_in, self.endpoint.price_out)
        if prices[0] is None or prices[1] is None:
            return RequestCost(len(requests), tokens_in, tokens_out, None)
        price = (tokens_in * prices[0] + tokens_out * prices[1]) / 1e6
        return RequestCost(len(requests), tokens_in, tokens_out, price)


def question(
    latent: int,
    words: Sequence[str],
    shown: tuple[Int[Tensor, "example pos"], Float[Tensor, "example pos"]],
    asked: Int[Tensor, "fragment pos"],
) -> Question:
    """A question from tokens: `shown` with activations, `asked` without; `words` are
    all tokens' texts.
    """

    def texts(tokens: list[int]) -> tuple[str, ...]:
        return tuple(words[token] for token in tokens)

    passages = tuple(
        Passage(texts(tokens), tuple(activations))
        for tokens, activations in zip(
            shown[0].tolist(), shown[1].tolist(), strict=True
        )
    )
    return Question(latent, passages, tuple(texts(tokens) for tokens in asked.tolist()))


def _explaining(passages: Sequence[Passage]) -> _Request:
    return _Request(prompts.EXPLAINING, prompts.examples(passages), EXPLANATION)


def _simulating(explanation: str, fragments: Sequence[Fragment]) -> list[_Request]:
    if len({len(fragment) for fragment in fragments}) != 1:
        raise ValueError(
            "fragments to simulate must be of one length, at least one of them, got "
            "lengths "
            f"{sorted({len(fragment) for fragment in fragments})}: cut them alike"
        )
    longest = 8 * len(fragments[0]) + 20  # tokens of an object with every token in it
    return [
        _Request(prompts.SIMULATING, prompts.numbered(explanation, one), longest)
        for one in fragments
    ]
