"""How well latents can be explained: rules fitted on half of the texts, judged on the
other half.

The protocol is that of Cunningham et al. (2309.08600), section 3 and appendix A, with
rules in place of GPT-4: an explanation predicts a latent's activations on ten
fragments, and its score is the correlation of prediction and truth. Two further scores
(detection, fuzzing: Paulo et al. 2410.13928) ask for less.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from saecore.measures.explaining.detection_fuzzing import (
    detection_score,
    fuzzing_score,
)
from saecore.measures.explaining.fragments import Fragments
from saecore.measures.explaining.predicates import Predicates
from saecore.measures.explaining.rules import (
    Prediction,
    Rules,
    fitted_rules,
    predicted,
)

SCORES = ("simulation", "top", "random", "everywhere", "detection", "fuzzing")
LATENTS_AT_ONCE = 32  # latents judged at a time


class Scores(NamedTuple):
    """How well each latent's explanation does on the half that it has not seen; nan for
    skipped latents.
    """

    simulation: Float[Tensor, " latent"]
    """Correlation with the truth over the top and the random fragments: the paper's
    score.
    """
    top: Float[Tensor, " latent"]
    """The same over the top fragments alone."""
    random: Float[Tensor, " latent"]
    """The same over the random fragments alone."""
    everywhere: Float[Tensor, " latent"]
    """The same over all fragments of the half."""
    detection: Float[Tensor, " latent"]
    """Balanced accuracy of "it fires in this fragment"; nan too where it fires in
    nearly all of them.
    """
    fuzzing: Float[Tensor, " latent"]
    """Balanced accuracy of telling marks on the tokens where it fires from marks
    elsewhere.
    """
    fragments: Int[Tensor, " latent"]
    """Number of fragments of both halves in which it fires."""
    density: Float[Tensor, " latent"]
    """Share of the half's positions where it fires."""

    @property
    def skipped(self) -> Bool[Tensor, " latent"]:
        """Latents that fire in too few fragments to be scored."""
        return self.simulation.isnan()


class ScoredRules(NamedTuple):
    """Rules and how well they do."""

    rules: Rules
    """One rule per latent, from the half that rules are fitted on."""
    scores: Scores
    """How well they predict the other half."""


class Sample(NamedTuple):
    """Fragments that an explanation is scored on, by their number within a half."""

    top: Int[Tensor, "latent each"]
    """Those with the largest activations."""
    random: Int[Tensor, "latent each"]
    """Others with activation, drawn at random."""


def scored_rules(
    y: Float[Tensor, "latent fragment pos"],
    fragments: Fragments,
    predicates: Predicates,
    *,
    generator: Generator,
    most: int,
    least: int,
    each: int,
    few_shot: bool = False,
) -> ScoredRules:
    """Explanation scores of latents: a rule of up to `most` parts is fitted to each on
    one half of the fragments, and scored on the other (see `scores`).

    The rule sees the whole half or, with `few_shot`, what the paper's explainer sees of
    a latent: its `each` top fragments there (and as many random ones, which the paper's
    does not see). The same seed of `generator` draws the same chances for every
    dictionary of as many latents.
    """
    half = fragments.half(fitting=True)
    seen, value = y[:, fragments.fitting], predicates.at(half)
    if few_shot:
        rules = _few_shot(seen, value, predicates, generator, most=most, each=each)
    else:
        rules = fitted_rules(seen.flatten(1), value.flatten(1), predicates, most=most)
    judged = scores(
        rules, y, fragments, predicates, generator=generator, least=least, each=each
    )
    return ScoredRules(rules, judged)


def scores(
    rules: Rules,
    y: Float[Tensor, "latent fragment pos"],
    fragments: Fragments,
    predicates: Predicates,
    *,
    generator: Generator,
    least: int,
    each: int,
) -> Scores:
    """Simulation, detection and fuzzing scores of one rule per latent, on the half of
    the fragments that rules are not fitted on.

    The simulation score is corr(predicted, true activation) over the positions of the
    `each` fragments with the largest activations and of `each` random ones (5 and 5 in
    Cunningham et al. 2309.08600, appendix A). A latent is skipped if it fires in fewer
    than `least` fragments of both halves (20 in the paper), or in fewer than 2 `each`
    of the half that scores. Of a rule that predicts
    one value everywhere the correlation is 0. Raises ValueError unless there are a rule
    for every latent and activations for every fragment.
    """
    if len(rules.predicate) != len(y) or y.shape[1:] != fragments.token.shape:
        raise ValueError(
            "every latent needs a rule and every fragment its activations, got "
            f"{len(rules.predicate)} rules, activations {tuple(y.shape)} and fragments "
            f"{tuple(fragments.token.shape)}: align them"
        )
    values = predicates.at(fragments.half(fitting=False))
    number, parts = (y.amax(2) > 0).sum(1), []
    for start in range(0, len(y), LATENTS_AT_ONCE):
        block = slice(start, start + LATENTS_AT_ONCE)
        truth = y[block, ~fragments.fitting]
        said = predicted(
            Rules(*(part[block] for part in rules)), values.flatten(1), predicates
        )
        said = Prediction(*(part.view(truth.shape) for part in said))
        parts.append(_scores(said, truth, number[block], generator, least, each))
    return Scores(*(torch.cat(part) for part in zip(*parts, strict=True)))


