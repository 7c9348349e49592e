"""An optional judge: a language model that explains latents and predicts their
activations from that.

The interface of the paper's automated interpretability (Cunningham et al. 2309.08600,
appendix A): `explain` passages, `simulate` fragments. It takes the place of the rules
of `measures.rules`; what it predicts is scored by `measures.explaining.simulation` in
the same way. Departures: any model behind an OpenAI-compatible endpoint; one answer at
temperature 0 in place of expectations over the model's probabilities, which few
endpoints give.

Nothing is sent before its cost has been shown and `confirm=True` been passed, and
nothing is asked twice where answers are kept.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.judge import prompts
from saecore.judge.chat import Answer, Endpoint
from saecore.judge.chat import request as ask
from saecore.judge.kept_answers import KeptAnswers
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
    swapped: Float[Tensor, "fragment pos"] | None = None
    """Predicted for the same fragments from another latent's explanation: the null."""


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

    What is in `kept` is not asked again and costs nothing; new answers go there.
    """

    def __init__(self, endpoint: Endpoint, kept: KeptAnswers | None = None) -> None:
        self.endpoint, self.kept = endpoint, kept
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

    def cost(
        self, questions: Sequence[Question], *, swapped: bool = False
    ) -> RequestCost:
        """What `judged` will cost; asks nothing."""
        own = [self._known(_explaining(one.shown)) for one in questions]
        requests = [_explaining(one.shown) for one in questions]
        for said in (own, _rolled(own)) if swapped else (own,):
            for explanation, one in zip(said, questions, strict=True):
                requests += _simulating(explanation, one.asked)
        return self._cost(requests)

    def judged(
        self,
        questions: Sequence[Question],
        *,
        confirm: bool = False,
        swapped: bool = False,
    ) -> list[JudgedLatent]:
        """Explain every latent, and predict it on its fragments; with `swapped` from
        the explanation of the latent before it too, as a null. Prints the cost first.

        Raises ValueError, with the cost, without `confirm`, and for fewer than two
        latents to swap; ChatError if asking fails.
        """
        return list(self.judging(questions, confirm=confirm, swapped=swapped))

    def judging(
        self,
        questions: Sequence[Question],
        *,
        confirm: bool = False,
        swapped: bool = False,
    ) -> Iterator[JudgedLatent]:
        """The same, latent by latent as they are done; all are explained first."""
        self._shown(self.cost(questions, swapped=swapped), confirm)
        said = [
            prompts.read_explanation(self._ask(_explaining(one.shown)))
            for one in questions
        ]
        others = _rolled(said) if swapped else said
        for one, own, other in zip(questions, said, others, strict=True):
            found, unread = self._simulated(_simulating(own, one.asked), one.asked)
            null = None
            if swapped:
                requests = _simulating(other, one.asked)
                null, more = self._simulated(requests, one.asked)
                unread += more
            yield JudgedLatent(one.latent, own, found, unread, null)

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

    def _kept(self, request: _Request) -> Answer | None:
        return self.kept.find(self.endpoint, *request) if self.kept else None

    def _known(self, request: _Request) -> str:
        """An explanation that is kept, or as many letters as one may have."""
        answer = self._kept(request)
        if answer is None:
            return "x" * EXPLANATION * LETTERS_PER_TOKEN
        return prompts.read_explanation(answer.text)

    def _ask(self, request: _Request) -> str:
        answer = self._kept(request)
        if answer is not None:
            return answer.text
        answer = ask(
            self.endpoint, request.system, request.text, longest=request.longest
        )
        if self.kept:
            self.kept.keep(self.endpoint, *request, answer)
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
        requests = [one for one in requests if self._kept(one) is None]
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


def _rolled(explanations: list[str]) -> list[str]:
    """The explanation of the one before it for each: none keeps its own."""
    if len(explanations) < 2:
        raise ValueError(
            "explanations are swapped between at least two latents, got "
            f"{len(explanations)}: ask about more"
        )
    return explanations[-1:] + explanations[:-1]


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
