"""From numbers to book. A notebook needs these; the rest of the folder makes pages of notebooks.

record        state one number               figure       show a picture with its numbers and alt text
table         show a table of numbers        show_source  show the code of a measure
Claim         the rule of a claim, its verdict  published    the paper's own numbers
subplots, colour, shades, chance, name_curve, seeds, ticks    the book's one style of drawing
"""

from saecore.report.claim import Claim, Conclusion, Measured
from saecore.report.figures import chance, colour, figure, name_curve, seeds, shades, subplots, ticks
from saecore.report.listing import show_source
from saecore.report.published import published
from saecore.report.results import record, table

__all__ = [
    "Claim",
    "Conclusion",
    "Measured",
    "chance",
    "colour",
    "figure",
    "name_curve",
    "published",
    "record",
    "seeds",
    "shades",
    "show_source",
    "subplots",
    "table",
    "ticks",
]
