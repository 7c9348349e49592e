"""One SAE read by the claim's rule: gates, main latents, effects, absorbed words."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.claims.absorption.setting import Parents
from saecore.measures.absorption.ablation import Effects, ablated
from saecore.measures.absorption.cases import Cases, cases, within_label
from saecore.measures.absorption.rates import (
    Absorbed,
    background_rule,
    paper_rule,
    silent_share,
)
from saecore.measures.algebra.classifier_scores import (
    Agreement,
    Best,
    agreement,
    best,
    pair_scores,
)
from saecore.measures.probing.k_sparse import SparseProbes, sparse_probes
from saecore.others.door import OpenedSAE
from saecore.report import Constants
from saecore.shapes import Directions
from saecore.sparse import Active, dense


class Rates(NamedTuple):
    """Rates of each parent: words over the words that its probe tells rightly."""

    absorbed: Float[Tensor, " label"]
    """Absorbed by the claim's rule."""
    specific: Float[Tensor, " label"]
    """Absorbed by a latent that is specific to the parent."""
    words: Int[Tensor, " label"]
    """Words that the probe tells rightly."""

    def over(self, labels: Bool[Tensor, " label"]) -> "Rates":
        """The same, nan where a parent is not among some, without its words."""
        absorbed, specific = (r.where(labels, torch.nan) for r in self[:2])
        return Rates(absorbed, specific, self.words * labels)


class SAEGated(NamedTuple):
    """Which latents of one SAE stand for each parent, and the cases to be judged."""

    best: Best
    """The best single latent of each parent, at its best threshold, in sample."""
    split: SparseProbes
    """Its k-sparse probes, and with them its main latents."""
    fires: Agreement
    """Scores of "a main latent fires" as a classifier."""
    counts: Bool[Tensor, " label"]
    """Parents that pass both gates."""
    active: Active
    """The SAE's activations at the words."""
    w_dec: Directions
    """The SAE's directions."""
    found: Cases
    """True positives of the probes of all parents that the probes tell."""


class SAERead(NamedTuple):
    """One SAE judged by the claim's rule; the first fields are those of `SAEGated`."""

    best: Best
    split: SparseProbes
    fires: Agreement
    counts: Bool[Tensor, " label"]
    active: Active
    w_dec: Directions
    found: Cases
    effects: Effects
    """Ablation of each active latent, exact; nan where nothing hangs on it."""
    decided: Absorbed
    """Which cases are absorbed; those of parents that do not count among them."""
    pure: Bool[Tensor, " item"]
    """Whether each active latent of a case is specific to its parent."""
    every: Rates
    """The rates of all parents that the probes tell."""
    background: Rates
    """Of parents that count, the null from words whose main latents fire."""

    @property
    def absorbed(self) -> Bool[Tensor, " case"]:
        """Absorbed cases of parents that count."""
        return self.decided.case.bool() & self.counts[self.found.label]

    @property
    def rates(self) -> Rates:
        """The rates of parents that count."""
        return self.every.over(self.counts)


def gate_sae(sae: OpenedSAE, parents: Parents, rule: Constants) -> SAEGated:
    """Best latents, main latents, and which parents pass both gates.

    The probe must reach F1 `rule["probe_f1"]` on words that it has not seen. The main
    latents must look monosemantic: where one fires, the share of words with the parent
    is `rule["precision"]` or more, and they fire on `rule["recall"]` of its words.
    Neither asks how often they are silent beyond that. To open a gate, move it to 0.
    """
    active, labels = sae.encode_sparse(parents.rows), parents.words.labels
    width, probes = sae.width, parents.probes
    scores = pair_scores(active, labels, width=width)
    split = sparse_probes(
        active, labels, width=width, fold=probes.fold % 2, jump=rule["f1_jump"]
    )
    told = probes.f1 >= rule["probe_f1"]
    main = split.main_mask(told, width=width)
    fires = firing_agreement(active, main, labels)
    clean = (fires.precision >= rule["precision"]) & (fires.recall >= rule["recall"])
    found = cases_of(parents, active, sae.W_dec, main)
    counts = told & clean & main.any(1)
    return SAEGated(best(scores), split, fires, counts, active, sae.W_dec, found)


