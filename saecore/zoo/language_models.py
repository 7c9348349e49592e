"""Where the folder of a language model lies."""

from collections.abc import Mapping
from pathlib import Path

from saecore.profiles import TINY
from saecore.source.language_model import LanguageModel, identify
from saecore.zoo.artefact import ZooError
from saecore.zoo.untrained_lm import untrained_models


def folder_holding(model: LanguageModel, known: Mapping[LanguageModel, str | Path], root: Path) -> str | Path:
    """The folder of a language model: one that is known, the one that ships with saecore, or an untrained
    twin under the zoo's root.

    Raises ZooError if it is none of these, or if the known folder holds another model by now.
    """
    folder = known.get(model)
    if folder is None and (TINY / "config.json").is_file() and identify(TINY) == model:
        return TINY
    if folder is None:
        folder = dict(untrained_models(root)).get(model)
    if folder is None:
        raise ZooError(
            f"the folder of the language model {model.name} ({model.fingerprint[:12]}) must be known to make "
            "this, but it is not: pass places={identify(folder): folder} to Zoo"
        )
    if (found := identify(folder)) != model:
        raise ZooError(
            f"{folder} must hold the language model {model.name} ({model.fingerprint[:12]}), but it holds "
            f"{found.name} ({found.fingerprint[:12]}): point to the right folder, or ask with "
            "identify(folder)"
        )
    return folder
