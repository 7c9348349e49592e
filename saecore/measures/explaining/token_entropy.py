"""How many tokens a latent is about."""

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.measures.explaining.fragments import Fragments


def token_entropy(
    y: Float[Tensor, "latent fragment pos"], fragments: Fragments
) -> Float[Tensor, " latent"]:
    """Token entropy in nats: of a latent's activation, how it is spread over tokens.

    0 for a latent that fires at one token, whatever stands around it; Heap et al.
    (2501.17727) read a high one as a sign of an abstract feature, which their untrained
    models lack. nan for a silent latent.
    """
    token = fragments.token.flatten()
    mass = torch.zeros(len(y), int(token.max()) + 1, dtype=torch.float64)
    mass.index_add_(1, token, y.flatten(1).double())
    share = mass / mass.sum(1, keepdim=True)
    return -torch.special.xlogy(share, share).sum(1)
