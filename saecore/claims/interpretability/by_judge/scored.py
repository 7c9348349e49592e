"""Simulation scores of a judge's explanations and of the book's rules, each beside its
null, on the same fragments of the same latents.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.interpretability.by_judge.asked import AskedLatents
from saecore.claims.interpretability.explainer import Explainer
from saecore.judge.judge import JudgedLatent
from saecore.measures.algebra.intervals import Interval, bootstrap
from saecore.measures.explaining.rules import predicted
from saecore.measures.explaining.scores import simulation

OF_JUDGE, OF_OTHER = "judge", "judge, another latent's explanation"
OF_JUDGE_RANDOM = "judge, random fragments alone"
OF_RULES, OF_OTHER_RULE = "rules", "rules, another latent's rule"
OVER_RULES = "judge minus rules"


class JudgedDictionary(NamedTuple):
    """What a judge and the rules make of some latents of one dictionary."""

    name: str
    said: Sequence[JudgedLatent]
    """Explanations and predictions, latent by latent."""
    skipped: int
    """Drawn latents that fire in too few fragments to be explained."""
    scores: dict[str, Float[Tensor, " latent"]]
    """Simulation scores (Cunningham et al. 2309.08600, section 3: the correlation of
    predicted and true activation over 5 top and 5 random fragments), by whose they are.
    """
    level: float
    """Confidence of the intervals."""

    @property
    def means(self) -> dict[str, Interval]:
        """The mean of each score over the latents, with a bootstrap interval over them;
        and of the paired difference between judge and rules.
        """
        lead = self.scores[OF_JUDGE] - self.scores[OF_RULES]
        draw = torch.Generator().manual_seed(3)
        return {
            name: bootstrap(score, generator=draw, level=self.level)
            for name, score in (self.scores | {OVER_RULES: lead}).items()
        }

    @property
    def unread(self) -> int:
        """Answers of which no activations could be read; they count as silence."""
        return sum(one.unread for one in self.said)

    def as_text(self) -> str:
        """Some lines for a terminal."""
        head = (
            f"   {self.name}: {len(self.said)} latents, {self.skipped} of the drawn "
            f"ones fire too seldom, {self.unread} answers unread"
        )
        return "\n".join(
            [head]
            + [
                f"      {one.estimate:6.3f} [{one.low:.3f}, {one.high:.3f}]  {name}"
                for name, one in self.means.items()
            ]
        )

    def as_json(self) -> dict[str, Any]:
        """Everything but the predictions, every digit."""
        columns = {name: score.tolist() for name, score in self.scores.items()}
        rows = [
            {"latent": one.latent, "says": one.explanation, "unread": one.unread}
            | {name: score[i] for name, score in columns.items()}
            for i, one in enumerate(self.said)
        ]
        means = {
            name: dict(zip(("value", "low", "high"), one.triple, strict=True))
            for name, one in self.means.items()
        }
        return {
            "dictionary": self.name, "latents": rows, "skipped": self.skipped,
            "unread": self.unread, "confidence": self.level, "means": means,
        }  # fmt: skip


def judged_dictionary(
    reader: Explainer, asked: AskedLatents, said: Sequence[JudgedLatent]
) -> JudgedDictionary:
    """Score what a judge said, and the rules on the same fragments; the null of either
    is the explanation of the latent before.
    """
    truth = torch.stack([one.truth for one in asked.inquiries])
    by_judge = simulation(torch.stack([one.activations for one in said]), truth)
    scores = {OF_JUDGE: by_judge[0], OF_JUDGE_RANDOM: by_judge[2]}
    swapped = [one.swapped for one in said if one.swapped is not None]
    if swapped:
        scores[OF_OTHER] = simulation(torch.stack(swapped), truth)[0]
    for name, shift in ((OF_RULES, 0), (OF_OTHER_RULE, 1)):
        by_rule = _by_rules(reader, asked, asked.places.roll(shift))
        scores[name] = simulation(by_rule, truth)[0]
    level = reader.claim.constants["confidence"]
    return JudgedDictionary(asked.name, said, asked.skipped, scores, level)


def _by_rules(
    reader: Explainer, asked: AskedLatents, places: Tensor
) -> Float[Tensor, "latent fragment pos"]:
    """What the rules of some latents predict for the fragments that the asked latents
    are judged on.
    """
    half = reader.fragments.half(fitting=False)
    values = reader.predicates.at(half).flatten(1)
    every = predicted(asked.rules.rules.of(places), values, reader.predicates)
    by_fragment = every.activation.view(len(places), *half.token.shape)
    return torch.stack(
        [
            one[inquiry.number]
            for one, inquiry in zip(by_fragment, asked.inquiries, strict=True)
        ]
    )
