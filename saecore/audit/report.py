"""What an audit gives: numbers, what was not measured, and the parts that pictures are
drawn of.
"""

from typing import Any, NamedTuple

from saecore import __version__
from saecore.audit.measured.explained_by_rules import RulesFound
from saecore.audit.measured.inserted_latents import InsertedFound
from saecore.audit.measured.letters import LettersFound
from saecore.audit.measured.meta_explained import MetaFound
from saecore.audit.measured.narrower import WiderFound
from saecore.audit.measured.sharing import SharedFound
from saecore.audit.numbers import AuditNumber, NotMeasured

FORMAT = 1
"""Of the JSON, raised when a field changes its meaning or goes."""


class AuditFound(NamedTuple):
    """The parts of an audit that pictures are drawn of; None for what was not done."""

    shared: SharedFound | None = None
    wider: tuple[WiderFound, ...] = ()
    inserted: tuple[InsertedFound, ...] = ()
    meta: MetaFound | None = None
    rules: RulesFound | None = None
    letters: LettersFound | None = None
    fired: tuple[int, ...] = ()
    """Rows on which each latent fires."""


class AuditReport(NamedTuple):
    """What an audit found."""

    sae: dict[str, Any]
    """The SAE: name, width, d_model, architecture, site."""
    against: list[dict[str, Any]]
    """The same of each of the others."""
    model: str
    """The language model; "" without one."""
    rows: str
    """Which rows were read, in a sentence; "" without a model."""
    threshold: float
    """Cosine from which directions count as the same."""
    told: dict[str, str]
    """By section, what its numbers rest on."""
    numbers: list[AuditNumber]
    not_measured: list[NotMeasured]
    found: AuditFound

    def of(self, section: str) -> list[AuditNumber]:
        """The numbers of a section."""
        return [one for one in self.numbers if one.section == section]

    def as_json(self) -> dict[str, Any]:
        """The same for programs, as `schema.SCHEMA` says."""
        return {
            "audit": FORMAT,
            "saecore": __version__,
            "sae": self.sae,
            "against": self.against,
            "model": self.model,
            "rows": self.rows,
            "threshold": self.threshold,
            "told": self.told,
            "numbers": [one.as_json() for one in self.numbers],
            "not_measured": [one._asdict() for one in self.not_measured],
        }
