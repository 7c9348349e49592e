"""What a wider SAE's latents do in a narrower one: which surely lower its error (SAE
stitching, Leask et al. 2502.04878, section 4.1).
"""

from typing import NamedTuple

from jaxtyping import Bool, Float
from torch import Tensor

from saecore.audit.numbers import AuditNumber, Null, number
from saecore.audit.rows import AuditedRows
from saecore.measures.algebra.intervals import wilson
from saecore.measures.dictionary.encoded import Encoded
from saecore.measures.stitching.cosine_proxy import max_cosine, roc
from saecore.measures.stitching.insertion import Insertions, insertions
from saecore.measures.stitching.novelty import Novelty, novelty
from saecore.report import Claim

_OVER = "over latents (Wilson); says nothing of other seeds"


class InsertedFound(NamedTuple):
    """Latents of a wider SAE put into a narrower one, one at a time."""

    numbers: list[AuditNumber]
    of: str
    effects: Insertions
    sure: Novelty
    cosine: Float[Tensor, " latent"]
    """Largest decoder cosine with the narrower SAE."""


def inserted_latents(
    one: Encoded,
    other: Encoded,
    names: tuple[str, str],
    read: AuditedRows,
    *,
    level: float,
) -> InsertedFound:
    """Share of the wider SAE's latents that surely lower the narrower one's error
    (novel) or raise it, at a false discovery rate of 5 %, and how well a low cosine
    tells the former.

    The null is the same test with the latents' directions dealt out anew among them:
    they fire as they do and point elsewhere.
    """
    rule = Claim.read("incompleteness").constants
    first, second = sorted(
        zip((one, other), names, strict=True), key=lambda x: x[0].width
    )
    small, large, of = first[0], second[0], f"{second[1]} in {first[1]}"
    tested = {"fdr": rule["false_discovery_rate"], "least": rule["least_firings"]}
    effects = insertions(small, large, read.rows, together=read.together)
    sure = novelty(effects, **tested)
    dealt = large._replace(W_dec=large.W_dec.roll(1, 0))
    chance = novelty(
        insertions(small, dealt, read.rows, together=read.together), **tested
    )
    cosine = max_cosine(small, large)
    numbers = [
        _share(of, kind, getattr(sure, kind), getattr(chance, kind), level)
        for kind in ("novel", "redundant")
    ]
    numbers += _proxy(of, cosine, effects)
    return InsertedFound(numbers, of, effects, sure, cosine)


def _share(
    of: str,
    kind: str,
    flags: Bool[Tensor, " latent"],
    chance: Bool[Tensor, " latent"],
    level: float,
) -> AuditNumber:
    does = {"novel": "lower", "redundant": "raise"}[kind]
    null = Null(float(chance.double().mean()), "another latent's direction")
    return number(
        "novel", f"{kind} by insertion", of,
        wilson(int(flags.sum()), len(flags), level=level), over=_OVER, null=null,
        says=f"share of the wider SAE's latents that surely {does} the narrower one's "
        "error when they join it alone",
    )  # fmt: skip


def _proxy(
    of: str, cosine: Float[Tensor, " latent"], effects: Insertions
) -> list[AuditNumber]:
    live = effects.live
    found = roc(cosine[live], (effects.effect < 0)[live])
    return [
        number("novel", "AUC of the cosine", of, found.auc,
               null=Null(0.5, "a coin"),
               says="how well a low cosine tells the live latents that lower the error")
    ]  # fmt: skip
