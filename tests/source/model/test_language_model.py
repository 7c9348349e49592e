"""Language models: what is read is what transformers computes, and what the small one
can see.
"""

import hashlib
import io
import json
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch.testing import assert_close

from saecore.errors import Unsuited
from saecore.source.model.generation import sample
from saecore.source.model.language_model import (
    BadModelFolder,
    OpenModel,
    identify,
    open_model,
)
from saecore.source.model.texts import SampledText
from saecore.source.tasks.vocabulary import whole_words
from saecore.tiny_lm.recipe import TrainingRecipe
from saecore.zoo.language_models import untrained_model

SHARED = Path(
    os.environ.get("SAECORE_SHARED", Path(__file__).resolve().parents[3] / "shared")
)
STORIES_260K = SHARED / "data" / "models" / "stories260K"
RECIPE = TrainingRecipe(d_model=16, heads=2, d_mlp=32, length=32)
PROMPTS = [
    "Austen was the name of a person born in",
    "A dog is",
    "The queen was very happy.",
]


# Text and tokens


def test_a_text_begins_with_the_beginning_token_and_loses_nothing(model):
    ids = model.encode("The dog said: “Zürich!”\nThe end")
    assert ids[0] == model.bos == 0
    assert model.decode(ids[1:]) == " The dog said: “Zürich!”\nThe end"


def test_prompts_of_one_length_share_a_batch_and_numbers_can_keep_them_apart(model):
    asked = ["A dog is", "A dog", "The cat is", "A cat"]
    groups = model.by_length(asked)
    assert [group.members.tolist() for group in groups] == [[0, 2], [1, 3]]
    for members, tokens in groups:
        assert tokens.tolist() == [model.encode(asked[i]) for i in members]
    apart = model.by_length(asked, apart=[2, 1, 3, 1])
    assert [group.members.tolist() for group in apart] == [[0], [1, 3], [2]]
    assert model.by_length([]) == []


def test_a_word_keeps_its_space_where_sentencepiece_drops_it():
    from tokenizers import Tokenizer, decoders, models
    from transformers import PreTrainedTokenizerFast

    class Spelled(OpenModel):
        def __init__(self, pieces):
            made = Tokenizer(
                models.WordLevel(
                    {piece: i for i, piece in enumerate(pieces)}, unk_token="?"
                )
            )
            made.decoder = decoders.Metaspace()
            self.tokenizer = PreTrainedTokenizerFast(tokenizer_object=made)
            self.vocab_size = len(pieces)

    model = Spelled(["▁house", "▁mouse", "s", "▁", "?"])
    assert model.tokenizer.decode([0, 2]) == "houses"
    assert [model.decode(ids) for ids in ([0, 2], [0, 1], [2, 1], [2], [])] == [
        " houses",
        " house mouse",
        "s mouse",
        "s",
        "",
    ]
    assert whole_words(model) == ["house", "mouse"]


def test_a_taught_word_is_one_token_and_another_word_is_refused(model):
    assert model.encode("sparrow") == [model.bos, model.token("sparrow")]
    with pytest.raises(ValueError, match="splits 'xylograph' into"):
        model.token("xylograph")


def test_transformers_own_tokenizer_begins_a_text_and_opens_weights_in_full_precision(
    folder, model
):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    text = "The dog said"
    assert AutoTokenizer.from_pretrained(folder)(text)["input_ids"] == model.encode(
        text
    )
    assert AutoModelForCausalLM.from_pretrained(folder).dtype == torch.float32


# Reading


def test_the_stream_that_is_read_is_the_one_that_transformers_reports(model, tokens):
    states = model.model(tokens, output_hidden_states=True).hidden_states
    read = model.read(tokens, [0, 1, 2], batch=2)
    for layer in (0, 1, 2):
        assert_close(read[layer], states[layer + 1])
    last = model.read(tokens, [3])[3]
    assert_close(model.model.model.norm(last), states[4])


def test_the_stream_before_a_layer_is_the_stream_after_the_one_below(model, tokens):
    before, after = model.read(tokens, [1, 3], "resid_pre"), model.read(tokens, [0, 2])
    assert_close(before[1], after[0])
    assert_close(before[3], after[2])


def test_reading_stops_after_the_last_layer_that_is_asked_for(model, tokens):
    seen = []
    handle = model.blocks[2].register_forward_hook(lambda *_: seen.append(1))
    model.read(tokens, [0, 1])
    handle.remove()
    assert seen == []


def test_a_layer_that_is_not_there_is_refused(model, tokens):
    with pytest.raises(ValueError, match="must be 0 to 3 for this model, not 4"):
        model.read(tokens, [4])


@pytest.mark.parametrize(("layer", "reach"), [(0, 3), (1, 6)])
def test_the_first_two_layers_see_three_and_six_tokens_back_and_no_further(
    model, tokens, layer, reach
):
    position = 12
    original = model.read(tokens, [layer])[layer][:, position]
    for back, same in ((reach + 1, True), (reach, False)):
        changed = tokens.clone()
        changed[:, position - back] = (
            changed[:, position - back] + 1
        ) % model.vocab_size
        found = model.read(changed, [layer])[layer][:, position]
        assert torch.equal(found, original) == same


