"""What ACDC's order costs beside the plain algorithm: `python benchmarks/patching.py
[--pairs 50]`.

Plain is the algorithm as the authors of Cunningham et al. (2309.08600) run it: for
every latent that is tried, the whole language model on all pairs. Ours runs the layers
above, on the pairs in which the latent differs, and only the last position of the last
layer. Both end in the same sets (see its tests). Everything runs in this process on one
thread, in CPU seconds, on the model and an SAE of the book (trained first if missing).
Plain is timed on some of its steps, evenly chosen, and scaled up. Figures depend on the
processor; the ratio less so.
"""

import time

import results
import torch
from torch import Tensor

from saecore import profiles
from saecore.claims import sites
from saecore.claims.interpretability import bases
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.measures.editing import acdc, patching
from saecore.source.model import language_model, next_token
from saecore.source.tasks import ioi
from saecore.source.tasks.ioi import Exchanged

TIMED = 20  # steps of the plain algorithm that are run
THRESHOLDS = [10.0**exponent for exponent in range(-5, 1)]  # the authors' decades


def main() -> None:
    """Print one line per dictionary."""
    options = results.options(__doc__)
    options.add_argument("--pairs", type=int, default=50)
    asked = options.parse_args()
    profile = profiles.read("tiny")
    model = language_model.open_model(profile.folder)
    zoo = sites.open_zoo(profile)
    between = Exchanged(model, ioi.exchanged(model, asked.pairs), profile.layer)
    recipe = model_seeds(profile).base[0]
    basis = bases.bases(profile, profiles.WorldProfile()).model["PCA"][0]
    sae, pca = zoo.get(recipe), zoo.get(basis)
    numbers: dict[str, float] = {}
    for name, (encode, directions) in {
        "TopK": (sae.encode, sae.W_dec),
        "PCA": patching.signed(pca),
    }.items():
        pair = patching.exchange(encode, directions, between.base, between.target)
        numbers |= report(name, between, pair)
    results.write(asked.json, numbers)


def report(name: str, between: Exchanged, pair: patching.Exchange) -> dict[str, float]:
    """Both times, and how far one step's divergence is from the plain one."""
    aim = between.model.logits(between.target_tokens)[:, -1]
    start = time.process_time()
    curve = acdc.pruned(
        pair,
        between.divergences,
        thresholds=THRESHOLDS,
        generator=torch.Generator().manual_seed(0),
    )
    ours = time.process_time() - start
    tried = int(
        curve.latents[: len(THRESHOLDS)].sum()
    )  # each kept latent once per threshold
    latents = pair.differing().nonzero()[:, 0]
    some = latents[:: max(1, len(latents) // TIMED)]
    worst = 0.0
    start = time.process_time()
    for latent in some.tolist():
        plain(between, pair, latent, aim)
    each = (time.process_time() - start) / len(some)
    for latent in some.tolist():
        kept = pair.differing()
        kept[latent] = False
        worst = max(
            worst,
            abs(
                plain(between, pair, latent, aim)
                - between.divergence(pair.patched(kept))
            ),
        )
    print(
        f"{name}: ours {ours:6.1f} s, plain {each * tried:6.1f} s ({tried} tries), "
        f"{each * tried / ours:5.1f} x; largest difference {worst:.1e} nats"
    )
    return {f"{name}: plain": each * tried / ours, f"{name}: error": worst}


def plain(
    between: Exchanged, pair: patching.Exchange, latent: int, aim: Tensor
) -> float:
    """The divergence without one latent, by whole passes over all pairs; `aim` is what
    the targets get.
    """
    kept = pair.differing()
    kept[latent] = False
    edit = (between.layer, lambda _: pair.patched(kept))
    said = between.model.logits(between.base_tokens, edit=edit)[:, -1]
    log_p, log_q = said.log_softmax(-1), aim.log_softmax(-1)
    return float(next_token.kl_divergence(log_p, log_q).mean())


if __name__ == "__main__":
    main()
