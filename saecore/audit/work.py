"""Auditing: what is given is opened and checked, then every measure is taken that it
allows.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from saecore.audit.measured.explained_by_rules import explained_by_rules
from saecore.audit.measured.geometry import own_weights
from saecore.audit.measured.inserted_latents import inserted_latents
from saecore.audit.measured.kept import kept_of_loss, kept_of_rows
from saecore.audit.measured.letters import first_letters
from saecore.audit.measured.meta_explained import meta_explained
from saecore.audit.measured.narrower import novel_latents_by_cosine
from saecore.audit.measured.pairs import EXACT_UP_TO
from saecore.audit.measured.sharing import shared_latents
from saecore.audit.memory import bytes_needed, refuse_too_little
from saecore.audit.numbers import SECTIONS, AuditNumber, NotMeasured
from saecore.audit.report import AuditFound, AuditReport
from saecore.audit.rows import (
    ROWS_READ,
    AuditedRows,
    audited_rows,
    opened_for,
    reads_centred,
    site_for,
)
from saecore.audit.weights import AuditedWeights, audited_weights
from saecore.measures.dictionary.encoded import encoded
from saecore.others.door import open_sae
from saecore.report import Claim

ON_ROWS = ("fidelity", "rules", "letters")
"""Sections that need a language model."""


def audited(
    sae: Any,
    *,
    model: Any = None,
    text: str | Path | None = None,
    against: Sequence[Any] = (),
    hook: str = "",
    rows: int = ROWS_READ,
    threshold: float | None = None,
    exact_up_to: int = EXACT_UP_TO,
    say: Callable[[str], None] = lambda line: None,
) -> AuditReport:
    """Audit an SAE: every measure of the book that the given things allow, each with
    its null and interval.

    `sae` and those `against` are whatever `saecore.open_sae` opens, `model` whatever
    `saecore.open_any_model` does; `text` is a file that it reads, without which it
    reads the profile's text. Without a model the weights alone are measured, by shards
    from their files, where SAEs wider than `exact_up_to` latents are compared by mutual
    nearest neighbours. `threshold` is the cosine from which directions count as the
    same, by default the claims' 0.7. `say` is told of every part.

    Raises ValueError, in one sentence, for SAEs that cannot be opened, of another
    d_model than the others or the model, for a site that the model lacks, a model
    without a tokenizer or in float16 on a CPU, and for too little memory.
    """
    constants = Claim.read("seed_dependence").constants
    threshold = constants["cosine"] if threshold is None else threshold
    level = constants["confidence"]
    opened = (
        [sae, *against] if model is None else [open_sae(x) for x in (sae, *against)]
    )
    names = [_said(x) for x in (sae, *against)]
    one, *others = (
        audited_weights(x, name=name)
        for x, name in zip(opened, _apart(names), strict=True)
    )
    _check_spaces(one, others)
    wanted = rows if model is not None else 0
    refuse_too_little(
        bytes_needed(one, others, exact_up_to=exact_up_to, read_rows=wanted)
    )
    read = None
    if model is not None:
        say(f"reading {rows:,} rows")
        read = _read(opened[0], one, model, text, hook, rows)
    work = _Audit(one, others, threshold, level, say)
    work.of_weights(exact_up_to)
    if read is not None:
        work.on_rows(opened, read)
    return work.report(read)


def _said(what: Any) -> str:
    if isinstance(what, tuple):
        return " ".join(map(str, what))
    return str(what) if isinstance(what, str | Path) else type(what).__name__


def _apart(names: Sequence[str]) -> list[str]:
    """The last parts of names, as many as it takes to tell them apart."""
    parts = [Path(name).parts or (name,) for name in names]
    short = list(names)
    for count in range(1, max(map(len, parts)) + 1):
        short = ["/".join(part[-count:]) for part in parts]
        if len(set(short)) == len(set(names)):
            break
    return [
        f"{one} ({i})" if short.index(one) < i else one for i, one in enumerate(short)
    ]


def _check_spaces(one: AuditedWeights, others: Sequence[AuditedWeights]) -> None:
    for other in others:
        if other.d_model != one.d_model:
            raise ValueError(
                f"SAEs are compared in one space, but {one.name} has d_model "
                f"{one.d_model} and {other.name} has {other.d_model}: give --against "
                "SAEs of the same site"
            )


def _read(
    sae: Any,
    one: AuditedWeights,
    model: Any,
    text: str | Path | None,
    hook: str,
    rows: int,
) -> AuditedRows:
    reader, profile = opened_for(model, one.d_model)
    site = site_for(sae, reader, hook=hook)
    path = None if text is None else Path(text)
    how = {"rows": rows, "centred": reads_centred(sae)}
    found = audited_rows(reader, profile, site, text=path, **how)
    return found._replace(sae=one.name)


class _Audit:
    """An audit as it grows."""

    def __init__(
        self,
        one: AuditedWeights,
        others: Sequence[AuditedWeights],
        threshold: float,
        level: float,
        say: Callable[[str], None],
    ) -> None:
        self.one, self.others, self.threshold = one, list(others), threshold
        self.level, self.say = level, say
        self.numbers: list[AuditNumber] = []
        self.missing: list[NotMeasured] = []
        self.told: dict[str, str] = {}
        self.found = AuditFound()

    def of_weights(self, exact_up_to: int) -> None:
        """All that needs no language model."""
        one, level = self.one, self.level
        self.say("the weights")
        self.numbers += own_weights(one, level=level)
        if self.others:
            self.say("shared latents")
            how = {"threshold": self.threshold, "level": level}
            shared = shared_latents(one, self.others, exact_up_to=exact_up_to, **how)
            self.found = self.found._replace(shared=shared)
            self.numbers += shared.numbers
            self.told["shared"] = shared.told
        else:
            why = "shared latents need another SAE of the same site: give --against"
            self.missing.append(NotMeasured("shared", why))
        unequal = [x for x in self.others if x.width != one.width]
        for other in unequal:
            self.say(f"novel latents, {other.name}")
            self.attempt("novel", lambda x=other: self._novel(x))
        if not unequal:
            why = "novel latents need an SAE of another width: give --against"
            self.missing.append(NotMeasured("novel", why))
        self.say("a meta-SAE")
        self.attempt("meta", self._meta)

    def on_rows(self, saes: Sequence[Any], read: AuditedRows) -> None:
        """All that needs rows of a language model."""
        first = encoded(saes[0], read.rows)
        self.found = self.found._replace(fired=tuple(first.fired.tolist()))
        self.say("fidelity")
        self.numbers += kept_of_rows(first, read, level=self.level)
        self.attempt(
            "fidelity",
            lambda: self.numbers.extend(kept_of_loss(saes[0], read, level=self.level)),
        )
        for sae, other in zip(saes[1:], self.others, strict=True):
            if other.width != self.one.width:
                self.say(f"insertion, {other.name}")
                names = self.one.name, other.name
                pair = first, encoded(sae, read.rows)
                found = inserted_latents(*pair, names, read, level=self.level)
                self.numbers += found.numbers
                several = (*self.found.inserted, found)
                self.found = self.found._replace(inserted=several)
        self.say("rules")
        self.attempt("rules", lambda: self._rules(saes[0], read))
        self.say("first letters")
        self.attempt("letters", lambda: self._letters(saes[0], read))

    def attempt(self, section: str, part: Callable[[], None]) -> None:
        """A part, or the reason why it could not be measured."""
        try:
            part()
        except ValueError as why:
            self.missing.append(NotMeasured(section, " ".join(str(why).split())))

    def report(self, read: AuditedRows | None) -> AuditReport:
        """What was found."""
        if read is None:
            why = "this needs a language model: give --model"
            self.missing += [NotMeasured(name, why) for name in ON_ROWS]
        place = list(SECTIONS)
        return AuditReport(
            sae=_facts(self.one),
            against=[_facts(other) for other in self.others],
            model="" if read is None else read.model.identity.name,
            rows="" if read is None else read.told,
            threshold=self.threshold,
            told=self.told,
            numbers=sorted(self.numbers, key=lambda x: place.index(x.section)),
            not_measured=sorted(self.missing, key=lambda x: place.index(x.section)),
            found=self.found,
        )

    def _novel(self, other: AuditedWeights) -> None:
        found = novel_latents_by_cosine(
            self.one, other, threshold=self.threshold, level=self.level
        )
        self.numbers += found.numbers
        self.found = self.found._replace(wider=(*self.found.wider, found))

    def _meta(self) -> None:
        rule = Claim.read("non_atomicity").constants
        share, k = rule["train_share"], round(rule["k"])
        found = meta_explained(self.one, k=k, share=share, level=self.level)
        self.numbers += found.numbers
        self.found = self.found._replace(meta=found)

    def _rules(self, sae: Any, read: AuditedRows) -> None:
        found = explained_by_rules(sae, read, level=self.level)
        self.numbers += found.numbers
        self.found = self.found._replace(rules=found)

    def _letters(self, sae: Any, read: AuditedRows) -> None:
        found = first_letters(sae, read, level=self.level)
        self.numbers += found.numbers
        self.told["letters"] = found.told
        self.found = self.found._replace(letters=found)


def _facts(one: AuditedWeights) -> dict[str, Any]:
    """What an SAE is, for the report."""
    names = ("hook_name", "model_name", "stored_dtype", "format")
    known = {name: str(one.metadata.get(name, "")) for name in names}
    sizes = {"width": one.width, "d_model": one.d_model}
    return {"name": one.name, **sizes, "architecture": one.architecture, **known}
