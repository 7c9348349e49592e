import pytest
import torch

from saecore.measures.absorption.ablation import Effects
from saecore.sparse import sparse
from tests.measures.absorption.crowd import normal


@pytest.fixture
def crowd():
    """Random rows and latents, three labels that overlap, the last without a main
    latent.
    """
    latents = (normal(60, 12, seed=3) - 0.6).relu()
    latents[5] = 0
    w_dec = torch.nn.functional.normalize(normal(12, 5, seed=4), dim=1)
    rows = latents @ w_dec + 0.3 * normal(60, 5, seed=5)
    has, says = normal(60, 4, seed=6) > 0, normal(60, 4, seed=7) > -1
    main = torch.zeros(4, 12, dtype=torch.bool)
    main[0, 2] = main[1, [3, 4]] = main[2, 9] = True
    active = sparse(latents)
    entry = 2 * normal(len(active.value), seed=8)
    effects = Effects(entry, normal(60, seed=9))
    inputs = {"probes": normal(4, 5, seed=10), "has": has, "says": says, "main": main}
    return active, w_dec, rows, inputs, effects, normal(60, 4, seed=11) > 0.5
