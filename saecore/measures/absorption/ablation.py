"""What each active latent does for an answer: exact ablation, and integrated gradients
along one path.

The model is a callable, metric(vectors [copy, d_model], prompt [copy]) -> m [copy] (for
a language model `saecore.source.tasks.logit_difference.AnswerMetric`; a linear probe
will do as well). Rows are vectors of the model, one per prompt; the error of the
dictionary always stays in, so nothing changes before something is ablated.

Sign: new minus old. A negative effect says that the latent helped the answer.
(2409.14507 writes so in the main text and in its code; Algorithm 1 of its A.4 has the
opposite sign.)
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.shapes import Directions, Rows
from saecore.sparse import Active, dots, row_of

Metric = Callable[[Tensor, Tensor], Tensor]

STEPS = 6
"""Points of a path of integrated gradients: `ig_interpolation_steps` of sae-spelling
(paper, section 4).
"""


class Effects(NamedTuple):
    """What m would change by, at the entries of the activations."""

    entry: Float[Tensor, "entry"]
    """m without the latent minus m; nan where it was not asked for."""
    clean: Float[Tensor, "row"]
    """m of the unedited row."""


class Paths(NamedTuple):
    """Gradients of m along a straight path from each row to an origin."""

    gradient: Float[Tensor, "row d_model"]
    """Mean over the points of the path."""
    clean: Float[Tensor, "row"]
    """m of the unedited row."""
    step: Float[Tensor, "row point"]
    """m at each point, the clean one first."""


def ablated(
    metric: Metric,
    rows: Rows,
    active: Active,
    w_dec: Directions,
    *,
    prompt: Int[Tensor, "row"] | None = None,
    chosen: Bool[Tensor, "entry"] | None = None,
    clean: Float[Tensor, "row"] | None = None,
    batch: int = 4096,
) -> Effects:
    """Ablation effects, exact: each active latent set to 0, one at a time,
    m(x - a_j d_j) - m(x).

    Every (row, latent) of the activations is a copy of its row; `batch` copies go to
    the metric at a time, so memory is batch * d_model whatever the width. `prompt`
    [row] says which prompt a row belongs to (row r to prompt r if None); `chosen`
    [entry] restricts the work to some entries, the others are nan; `clean` [row] is m
    of the unedited rows where it is known already. The ablation effect of 2409.14507,
    section 4, which the paper itself estimates by integrated gradients.

    Raises ValueError where rows, prompts, activations and directions do not fit
    together.
    """
    prompt = _checked(rows, active, w_dec, prompt)
    entry = torch.full_like(active.value, torch.nan, dtype=rows.dtype)
    row = row_of(active).long()
    with torch.no_grad():
        clean = _in_batches(metric, rows, prompt, batch) if clean is None else clean
        asked = (
            torch.arange(len(row), device=row.device)
            if chosen is None
            else chosen.nonzero()[:, 0]
        )
        for some in asked.split(batch):
            at = row[some]
            removed = active.value[some, None].to(rows.dtype) * w_dec[
                active.latent[some].long()
            ].to(rows)
            entry[some] = metric(rows[at] - removed, prompt[at]).to(entry) - clean[at]
    return Effects(entry, clean)


def path_gradients(
    metric: Metric,
    rows: Rows,
    *,
    origin: Float[Tensor, "d_model"] | None = None,
    prompt: Int[Tensor, "row"] | None = None,
    steps: int = STEPS,
    batch: int = 256,
) -> Paths:
    """Integrated gradients' path: mean gradient of m at o + (1 - i/steps)(x - o), i = 0
    .. steps - 1, so with the clean row and without the origin o.

    With o = 0 (None) the path depends on the model alone, and one run serves every
    dictionary of a site. `batch` rows are walked together. Raises ValueError for fewer
    than one step.
    """
    if steps < 1:
        raise ValueError(
            f"a path needs at least one step, got {steps}; the paper takes {STEPS}"
        )
    prompt = _prompts(rows, prompt)
    origin = rows.new_zeros(rows.shape[1]) if origin is None else origin.to(rows)
    scale = 1 - torch.arange(steps, dtype=rows.dtype, device=rows.device) / steps
    parts = [
        _walk(metric, rows[some], prompt[some], origin, scale)
        for some in torch.arange(len(rows), device=rows.device).split(batch)
    ]
    gradient, m = (torch.cat(part) for part in zip(*parts, strict=True))
    return Paths(gradient, m[:, 0], m)


def _walk(
    metric: Metric, rows: Tensor, prompt: Tensor, origin: Tensor, scale: Tensor
) -> tuple[Tensor, Tensor]:
    """(mean gradient [row, d_model], m [row, point]); all points of all rows in one
    call of the metric.
    """
    with torch.enable_grad():
        points = origin + scale[None, :, None] * (rows.detach() - origin)[:, None]
        points = points.flatten(0, 1).requires_grad_()
        m = metric(points, prompt.repeat_interleave(len(scale)))
        (gradient,) = torch.autograd.grad(m.sum(), points)
    shape = (len(rows), len(scale))
    return gradient.unflatten(0, shape).mean(1), m.detach().to(rows).unflatten(0, shape)


def integrated_gradients(
    metric: Metric,
    rows: Rows,
    active: Active,
    w_dec: Directions,
    *,
    b_dec: Float[Tensor, "d_model"] | None = None,
    prompt: Int[Tensor, "row"] | None = None,
    steps: int = STEPS,
    batch: int = 256,
) -> Effects:
    """Integrated gradients: the paper's estimate of every ablation at once, one path
    per prompt, however many latents are active.

    With g the mean gradient of m over the points x_i = s_i x + (1 - s_i) b_dec, s_i = 1
    - i/steps, i = 0 .. steps - 1, the effect of latent j is -a_j <d_j, g>:
    `effects_on(path_gradients(...), ...)`.

    The paper's code (sae-spelling, feature_attribution.py) scales the latents *and* the
    error by s_i and decodes, so the decoder's bias stays: s_i (sum_j a_j d_j + error) +
    b_dec = s_i (x - b_dec) + b_dec. So the path does not depend on the dictionary but
    for b_dec; pass its `b_dec` for the paper's path, or None (b_dec = 0) to share one
    path among dictionaries with `path_gradients`. Integrated gradients are by
    Sundararajan et al. (1703.01365), for latents by Marks et al. (2403.19647). All
    latents move together on the path, so this is *not* the ablation of one latent with
    the others held, unless m is linear.
    """
    prompt = _checked(rows, active, w_dec, prompt)
    paths = path_gradients(
        metric, rows, origin=b_dec, prompt=prompt, steps=steps, batch=batch
    )
    return effects_on(paths, active, w_dec)


def effects_on(paths: Paths, active: Active, w_dec: Directions) -> Effects:
    """Integrated gradients of one dictionary on a path that was walked already: -a_j
    <d_j, mean gradient> at every active latent.
    """
    gradient = paths.gradient.contiguous()
    along = dots(active.crow, active.latent, gradient, w_dec.to(gradient).contiguous())
    return Effects(-active.value.to(gradient) * along, paths.clean)


def project_out(
    directions: Float[Tensor, "*direction d_model"],
    direction: Float[Tensor, "*#direction d_model"],
) -> Float[Tensor, "*direction d_model"]:
    """Projection out of a direction, v - <v, d> d: what is left of each v without it.

    d is the unit vector along `direction`, one for all v or one for each. The test of
    2409.14507, section 5.2: an absorber whose probe direction is projected out does
    nothing any more. Raises ValueError for a direction of no length.

    >>> project_out(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 3.0])).tolist()
    [1.0, 0.0]
    """
    length = direction.norm(dim=-1, keepdim=True)
    if not (length > 0).all():
        raise ValueError(
            "a direction that is projected out needs a length above 0, got 0; "
            "pass a probe's"
        )
    unit = direction / length
    return directions - (directions * unit).sum(-1, keepdim=True) * unit


def _in_batches(metric: Metric, rows: Tensor, prompt: Tensor, batch: int) -> Tensor:
    found = [
        metric(x, p)
        for x, p in zip(rows.split(batch), prompt.split(batch), strict=True)
    ]
    return torch.cat(found).to(rows)


def _prompts(rows: Tensor, prompt: Any) -> Tensor:
    if prompt is None:
        return torch.arange(len(rows), device=rows.device)
    if prompt.shape != rows.shape[:1]:
        raise ValueError(
            f"every row needs one prompt, got {len(rows)} rows and "
            f"{len(prompt)} prompts: align them"
        )
    return prompt


def _checked(rows: Tensor, active: Active, w_dec: Tensor, prompt: Any) -> Tensor:
    if len(active.crow) - 1 != len(rows) or rows.shape[1] != w_dec.shape[1]:
        raise ValueError(
            "activations of these rows are needed, got activations of "
            f"{len(active.crow) - 1} rows for {len(rows)} rows, and directions of "
            f"length {w_dec.shape[1]} for rows of length {rows.shape[1]}: encode the "
            "same rows with the dictionary of these directions"
        )
    return _prompts(rows, prompt)
