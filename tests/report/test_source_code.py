"""The source that is shown is the one that runs."""

from saecore.report.judging.rule import Condition
from saecore.report.results import plain_value
from saecore.report.source_code import show_source, source_of


def test_the_source_of_a_function_is_shown_as_it_runs(shown):
    show_source(plain_value)
    ((data, _),) = shown
    assert data["text/markdown"].startswith(
        "`saecore.report.results.plain_value`\n\n```python\ndef plain_value(value"
    )
    short = source_of(plain_value, docstring=False)
    assert '"""' not in short
    assert "math.isfinite(value)" in short


def test_the_source_of_a_method_begins_at_the_margin():
    assert source_of(Condition.holds).startswith("def holds(self")
