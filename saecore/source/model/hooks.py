"""Forward hooks on the blocks of a decoder: read the residual stream, or change it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn


class Enough(Exception):
    """Raised when the last wanted layer has been read."""


def blocks(model: nn.Module) -> nn.ModuleList:
    """The decoder's blocks: the longest list of modules in a model, or, where it has
    others beside its decoder (an encoder of images), in that.
    """
    found: Any = getattr(model, "get_decoder", None)
    decoder = found() if callable(found) else None
    for part in (decoder, model):
        modules = part.modules() if isinstance(part, nn.Module) else ()
        if lists := [one for one in modules if isinstance(one, nn.ModuleList)]:
            return max(lists, key=len)
    raise ValueError(
        "A decoder must hold its blocks in an nn.ModuleList; "
        f"{type(model).__name__} has none: use a model of transformers."
    )


@contextmanager
def captured(
    wanted: Mapping[int, nn.Module], *, before: bool
) -> Iterator[dict[int, Tensor]]:
    """Captured activations: while open, the stream after (or `before`) wanted blocks is
    kept; `Enough` comes after the last.
    """
    found: dict[int, Tensor] = {}
    last = max(wanted, default=-1)

    def keep(layer: int, stream: Tensor) -> None:
        found[layer] = stream.detach()
        if layer == last:
            raise Enough

    def before_hook(layer: int) -> Callable[..., None]:
        return lambda block, inputs, named: keep(
            layer, inputs[0] if inputs else named["hidden_states"]
        )

    def after_hook(layer: int) -> Callable[..., None]:
        return lambda block, inputs, output: keep(layer, _stream(output))

    handles = [
        block.register_forward_pre_hook(before_hook(layer), with_kwargs=True)
        if before
        else block.register_forward_hook(after_hook(layer))
        for layer, block in wanted.items()
    ]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def edited(block: nn.Module, change: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """An intervention on the stream: while open, what stands after `block` is replaced
    by what `change` returns for a copy of it.
    """

    def hook(module: nn.Module, inputs: Any, output: Any) -> Any:
        stream = change(_stream(output).clone())
        if not isinstance(output, tuple | list):
            return stream
        return type(output)((stream, *output[1:]))

    handle = block.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def _stream(output: Any) -> Tensor:
    return output[0] if isinstance(output, tuple | list) else output
