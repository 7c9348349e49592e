"""The card of a claim: the sentence, what was measured, chance, and the verdict.

A function of the verdict's JSON twin alone, as HTML for the page and as text for the
terminal. A verdict is a word with a sign, never a colour alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from saecore.report.digits import beside, people_text

VERDICT_CSS = {
    "holds": "holds",
    "holds in part": "part",
    "does not hold": "fails",
    "cannot be told": "open",
}
SIGNS = {
    "holds": "✓",
    "holds in part": "◐",
    "does not hold": "✗",
    "cannot be told": "?",
}
LEFT_OUT = "not run on this model"
CORE, BESIDE = "What the sentence says", "Measured beside it; these move no verdict"
Twin = Mapping[str, Any]


def card_faces(twin: Twin) -> dict[str, str]:
    """The card as HTML and as text."""
    return {"text/html": card_html(twin), "text/plain": text(twin)}


def card_html(twin: Twin) -> str:
    """The paper's sentence, the verdict with its scope, a row per part, and folded, the
    conditions.
    """
    groups = "".join(_group(twin, title, parts) for title, parts in by_kind(twin))
    judged = "".join(f"<li>{escape(line)}</li>" for line in conditions(twin))
    run = f"on <code>{escape(twin['profile'])}</code>, world seed {twin['world_seed']}"
    scope = f'<p class="sae-card-scope">{escape(twin["scope"])}</p>'
    return (
        f'<div class="sae-card sae-{VERDICT_CSS[twin["verdict"]]}">'
        f'<blockquote class="sae-card-said"><p>“{escape(twin["sentence"])}”</p>'
        f"<footer>{escape(twin['source'])}</footer></blockquote>"
        f'<p class="sae-card-verdict">{badge(twin["verdict"])} <span>{run}</span></p>'
        f"{_registered_html(twin)}{scope if twin['scope'] else ''}{groups}"
        '<details class="sae-card-rule">'
        "<summary>How each statement was judged</summary>"
        f"<ul>{judged}</ul></details></div>"
    )


def by_kind(twin: Twin) -> Iterator[tuple[str, list[Twin]]]:
    """Core parts and the others, each under its heading; one heading alone if no part
    is of the other kind.
    """
    parts = [*twin["parts"], *twin["left_out"]]
    for title, core in ((CORE, True), (BESIDE, False)):
        if some := [part for part in parts if part["core"] is core]:
            yield title, some


def _group(twin: Twin, title: str, parts: list[Twin]) -> str:
    rows = "".join(_part(twin, part) for part in parts)
    heading = f'<p class="sae-card-group">{escape(title)}</p>'
    return f'{heading}<ul class="sae-card-parts">{rows}</ul>'


def _registered_html(twin: Twin) -> str:
    """The verdict of the run that was named before it was made, if there is one."""
    if not (registered := twin["registered"]):
        return ""
    run = f"in the registered run, world seed {registered['world_seed']}"
    verdict = badge(registered["verdict"])
    return f'<p class="sae-card-verdict">{verdict} <span>{run}</span></p>'


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
        yield "compared with", (beside(numbers[shown], numbers[null]), words[null])
    if (control := part["control"]) in numbers:
        yield "positive control", (people_text(*numbers[control]), words[control])
    if registered := _registered_part(twin, part):
        seed = twin["registered"]["world_seed"]
        yield "registered run", (registered, f"world seed {seed}")
    if part["paper"]:
        yield "in the paper", (part["paper"], part["place"])


def _registered_part(twin: Twin, part: Twin) -> str:
    """The part's verdict in the registered run; "" without one."""
    registered = twin["registered"] or {"parts": {}}
    return registered["parts"].get(part["name"]) or ""


def text(twin: Twin) -> str:
    """The card for a terminal: a line per fact."""
    run = f"on {twin['profile']}, world seed {twin['world_seed']}"
    lines = [f"{twin['claim']}, {run}: {twin['verdict']}"]
    if registered := twin["registered"]:
        seed, verdict = registered["world_seed"], registered["verdict"]
        lines.append(f"  in the registered run, world seed {seed}: {verdict}")
    lines += [f"  {twin['scope']}"] if twin["scope"] else []
    for title, parts in by_kind(twin):
        lines.append(f"  {title}:")
        for part in parts:
            lines.append(f"  - {part['says']}: {part['verdict'] or LEFT_OUT}")
            lines += [
                f"    {title + ':':<18}{main}" + (f", {small}" if small else "")
                for title, (main, small) in _facts(twin, part)
            ]
    return "\n".join(lines)


def conditions(twin: Twin) -> list[str]:
    """What was asked of the numbers: a sentence per condition of a judged part, those
    of its gate first, and when the part was written.
    """
    return [line for part in twin["parts"] for line in _asked(twin, part)]


def _asked(twin: Twin, part: Twin) -> Iterator[str]:
    for condition in part["gate"]:
        said = condition_text(condition, twin["numbers"], twin["words"])
        yield f"{part['says']}, if the positive control works: {said}"
    for condition in part["conditions"]:
        yield condition_text(condition, twin["numbers"], twin["words"])
    if part["written"]:
        yield f"“{part['says']}” was written {part['written']}"


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
