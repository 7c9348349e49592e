"""What `saecore register` and `saecore full` do."""

from collections.abc import Sequence
from pathlib import Path

from saecore.profiles import Profile
from saecore.report.judging import registration
from saecore.report.paths import ReportError, claims_file, seeds_file
from saecore.whole_runs import full_run


def register() -> str:
    """Write book/seeds.toml for the rules as they are now; says which seeds."""
    named = registration.registered(claims_file().read_bytes())
    seeds_file().write_text(registration.as_toml(named), encoding="utf-8")
    return f"world seeds {', '.join(map(str, named.seeds))}: commit book/seeds.toml"


def full(
    root: Path, profile: Profile, seeds: Sequence[int] | None, models: Sequence[Path]
) -> None:
    """Run each world seed (by default those of book/seeds.toml) and each language
    model, and say what it costs before. Raises ReportError without seeds.
    """
    chosen = registered_seeds() if seeds is None else tuple(seeds)
    for said in full_run.costs_said(profile, chosen, models):
        print(f"   {said}", flush=True)
    for seed in chosen:
        print(f"   stored: {full_run.run_seed(root, profile, seed)}", flush=True)
    for folder in models:
        print(f"   stored: {full_run.run_model(root, profile, folder)}", flush=True)


def registered_seeds() -> tuple[int, ...]:
    """Those of book/seeds.toml. Raises ReportError if it is not there."""
    if (stated := registration.registration()) is None:
        raise ReportError(
            "whole runs are made on the seeds of book/seeds.toml, which is not there: "
            "run `saecore register`, or name some with --seeds"
        )
    return stated.seeds
