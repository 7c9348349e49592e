"""The neurons of a layer's MLP: the basis that a language model is born with, to
compare latents with.

A neuron is an input of the MLP's last linear map, the one from neurons to the residual
stream. Which map that is, is measured and not guessed from names (see `_from_neurons`).
Cunningham et al. (2309.08600) compare neurons with the latents of SAEs that were
trained on the neurons themselves; here they can stand beside SAEs of the stream, to
which each neuron adds along one direction. A neuron also goes below 0, in a gated MLP
as often as above: the paper's bases keep what is above 0, and that is left to the
caller.
"""

from contextlib import ExitStack, suppress
from typing import Any, NoReturn

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from saecore.errors import Unsuited
from saecore.source.model.hooks import Enough, captured, edited
from saecore.source.model.language_model import OpenModel

POSITIONS = 8
"""Length of the text that a block is tried on."""
_SAME = 1e-4
"""Relative difference up to which two streams count as equal."""


@torch.no_grad()
def read_neurons(
    model: OpenModel, tokens: Int[Tensor, "seq pos"], layer: int, *, batch: int = 64
) -> Float[Tensor, "seq pos neuron"]:
    """MLP neuron activations of one layer; what comes after them is not run.

    A neuron's activation is its input to the MLP's last linear map: act(x W_in + b) in
    a plain MLP, and act(x W_gate) * (x W_up) in a gated one (Llama, Qwen, Gemma). All
    of them are kept in memory: pass long texts in pieces. Raises ValueError if the
    layer is not there, and Unsuited if the block has no such map or several (a mixture
    of experts).
    """
    down = _from_neurons(model, layer)
    pieces: list[Tensor] = []

    def keep(module: nn.Module, inputs: Any) -> NoReturn:
        pieces.append(inputs[0].detach())
        raise Enough

    with down.register_forward_pre_hook(keep):
        for piece in tokens.split(batch):
            with suppress(Enough):
                model.model(piece.to(model.device), use_cache=False)
    return torch.cat(pieces).reshape(*tokens.shape, -1)


@torch.no_grad()
def neuron_directions(model: OpenModel, layer: int) -> Float[Tensor, "neuron d_model"]:
    """MLP output directions: what one unit of each neuron adds to the residual stream,
    the rows of the output matrix.

    MLP(x) = sum_j a_j(x) direction_j + bias, and the block adds it to the stream
    unchanged. That last part is measured: a fixed offset on the MLP's output must move
    the stream after the block by that offset. Raises Unsuited where it does not (Gemma
    2 and 3 and OLMo 2 normalise the MLP's output before it is added, Granite scales it,
    OPT-350m normalises the sum), and as `read_neurons` does.
    """
    down = _from_neurons(model, layer)
    tokens = _trial(model)
    plain = model.read(tokens, [layer])[layer]
    generator = torch.Generator().manual_seed(0)
    offset = torch.randn(plain.shape[-1], generator=generator).to(plain) * plain.std()
    with edited(down, lambda output: output + offset):
        moved = model.read(tokens, [layer])[layer] - plain
    miss = float((moved - offset).norm() / offset.expand_as(moved).norm())
    if not miss <= _SAME:
        raise Unsuited(
            "a neuron's direction needs a block that adds its MLP's output to the "
            f"stream unchanged; layer {layer} of this {type(model.model).__name__} "
            f"misses an offset of that output by {miss:.1%}, as one that normalises or "
            "scales it does: use read_neurons alone"
        )
    return _matrix(down).clone(memory_format=torch.contiguous_format)


def _from_neurons(model: OpenModel, layer: int) -> nn.Module:
    """The map from neurons to the stream, found by running the block on a short text
    (see `_tried`).

    Of the maps onto the stream in parts that treat every position alone (not in the
    attention), it is the one with the most inputs: the narrow maps of Gemma 3n beside
    its MLP are not meant. Only in an MLP as wide as the stream can there be several
    such: there the last to run is meant, after gate and up.
    """
    if not 0 <= layer < model.n_layers:
        raise ValueError(
            f"a layer must be 0 to {model.n_layers - 1} for this model, not {layer}"
        )
    ran, mixes, d_model = _tried(model, layer)
    parts = [part for part in _parts(model.blocks[layer]) if not mixes.get(part, False)]
    inside = {
        module
        for part in parts
        if part in mixes or _is_map(part)
        for module in part.modules()
    }
    maps = [
        module
        for module in ran
        if module in inside and _matrix(module).shape[1] == d_model
    ]
    widest = max((_matrix(module).shape[0] for module in maps), default=0)
    chosen = [module for module in maps if _matrix(module).shape[0] == widest]
    if (
        not chosen
        or any(map(_holds_experts, parts))
        or (len(chosen) > 1 and widest != d_model)
    ):
        raise Unsuited(
            "the neurons of a layer are the inputs of its one MLP's map onto the "
            f"stream; layer {layer} of this {type(model.model).__name__} has no MLP "
            "that is told apart, or several, or experts: use a layer or a model with a "
            "single dense MLP"
        )
    return chosen[-1]


