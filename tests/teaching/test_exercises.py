"""Exercises are read from a page: label, level, text, hint, and whether a number is
recorded.
"""

import pytest
from nbformat import v4

from saecore.report.paths import ReportError
from saecore.teaching.exercises import Exercise, exercises, predictions

PROSE = """## Exercises

```{exercise} Level 2
:label: ex-one
How many?
```

```{hint}
:class: dropdown
Count.
```

```{solution-start} ex-one
:class: dropdown
```"""


def page(*sources, code='record("ex-one", 3, mistakes={})'):
    """A notebook of prose with one solution."""
    cells = [v4.new_markdown_cell(source) for source in sources]
    solution = v4.new_code_cell(code, metadata={"tags": ["solution"]})
    return v4.new_notebook(cells=[*cells, solution])


def test_an_exercise_has_what_its_directive_says():
    assert exercises(page(PROSE)) == [
        Exercise("ex-one", 2, "How many?", "Count.", True)
    ]


def test_it_is_checked_only_if_its_solution_records_under_its_label():
    (one,) = exercises(page(PROSE, code='record("other", 3)'))
    assert not one.checked


def test_a_prediction_is_known_by_its_label():
    (one,) = exercises(page(PROSE.replace("ex-one", "ex-page-predict")))
    assert one.predicts
    assert predictions(page(PROSE.replace("ex-one", "ex-page-predict"))) == [one.text]
    assert predictions(page(PROSE)) == []


@pytest.mark.parametrize(
    "wrong",
    [PROSE.replace(" Level 2", ""), PROSE.replace(":label: ex-one\n", "")],
)
def test_an_exercise_without_level_or_label_is_refused(wrong):
    with pytest.raises(ReportError, match="Level 1"):
        exercises(page(wrong))
