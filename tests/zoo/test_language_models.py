"""Folders of language models, found by what they hold; and the untrained twin: same
configuration and tokeniser, other weights, written once, known to the zoo."""

import json
from types import SimpleNamespace

import pytest
import torch
from transformers.utils import logging

from saecore.errors import ZooError
from saecore.profiles import TINY
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import (
    BadModelFolder,
    LanguageModel,
    identify,
    open_model,
)
from saecore.source.model.texts import ReadText, SampledText
from saecore.source.site import Site
from saecore.source.tasks.words import AskedWords, asked
from saecore.zoo.artefact import DiskFull
from saecore.zoo.language_models import (
    folder_holding,
    untrained_model,
    untrained_models,
    written_twin,
)
from saecore.zoo.store import Zoo


def test_the_twin_has_the_same_shape_and_words_but_has_learnt_nothing(tmp_path) -> None:
    before = torch.random.get_rng_state()
    folder = untrained_model(TINY, root=tmp_path)
    assert torch.equal(before, torch.random.get_rng_state())
    trained, twin = open_model(TINY), open_model(folder)
    shapes = [
        {name: w.shape for name, w in one.model.state_dict().items()}
        for one in (trained, twin)
    ]
    assert shapes[0] == shapes[1]
    assert trained.encode("The queen, sparrows") == twin.encode("The queen, sparrows")
    weights = twin.model.state_dict()
    assert float(weights["model.embed_tokens.weight"].std()) == pytest.approx(
        0.02, rel=0.02
    )
    assert set(weights["model.norm.weight"].tolist()) == {1.0}
    tokens = torch.tensor([trained.encode("Once upon a time there was a little girl")])
    losses = [
        torch.nn.functional.cross_entropy(one.logits(tokens)[0, :-1], tokens[0, 1:])
        for one in (trained, twin)
    ]
    assert float(losses[0]) < 4
    assert float(losses[1]) == pytest.approx(torch.tensor(7000.0).log().item(), abs=0.5)


def test_it_is_written_without_a_word_to_the_terminal(tmp_path, capfd) -> None:
    logging.enable_progress_bar()
    untrained_model(TINY, root=tmp_path)
    assert capfd.readouterr() == ("", "")


def test_it_is_written_once_and_another_seed_is_another_model(tmp_path) -> None:
    folder = untrained_model(TINY, root=tmp_path)
    stamp = (folder / "model.safetensors").stat().st_mtime_ns
    assert untrained_model(TINY, root=tmp_path) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == stamp
    other = untrained_model(TINY, root=tmp_path, seed=1)
    assert identify(folder).name == identify(other).name == "untrained-tiny"
    assert identify(folder) != identify(other)
    assert dict(untrained_models(tmp_path)) == {
        identify(folder): folder,
        identify(other): other,
    }
    assert identify(untrained_model(TINY, root=tmp_path / "elsewhere")) == identify(
        folder
    )


def test_a_damaged_twin_is_written_again(tmp_path) -> None:
    folder = untrained_model(TINY, root=tmp_path)
    identity = identify(folder)
    for damage in ("model.safetensors", "config.json"):
        path = folder / damage
        path.write_bytes(path.read_bytes()[:-1])
        assert not list(untrained_models(tmp_path))
        assert identify(untrained_model(TINY, root=tmp_path)) == identity
    (folder / "tokenizer.json").unlink()
    assert identify(untrained_model(TINY, root=tmp_path)) == identity
    assert not list((tmp_path / "models").glob(".*part"))


def test_a_written_twin_is_named_by_its_fingerprint_and_a_missing_one_without_writing(
    tmp_path,
) -> None:
    assert written_twin(TINY, root=tmp_path / "zoo") == LanguageModel(
        "untrained-tiny", ""
    )
    assert not (tmp_path / "zoo").exists()
    folder = untrained_model(TINY, root=tmp_path / "zoo")
    assert written_twin(TINY, root=tmp_path / "zoo") == identify(folder)


def test_without_room_before_or_on_the_way_the_sentence_is_that_of_all_artefacts(
    tmp_path, monkeypatch
):
    from safetensors import SafetensorError
    from transformers import PreTrainedModel

    def full(model, folder):
        folder.mkdir(parents=True)
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(PreTrainedModel, "save_pretrained", full)
    with pytest.raises(
        DiskFull, match="the disk filled up while it was written: free some"
    ):
        untrained_model(TINY, root=tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=2_000_000))
    with pytest.raises(
        DiskFull, match="5 MB are needed, 32 MB have to stay free, and 2 MB are free"
    ):
        untrained_model(TINY, root=tmp_path)
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".locks"]


