"""Sites as the ecosystem names them: which layer's residual stream an SAE reads."""

import re
from typing import Literal, NamedTuple

_STREAM = {
    "hook_resid_pre": "resid_pre",
    "hook_in": "resid_pre",
    "hook_resid_post": "resid_post",
    "hook_out": "resid_post",
    "resid_pre": "resid_pre",
    "resid_post": "resid_post",
}
_PATTERNS = (
    re.compile(r"blocks\.(?P<layer>\d+)\.(?P<kind>hook_resid_\w+|hook_in|hook_out)"),
    re.compile(r"(?:\w+\.)*(?:layers|h|blocks)\.(?P<layer>\d+)(?P<kind>)"),
    re.compile(r"(?P<kind>resid_\w+?)_layer_(?P<layer>\d+)"),
)
"""TransformerLens and SAELens; transformers and sparsify; dictionary_learning."""


class StreamSite(NamedTuple):
    """A place in the residual stream of a language model."""

    layer: int
    """Number of the block, from 0."""
    kind: Literal["resid_pre", "resid_post"]
    """Before the block, or after it."""

    @property
    def hook_name(self) -> str:
        """The site in TransformerLens' terms."""
        return f"blocks.{self.layer}.hook_{self.kind}"

    @property
    def post_layer(self) -> int | None:
        """The block after which the same stream stands; None for the embedding, the
        stream before block 0.
        """
        layer = self.layer - (self.kind == "resid_pre")
        return layer if layer >= 0 else None


def stream_site(name: str, *, layers: int | None = None) -> StreamSite:
    """The residual stream that a hook's or module's name stands for.

    Known are `blocks.8.hook_resid_pre` and `_post` (TransformerLens, SAELens'
    hook_name; `hook_in` and `hook_out` of its bridge), a block as transformers names it
    (`model.layers.8`, `transformer.h.8`, sparsify's `layers.8`: its output, so the
    stream after it) and dictionary_learning's `resid_post_layer_8`. Raises ValueError
    for any other place, and for a layer that is not among the model's `layers`.
    """
    for pattern in _PATTERNS:
        found = pattern.fullmatch(name)
        kind = _STREAM.get(found["kind"] or "resid_post") if found else None
        if found and kind:
            site = StreamSite(int(found["layer"]), kind)  # type: ignore[arg-type]
            return _within(site, layers, name)
    raise ValueError(
        "an SAE is measured on the residual stream between blocks (as in "
        f"blocks.8.hook_resid_post or model.layers.8), but its site is {name!r}: take "
        "an SAE of the residual stream, or measure it without a model"
    )


def _within(site: StreamSite, layers: int | None, name: str) -> StreamSite:
    if layers is not None and site.layer >= layers:
        raise ValueError(
            f"the site {name!r} asks for layer {site.layer}, but the model has layers "
            f"0 to {layers - 1}: take the model that the SAE was trained on"
        )
    return site


def stream_site_of(sae: object, *, layers: int | None = None) -> StreamSite:
    """The residual stream that an opened SAE was trained on, from its metadata's
    hook_name. Raises ValueError where none is stated, and where `stream_site` does.
    """
    metadata = getattr(sae, "metadata", None) or {}
    if not (name := metadata.get("hook_name")):
        raise ValueError(
            "the site of an SAE is read from its metadata, but this one states no "
            "hook_name: name the site, as in blocks.8.hook_resid_post"
        )
    return stream_site(str(name), layers=layers)
