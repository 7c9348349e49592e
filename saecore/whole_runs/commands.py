"""What `saecore register`, `saecore full` and `saecore results` do."""

from collections.abc import Sequence
from pathlib import Path

from saecore.profiles import SHIPPED_NAMES, Profile
from saecore.report.judging import registration
from saecore.report.paths import ReportError, claims_file, seeds_file
from saecore.whole_runs import full_run, real_run


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


def real(
    root: Path, profile: Profile, claims: Sequence[str], *, curves: bool = False
) -> None:
    """Judge claims on the profile's language model, by default all and then the
    convergence curves; with `curves` these alone. Raises ReportError for a profile of
    the book itself, or a name that is no claim on a language model.
    """
    if profile.name in SHIPPED_NAMES:
        raise ReportError(
            "results are stored of a real language model, but those of "
            f"{profile.name!r} are the pages' own: run `saecore pages`, or say "
            "--profile smollm2"
        )
    known = real_run.stored_claims()
    if unknown := sorted(set(claims) - set(known)):
        raise ReportError(
            f"claims on a language model are {', '.join(known)}, but "
            f"{', '.join(unknown)} was asked for: choose from these"
        )
    if not curves:
        print(f"   stored: {real_run.run_real(root, profile, claims)}", flush=True)
    if curves or not claims:
        print(f"   stored: {real_run.run_curves(root, profile)}", flush=True)
