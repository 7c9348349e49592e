"""An audit of anybody's SAE: every measure of the book that the given things allow,
each with its null and interval.

    from saecore.audit import audited, as_page
    report = audited("my_sae", against=["other_seed"], model="my_model")
"""

from saecore.audit.page import as_page
from saecore.audit.report import AuditReport
from saecore.audit.work import audited

__all__ = ["AuditReport", "as_page", "audited"]
