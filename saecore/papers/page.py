"""The page on the papers' own models: the paper's number and ours, or how to get it."""

from pathlib import Path
from typing import Any

from saecore.papers.cost import cost_of
from saecore.papers.releases import Release, releases, words
from saecore.papers.results import stored_results

NOT_RUN = "not run"
UNDEFINED = "not defined"


def papers_markdown(folder: Path) -> str:
    """A section for each release, from the results that lie in `folder`."""
    return "\n\n".join(
        _section(one, stored_results(folder / f"{one.name}.json").get("parts", {}))
        for one in releases().values()
    )


def beside_the_paper(
    release: Release, parts: dict[str, Any]
) -> list[tuple[str, str, str]]:
    """What a number is, the paper's with its place, and ours, for every number of the
    paper in the order of the table.
    """
    return [
        (
            described_key(one.key),
            f"{_shown(one.paper)} ({one.place})",
            _ours(parts.get(one.part, {}).get("numbers", {}), one.key),
        )
        for one in release.numbers
    ]


def described_key(key: str) -> str:
    """A key in words: "MSE/768" is "mean squared error per coordinate: 768"."""
    known, name = words(), key.rpartition("/")[0]
    begins = [one for one in known if name == one or name.startswith(f"{one} ")]
    if not begins:
        return key.replace("/", ": ")
    longest = max(begins, key=len)
    rest = name.removeprefix(longest).strip()
    return ", ".join(filter(None, [known[longest], rest])) + f": {key.split('/')[-1]}"


def _section(release: Release, parts: dict[str, Any]) -> str:
    lines = [
        f"## {release.title}",
        "",
        f"{release.source} {{cite:p}}`{release.cite}`.",
        "",
        *_table(["", "paper", "ours"], beside_the_paper(release, parts)),
        "",
    ]
    for part in release.parts:
        lines += [_told(release, part, parts.get(part)), ""]
    return "\n".join(lines + _further(release, parts))


def _told(release: Release, part: str, run: dict[str, Any] | None) -> str:
    command = f"`python -m saecore papers {release.name} --part '{part}'`"
    if run is None:
        return f"*{part}*: {NOT_RUN}; {command} ({cost_of(release, part)})."
    return (
        f"*{part}*: run on {run['date']} with {command} in "
        f"{run['seconds'] / 60:.0f} min ({run['machine']}, saecore {run['saecore']})."
    )


def _further(release: Release, parts: dict[str, Any]) -> list[str]:
    """Our numbers of which the paper has none, folded."""
    known = {one.key for one in release.numbers}
    rows = [
        (described_key(key), _shown(value))
        for run in parts.values()
        for key, value in run["numbers"].items()
        if key not in known
    ]
    if not rows:
        return []
    return ["```{dropdown} Further numbers", *_table(["", "ours"], rows), "```", ""]


def _table(head: list[str], rows: list[Any]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _ours(numbers: dict[str, Any], key: str) -> str:
    return _shown(numbers[key]) if key in numbers else NOT_RUN


def _shown(value: Any) -> str:
    if value is None:
        return UNDEFINED
    if isinstance(value, list):
        middle, low, high = (_shown(one) for one in value)
        return f"{middle} [{low}, {high}]"
    if value == int(value) and abs(value) >= 100:
        return f"{int(value):,}"
    return f"{value:.4g}"
