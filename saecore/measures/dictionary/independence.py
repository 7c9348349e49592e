"""Whether independent components have settled: what one more step of FastICA would
change.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.shapes import LinearEncoder, Rows


def unsettled(
    components: LinearEncoder, rows: Rows, number: int
) -> Float[Tensor, " component"]:
    """For each of the first `number` components 1 - |cosine| of the unmixing direction
    before and after one more step of parallel FastICA (Hyvarinen 1999, logcosh), on
    these rows: what its `tol` is compared with.

    In the space of the components themselves, made uncorrelated with variance one, the
    unmixing matrix is the identity, and the step is W = E[g(s) s^T] - diag E[g'(s)],
    then (W W^T)^(-1/2) W, with g = tanh.
    """
    read = rows @ components.W_enc[:, :number]
    s = (read - read.mean(0)) / read.std(0, correction=0)
    g = s.tanh()
    step = (g.T @ s).double() / len(s) - torch.diag((1 - g * g).double().mean(0))
    u, _, v = torch.linalg.svd(step)
    return 1 - (u @ v).diagonal().abs()
