"""What was measured on the papers' own models: one JSON file for each release, part by
part.
"""

import datetime
import json
import math
import platform
from pathlib import Path
from typing import Any

import saecore
from saecore.machine import cores
from saecore.papers.releases import OwnNumbers, Release
from saecore.report.paths import checkout, claims_file


def stored_folder() -> Path:
    """Where results lie: book/results/papers of the checkout, or the copy that an
    installed package carries.
    """
    return claims_file().parent / "results" / "papers"


def default_file(release: Release) -> Path:
    """Where a run writes: in the checkout, or in the current folder without one."""
    name = f"{release.name}.json"
    return stored_folder() / name if checkout() else Path(f"papers-{name}")


def stored_results(path: Path) -> dict[str, Any]:
    """The results of one release; empty if nobody has run it. Raises ValueError for a
    damaged file.
    """
    if not path.is_file():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(
            f"{path} must hold the JSON that `saecore papers` wrote, but: {error}: "
            "delete it and run again"
        ) from None


def store(
    path: Path, release: Release, part: str, numbers: OwnNumbers, facts: dict[str, Any]
) -> None:
    """Add a part to the results of a release, in one step: a kill leaves the old
    file. `facts` say how it was run.
    """
    before = stored_results(path)
    entry = {
        "date": datetime.date.today().isoformat(),
        "saecore": saecore.__version__,
        "machine": f"{platform.system()} {platform.machine()}, {cores()} cores",
        **facts,
        "numbers": {key: _told(value) for key, value in numbers.items()},
    }
    content = {
        "release": release.name,
        "parts": before.get("parts", {}) | {part: entry},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _told(value: float | list[float]) -> float | list[float] | None:
    """None for a number that is not defined (an AUC over latents of one kind)."""
    several = value if isinstance(value, list) else [value]
    return value if all(math.isfinite(one) for one in several) else None
