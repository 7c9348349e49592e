"""The language model of an audit, the text that it reads, and the rows of the SAE's
site.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from jaxtyping import Float, Int
from torch import Tensor

from saecore import profiles
from saecore.claims.sites import model_text
from saecore.others.models import open_any_model
from saecore.others.sites import StreamSite, stream_site, stream_site_of
from saecore.papers.texts import packed_texts, texts
from saecore.profiles import Profile
from saecore.source.model.identity import BadModelFolder
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.model.texts import SampledText

ROWS_READ = 50_000
"""Tokens that are read unless told."""
CONTEXT = 128
"""Tokens of a text, the one that begins it included."""
_DTYPES = ("float32", "bfloat16", "float16")


class AuditedRows(NamedTuple):
    """A language model on texts, at the site of an SAE."""

    model: OpenModel
    profile: Profile | None
    """What the book knows of the model; None for one that lies in no folder."""
    tokens: Int[Tensor, "text pos"]
    site: StreamSite
    rows: Float[Tensor, "row d_model"]
    """At every position but the first of each text."""
    told: str
    """Which rows these are, in a sentence."""
    sae: str = "SAE"
    """What the report calls the SAE."""
    centred: bool = False
    """Whether the mean over d_model is taken from every row, as a model with processed
    weights (`center_writing_weights`) has it.
    """

    @property
    def together(self) -> int:
        """Rows of one text."""
        return self.tokens.shape[1] - 1


def opened_for(
    what: Any, d_model: int, *, device: str = "cpu"
) -> tuple[OpenModel, Profile | None]:
    """The language model of an audit: `tiny`, `smollm2`, a Hugging Face folder, a name
    on its hub, any of them with @bfloat16 behind, or an object of TransformerLens.

    Raises BadModelFolder for what is none of these, a model without a tokenizer and
    float16 on a CPU; ValueError for another d_model than the SAE's.
    """
    profile, model = None, None
    if isinstance(what, str | Path):
        name, dtype = _told_apart(str(what), device)
        profile = _profile(name)
        place = profile.folder if profile else name
        if profile and dtype != "float32":
            model = open_model(_with_tokenizer(place), device=device, dtype=dtype)
        elif profile:
            what = _with_tokenizer(place)
    model = model or open_any_model(what, device=device)
    if model.d_model != d_model:
        raise ValueError(
            f"an SAE reads rows of its own length, {d_model}, but "
            f"{model.identity.name} has rows of {model.d_model}: take the model that "
            "the SAE was trained on"
        )
    return model, profile


def reads_centred(sae: object) -> bool:
    """Whether an SAE was trained on a stream from which the mean over d_model is taken,
    as its metadata says of its model.
    """
    metadata = getattr(sae, "metadata", None) or {}
    kwargs = metadata.get("model_from_pretrained_kwargs") or {}
    return bool(kwargs.get("center_writing_weights"))


def site_for(sae: object, model: OpenModel, *, hook: str = "") -> StreamSite:
    """The residual stream that an SAE reads, from its metadata or as told. Raises
    ValueError where none is known, or the model lacks it.
    """
    if hook:
        return stream_site(hook, layers=model.n_layers)
    return stream_site_of(sae, layers=model.n_layers)


def audited_rows(
    model: OpenModel,
    profile: Profile | None,
    site: StreamSite,
    *,
    text: Path | None = None,
    rows: int = ROWS_READ,
    centred: bool = False,
) -> AuditedRows:
    """Rows of a site on a text file, or without one on the profile's text: what the
    model samples itself, or fetched English. `centred` takes the mean over d_model
    from every row.

    Raises ValueError for a file that is no text or too short, and for rows that are not
    finite.
    """
    if text is not None:
        tokens = packed_texts(texts(text), model, rows=rows, context=CONTEXT)
        told = f"the text {text.name}, cut to {len(tokens)} texts"
    else:
        tokens, told = _of_profile(model, profile, rows)
    stream = model.read(tokens, [site.layer], site.kind)[site.layer]
    flat = stream[:, 1:].flatten(0, 1).float().cpu()
    if not bool(flat.isfinite().all()):
        raise ValueError(
            f"activations are finite numbers, but those of {model.identity.name} are "
            "not: run it in float32"
        )
    if centred:
        flat = flat - flat.mean(1, keepdim=True)
        told += " (without the mean of each row)"
    told = (
        f"{len(flat):,} rows: the residual stream {site.hook_name} of "
        f"{model.identity.name} on {told} of {tokens.shape[1]} tokens, at every "
        "position but the first"
    )
    return AuditedRows(model, profile, tokens, site, flat, told, centred=centred)


def _of_profile(
    model: OpenModel, profile: Profile | None, rows: int
) -> tuple[Int[Tensor, "text pos"], str]:
    """The profile's text, another sample than the one that the book trains on."""
    number = max(2, -(-rows // (CONTEXT - 1)))
    text = SampledText(model.identity, number, CONTEXT, special=False)
    if profile is not None:
        text = replace(model_text(profile), sequences=number, length=CONTEXT)
    tokens = text.sample(1).tokens(model, lambda done: None)
    if isinstance(text, SampledText):
        return tokens, f"{len(tokens)} texts that it sampled itself (temperature 1)"
    return tokens, f"{len(tokens)} texts of the English of its profile"


def _told_apart(name: str, device: str) -> tuple[str, str]:
    """The model's name and the precision behind it."""
    place, _, dtype = name.rpartition("@")
    if not place or dtype not in _DTYPES or Path(name).exists():
        return name, "float32"
    if dtype == "float16" and device == "cpu":
        raise BadModelFolder(
            "A model on a CPU is computed in float32 or bfloat16, but "
            f"{name} asks for float16: put @bfloat16 behind the model, or nothing."
        )
    return place, dtype


def _profile(name: str) -> Profile | None:
    """The profile of a model that lies in a folder, or has a name in the book."""
    known = (name in ("tiny", profiles.SMOLLM2)) or Path(name).is_dir()
    if not known:
        return None
    profile = profiles.read(name)
    if profile.fetched:
        from saecore.claims.sites import open_zoo

        open_zoo(profile)
    return profile


def _with_tokenizer(folder: str | Path) -> Path:
    """The folder, if any file of a tokenizer lies in it."""
    found = [*Path(folder).glob("tokenizer*"), *Path(folder).glob("*.model")]
    found += [*Path(folder).glob("vocab*"), *Path(folder).glob("spiece*")]
    if not found:
        raise BadModelFolder(
            f"A language model reads text, but the folder {Path(folder).name} has no "
            "tokenizer: put tokenizer.json and tokenizer_config.json there."
        )
    return Path(folder)
