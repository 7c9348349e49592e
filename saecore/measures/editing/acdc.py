"""ACDC's order: from all latents, drop one after another whose loss does little.

The plain algorithm runs the model on all prompts for every latent that it tries.
Prompts do not touch one another, so a latent need be tried only where it differs
between base and target, and latents that differ in no common prompt can be tried at
once: the same sets come out, and an SAE of few active latents per row needs a small
part of the runs.

Source: Conmy et al. (2304.14997), algorithm 1, on a flat graph, as in the code of
Cunningham et al. (2309.08600; ioi_feature_ident.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import torch
from jaxtyping import Bool
from torch import Tensor

from saecore.measures.editing.patching import (
    Exchange,
    PatchDivergences,
    PatchingCurve,
    curve_of,
)


def pruned(
    pair: Exchange,
    divergences: PatchDivergences,
    *,
    thresholds: Sequence[float],
    between: bool = False,
    generator: torch.Generator,
) -> PatchingCurve:
    """Automatic circuit discovery (ACDC): from all latents, drop each whose loss raises
    the mean divergence by less than a threshold.

    `thresholds` are in the unit of the divergence; the authors take fifty steps over
    the five decades up to 1.

    For every threshold, rising, the latents still kept are tried once in a random
    order; latent f is dropped if KL(F without f) - KL(F) < threshold. One step of the
    curve is one threshold; the first is the full set, the last the empty one. With
    `between`, the sets on the way from one threshold to the next are steps too: they
    cost no further runs, and a dense basis loses many latents at one threshold.
    Departure: the authors' code notes the edit size of the last set it tried; here it
    is that of the set itself. Raises ValueError if the thresholds do not rise.
    """
    if list(thresholds) != sorted(thresholds):
        raise ValueError(f"thresholds must rise, got {list(thresholds)}: sort them")
    state = _Kept(pair, divergences)
    steps = [state.step()]
    for threshold in thresholds:
        if not state.kept.any():
            break
        waves = _waves(_shuffled(state.kept, generator), state.touched)
        passed = [state.step() for wave in waves if state.drop(wave, threshold)]
        steps += passed if between else []
        state.run()
        steps.append(state.step())
    if state.kept.any():
        state.kept[:] = False
        state.run()
        steps.append(state.step())
    return curve_of(pair, steps)


class _Kept:
    """The latents that are still patched, the stream that they give, and each prompt's
    divergence.
    """

    def __init__(self, pair: Exchange, divergences: PatchDivergences) -> None:
        self.pair, self._divergences = pair, divergences
        self.kept = pair.differing()
        self.touched = pair.touched().T.contiguous()  # [latent, prompt]
        self._change = pair.change.movedim(2, 0).contiguous()  # [latent, prompt, pos]
        self.run()

    def run(self) -> None:
        """All prompts anew, so that rounding does not pile up."""
        self._stream = self.pair.patched(self.kept)
        self._each = self._divergences(self._stream, self.pair.prompts()).clone()

    def step(self) -> tuple[Bool[Tensor, " latent"], float]:
        """The set as it is now, and its mean divergence."""
        return self.kept.clone(), float(self._each.mean())

    def drop(self, latents: Sequence[int], threshold: float) -> bool:
        """Drop those of `latents` that cost less than `threshold`, and say whether
        there was one. No two of them may touch one prompt.
        """
        tried = torch.tensor(latents, device=self.kept.device)
        place, prompt = self.touched[tried].nonzero(as_tuple=True)
        latent = tried[place]
        loss = (
            self._change[latent, prompt][..., None]
            * self.pair.directions[latent][:, None]
        )
        stream = self._stream[prompt] - loss
        each = self._divergences(stream, prompt)
        rise = each.new_zeros(len(tried)).index_add_(
            0, place, each - self._each[prompt]
        ) / len(self._each)
        goes = rise < threshold
        self.kept[tried[goes]] = False
        done = goes[place]
        self._stream[prompt[done]], self._each[prompt[done]] = stream[done], each[done]
        return bool(goes.any())


def _waves(
    order: Iterable[int], touched: Bool[Tensor, "latent prompt"]
) -> list[list[int]]:
    """The latents of `order` in groups: within a group no two touch one prompt.

    A latent comes in the first group after those of all earlier latents that share a
    prompt with it, so that each is tried in the state in which it would be tried alone.
    """
    touched = touched.cpu()
    begun = torch.zeros(
        touched.shape[1], dtype=torch.int64
    )  # groups that each prompt is already in
    waves: defaultdict[int, list[int]] = defaultdict(list)
    for latent in order:
        mine = touched[latent]
        wave = int(begun[mine].max())
        begun[mine] = wave + 1
        waves[wave].append(latent)
    return [waves[wave] for wave in sorted(waves)]


def _shuffled(kept: Bool[Tensor, " latent"], generator: torch.Generator) -> list[int]:
    latents = kept.nonzero()[:, 0].cpu()
    return latents[torch.randperm(len(latents), generator=generator)].tolist()
