"""The card of a claim: the sentence, what was measured, chance, and the verdict.

A function of the verdict's JSON twin alone, as HTML for the page and as text for the
terminal. A verdict is a word with a sign, never a colour alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from saecore.report.digits import beside, people_text

VERDICT_CSS = {"holds": "holds", "does not hold": "fails", "cannot be told": "open"}
SIGNS = {"holds": "✓", "does not hold": "✗", "cannot be told": "?"}
LEFT_OUT = "not run on this model"
Twin = Mapping[str, Any]


def card_faces(twin: Twin) -> dict[str, str]:
    """The card as HTML and as text."""
    return {"text/html": card_html(twin), "text/plain": text(twin)}


def card_html(twin: Twin) -> str:
    """The paper's sentence, the verdict, a row per part, and folded, the conditions."""
    parts = "".join(_part(twin, part) for part in [*twin["parts"], *twin["left_out"]])
    judged = "".join(f"<li>{escape(line)}</li>" for line in conditions(twin))
    run = f"on <code>{escape(twin['profile'])}</code>, world seed {twin['world_seed']}"
    return (
        f'<div class="sae-card sae-{VERDICT_CSS[twin["verdict"]]}">'
        f'<blockquote class="sae-card-said"><p>“{escape(twin["sentence"])}”</p>'
        f"<footer>{escape(twin['source'])}</footer></blockquote>"
        f'<p class="sae-card-verdict">{badge(twin["verdict"])} <span>{run}</span></p>'
        f'<ul class="sae-card-parts">{parts}</ul>'
        '<details class="sae-card-rule">'
        "<summary>How each statement was judged</summary>"
        f"<ul>{judged}</ul></details></div>"
    )


def badge(verdict: str | None) -> str:
    """A verdict as a word with its sign, in HTML; None is a part that was left out."""
    if verdict is None:
        return f'<span class="sae-badge sae-open">{LEFT_OUT}</span>'
    css = f"sae-badge sae-{VERDICT_CSS[verdict]}"
    sign = f'<span aria-hidden="true">{SIGNS[verdict]}</span>'
    return f'<span class="{css}">{sign} {verdict}</span>'


def _part(twin: Twin, part: Twin) -> str:
    facts = "".join(
        f"<div><dt>{escape(title)}</dt><dd>{_fact(fact)}</dd></div>"
        for title, fact in _facts(twin, part)
    )
    says = f'<p class="sae-card-says">{escape(part["says"])}</p>'
    verdict = f'<p class="sae-card-badge">{badge(part["verdict"])}</p>'
    return f'<li>{says}{verdict}<dl class="sae-card-facts">{facts}</dl></li>'


def _fact(fact: tuple[str, str]) -> str:
    """A number, or what the paper says, with small print below it."""
    main, small = map(escape, fact)
    below = f"<small>{small}</small>" if small else ""
    return f"<strong>{main}</strong>{below}"


def _facts(twin: Twin, part: Twin) -> Iterator[tuple[str, tuple[str, str]]]:
    """Heading, then what stands there and in small print."""
    numbers, words = twin["numbers"], twin["words"]
    shown, null = part["shows"], part["null"]
    if shown in numbers:
        yield "measured", (people_text(*numbers[shown]), words[shown])
    if shown in numbers and null in numbers:
        yield "by chance", (beside(numbers[shown], numbers[null]), words[null])
    if part["paper"]:
        yield "in the paper", (part["paper"], part["place"])


def text(twin: Twin) -> str:
    """The card for a terminal: a line per fact."""
    run = f"on {twin['profile']}, world seed {twin['world_seed']}"
    lines = [f"{twin['claim']}, {run}: {twin['verdict']}"]
    for part in [*twin["parts"], *twin["left_out"]]:
        lines.append(f"  {part['says']}: {part['verdict'] or LEFT_OUT}")
        lines += [
            f"    {title + ':':<14}{main}" + (f", {small}" if small else "")
            for title, (main, small) in _facts(twin, part)
        ]
    return "\n".join(lines)


def conditions(twin: Twin) -> list[str]:
    """What was asked of the numbers, a sentence per condition of a judged part."""
    return [
        condition_text(condition, twin["numbers"], twin["words"])
        for part in twin["parts"]
        for condition in part["conditions"]
    ]


def condition_text(
    condition: Twin, numbers: Mapping[str, Sequence[float]], words: Mapping[str, str]
) -> str:
    """`share of latents: 0.42 [0.40, 0.44], below 0.7`, or `not below`, or doubt.

    A number that it is compared with is shown with as many digits, and by its words.
    """
    found = {True: "", False: "not ", None: "may or may not be "}[condition["holds"]]
    number, than = numbers[condition["number"]], condition["than"]
    measured = f"{words[condition['number']]}: {people_text(*number)}"
    bound = (
        f"{words[than]}, {beside(number, numbers[than])}"
        if isinstance(than, str)
        else people_text(than)
    )
    return f"{measured}, {found}{condition['interval']} {bound}"
