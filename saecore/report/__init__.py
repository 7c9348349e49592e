"""From numbers to book. A page needs these; the rest makes pages of notebooks.

Claim       the rule of a claim, its verdict    published    the paper's own numbers
record      state one number                    figure       a picture with its numbers
table       show a table of numbers             show_source  show the code of a measure
settings    glue settings into prose, unshown   tolerance    how far a rerun may drift
told        the sentence that a number chooses
slider      a verdict as constants of its rule are moved
by_setting, interval_columns, mean    rows, columns and numbers of a table
subplots, colour, shades, chance, name_curve, seeds, ticks    the one style of drawing
"""

from saecore.report.figures import (
    chance,
    colour,
    figure,
    name_curve,
    seeds,
    shades,
    subplots,
    ticks,
)
from saecore.report.judging.claim import Claim, Conclusion
from saecore.report.judging.constants import Constants
from saecore.report.judging.rule import Measured
from saecore.report.published import published
from saecore.report.ranged import by_setting, interval_columns, mean
from saecore.report.results import record, settings, table, tolerance
from saecore.report.sliders import RuleMoved, SliderAxis, slider
from saecore.report.source_code import show_source
from saecore.report.told import told

__all__ = [
    "Claim",
    "Conclusion",
    "Constants",
    "Measured",
    "RuleMoved",
    "SliderAxis",
    "by_setting",
    "chance",
    "colour",
    "figure",
    "interval_columns",
    "mean",
    "name_curve",
    "published",
    "record",
    "seeds",
    "settings",
    "shades",
    "show_source",
    "slider",
    "subplots",
    "table",
    "ticks",
    "told",
    "tolerance",
]
