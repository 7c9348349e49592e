"""How well a language model answers prompts, and whether the answer travels with the
word's stream.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.errors import Unsuited
from saecore.source.model.language_model import OpenModel, Stream
from saecore.source.tasks.facts import Prompt


class Accuracy(NamedTuple):
    """How often a model answers as it was taught."""

    right: float
    """Share of prompts whose answer is the likeliest of their choices."""
    exact: float
    """Share whose answer is the likeliest of all tokens."""
    baseline: float
    """Share that the commonest answer would get right; one in two where two names
    compete.
    """
    asked: int
    """Number of prompts."""


class Grades(NamedTuple):
    """The answers of a model, one by one."""

    right: Bool[Tensor, "prompt"]
    """Whether the likeliest choice is the answer."""
    exact: Bool[Tensor, "prompt"]
    """Whether the likeliest token is."""


class SwapRates(NamedTuple):
    """Interchange rates: what the model answers after the stream at the word was
    replaced by that of another word.
    """

    follows: float
    """Share of prompts answered as for the other word."""
    keeps: float
    """Share answered as before."""
    asked: int
    """Number of prompts whose two answers differ."""


def accuracy(model: OpenModel, prompts: Sequence[Prompt]) -> Accuracy:
    """Accuracy: the share of `prompts` that `model` answers rightly."""
    return summed_answers(graded(model, prompts), prompts)


def able(model: OpenModel, prompts: Sequence[Prompt]) -> Accuracy:
    """Accuracy of a model that can do the task at all: what an ablation of its answers
    presupposes.

    Raises Unsuited unless the share of right answers is above that of always giving the
    commonest one, by two of its standard errors sqrt(share (1 - share) / prompts).
    """
    found = accuracy(model, prompts)
    if (
        found.right - 2 * (found.right * (1 - found.right) / found.asked) ** 0.5
        > found.baseline
    ):
        return found
    raise Unsuited(
        "a model must know the answers that are looked for in it, but of "
        f"{found.asked} questions such as {prompts[0].text!r} this one gets a share of "
        f"{found.right:.2f} right, where the commonest answer alone would reach "
        f"{found.baseline:.2f}: use a model that can answer them"
    )


def summed_answers(grades: Grades, prompts: Sequence[Prompt]) -> Accuracy:
    """Accuracy over prompts that have been graded one by one."""
    return Accuracy(
        _share(grades.right), _share(grades.exact), baseline(prompts), len(prompts)
    )


def graded(model: OpenModel, prompts: Sequence[Prompt]) -> Grades:
    """Which of `prompts` the model answers rightly."""
    logits, expected = (
        model.next_logits([prompt.text for prompt in prompts]),
        answers(model, prompts),
    )
    return Grades(
        chosen(model, logits, prompts) == expected, logits.argmax(-1) == expected
    )


def baseline(prompts: Sequence[Prompt]) -> float:
    """Majority baseline: what the commonest answer would get right; a guess, where two
    names in the prompt compete.
    """
    if all(prompt.word in prompt.choices for prompt in prompts):
        return sum(1 / len(prompt.choices) for prompt in prompts) / len(prompts)
    return max(Counter(prompt.answer for prompt in prompts).values()) / len(prompts)


def answers(model: OpenModel, prompts: Sequence[Prompt]) -> Int[Tensor, "prompt"]:
    """The token of each prompt's answer."""
    return torch.tensor([model.token(prompt.answer) for prompt in prompts])


def chosen(
    model: OpenModel, logits: Float[Tensor, "prompt vocab"], prompts: Sequence[Prompt]
) -> Int[Tensor, "prompt"]:
    """The likeliest of each prompt's choices, as a token."""
    tokens = {
        choices: torch.tensor([model.token(word) for word in choices])
        for choices in {p.choices for p in prompts}
    }
    best = [
        tokens[p.choices][row[tokens[p.choices]].argmax()]
        for p, row in zip(prompts, logits, strict=True)
    ]
    return torch.stack(best)


def position(model: OpenModel, prompt: Prompt) -> int:
    """Where in a prompt's tokens its word stands (its last token, should it have
    several).
    """
    return len(model.encode(prompt.before)) - 1


def swap(model: OpenModel, prompts: Sequence[Prompt], layer: int) -> SwapRates:
    """Interchange intervention: replace the residual stream after `layer` at the word
    by another word's, and see which answer comes.

    Each prompt is paired with the one half a list further among those that differ from
    it in the word alone, and counts where the two answers differ. Of a word of several
    tokens the last one's stream is replaced; what attention reads at the others stays.
    If attention has fetched the answer from below the layer already, nothing follows:
    no dictionary trained at that layer can then be said to carry the fact.

    Raises Unsuited if no two prompts can be paired.
    """
    follows, keeps = [], []
    for group in _alike(model, prompts).values():
        other = [group[(i + len(group) // 2) % len(group)] for i in range(len(group))]
        differ = torch.tensor(
            [a.answer != b.answer for a, b in zip(group, other, strict=True)]
        )
        said = _after_swap(model, group, other, layer)
        follows.append((said == answers(model, other))[differ])
        keeps.append((said == answers(model, group))[differ])
    count = sum(map(len, follows))
    if not count:
        raise Unsuited(
            "A swap needs prompts that differ only in a word of one token and in the "
            f"answer; of these {len(prompts)} prompts no two do in this model: use a "
            "model that holds more of the words as one token"
        )
    return SwapRates(_share(torch.cat(follows)), _share(torch.cat(keeps)), count)


def _alike(
    model: OpenModel, prompts: Sequence[Prompt]
) -> dict[tuple[int, ...], list[Prompt]]:
    """Prompts by their tokens other than the word's, and by how many the word has."""
    groups: dict[tuple[int, ...], list[Prompt]] = defaultdict(list)
    for prompt in prompts:
        ids, at = model.encode(prompt.text), position(model, prompt)
        first = min(at, first_position(model, prompt))
        groups[(at, *ids[:first], *ids[at + 1 :])].append(prompt)
    return groups


def first_position(model: OpenModel, prompt: Prompt) -> int:
    """Where in a prompt's tokens its word begins."""
    before = prompt.before.removesuffix(prompt.word)
    if before == prompt.before:  # written otherwise there, as with a capital
        return position(model, prompt)
    return len(model.encode(before.removesuffix(" ")))


def _after_swap(
    model: OpenModel, group: list[Prompt], other: list[Prompt], layer: int
) -> Int[Tensor, "prompt"]:
    at = position(model, group[0])
    tokens = torch.tensor([model.encode(prompt.text) for prompt in other])
    donated = model.read(tokens, [layer])[layer][:, at]

    def put(stream: Stream) -> Stream:
        stream[:, at] = donated
        return stream

    own = torch.tensor([model.encode(prompt.text) for prompt in group])
    return chosen(
        model, model.logits(own, edit=(layer, put), last=True)[:, -1].cpu(), group
    )


def _share(hits: Bool[Tensor, "prompt"]) -> float:
    return hits.double().mean().item()
