"""One SAE read by the claim's rule: gates, main latents, effects, absorbed words."""

from typing import NamedTuple

import torch
from jaxtyping import Bool
from torch import Tensor

from saecore.claims.absorption.setting import Parents
from saecore.measures.absorption.ablation import Effects, effects_on, leading_effects
from saecore.measures.absorption.cases import Cases, cases
from saecore.measures.absorption.rates import Absorbed, Averages, averages, paper_rule
from saecore.measures.algebra.classifier_scores import Best, best, pair_scores
from saecore.measures.probing.k_sparse import SparseProbes, sparse_probes
from saecore.report import Constants
from saecore.shapes import Directions
from saecore.sparse import Active
from saecore.zoo.sae import SAE


class SAEGated(NamedTuple):
    """Which latents of one SAE stand for each parent, and the cases to be judged."""

    best: Best
    """The best single latent of each parent, at its best threshold, in sample."""
    split: SparseProbes
    """Its k-sparse probes, and with them its main latents."""
    active: Active
    """The SAE's activations at the words."""
    w_dec: Directions
    """The SAE's directions."""
    found: Cases
    """True positives of the probes of parents that pass both gates."""


class SAERead(NamedTuple):
    """One SAE judged by the claim's rule; the first fields are those of `SAEGated`."""

    best: Best
    split: SparseProbes
    active: Active
    w_dec: Directions
    found: Cases
    effects: Effects
    """Of each active latent on the answer: exact where they can decide."""
    decided: Absorbed
    """Which cases are absorbed."""
    rate: Averages
    """The absorption rate, over parents."""

    @property
    def absorbed(self) -> Bool[Tensor, " case"]:
        """Whether each case is absorbed."""
        return self.decided.case.bool()


def gate_sae(sae: SAE, parents: Parents, rule: Constants) -> SAEGated:
    """Best latents, main latents, and the cases of parents that pass both gates.

    The gates are the F1 of the parent's probe and that of its main latents, both on
    words that they have not seen: `rule["probe_f1"]` and `rule["latent_f1"]`. To open a
    gate, move it below 0: `rule.moved(latent_f1=-1)`.
    """
    active, labels = sae.encode_sparse(parents.rows), parents.words.labels
    width, probes = sae.width, parents.probes
    scores = pair_scores(active, labels, width=width)
    split = sparse_probes(
        active, labels, width=width, fold=probes.fold % 2, jump=rule["f1_jump"]
    )
    passes = (probes.f1 >= rule["probe_f1"]) & (split.main_f1 >= rule["latent_f1"])
    main = split.main_mask(passes, width=width)
    found = cases_of(parents, active, sae.W_dec, main)
    return SAEGated(best(scores), split, active, sae.W_dec, found)


def read_sae(sae: SAE, parents: Parents, rule: Constants) -> SAERead:
    """`gate_sae`, with the effects of latents and the decision about each case.

    Raises ValueError for parents whose model is not asked anything.
    """
    one = gate_sae(sae, parents, rule)
    effects = effects_of(parents, one.active, one.w_dec, one.found)
    decided = decide_by_rule(one.found, effects, rule)
    rate = averages(decided.rate, decided.candidates(one.found))
    return SAERead(*one, effects, decided, rate)


def cases_of(
    parents: Parents,
    active: Active,
    w_dec: Directions,
    main: Bool[Tensor, "label latent"],
) -> Cases:
    """The cases of some main latents: words that have a parent whose probe says so."""
    return cases(
        active,
        w_dec,
        parents.rows,
        probes=parents.probes.direction,
        has=parents.words.labels,
        says=parents.probes.decision,
        main=main,
    )


def effects_of(
    parents: Parents, active: Active, w_dec: Directions, found: Cases
) -> Effects:
    """Ablation effects where they can decide, integrated gradients elsewhere."""
    if parents.paths is None:
        raise ValueError(
            "effects need a question that the model answers, but these parents have "
            "none: use `gate_sae`"
        )
    guess = effects_on(parents.paths, active, w_dec)
    return leading_effects(found, guess, parents.metric, parents.rows, active, w_dec)


def decide_by_rule(found: Cases, effects: Effects, rule: Constants) -> Absorbed:
    """The claim's rule: the paper's with other thresholds, harmful latents left out."""
    return paper_rule(
        found, effects, lead=rule["lead"], cosine=rule["cosine"], ranking="helpful"
    )


def best_alone(one: SAERead, parents: Parents, rule: Constants) -> Averages:
    """The rate when the best latent of each parent that counts is its only main one."""
    main = torch.zeros(len(one.best.latent), len(one.w_dec), dtype=torch.bool)
    main[one.found.judged, one.best.latent[one.found.judged]] = True
    found = cases_of(parents, one.active, one.w_dec, main)
    effects = effects_of(parents, one.active, one.w_dec, found)
    decided = decide_by_rule(found, effects, rule)
    return averages(decided.rate, decided.candidates(found))
