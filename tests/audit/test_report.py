"""What a report holds."""

from saecore import __version__
from saecore.audit.numbers import NotMeasured, number
from saecore.audit.report import FORMAT, AuditFound, AuditReport


def test_a_report_gives_its_sections_and_its_json():
    numbers = [
        number("meta", "m", "S", 1.0, says="s"),
        number("rules", "r", "S", 2.0, says="s"),
    ]
    missing = [NotMeasured("shared", "no other SAE")]
    report = AuditReport(
        {"name": "S"}, [], "", "", 0.7, {"meta": "told"}, numbers, missing, AuditFound()
    )
    assert [one.name for one in report.of("rules")] == ["r"]
    said = report.as_json()
    assert (said["audit"], said["saecore"]) == (FORMAT, __version__)
    assert said["not_measured"] == [{"section": "shared", "why": "no other SAE"}]
    assert said["told"] == {"meta": "told"}
