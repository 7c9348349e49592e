"""What pages on explanations conclude, each sentence chosen by its number."""

from collections.abc import Mapping, Sequence
from typing import Any

from saecore.claims.interpretability.details import ENTROPY, KnownAttributes
from saecore.claims.interpretability.headline import Study
from saecore.claims.interpretability.judged import shares_reached
from saecore.claims.interpretability.sections.by_layer import ScoresByLayer
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.measures.explaining.interpretability import Autointerp
from saecore.report import told

CONTROLS = {
    "untrained": "SAEs of a language model that was never trained",
    "frozen": "SAEs of which one half was never trained",
    "tokens": "Directions of frequent tokens, which know nothing but tokens,",
}
"""What each control is, at the beginning of a sentence."""
COVERAGE = "best latent per label, mean F1"


def say_shares(study: Study) -> None:
    """Which share of the base's score each control reaches, the best of its kind."""
    level = study.claim.constants["confidence"]
    shares = shares_reached(study.of, level=level)
    kinds = {"untrained": ["untrained"], "frozen": [*study.of.frozen]}
    for kind, names in (kinds | {"tokens": [*study.of.tokens]}).items():
        told(
            max((shares[name] for name in names), key=lambda one: one.estimate),
            below=1,
            holds=f"{CONTROLS[kind]} reach {{number}} of the base's score.",
            fails=f"{CONTROLS[kind]} score as high as the base or higher "
            "({number} of its score).",
            undecided=f"{CONTROLS[kind]} cannot be told from the base ({{number}} of "
            "its score).",
        )


def say_sparse_lead(study: Study) -> None:
    """Whether the base leads directions that are as sparse."""
    numbers = study.numbers["model"]
    leads = [numbers[f"lead_{name}"] for name in ("bases_sparse", "ica_sparse")]
    told(
        min(leads),
        above=0,
        holds="Sparsity explains a part of the lead, and not all of it: the best of "
        "them, made as sparse, lies {number} below the base.",
        fails="As sparse as the SAE, the best of them is explained as well: the base's "
        "lead over it is {number}.",
        undecided="As sparse as the SAE, the best of them cannot be told from the "
        "base: the lead is {number}.",
    )


def say_lead_by_layer(layers: ScoresByLayer) -> None:
    """Whether the SAEs lead at every layer, by the low ends of their intervals."""
    told(
        min(one.low - layers.best_other(n) for n, one in layers.intervals.items()),
        above=0,
        holds="The SAEs lead at every layer here: the low end of their interval is at "
        "least {number} above the best of the others.",
        fails="The SAEs do not surely lead at every layer here: at one the low end of "
        "their interval is {number} from the best of the others.",
        undecided="",
    )


def say_tokens_and_neighbours(study: Study) -> None:
    """Whether tokens alone do as well, and whether explanations are specific."""
    numbers = study.numbers["model"]
    told(
        numbers["lead_lookup"],
        above=0,
        holds="The base leads directions that were given the tokens by {number}: this "
        "much is not about the token itself.",
        fails="Directions that were given the tokens are explained better than the "
        "base, whose lead is {number}. A rule over tokens rewards what follows tokens, "
        "and a high score is no sign of anything else.",
        undecided="Directions that were given the tokens are explained about as well "
        "as the base, whose lead is {number}. A high score needs nothing else.",
    )
    told(
        numbers["lead_neighbour"],
        above=0,
        holds="Explanations are specific: under that of the latent that fires most "
        "like it, a latent scores {number} less.",
        fails="Explanations are not specific: that of the latent that fires most like "
        "it does as well ({number}).",
        undecided="Whether explanations are specific cannot be told: that of the "
        "latent that fires most like it does about as well ({number}).",
    )


def say_less_asked(
    asked: Sequence[Autointerp], others: Sequence[Autointerp], *, level: float
) -> None:
    """Whether the base, by its seeds, leads the other bases in the scores that ask for
    less.
    """
    for score in ("detection", "fuzzing"):
        told(
            over_seeds([one.columns()[score] for one in asked], level=level),
            above=max(one.columns()[score] for one in others),
            holds=f"In {score}, the base ({{number}}) leads the best other basis "
            "({than}).",
            fails=f"In {score}, the base ({{number}}) does not lead: another basis has "
            "{than}.",
            undecided=f"In {score}, the base ({{number}}) and the best other basis "
            "({than}) cannot be told apart.",
        )


def say_supervised(
    of_base: Sequence[KnownAttributes],
    supervised: Mapping[str, Mapping[str, Any]],
    *,
    level: float,
) -> None:
    """Whether a direction that was told a label tells it better than a latent does."""
    told(
        over_seeds([one.columns()[COVERAGE] for one in of_base], level=level),
        below=max(row[COVERAGE] for row in supervised.values()),
        holds="A direction that was told the label tells it better ({than}) than the "
        "best latent of the base does ({number}).",
        fails="The best latent of the base ({number}) tells a label as well as a "
        "direction that was told it ({than}).",
        undecided="The best latent of the base ({number}) and a direction that was "
        "told the label ({than}) cannot be told apart.",
    )


def say_moments(correlations: Mapping[str, Interval]) -> None:
    """How the score goes with kurtosis and with token entropy."""
    told(
        correlations["kurtosis"],
        above=0,
        holds="Here, too, the score rises with kurtosis ({number}).",
        fails="Here the score does not rise with kurtosis ({number}).",
        undecided="Whether the score rises with kurtosis cannot be told ({number}).",
    )
    told(
        correlations[ENTROPY],
        below=0,
        holds="It falls with the token entropy ({number}): what is spread over many "
        "tokens is hard to say for a rule over tokens.",
        fails="It does not fall with the token entropy ({number}).",
        undecided="Whether it falls with the token entropy cannot be told ({number}).",
    )