def test_the_third_layer_sees_everything(model, tokens):
    changed = tokens.clone()
    changed[:, 1] = (changed[:, 1] + 1) % model.vocab_size
    assert not torch.equal(
        model.read(changed, [2])[2][:, -1], model.read(tokens, [2])[2][:, -1]
    )


# Editing


def test_putting_back_what_another_text_has_gives_that_texts_logits(model, tokens):
    other = tokens.flip(0)
    donated = model.read(other, [1])[1]
    assert_close(
        model.logits(tokens, edit=(1, lambda stream: donated)), model.logits(other)
    )


def test_next_logits_are_those_of_each_prompt_alone(model):
    together = model.next_logits(PROMPTS)
    for prompt, row in zip(PROMPTS, together, strict=True):
        alone = model.logits(torch.tensor([model.encode(prompt)]))[0, -1]
        assert_close(row, alone, atol=1e-5, rtol=1e-5)


# Folders


def test_identity_is_what_a_folder_holds_and_not_where_it_lies(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / folder.name)
    assert identify(copy) == identify(folder)
    weights = copy / "model.safetensors"
    damaged = bytearray(weights.read_bytes())
    damaged[-1] ^= 1
    weights.write_bytes(damaged)
    assert identify(copy).fingerprint != identify(folder).fingerprint
    assert SampledText(identify(copy)) != SampledText(identify(folder))


def test_a_folder_is_read_again_only_when_a_file_has_changed(
    folder, tmp_path, monkeypatch
):
    read, digest = [], hashlib.file_digest
    monkeypatch.setattr(
        hashlib,
        "file_digest",
        lambda file, kind: read.append(file.name) or digest(file, kind),
    )
    copy = shutil.copytree(folder, tmp_path / "copy")
    first = identify(copy)
    assert identify(str(copy)) == first
    assert sorted(Path(name).name for name in read) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    ]
    weights = copy / "model.safetensors"
    damaged = bytearray(weights.read_bytes())
    damaged[-1] ^= 1
    weights.write_bytes(damaged)  # of the same size
    assert identify(copy) != first
    assert len(read) == 6


def test_a_folder_without_weights_or_tokeniser_is_named(folder, tmp_path):
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        copy = shutil.copytree(folder, tmp_path / name)
        (copy / name).unlink()
        with pytest.raises(BadModelFolder, match=f"has no .*{name.split('.')[-1]}"):
            open_model(copy)


def test_damaged_weights_are_one_clear_sentence(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "damaged")
    (copy / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(BadModelFolder, match="must be one that transformers opens"):
        open_model(copy)


def twin(folder):
    return untrained_model(folder, root=folder / "zoo")


@pytest.mark.parametrize("use", [open_model, twin])
def test_code_in_a_models_folder_is_not_run_nor_asked_about(
    folder, tmp_path, monkeypatch, use
):
    copy = shutil.copytree(folder, tmp_path / "evil")
    config = json.loads((copy / "config.json").read_text()) | {"model_type": "evil"}
    config["auto_map"] = {"AutoConfig": "evil.A", "AutoModelForCausalLM": "evil.A"}
    (copy / "config.json").write_text(json.dumps(config))
    (copy / "evil.py").write_text(
        f"open({str(tmp_path / 'ran')!r}, 'w')\nclass A: ...\n"
    )
    monkeypatch.setattr("builtins.input", lambda *_: "y")
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n" * 9))
    with pytest.raises(BadModelFolder, match="asks for code of its own") as error:
        use(copy)
    assert "\n" not in str(error.value)
    assert sys.stdin.tell() == 0
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(
    not STORIES_260K.is_dir(), reason="the model stories260K is not at hand"
)
def test_a_model_of_another_kind_opens_reads_and_writes():
    model = open_model(STORIES_260K)
    tokens = torch.tensor([model.encode("Once upon a time")])
    states = model.model(tokens, output_hidden_states=True).hidden_states
    assert_close(model.read(tokens, [2])[2], states[3])
    text = model.decode(
        sample(model, 1, 60, generator=torch.Generator().manual_seed(0))[0].tolist()
    )
    assert len(text.split()) > 10


def test_a_word_is_one_token_where_the_normaliser_begins_every_text_with_a_space():
    from tokenizers import Tokenizer, models, normalizers
    from transformers import PreTrainedTokenizerFast

    pieces = {"<s>": 0, "▁": 1, "▁word": 2, "▁two": 3, "▁words": 4, "a": 5}
    tokenizer = Tokenizer(models.Unigram([(one, 0.0) for one in pieces], unk_id=0))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    model = SimpleNamespace(
        tokenizer=PreTrainedTokenizerFast(tokenizer_object=tokenizer),
        decode=lambda ids: str(ids),
    )
    assert OpenModel.token(model, "word") == 2  # type: ignore[arg-type]
    with pytest.raises(Unsuited):
        OpenModel.token(model, "aa")  # type: ignore[arg-type]
