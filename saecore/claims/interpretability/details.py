"""More about explanations: two scores that ask for less, labels that are known, moments
of activations, and what a judge would be asked.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from saecore.claims.interpretability.explainer import EXPLAINED_LATENTS, Explainer
from saecore.claims.interpretability.grid import frontier
from saecore.claims.interpretability.headline import ComparedBases
from saecore.judge.judge import JudgedLatent, Question, question
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.measures.explaining.fragments import activations_on
from saecore.measures.explaining.interpretability import (
    Autointerp,
    Inquiry,
    correlated,
    drawn_latents,
    inquiries,
    moments,
)
from saecore.measures.explaining.known_labels import Meanings, meanings
from saecore.measures.explaining.labelled_directions import supervised_f1
from saecore.measures.explaining.scores import simulation
from saecore.measures.explaining.token_entropy import token_entropy
from saecore.profiles import Profile
from saecore.report.figures import NAMES
from saecore.source.tasks.labelled_tokens import token_kinds, token_texts
from saecore.sparse import sparse
from saecore.zoo.baselines import top_k_dictionary
from saecore.zoo.sae import SAE

LABEL_KINDS = ("gender", "part", "category", "wider category", "shape", "ending")
"""Kinds of labels whose latents are looked for."""
GOOD = 0.8
"""F1 above which a latent and a label tell each other well."""
ENTROPY = "token entropy"
TOLD_LABELS = ("mean difference (supervised)", "least squares (supervised)")
FEWEST_POSITIONS = 50
"""Positions of each half that must have a label, for it to be asked about."""


class TokenLabels(NamedTuple):
    """Labels of the tokens at the fragments, in two halves."""

    known: tuple[Bool[Tensor, "row label"], Bool[Tensor, "other label"]]
    """Which positions have which label, on the half that pairs are chosen on and on the
    half that they are judged on.
    """
    shuffled: tuple[Bool[Tensor, "row label"], Bool[Tensor, "other label"]]
    """The same with positions exchanged at random: the null."""


class KnownAttributes(NamedTuple):
    """Latents and labels that tell each other, of one dictionary."""

    true: Meanings
    """Under the true labels."""
    null: Meanings
    """Under shuffled labels."""

    def columns(self) -> dict[str, float]:
        """As a row of a table."""
        (latents, labels), null = self.true, self.null
        return {
            "best latent per label, mean F1": float(labels.f1.mean()),
            "null": float(null.of_labels.f1.mean()),
            f"labels with F1 above {GOOD}": int((labels.f1 > GOOD).sum()),
            "best label per latent, mean F1": float(latents.f1.mean()),
            "its null": float(null.of_latents.f1.mean()),
            f"latents with F1 above {GOOD}": float((latents.f1 > GOOD).double().mean()),
        }


class JudgeQuestions(NamedTuple):
    """What a judge would be asked about a few latents."""

    latents: Int[Tensor, " latent"]
    """Which ones."""
    inquiries: list[Inquiry]
    """The passages of each, with the true activations."""
    questions: list[Question]
    """The same in words, as they are sent."""


def less_asked(explainer: Explainer, compared: ComparedBases) -> dict[str, Autointerp]:
    """Detection and fuzzing scores (Paulo et al. 2410.13928) beside simulation: of the
    base SAEs, and of the other bases with their top k.
    """
    names = [f"{NAMES['topk']} (base), seed {n}" for n in range(len(compared.base))]
    tested = dict(zip(names, compared.base, strict=True)) | _top_k(compared)
    return {name: explainer.explained(one) for name, one in tested.items()}


def score_and_moments(
    explainer: Explainer, compared: ComparedBases, of_base: list[Autointerp]
) -> dict[str, Interval]:
    """Correlation of the simulation score with moments of a latent's activations
    (Cunningham et al. 2309.08600, appendix C, table 2), and with their token entropy
    (Heap et al. 2501.17727), over the base SAEs.
    """
    by_seed = []
    for one, found in zip(compared.base, of_base, strict=True):
        y, score = explainer.activations(one), found.scores.simulation
        by = moments(y)._asdict() | {ENTROPY: token_entropy(y, explainer.fragments)}
        by_seed.append({name: correlated(score, with_) for name, with_ in by.items()})
    level = explainer.claim.constants["confidence"]
    return {
        name: over_seeds([one[name] for one in by_seed], level=level)
        for name in by_seed[0]
    }


def known_attributes(
    explainer: Explainer, compared: ComparedBases, profile: Profile
) -> dict[str, KnownAttributes]:
    """Best latent per label and best label per latent, by F1 of "it fires", on the half
    of the fragments that pairs were not chosen on; and the same with shuffled labels.
    """
    labels = token_labels(explainer)
    recipes = {a: of[compared.k] for a, of in frontier(profile).frontier.items()}
    saes = explainer.zoo.get_all(recipes.values())
    tested: dict[str, SAE] = {
        f"{NAMES['topk']} (base), seed {n}": one for n, one in enumerate(compared.base)
    }
    tested |= {NAMES[a]: saes[one] for a, one in recipes.items() if a != "topk"}
    halves = [explainer.fragments.half(fitting=which) for which in (True, False)]
    found = {}
    for name, one in (tested | _top_k(compared)).items():
        active = [sparse(one.encode(explainer.rows[h.row.flatten()])) for h in halves]
        found[name] = KnownAttributes(
            *(
                meanings((active[0], by[0]), (active[1], by[1]), width=len(one.W_dec))
                for by in labels
            )
        )
    return found


def told_by_supervision(explainer: Explainer) -> dict[str, dict[str, float]]:
    """F1 of directions that were told the labels (the supervised baselines of Wu et al.
    2501.17148), on the same halves; as rows of the table of latents, by their names.
    """
    labels = token_labels(explainer)
    rows = [
        explainer.rows[explainer.fragments.half(fitting=which).row.flatten()]
        for which in (True, False)
    ]
    true, null = (
        supervised_f1(rows[0], by[0], rows[1], by[1])
        for by in (labels.known, labels.shuffled)
    )
    return {
        name: {
            "best latent per label, mean F1": float(f1.mean()),
            "null": float(shuffled.mean()),
            f"labels with F1 above {GOOD}": int((f1 > GOOD).sum()),
        }
        for name, f1, shuffled in zip(TOLD_LABELS, true, null, strict=True)
    }


def token_labels(explainer: Explainer) -> TokenLabels:
    """Labels of the tokens at the fragments: those that enough positions of either half
    have, and no more than half of them.
    """
    halves = [explainer.fragments.half(fitting=which) for which in (True, False)]
    kinds = token_kinds(explainer.model)
    owners = [
        torch.tensor(list(tokens))
        for kind in LABEL_KINDS
        for tokens in kinds.get(kind, {}).values()
    ]
    every = [
        torch.stack([torch.isin(half.token.flatten(), of) for of in owners], 1)
        for half in halves
    ]
    often = torch.stack(
        [(k.sum(0) >= FEWEST_POSITIONS) & (k.sum(0) <= len(k) // 2) for k in every]
    ).all(0)
    draw = torch.Generator().manual_seed(5)
    first, second = (k[:, often] for k in every)
    mixed = [k[torch.randperm(len(k), generator=draw)] for k in (first, second)]
    return TokenLabels((first, second), (mixed[0], mixed[1]))


def asked_of_judge(explainer: Explainer, sae: SAE, *, number: int) -> JudgeQuestions:
    """Questions about the first latents of an SAE for a language model that judges: the
    paper's passages to explain, and its fragments to predict.
    """
    latents = drawn_latents(len(sae.W_dec), EXPLAINED_LATENTS)[:number]
    y = activations_on(sae, explainer.rows, explainer.fragments, latents)
    draw = torch.Generator().manual_seed(3)
    each = int(explainer.claim.constants["each"])
    asked = inquiries(y, explainer.fragments, generator=draw, each=each)
    words = token_texts(explainer.model)
    questions = [
        question(latent, words, (one.shown, one.activations), one.asked)
        for latent, one in zip(latents.tolist(), asked, strict=True)
    ]
    return JudgeQuestions(latents, asked, questions)


def judged_rows(
    asked: JudgeQuestions, said: Sequence[JudgedLatent], *, rules_of: Autointerp
) -> list[dict[str, str | float]]:
    """A judge's explanations and their simulation scores, beside the scores of the
    rules of the same latents, as rows of a table.
    """
    truth = torch.stack([one.truth for one in asked.inquiries])
    by_judge = simulation(torch.stack([one.activations for one in said]), truth)[0]
    by_rule = rules_of.scores.simulation[: len(said)]
    return [
        {
            "latent": one.latent,
            "says": one.explanation,
            "score": float(a),
            "rule": float(b),
        }
        for one, a, b in zip(said, by_judge, by_rule, strict=True)
    ]


def _top_k(compared: ComparedBases) -> dict[str, SAE]:
    """The first draw of each other basis, with only its top k."""
    first = {name: drawn[0] for name, drawn in compared.bases.items()}
    return {
        f"{n}, top {compared.k}": top_k_dictionary(one, compared.k)
        for n, one in first.items()
    }
