"""What came of the faults that were tried (`python -m faults`), as the tables of the
page that says how this book is tested.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from saecore.book.notes.unsuited_pages import escaped

KINDS_TRIED = ("drift", "mutations", "damages", "kills", "races", "environment")
SOUND = ("refused with a sentence", "read as it was")
WRONG = ("read as something else", "hung", "crashed")
_ALL_TRIED = "verdicts and intervals"
"""The group of mutants of which none may survive."""
_KILLS = {
    "killed": "runs that were killed inside",
    "redrawn": "moments that came after the end of their run, and were drawn again",
    "in_the_middle": "killed runs that had made a part of the artefacts",
    "left_a_part": "killed runs that left an unfinished folder on the disk",
    "half_artefacts": "zoos that held an artefact that was not whole",
    "locked": "zoos with a lock that somebody would have had to remove",
    "reruns_end_well": "runs of the same command that then ended well",
    "equal": "zoos that then were, bit for bit, that of an undisturbed run",
    "leftovers": "zoos in which anything else was left",
}
_RACES = {
    "processes": "processes that asked for the same at the same time",
    "artefacts": "artefacts that they asked for",
    "written": "artefacts that were written",
    "written_twice": "artefacts that were written twice",
    "ended_well": "processes that got all",
    "different_answers": "different answers among them",
}


def failures(name: str, found: Mapping[str, Any]) -> list[str]:
    """What of the stored figures of one kind should not be, in words; nothing if all is
    as it should be.
    """
    if name == "drift":
        holes = found["unexplained"]
        return [f"{holes} numbers moved beyond their tolerance unseen"] * bool(holes)
    if name == "mutations":
        lived = found["groups"][_ALL_TRIED]["survivors"]
        return [f"no test fails under {one}" for one in lived]
    if name == "damages":
        known = [str(one) for one in found["wrong"]]
        again = (
            [f"made again otherwise: {n}"] if (n := found["remade_otherwise"]) else []
        )
        return known + again + [f"left: {one}" for one in found["left"]]
    if name == "kills":
        well = ("killed", "reruns_end_well", "equal")
        must = dict.fromkeys(well, found["trials"])
        must |= dict.fromkeys(("half_artefacts", "locked", "leftovers"), 0)
    elif name == "races":
        must = {
            "written": found["artefacts"],
            "ended_well": found["processes"],
            "different_answers": 1,
            "equal_to_one_process": True,
        }
    else:
        return [str(one) for one in found["wrong"]]
    return [
        f"{name} is {found.get(name, 'not known')}, not {right}"
        for name, right in must.items()
        if found.get(name) != right
    ]


def faults_markdown(folder: Path) -> str:
    """The tables of all kinds whose figures are stored in a folder."""
    parts = []
    for name in KINDS_TRIED:
        path = folder / f"{name}.json"
        if path.is_file():
            found = json.loads(path.read_text(encoding="utf-8"))
            parts.append(_PARTS[name](found) + _verdict(name, found))
    return "\n".join(parts) or "No faults have been tried yet: `python -m faults`.\n"


def _verdict(name: str, found: Mapping[str, Any]) -> str:
    wrong = failures(name, found)
    said = "; ".join(escaped(one) for one in wrong[:5]) if wrong else "None"
    return (
        f"\nOutcomes that should not be: {said}. Tried on {found['date']} in "
        f"{found['seconds']} seconds, on {found['machine']['processor']}.\n"
    )


def _drift(found: Mapping[str, Any]) -> str:
    moved, caught, by = found["numbers"], found["caught"], found["moved_by"]
    why = "; ".join(f"{said}: {n:,}" for said, n in found["why"].items())
    pages = [[one["page"], one["numbers"], one["caught"]] for one in found["rows"]]
    missed = [
        [one["page"], escaped(one["result"]), one["numbers"], escaped(one["why"])]
        for one in found["not_caught"]
    ]
    return (
        f"### {moved:,} numbers moved by {by:.0%}\n\nEach number that the committed "
        "pages store (results, tables, figures' data, verdicts, sentences) was moved, "
        f"and the comparison of reruns was asked. It saw {caught:,}, "
        f"{caught / moved:.1%} of them. The other {moved - caught:,} have a tolerance "
        f"at least as wide as the move, so a drift of {by:.0%} in one of them would "
        f"pass: {why}. {found['zeros']:,} zeros cannot be moved by a part of "
        "themselves.\n\n"
        f":::{{dropdown}} By page\n{_table(['page', 'numbers', 'seen'], pages)}:::\n\n"
        ":::{dropdown} What was not seen\n"
        f"{_table(['page', 'result', 'numbers', 'why'], missed)}:::\n"
    )


def _mutations(found: Mapping[str, Any]) -> str:
    groups = found["groups"]
    rows = [
        [name, one["mutants"], one["killed"], len(one["equivalent"]), _killed(one)]
        for name, one in groups.items()
    ]
    named = {name: one["survivors"] for name, one in groups.items()}
    lived = [[name, escaped(one)] for name, some in named.items() for one in some]
    same = [
        [escaped(name), escaped(why)]
        for one in groups.values()
        for name, why in one["equivalent"].items()
    ]
    head = ["of", "mutants", "killed", "equivalent", "share killed (95 %)"]
    return (
        "### Changes of the source\n\nA mutant is the source with one place changed: a "
        "comparison, a sign, a number, a condition, a statement left out. It is killed "
        "if a test fails. Of what makes verdicts and intervals all are tried, of "
        "measures and training some that were drawn "
        f"(seed {found['seed']}); strings and annotations stay. The share is of "
        "mutants that are not equivalent, with Wilson's interval.\n\n"
        f"{_table(head, rows)}\n"
        f":::{{dropdown}} Survivors\n{_table(['of', 'mutant'], lived)}:::\n\n"
        f":::{{dropdown}} Equivalent mutants\n{_table(['mutant', 'why'], same)}:::\n"
    )


def _killed(group: Mapping[str, Any]) -> str:
    from saecore.measures.algebra.intervals import wilson

    tried = group["mutants"] - len(group["equivalent"])
    share, low, high, *_ = wilson(group["killed"], tried, level=0.95)
    return f"{share:.1%} ({low:.1%} to {high:.1%})"


def _damages(found: Mapping[str, Any]) -> str:
    rows = [
        [
            one["damage"],
            *(one[name] for name in SOUND),
            sum(one[name] for name in WRONG),
        ]
        for one in found["rows"]
    ]
    sums = ["all", *(sum(row[at] for row in rows) for at in (1, 2, 3))]
    head = ["damage", *SOUND, "anything else"]
    return (
        f"### {found['trials']:,} damaged artefacts\n\n"
        f"{sums[1]:,} were refused with one sentence, to be made again; {sums[2]:,} "
        "were read and gave what they had always given; "
        f"{sums[3]:,} did anything else: gave other numbers, hung, or ended in a "
        f"traceback. {found['remade']} of the refused ones were made again, "
        f"{found['remade'] - found['remade_otherwise']} of these with the same bits. "
        f"(Seed {found['seed']}.)\n\n"
        f":::{{dropdown}} Every kind of damage\n{_table(head, [*rows, sums])}:::\n"
    )


def _kills(found: Mapping[str, Any]) -> str:
    return (
        "### Runs that were killed\n\nA run from an empty zoo was ended by `kill -9`, "
        "half of the times at a random moment, half at a random one of its "
        f"{found['operations']} operations on files; then it was run again. A moment "
        "that came after the end of its run was drawn again, from the length that this "
        f"run had. (Seed {found['seed']}.)\n\n{_figures(_KILLS, found)}"
    )


def _races(found: Mapping[str, Any]) -> str:
    return f"### Processes that race\n\n{_figures(_RACES, found)}"


def _environment(found: Mapping[str, Any]) -> str:
    rows = [[one["machine"], escaped(one["came"])] for one in found["rows"]]
    return f"### Unkind machines\n\n{_table(['machine', 'what came'], rows)}"


def _figures(words: Mapping[str, str], found: Mapping[str, Any]) -> str:
    rows = [[said, found.get(name, "not known")] for name, said in words.items()]
    return _table(["", "number"], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return "None.\n"
    numbers = ["--:" if isinstance(cell, int) else "---" for cell in rows[0]]
    lines = [head, numbers, *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


_PARTS = {
    "drift": _drift,
    "mutations": _mutations,
    "damages": _damages,
    "kills": _kills,
    "races": _races,
    "environment": _environment,
}
