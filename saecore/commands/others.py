"""`saecore audit`, `judge`, `papers`, `gates`, `site` and `batch`: other people's SAEs,
other models, other machines.
"""

import argparse

from saecore import profiles


def judge(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Let a language model explain and predict latents, beside the book's rules."""
    from saecore.claims.interpretability.by_judge import command

    command.run_judge(options, profile)


def audit(options: argparse.Namespace, profile: None) -> None:
    """Every measure of the book on one SAE of anybody's."""
    from saecore.audit import commands

    commands.run_audit(options, profile)


def papers(options: argparse.Namespace, profile: None) -> None:
    """Measure the SAEs that the papers used, beside the papers' numbers."""
    from saecore.papers import commands

    commands.run_papers(options)


def gates(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """What the language model can answer in context, measured once."""
    from saecore.claims import suits

    print(suits.gates_told(profile))


def site(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Which layer the rule chooses, and why."""
    from saecore.claims import suits

    print(suits.site_told(profile))


def batch(options: argparse.Namespace, profile: profiles.Profile | None) -> None:
    """What a batch queue runs: a plan of jobs, some of them, and what came of them."""
    from saecore.scale import commands

    for line in commands.ACTS[options.act](options, profile):
        print(f"   {line}")