def _tried(
    model: OpenModel, layer: int
) -> tuple[list[nn.Module], dict[nn.Module, bool], int]:
    """What a block does on a short text: its linear maps as they run, which parts mix
    positions, d_model.

    The text is given twice. What enters a part is changed in the second copy, at every
    position but the last: where the last position of the part's output then differs,
    the part mixes positions, as attention does. What leaves the part is made equal
    again, so that each part is tried by itself. Parts whose inputs are not in sequences
    are not tried.
    """
    block = model.blocks[layer]
    ran: list[nn.Module] = []
    entered: set[nn.Module] = set()
    mixes: dict[nn.Module, bool] = {}

    def enter(part: nn.Module, inputs: Any, named: Any) -> Any:
        if any(map(_is_pair, (*inputs, *named.values()))):
            entered.add(part)
        return tuple(map(_disturbed, inputs)), {
            name: _disturbed(value) for name, value in named.items()
        }

    def leave(part: nn.Module, inputs: Any, output: Any) -> Any:
        first = output[0] if isinstance(output, tuple) else output
        pair = first.reshape(2, POSITIONS, -1)
        if part in entered:
            mixes[part] = bool(
                (pair[0, -1] - pair[1, -1]).norm() > _SAME * pair[0, -1].norm()
            )
        equal = torch.cat([pair[:1], pair[:1]]).reshape(first.shape)
        return (equal, *output[1:]) if isinstance(output, tuple) else equal

    with (
        ExitStack() as stack,
        captured({layer: block}, before=False) as found,
        suppress(Enough),
    ):
        for part in _parts(block):
            stack.enter_context(part.register_forward_pre_hook(enter, with_kwargs=True))
            stack.enter_context(part.register_forward_hook(leave))
        for module in filter(_is_map, block.modules()):
            stack.enter_context(
                module.register_forward_hook(lambda module, *_: ran.append(module))
            )
        model.model(_trial(model), use_cache=False)
    return ran, mixes, found[layer].shape[-1]


def _trial(model: OpenModel) -> Int[Tensor, "seq pos"]:
    """A short text of random tokens, twice."""
    generator = torch.Generator().manual_seed(0)
    text = torch.randint(model.vocab_size, (1, POSITIONS), generator=generator)
    return text.expand(2, POSITIONS).to(model.device)


def _is_pair(value: Any) -> bool:
    """Whether a part's input is a pair of streams."""
    return (
        isinstance(value, Tensor)
        and value.is_floating_point()
        and value.shape[:2] == (2, POSITIONS)
    )


def _disturbed(value: Any) -> Any:
    """A pair of streams with the second changed at every position but the last; other
    things as they are.
    """
    if not _is_pair(value):
        return value
    changed = value.clone()
    changed[1, :-1] *= -2
    return changed


def _parts(block: nn.Module) -> list[nn.Module]:
    """The direct children of a block that hold a matrix: attention and MLP, or the
    MLP's own maps.
    """
    return [
        part
        for part in block.children()
        if any(weight.ndim > 1 for weight in part.parameters())
    ]


def _holds_experts(part: nn.Module) -> bool:
    """Whether a part has a list of modules, or a matrix that is not a linear map's
    (stacked experts).
    """
    return any(
        isinstance(module, nn.ModuleList)
        or (
            not _is_map(module)
            and any(own.ndim > 1 for own in module.parameters(recurse=False))
        )
        for module in part.modules()
    )


def _is_map(module: nn.Module) -> bool:
    from transformers.pytorch_utils import Conv1D

    return isinstance(module, nn.Linear | Conv1D)


def _matrix(module: Any) -> Float[Tensor, "input output"]:
    return (
        module.weight.detach().T
        if isinstance(module, nn.Linear)
        else module.weight.detach()
    )