def test_the_zoo_reads_its_words(tmp_path) -> None:
    folder = untrained_model(TINY, root=tmp_path)
    source = AskedWords(identify(folder), tasks=("profession",))
    rows = Zoo(tmp_path, workers=1).get(Site(source, layer=1))
    twin, trained = open_model(folder), open_model(TINY)
    assert asked(source, twin) == asked(source, trained)
    first = asked(source, twin)[0]
    alone = twin.read(torch.tensor([twin.encode(first.before)]), [1])[1][0, -1]
    torch.testing.assert_close(rows[0], alone, rtol=1e-4, atol=1e-4)
    assert [held.kind for held in Zoo(tmp_path).list()] == ["rows"]


def test_the_zoo_lets_it_read_what_its_original_wrote(tmp_path) -> None:
    folder, zoo = untrained_model(TINY, root=tmp_path), Zoo(tmp_path, workers=1)
    text = SampledText(identify(TINY), sequences=70, length=24)
    own, read = Site(text, layer=1), Site(ReadText(text, identify(folder)), layer=1)
    recipe = SAERecipe(read, "topk", 32, 3, rows=20 * 256, batch=256, warmup=2)
    sae = zoo.get(recipe)
    assert sae.metadata["model_name"] == "untrained-tiny"
    assert {held.recipe for held in zoo.list()} == {text, read, recipe}
    rows, twin = zoo.get(read), open_model(folder)
    states = twin.model(zoo.get(text), output_hidden_states=True).hidden_states
    torch.testing.assert_close(
        rows, states[2][:, 1:].flatten(0, 1), rtol=1e-4, atol=1e-4
    )
    assert rows.shape == zoo.get(own).shape == (70 * 23, 160)
    assert not torch.allclose(rows, zoo.get(own), atol=0.1)
    other = zoo.get(Site(read.source, layer=1, sample=1))
    tokens = zoo.get(Site(text, layer=1, sample=1).text)
    torch.testing.assert_close(
        other[:23], twin.read(tokens[:1], [1])[1][0, 1:], rtol=1e-4, atol=1e-4
    )


def test_a_reader_of_another_vocabulary_is_refused_before_any_row_is_written(
    tmp_path,
) -> None:
    from transformers import AutoModelForCausalLM

    folder = untrained_model(TINY, root=tmp_path)
    small = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    small.resize_token_embeddings(small.config.vocab_size + 8)
    small.save_pretrained(folder)
    text = SampledText(identify(TINY), sequences=4, length=8)
    zoo = Zoo(tmp_path, workers=1, places={identify(folder): folder})
    with pytest.raises(
        ValueError, match=r"untrained-tiny has \d+ tokens and tiny, which wrote it, \d+"
    ):
        zoo.get(Site(ReadText(text, identify(folder)), layer=1))
    assert [held.kind for held in zoo.list()] == ["tokens"]


def test_a_folder_without_a_model_has_no_twin(tmp_path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({}))
    with pytest.raises(BadModelFolder):
        untrained_model(tmp_path, root=tmp_path / "zoo")


def test_folders_are_looked_up_by_what_they_hold(tmp_path) -> None:
    assert folder_holding(identify(TINY), {}, tmp_path) == TINY
    assert folder_holding(identify(TINY), {identify(TINY): str(TINY)}, tmp_path) == str(
        TINY
    )
    stranger = LanguageModel("stranger", "0" * 64)
    with pytest.raises(ZooError, match="pass places="):
        folder_holding(stranger, {}, tmp_path)
    with pytest.raises(ZooError, match="but it holds tiny"):
        folder_holding(stranger, {stranger: TINY}, tmp_path)


def test_an_untrained_twin_is_found_under_the_root_it_was_written_to(tmp_path) -> None:
    twin = untrained_model(TINY, root=tmp_path)
    assert folder_holding(identify(twin), {}, tmp_path) == twin
    with pytest.raises(ZooError, match="untrained-tiny"):
        folder_holding(identify(twin), {}, tmp_path / "elsewhere")
