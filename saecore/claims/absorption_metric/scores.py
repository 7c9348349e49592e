"""How often the metrics are right: cases, fractions, and rates from SAE to SAE."""

from typing import Any

import torch

from saecore.claims.absorption_metric.headline import (
    CONFIDENCE,
    KNOWABLE,
    RULES,
    Study,
    check_by_definition,
    null_check,
    pooled_check,
    rates_and_truth,
)
from saecore.claims.absorption_metric.known import PLANTED
from saecore.measures.absorption.against_truth import metric_scores
from saecore.measures.absorption.against_truth.metric_trial import MAINS
from saecore.measures.absorption.against_truth.tracking import tracking
from saecore.measures.absorption.metrics import GRADED, METRICS
from saecore.measures.absorption.true_outcomes import OUTCOMES, TRUTH_DEFINITIONS
from saecore.measures.algebra.intervals import Interval
from saecore.report import mean

WORTH = 0.1
"""True rate from which a parent counts as absorbed where detectors are ranked."""
Row = dict[str, Any]


def subject_rows(study: Study) -> list[Row]:
    """A row per subject and kind of family: its parents, cases and probes."""
    rows = []
    for name, setting in study.subjects.items():
        kinds = {name: setting.asked}
        if not bool(setting.asked.all()):
            kinds = {"planted, hierarchical": setting.asked}
            kinds["planted, independent"] = ~setting.asked
        subject = setting.on
        for kind, which in kinds.items():
            cases = subject.cases.fires & which
            row = {"subject": kind, "parents": int(which.sum())}
            row["children of each"] = int(subject.child.max()) + 1
            row["cases"] = int(cases.sum())
            row["with a child"] = float(subject.cases.childs[cases].double().mean())
            row["probe F1, lowest"] = float(subject.probes.f1[which].min())
            row["probe F1, mean"] = float(subject.probes.f1[which].mean())
            rows.append(row)
    return rows


def ending_rows(study: Study) -> list[Row]:
    """A row per SAE setting, means over seeds: how cases truly end, the graded share,
    and in how many families the split set holds a latent of a child.
    """
    return [
        {"subject": name, "SAE": sae}
        | {end: mean(one.shares[end] for one in runs) for end in OUTCOMES}
        | {
            "graded": mean(
                one.scores["true"]["SAEBench, full"].graded.true for one in runs
            ),
            "split set holds a child's latent": mean(one.swallowed for one in runs),
        }
        for name, by_setting in study.tried.items()
        for sae, runs in by_setting.items()
    ]


def precision_rows(study: Study) -> list[Row]:
    """A row per subject, choice of main latents and metric: decisions against the
    strict truth, with their harmonic mean F1; and the null, what the same rule reads on
    independent families (None in the world, which has none).
    """
    rows = []
    for name, runs in study.tried.items():
        for main in MAINS:
            for metric in METRICS:
                found = pooled_check(runs, main, metric)
                row: Row = {"subject": name, "main latents": main, "metric": metric}
                row |= _columns("precision", found.precision)
                row |= _columns("recall", found.recall) | _columns("F1", found.f1)
                row |= {"rate it reads": found.read.estimate}
                row |= {"true rate": found.base.estimate}
                null = null_check(runs, main, metric)
                rows.append(row | {"null": null and null.read.estimate})
    return rows


def definition_rows(study: Study) -> list[Row]:
    """A row per subject, rule with a yes or no, knowable main latents and definition of
    the truth, in the order in which they were tried: precision and recall.
    """
    return [
        {"subject": name, "metric": metric, "main latents": main, "truth": definition}
        | _columns("precision", found.precision)
        | _columns("recall", found.recall)
        | {"true rate": found.base.estimate}
        for name, runs in study.tried.items()
        for metric in RULES[:2]
        for main in KNOWABLE
        for definition in TRUTH_DEFINITIONS
        for found in [check_by_definition(runs, main, metric, definition)]
    ]