def firing_agreement(
    active: Active,
    main: Bool[Tensor, "label latent"],
    labels: Bool[Tensor, "row label"],
) -> Agreement:
    """Precision and recall of "one of a label's main latents fires", on these rows."""
    fires = (dense(active, main.shape[1]) > 0).float() @ main.T.float() > 0
    return agreement(fires.T, labels.T)


def read_sae(sae: OpenedSAE, parents: Parents, rule: Constants) -> SAERead:
    """`gate_sae`, with the effects of latents and the decision about each case.

    Raises ValueError for parents whose model is not asked anything.
    """
    one = gate_sae(sae, parents, rule)
    effects = effects_of(parents, one)
    purity = within_label(one.found, one.active, parents.words.labels)
    pure = purity >= rule["purity"]
    decided, every, background = _decisions(one, effects, pure, rule)
    return SAERead(*one, effects, decided, pure, every, background)


def judged_again(one: SAERead, rule: Constants) -> SAERead:
    """The same SAE by a rule with another lead or cosine; gates are not asked again."""
    found = _decisions(one, one.effects, one.pure, rule)
    return one._replace(decided=found[0], every=found[1], background=found[2])


def _decisions(
    one: SAEGated | SAERead,
    effects: Effects,
    pure: Bool[Tensor, " item"],
    rule: Constants,
) -> tuple[Absorbed, Rates, Rates]:
    decided = decide_by_rule(one.found, effects, rule)
    every = rates_of(one.found, decided, pure)
    return decided, every, background_of(one, effects, pure, rule)


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


def effects_of(parents: Parents, one: SAEGated | SAERead) -> Effects:
    """Exact ablation of every latent that is active on a case: with silent main latents
    of any parent, with firing ones of a parent that counts.
    """
    if not parents.asked:
        raise ValueError(
            "effects need a question that the model answers, but these parents have "
            "none: use `gate_sae`"
        )
    found = one.found
    needed = (found.silent | one.counts[found.label])[found.case]
    chosen = torch.zeros(len(one.active.value), dtype=torch.bool)
    chosen[found.entry[needed]] = True
    metric = parents.metric
    return ablated(
        metric, parents.rows, one.active, one.w_dec, chosen=chosen, clean=metric.clean
    )


def decide_by_rule(found: Cases, effects: Effects, rule: Constants) -> Absorbed:
    """The claim's rule: the paper's with another cosine."""
    return paper_rule(found, effects, lead=rule["lead"], cosine=rule["cosine"])


def rates_of(found: Cases, decided: Absorbed, pure: Bool[Tensor, " item"]) -> Rates:
    """The rate of a decision, and that of its absorbers that are specific."""
    hits = decided.case * leader_is(found, decided, pure)
    specific = hits.new_zeros(len(found.judged)).index_add_(0, found.label, hits)
    return Rates(decided.rate, specific / found.counts, found.counts)


def leader_is(
    found: Cases, decided: Absorbed, what: Bool[Tensor, " item"]
) -> Bool[Tensor, " case"]:
    """Whether what is true of items is true of the latent that leads each case."""
    leads = (found.latent == decided.latent[found.case]) & what
    here = torch.zeros(len(found.row), dtype=torch.bool)
    here[found.case[leads]] = True
    return here


def background_of(
    one: SAEGated | SAERead,
    effects: Effects,
    pure: Bool[Tensor, " item"],
    rule: Constants,
) -> Rates:
    """Rates of the rule where the main latents fire: `background_rule`."""
    counted = one.counts[one.found.label]
    nothing = one.found.silent | ~counted
    asked = one.found._replace(silent=nothing)
    null = background_rule(asked, effects, lead=rule["lead"], cosine=rule["cosine"])
    hits = null.case * leader_is(one.found, null, pure)
    specific = silent_share(one.found, hits)
    return Rates(null.rate, specific, one.found.counts).over(one.counts)


def best_alone(one: SAERead, parents: Parents, rule: Constants) -> Absorbed:
    """The decisions when the best latent of each parent that counts is its only main
    one; other parents have none, and no cases.
    """
    main = torch.zeros(len(one.best.latent), len(one.w_dec), dtype=torch.bool)
    main[one.counts, one.best.latent[one.counts]] = True
    found = cases_of(parents, one.active, one.w_dec, main)
    effects = effects_of(parents, one._replace(found=found))
    return decide_by_rule(found, effects, rule)
