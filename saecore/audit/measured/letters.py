"""First letters: how well latents tell them, and how often a letter's latents are
silent while another latent carries it (Chanin et al. 2409.14507).
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from saecore.audit.numbers import AuditNumber, Null, number, strongest_null
from saecore.audit.rows import AuditedRows
from saecore.claims.absorption import nulls
from saecore.claims.absorption.reading import SAEGated, gate_sae, read_sae
from saecore.claims.absorption.setting import (
    LEAST_WORDS,
    MOST_WORDS,
    SENTENCE,
    Parents,
)
from saecore.errors import Unsuited
from saecore.measures.absorption.projections import fraction, full_absorption
from saecore.measures.algebra.intervals import Interval, bootstrap
from saecore.measures.probing.linear import linear_probes
from saecore.report import Claim, Constants
from saecore.source.tasks import answers
from saecore.source.tasks.labelled_words import Labelled, labelled
from saecore.source.tasks.logit_difference import AnswerMetric
from saecore.source.tasks.vocabulary import at_word, whole_words

OVER_LETTERS = "bootstrap over letters"


class LettersFound(NamedTuple):
    """First letters in one SAE."""

    numbers: list[AuditNumber]
    names: tuple[str, ...]
    """The letters that a linear probe tells."""
    best: list[float]
    """F1 of the best latent of each."""
    by_chance: float
    """Mean of the same with letters shuffled among the words."""
    probe: list[float]
    """F1 of its probe, on words it has not seen."""
    told: str
    """How it was asked, in a sentence."""


def first_letters(sae: Any, read: AuditedRows, *, level: float) -> LettersFound:
    """First-letter quality and absorption of an SAE at words of one token.

    Quality is the F1 of the best latent of each letter that a linear probe tells, with
    the letters shuffled as the null. Absorption is SAEBench's full absorption and
    fraction, with the probe of another letter as the null; and, where the model names
    first letters when it is asked, the rate of the paper's rule beside the strongest
    null that an SAE has in itself. Raises Unsuited for the embedding, and for a model
    with too few whole words.
    """
    layer = read.site.post_layer
    if layer is None:
        raise Unsuited(
            "first letters are looked for after a block, but this SAE reads the "
            "embedding: take an SAE of a later layer for it"
        )
    if read.centred:
        raise Unsuited(
            "first letters are asked on the stream as the model has it, but this SAE "
            "reads it without the mean of each row: take an SAE that reads it as it is"
        )
    rule = Claim.read("absorption").constants
    words = asked_words_of(read)
    metric, told = _metric(read, words, layer)
    asked = isinstance(metric, AnswerMetric)
    probes = linear_probes(metric.rows, words.labels)
    parents = Parents(words, probes, metric, asked)
    gated = gate_sae(sae, parents, rule)
    tells = probes.f1 >= rule["probe_f1"]
    if int(tells.sum()) < 2:
        raise Unsuited(
            "first letters are asked of an SAE where a linear probe tells two letters "
            f"or more, but here it tells {int(tells.sum())} of {len(tells)}: take "
            "another layer or model"
        )
    quality = _quality(sae, parents, gated, rule, level)
    numbers = [*quality, *_projected(parents, gated, level)]
    if asked and bool(gated.counts.any()):
        numbers += _by_the_paper(sae, parents, rule, level)
    elif asked:
        told += (
            " The rate of the paper's rule is left out: no letter has main latents "
            "that look monosemantic."
        )
    names = tuple(n for n, yes in zip(words.names, tells.tolist(), strict=True) if yes)
    best, probe = gated.best.f1[tells].tolist(), probes.f1[tells].tolist()
    null = quality[0].null
    chance = null.value if null else 0.0
    return LettersFound(numbers, names, best, chance, probe, told)


def asked_words_of(read: AuditedRows) -> Labelled:
    """Words of one token with their first letters, each in one sentence. Raises
    Unsuited for a model with too few.
    """
    return labelled(
        read.model,
        "letter",
        words=whole_words(read.model),
        sentence=SENTENCE,
        at_least=LEAST_WORDS,
        at_most=MOST_WORDS,
    )


class _WordRows(NamedTuple):
    """The stream at words that the model is asked nothing about."""

    rows: Float[Tensor, "word d_model"]


def _metric(read: AuditedRows, words: Labelled, layer: int) -> tuple[Any, str]:
    """The answers of a model that names the letters, or the rows alone; and what is to
    be said of it.
    """
    where = f"Asked at {len(words.prompts):,} words of one token, each in one sentence."
    try:
        answers.able(read.model, words.prompts)
        metric = AnswerMetric(read.model, words.prompts, layer)
    except Unsuited as why:
        rows = at_word(read.model, words.prompts, [layer])[layer]
        return _WordRows(rows), f"{where} The rule of the paper is left out: {why}."
    return metric, f"{where} The model names first letters when it is asked."


def _quality(
    sae: Any, parents: Parents, gated: SAEGated, rule: Constants, level: float
) -> list[AuditNumber]:
    tells = parents.probes.f1 >= rule["probe_f1"]
    generator = torch.Generator().manual_seed(nulls.SHUFFLE)
    mixed = nulls.shuffled_labels(parents, generator)
    chance = float(gate_sae(sae, mixed, rule).best.f1[tells].mean())
    clean = gated.counts[tells].float()
    return [
        number("letters", "F1 of the best latent", "letters that the probe tells",
               over_letters(gated.best.f1[tells], level), over=OVER_LETTERS,
               null=Null(chance, "letters shuffled among the words"),
               says="how well the best single latent tells a first letter, at its best "
               "threshold"),
        number("letters", "F1 of the probe", "letters that the probe tells",
               over_letters(parents.probes.f1[tells], level), over=OVER_LETTERS,
               null=Null(float(mixed.probes.f1.mean()), "letters shuffled"),
               says="the same of a linear probe, on words that it has not seen"),
        number("letters", "letters that count", "letters that the probe tells",
               over_letters(clean, level), over=OVER_LETTERS,
               says="share of letters whose main latents look monosemantic (precision "
               f"{rule['precision']}, recall {rule['recall']})"),
    ]  # fmt: skip


def _projected(parents: Parents, gated: SAEGated, level: float) -> list[AuditNumber]:
    """SAEBench's metrics, which ask the model nothing; in the null what others carry is
    measured along the probe of another letter.
    """
    found = gated.found
    unit = torch.nn.functional.normalize
    other = unit(parents.probes.direction.roll(1, 0), dim=1)[found.label]
    w_dec = gated.w_dec
    along = (other[found.case] * w_dec[found.latent]).sum(1)
    length = w_dec.norm(dim=1).clamp_min(1e-12)[found.latent]
    turned = found._replace(
        cosine=along / length,
        projection=found.value * along,
    )
    told = {
        "SAEBench, full": full_absorption,
        "SAEBench, fraction": fraction,
    }
    numbers = []
    for name, metric in told.items():
        rate, chance = metric(found).rate, metric(turned).rate
        numbers.append(
            _rate(name, rate, [Null(_mean(chance), "the probe of another letter")],
                  "absorbed words of a letter, by projection on its probe", level)
        )  # fmt: skip
    return numbers


def _by_the_paper(
    sae: Any, parents: Parents, rule: Constants, level: float
) -> list[AuditNumber]:
    one = read_sae(sae, parents, rule)
    own = nulls.own_nulls([one], parents, rule)
    found = [Null(_mean(some[0].absorbed), name) for name, some in own.items()]
    return [
        _rate("absorption rate", one.rates.absorbed, found,
              "words of letters that count, absorbed by the paper's rule", level)
    ]  # fmt: skip


def _rate(
    name: str, rate: Float[Tensor, " label"], found: list[Null], what: str, level: float
) -> AuditNumber:
    known = rate[~rate.isnan()]
    return number(
        "letters", name, f"{len(known)} letters", over_letters(known, level),
        over=OVER_LETTERS, null=strongest_null(found),
        says=f"share of {what}, mean over letters",
    )  # fmt: skip


def over_letters(values: Float[Tensor, " letter"], level: float) -> Interval | float:
    """Mean over letters with its bootstrap interval; of fewer than two, without one."""
    if len(values) < 2:
        return float(values.mean())
    draw = torch.Generator().manual_seed(0)
    return bootstrap(values, generator=draw, level=level)


def _mean(values: Float[Tensor, " label"]) -> float:
    known: Bool[Tensor, " label"] = ~values.isnan()
    return float(values[known].mean()) if bool(known.any()) else float("nan")
