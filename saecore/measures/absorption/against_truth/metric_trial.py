"""A trial of the absorption metrics: rows with known features, and one dictionary after
another on them.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.absorption.against_truth.metric_scores import (
    Checked,
    GradedScores,
    check_decisions,
    grade,
    laid_on,
)
from saecore.measures.absorption.metrics import Main, best_latent, readings, split_set
from saecore.measures.absorption.true_cases import TrueCases, true_cases
from saecore.measures.absorption.true_outcomes import (
    CHOSEN,
    HALF,
    TRUTH_DEFINITIONS,
    Outcomes,
    outcomes,
)
from saecore.measures.probing.linear import LinearProbes, linear_probes
from saecore.shapes import Directions, Rows
from saecore.sparse import Active

MAINS: tuple[str, ...] = ("best latent", "split set", "true")
"""Ways to choose a label's main latents: the single latent with the best F1; the
published split set; and, for comparison, the parent's own latents by the truth
(`outcomes.roles`), which nobody knows in practice."""


class KnownRows(NamedTuple):
    """Rows with known features, and what every metric needs of them: prepare once."""

    rows: Rows
    """The rows."""
    cases: TrueCases
    """Where parents are active, by the truth."""
    probes: LinearProbes
    """A probe per parent, judged out of fold."""
    child: Int[Tensor, "row parent"]
    """Which child of each parent is active: its place among the children; -1 for
    none.
    """
    fold: Int[Tensor, " row"]
    """0 for the fifth of the rows that judges k-sparse probes, -1 for those that teach,
    as in the paper.
    """


class Score(NamedTuple):
    """How one metric with one choice of main latents does on one dictionary."""

    strict: Checked
    """Against cases that are absorbed: the parent's own latents silent. Decided: above
    0.
    """
    mostly: Checked
    """Against cases in which a child's latents carry at least half. Decided: a value of
    at least one half.
    """
    graded: GradedScores
    """The values against the graded share."""


class Trial(NamedTuple):
    """One dictionary on one subject."""

    truths: dict[str, Outcomes]
    """How every case really ended, by definition (TRUTH_DEFINITIONS)."""
    main: dict[str, Main]
    """Main latents by how they were chosen (MAINS)."""
    value: dict[str, dict[str, Float[Tensor, " case"]]]
    """By choice of main latents, then by metric: its value in every case."""

    @property
    def truth(self) -> Outcomes:
        """How every case really ended, by the definition that is used."""
        return next(
            self.truths[n] for n, by in TRUTH_DEFINITIONS.items() if by == CHOSEN
        )

    def scores(
        self, among: Bool[Tensor, " parent"] | None = None
    ) -> dict[str, dict[str, Score]]:
        """All metrics against the truth, over the parents `among` (all if None) that
        count.
        """
        kept = self.truth.counted if among is None else self.truth.among(among).counted
        return {
            main: {name: self._score(value, kept) for name, value in values.items()}
            for main, values in self.value.items()
        }

    def by_definition(
        self, among: Bool[Tensor, " parent"]
    ) -> dict[str, dict[str, dict[str, Checked]]]:
        """Decisions against the strict truth, by definition, then as in `scores`."""
        return {
            definition: {
                main: {
                    name: check_decisions(
                        x > 0, truth.absorbed, truth.among(among).counted
                    )
                    for name, x in values.items()
                }
                for main, values in self.value.items()
            }
            for definition, truth in self.truths.items()
        }

    def _score(self, value: Tensor, kept: Tensor) -> Score:
        truth = self.truth
        return Score(
            check_decisions(value > 0, truth.absorbed, kept),
            check_decisions(value >= HALF, truth.mostly, kept),
            grade(value.double(), truth.share.double(), kept),
        )


def known_rows(
    rows: Rows,
    truth: Float[Tensor, "row feature"],
    directions: Float[Tensor, "feature d_model"],
    parent: Int[Tensor, " feature"],
) -> KnownRows:
    """Rows, their true features and the probes of all parents; arguments as in
    `outcomes.true_cases`.

    Raises ValueError where these do, and where a parent is too rare for a probe
    (`linear_probes`).
    """
    truth = truth.to_dense() if truth.is_sparse else truth
    cases = true_cases(truth, directions, parent)
    child = torch.full(cases.fires.shape, -1)
    for place, feature in enumerate(cases.parents.tolist()):
        on = truth[:, parent == feature] != 0
        child[:, place] = torch.where(on.any(1), on.float().argmax(1), -1)
    probes = linear_probes(rows, cases.fires)
    return KnownRows(rows, cases, probes, child, torch.where(probes.fold == 0, 0, -1))


def trial(subject: KnownRows, active: Active, w_dec: Directions) -> Trial:
    """All metrics, with all choices of main latents, on the subject's rows as a
    dictionary encodes them.

    Raises ValueError where rows, latents or d_model disagree.
    """
    truths = {
        name: outcomes(active, w_dec, subject.cases, by=by)
        for name, by in TRUTH_DEFINITIONS.items()
    }
    truth = next(truths[name] for name, by in TRUTH_DEFINITIONS.items() if by == CHOSEN)
    has, width, probes = subject.cases.fires, len(w_dec), subject.probes
    chosen = (
        best_latent(active, has, width=width),
        split_set(active, has, width=width, fold=subject.fold),
        Main(truth.roles.own, None),
    )
    main, value = dict(zip(MAINS, chosen, strict=True)), {}
    for name, latents in main.items():
        found = readings(
            active,
            w_dec,
            subject.rows,
            latents,
            probes=probes.direction,
            bias=probes.bias,
            has=has,
            says=probes.decision,
            child=subject.child,
        )
        value[name] = {
            metric: laid_on(truth, found.row, found.label, x)
            for metric, x in found.value.items()
        }
    return Trial(truths, main, value)
