"""Cases of absorption, whatever the dictionary: rows in which a parent is active, and
what sees the parent alone there.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


class TrueCases(NamedTuple):
    """All cases of some rows, whatever the dictionary: prepare once, measure each
    dictionary.
    """

    row: Int[Tensor, " case"]
    """Which row."""
    parent: Int[Tensor, " case"]
    """Which parent: position in `parents`."""
    size: Float[Tensor, " case"]
    """c_p: the parent's true activation."""
    dual: Float[Tensor, "case d_model"]
    """u_p: what sees the parent and no other feature that is active in the row;
    float64.
    """
    parents: Int[Tensor, " parent"]
    """Feature index of every parent."""
    fires: Bool[Tensor, "row parent"]
    """Whether the parent is active."""
    childs: Bool[Tensor, "row parent"]
    """Whether a child of the parent is active."""


def true_cases(
    truth: Float[Tensor, "row feature"],
    directions: Float[Tensor, "feature d_model"],
    parent: Int[Tensor, " feature"],
) -> TrueCases:
    """The rows in which a parent is active, with all that can be said without a
    dictionary.

    `truth` are the activations of the true features (sparse or dense; 0 is silent) and
    `directions` their directions, in such units that truth @ directions is what the
    features add to the rows. `parent` holds for every child the index of its parent,
    and -1 for all others; features that are no child's parent are not asked about.
    Raises ValueError where numbers of features disagree, and if no feature is a parent.
    """
    truth = truth.to_dense() if truth.is_sparse else truth
    if not truth.shape[1] == len(directions) == len(parent):
        raise ValueError(
            "truth, directions and parent must be of the same features, got "
            f"{truth.shape[1]}, {len(directions)} and {len(parent)}: take them from "
            "one source"
        )
    if not bool((parent >= 0).any()):
        raise ValueError(
            "absorption needs a parent and a child, but no feature has a parent: pass "
            "`parent`"
        )
    parents = parent[parent >= 0].unique()
    fires = truth != 0
    childs = torch.stack([fires[:, parent == p].any(1) for p in parents.tolist()], 1)
    row, which = fires[:, parents].nonzero(as_tuple=True)
    feature = parents[which]
    return TrueCases(
        row=row,
        parent=which,
        size=truth[row, feature],
        dual=dual_rows(truth, directions, row, feature),
        parents=parents,
        fires=fires[:, parents],
        childs=childs,
    )


def dual_rows(
    truth: Float[Tensor, "row feature"],
    directions: Float[Tensor, "feature d_model"],
    row: Int[Tensor, " case"],
    feature: Int[Tensor, " case"],
    *,
    chunk: int = 8192,
) -> Float[Tensor, "case d_model"]:
    """For each case the vector u with <u, d_feature> = 1 and <u, d_f> = 0 for all
    others active in its row.

    u = sum_f z_f d_f with G z = e_feature, G the Gram matrix of the active features'
    directions (its pseudo-inverse, if they depend on each other). float64. Raises
    ValueError if a feature is not active.
    """
    if not bool((truth[row, feature] != 0).all()):
        raise ValueError(
            "a case needs its feature active in its row, but some are silent: leave "
            "them out"
        )
    directions = directions.double()
    out = torch.empty(len(row), directions.shape[1], dtype=torch.float64)
    for start in range(0, len(row), chunk):
        part = slice(start, start + chunk)
        on = truth[row[part]] != 0
        most = int(on.sum(1).max())
        listed = on.float().topk(most, dim=1, sorted=True).indices  # active ones first
        valid = on.gather(1, listed)
        rows = directions[listed] * valid[..., None]
        gram = rows @ rows.transpose(1, 2) + torch.diag_embed((~valid).double())
        wanted = (listed == feature[part, None]).double()
        weight = (torch.linalg.pinv(gram, hermitian=True) @ wanted[..., None]).squeeze(
            -1
        )
        out[part] = (weight[:, None] @ rows).squeeze(1)
    return out