def f1_rows(rows: list[Row]) -> list[Row]:
    """The harmonic means alone, of metrics with knowable main latents."""
    kept = ("subject", "main latents", "metric", "F1", "F1 low", "F1 high")
    return [
        {name: row[name] for name in kept}
        for row in rows
        if row["main latents"] in KNOWABLE
    ]


def graded_rows(study: Study) -> list[Row]:
    """A row per subject, knowable main latents and graded metric: against the graded
    truth; full absorption beside them.
    """
    rows = []
    for name, runs in study.tried.items():
        for main in KNOWABLE:
            for metric in ("SAEBench, full", *GRADED):
                found = pooled_check(runs, main, metric, kind="mostly")
                every = [
                    one.scores[main][metric].graded
                    for group in runs.values()
                    for one in group
                ]
                told = [one.pearson for one in every if one.pearson == one.pearson]
                row: Row = {"subject": name, "main latents": main, "metric": metric}
                row["correlation"] = mean(told) if told else 0.0
                row["mean it reads"] = mean(one.read for one in every)
                row["true mean"] = mean(one.true for one in every)
                row["precision"] = found.precision.estimate
                rows.append(row | {"recall": found.recall.estimate})
    return rows


def tracking_rows(study: Study) -> list[Row]:
    """A row per subject, knowable main latents and rule: does the rate it reads follow
    the true one from SAE to SAE? The interval is cut to [-1, 1].
    """
    rows = []
    for name, runs in study.tried.items():
        for main in KNOWABLE:
            for metric in RULES:
                read, true = rates_and_truth(runs, main, metric)
                found = tracking(read, true, level=CONFIDENCE)
                row: Row = {"subject": name, "main latents": main, "metric": metric}
                row["rank correlation"] = found.spearman.estimate
                row["low"] = max(found.spearman.low, -1.0)
                row["high"] = min(found.spearman.high, 1.0)
                row["read / true"] = found.ratio
                rows.append(row | {"mean error": found.error})
    return rows


def rate_points(study: Study) -> list[Row]:
    """A row per SAE setting, rule and knowable main latents: true rate and rate read,
    means over seeds.
    """
    rows = []
    for metric in RULES:
        for main in KNOWABLE:
            for name, runs in study.tried.items():
                read, true = (
                    x.mean(1).tolist() for x in rates_and_truth(runs, main, metric)
                )
                rows += [
                    {"subject": name, "main": main, "metric": metric}
                    | {"true": a, "read": b}
                    for a, b in zip(true, read, strict=True)
                ]
    return rows


def false_alarms(study: Study, main: str) -> dict[str, float]:
    """By rule: the share of the cases of independent families, where nothing can be
    absorbed, that it calls absorbed; all SAEs on planted rows together.
    """
    runs = [one for group in study.tried[PLANTED].values() for one in group]
    return {
        rule: metric_scores.pooled([one.others[main][rule].strict for one in runs]).read
        for rule in RULES
    }


def detector_rows(study: Study) -> list[Row]:
    """A row per subject and detector: its number per parent against the true rate, over
    all parents and within each SAE.
    """
    rows = []
    for name, by_setting in study.tried.items():
        runs = [one for group in by_setting.values() for one in group]
        for what in ("gap", "asymmetry"):
            pairs = [(getattr(one, what).double(), one.true) for one in runs]
            fine = [~(score.isnan() | true.isnan()) for score, true in pairs]
            told = [(s[f], t[f]) for (s, t), f in zip(pairs, fine, strict=True)]
            within = [metric_scores.correlations(s, t)[1] for s, t in told]
            score, true = (torch.cat(part) for part in zip(*told, strict=True))
            row: Row = {"subject": name, "detector": what}
            over = metric_scores.correlations(score, true)[1]
            row["rank correlation over all parents"] = over
            row["within one SAE (mean)"] = mean(x for x in within if x == x)
            auroc = metric_scores.rank(score, true > WORTH).auroc
            rows.append(row | {f"AUROC for a rate above {WORTH:g}": auroc})
    return rows


def _columns(name: str, found: Interval) -> Row:
    return {name: found.estimate, f"{name} low": found.low, f"{name} high": found.high}
