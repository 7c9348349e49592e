"""Random rows and latents with labels that overlap, and literal loops over them."""

import torch

from saecore.measures.absorption.cases import cases
from saecore.sparse import dense


def normal(*shape, seed=0):
    return torch.randn(
        *shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    )


def loop(crowd, rule):
    """Rates of each label by a rule that is told the row, the dense latents and
    everything else.
    """
    active, w_dec, rows, given, _, _ = crowd
    latents, out = dense(active, len(w_dec)), []
    for label, probe in enumerate(given["probes"]):
        mine = given["main"][label]
        true = (
            (given["has"] & given["says"])[:, label].nonzero()[:, 0].tolist()
            if mine.any()
            else []
        )
        unit = probe / probe.norm()
        cos = torch.nn.functional.cosine_similarity(w_dec, unit[None])
        values = [
            rule(r, label, latents[r], cos, float(rows[r] @ unit), mine) for r in true
        ]
        out.append(sum(values) / len(true) if true else float("nan"))
    return torch.tensor(out, dtype=torch.float64)


def found_in(crowd):
    active, w_dec, rows, given, _, _ = crowd
    return cases(active, w_dec, rows, **given)
