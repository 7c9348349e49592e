"""With what, when and at what cost a set of pages was made: provenance.json, and the
table that shows it.
"""

import datetime
import json
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from saecore.book.execute import PageCost
from saecore.book.notes.unsuited_pages import code

KINDS_SHOWN = {
    "tokens": "sampled texts",
    "rows": "sets of activations",
    "saes": "SAEs",
    "metas": "meta-SAEs",
    "toys": "toy models",
    "baselines": "bases to compare with",
    "explorers": "the explorer's data",
}
PACKAGES = (
    "torch",
    "sae-lens",
    "transformers",
    "numpy",
    "scipy",
    "scikit-learn",
    "matplotlib",
)


def facts(
    root: Path, *, profile: str, world_seed: int, costs: dict[str, PageCost]
) -> dict[str, Any]:
    """What a run has that is no result: date, commit, versions, machine, and the cost
    of each notebook.
    """
    return {
        "profile": profile,
        "world_seed": world_seed,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": commit(root),
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "machine": machine(),
        "notebooks": {
            name: {k: round(v, 1) for k, v in cost._asdict().items()}
            for name, cost in costs.items()
        },
    }


def commit(root: Path) -> str:
    """The short hash of the checkout's commit, with a `+` if tracked files differ from
    it; "" outside git, also for a copy that lies within another repository.
    """
    if Path(_git(root, "rev-parse", "--show-toplevel")).resolve() != root.resolve():
        return ""
    hash_ = _git(root, "rev-parse", "--short=10", "HEAD")
    return hash_ + "+" * bool(
        hash_ and _git(root, "status", "--porcelain", "--untracked-files=no")
    )


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def machine() -> dict[str, Any]:
    """Processor, cores and memory, as far as the system tells."""
    cores = (
        len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count()
    )
    pages = (
        os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        if hasattr(os, "sysconf")
        else 0
    )
    return {
        "processor": _processor(),
        "cores": cores,
        "memory_gb": round(pages / 1e9, 1),
        "system": platform.system(),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [
        line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")
    ]
    return names[0] if names else platform.machine()


def read(path: Path) -> dict[str, Any]:
    """A stored provenance.json; empty if there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write(facts: dict[str, Any], path: Path) -> None:
    """Store `facts`."""
    path.write_text(
        json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def provenance_markdown(facts: dict[str, Any]) -> str:
    """The table of a page: what was run, on what, and what each notebook cost."""
    if not facts:
        return "No notebook has been run yet.\n"
    versions = ", ".join(
        f"{name} {version}" for name, version in facts["packages"].items()
    )
    machine = facts["machine"]
    lines = [
        f"These pages were made on {facts['date']} from commit "
        f"`{facts['commit'] or 'unknown'}`, profile {code(facts['profile'])}, world "
        f"seed {facts['world_seed']}, Python {facts['python']} ({versions}), on "
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB "
        f"of memory ({machine['system']}). Each notebook used one thread.",
        "",
        "| notebook | seconds | CPU seconds | peak memory (MB) |",
        "|---|--:|--:|--:|",
    ]
    for name, cost in facts["notebooks"].items():
        lines.append(
            f"| {name} | {cost['seconds']:.0f} | {cost['cpu_seconds']:.0f} | "
            f"{cost['peak_mb']:.0f} |"
        )
    return "\n".join(lines + _zoo(facts.get("zoo", {}))) + "\n"


def _zoo(kinds: dict[str, dict[str, float]]) -> list[str]:
    """What was made once, before the notebooks: the texts, the rows and the SAEs."""
    if not kinds:
        return []
    rows = [
        f"| {KINDS_SHOWN[kind]} | {made['number']:.0f} | {made['cpu_minutes']:.1f} | "
        f"{made['megabytes']:.0f} |"
        for kind, made in kinds.items()
    ]
    return [
        "",
        "| made once, before the notebooks | number | CPU minutes | MB on disk |",
        "|---|--:|--:|--:|",
        *rows,
    ]
