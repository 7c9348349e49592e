"""`saecore judge`, `papers`, `gates` and `site`: other people's models and SAEs."""

import argparse

from saecore import profiles


def judge(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Let a language model explain and predict latents, beside the book's rules."""
    from saecore.claims.interpretability.by_judge import command

    command.run(options, profile)


def papers(options: argparse.Namespace, profile: None) -> None:
    """Measure the SAEs that the papers used, beside the papers' numbers."""
    from saecore.papers import commands

    commands.run(options)


def gates(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """What the language model can answer in context, measured once."""
    from saecore.claims import suits

    print(suits.gates_told(profile))


def site(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Which layer the rule chooses, and why."""
    from saecore.claims import suits

    print(suits.site_told(profile))