def _scores(
    said: Prediction,
    truth: Tensor,
    number: Tensor,
    generator: Generator,
    least: int,
    each: int,
) -> Scores:
    sample, enough = scored_fragments(truth, generator=generator, each=each)
    enough &= number >= least
    simulated = simulation(_at(said.activation, sample), _at(truth, sample))
    found = Scores(
        *simulated,
        everywhere=correlation(said.activation.flatten(1), truth.flatten(1)),
        detection=detection_score(said.fires, truth, generator=generator),
        fuzzing=fuzzing_score(said.activation, truth, generator=generator),
        fragments=number,
        density=(truth > 0).double().mean((1, 2)),
    )
    scored = {name: getattr(found, name) for name in SCORES}
    return found._replace(
        **{name: x.double().where(enough, torch.nan) for name, x in scored.items()}
    )


def scored_fragments(
    y: Float[Tensor, "latent fragment pos"], *, generator: Generator, each: int
) -> tuple[Sample, Bool[Tensor, " latent"]]:
    """Top and random fragments to score each latent on, and which latents fire in
    enough of them to be scored.

    Those with the `each` largest maxima, and as many drawn from the others with
    activation. Raises ValueError for fewer than 2 `each` fragments.
    """
    if y.shape[1] < 2 * each:
        raise ValueError(
            f"{each} top and {each} random fragments are drawn, but there are "
            f"{y.shape[1]}: give more texts"
        )
    largest = y.amax(2)
    top = largest.topk(each, dim=1).indices
    chance = torch.rand(largest.shape, generator=generator)
    chance = torch.where(largest > 0, chance, chance - 1).scatter(1, top, -2.0)
    sample = Sample(top, chance.topk(each, dim=1).indices)
    return sample, (largest > 0).sum(1) >= 2 * each


def simulation(
    said: Float[Tensor, "latent fragment pos"],
    truth: Float[Tensor, "latent fragment pos"],
) -> tuple[Tensor, Tensor, Tensor]:
    """Simulation scores: correlations over all tokens of the given fragments, of the
    first half of them (the top ones), and of the second (the random ones).
    """
    each = said.shape[1] // 2
    parts = (slice(None), slice(each), slice(each, None))
    both = tuple(
        correlation(said[:, part].flatten(1), truth[:, part].flatten(1))
        for part in parts
    )
    return both[0], both[1], both[2]


def correlation(
    a: Float[Tensor, "latent position"], b: Float[Tensor, "latent position"]
) -> Float[Tensor, " latent"]:
    """Pearson's correlation of each row of a with the same row of b; 0 where one is
    constant.
    """
    a, b = (_centred(x) for x in (a, b))
    squares = (a * a).sum(1).double() * (b * b).sum(1).double()
    return torch.where(squares > 0, (a * b).sum(1).double() / squares.sqrt(), 0)


def _centred(x: Tensor) -> Tensor:
    x = x - x[:, :1]  # a constant row becomes exactly 0
    return x - x.mean(1, keepdim=True)


def swapped(
    rules: Rules, among: Bool[Tensor, " latent"], *, generator: Generator
) -> Rules:
    """Swapped explanations: every latent in `among` gets the rule of another one of
    them, at random; no one keeps its own.

    The control for explanations that would fit any latent (ours). Raises ValueError for
    fewer than two.
    """
    which = among.nonzero()[:, 0]
    if len(which) < 2:
        raise ValueError(
            f"rules are swapped between at least two latents, got {len(which)}: take "
            "more"
        )
    order = which[torch.randperm(len(which), generator=generator)]
    giver = torch.arange(len(among))
    giver[order] = order.roll(1)
    return rules.of(giver)


def _few_shot(
    seen: Tensor,
    value: Tensor,
    predicates: Predicates,
    generator: Generator,
    *,
    most: int,
    each: int,
) -> Rules:
    """Rules from top and random fragments of each latent: positions of its own."""
    sample, _ = scored_fragments(seen, generator=generator, each=each)
    others = torch.rand(seen.shape[:2], generator=generator).scatter(
        1, sample.top, -1.0
    )
    chosen = torch.cat([sample.top, others.topk(each, dim=1).indices], 1)
    own = torch.stack([place[chosen] for place in value]).flatten(2)
    y = seen.gather(1, chosen[..., None].expand(-1, -1, seen.shape[2])).flatten(1)
    return fitted_rules(y, own, predicates, most=most, least=2)


def _at(y: Tensor, sample: Sample) -> Float[Tensor, "latent chosen pos"]:
    chosen = torch.cat([sample.top, sample.random], 1)
    return y.gather(1, chosen[..., None].expand(-1, -1, y.shape[2]))
