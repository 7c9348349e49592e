"""Training: the fused loss is the plain one, a rerun gives the same weights, folders
appear whole.
"""

import json
import math

import pytest
import torch
from torch.testing import assert_close

from saecore.source.model.language_model import open_model
from saecore.source.tasks.facts import read_facts
from saecore.tiny_lm import train as train_lm
from saecore.tiny_lm.chunked_loss import CHUNK, chunked_cross_entropy
from saecore.tiny_lm.corpus import KINDS
from saecore.tiny_lm.material import prepare
from saecore.tiny_lm.model_folder import write_folder
from saecore.tiny_lm.train import (
    TrainingRecipe,
    held_out_loss,
    new_model,
    next_token_loss,
    schedule,
    train,
    train_to_folder,
)

SMALL = TrainingRecipe(
    steps=40,
    batch=4,
    length=32,
    warm_up=5,
    vocabulary=3500,
    d_model=16,
    heads=2,
    d_mlp=32,
    lines=dict.fromkeys(KINDS, 60),
)


@pytest.fixture(scope="module")
def material():
    return prepare(
        stories=[],
        wordnet=None,
        facts=read_facts(),
        vocabulary=SMALL.vocabulary,
        lines=SMALL.lines,
    )


def weights(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


# The loss


def test_the_chunked_loss_and_its_gradients_are_the_plain_ones():
    generator = torch.Generator().manual_seed(0)
    rows, vocabulary = CHUNK + 7, 50
    hidden = (
        torch.randn(rows, 8, generator=generator).bfloat16().float().requires_grad_()
    )
    weight = (
        torch.randn(vocabulary, 8, generator=generator)
        .bfloat16()
        .float()
        .requires_grad_()
    )
    target = torch.randint(vocabulary, (rows,), generator=generator)
    plain = torch.nn.functional.cross_entropy(hidden @ weight.T, target)
    expected = torch.autograd.grad(plain, (hidden, weight))
    chunked = chunked_cross_entropy(hidden, weight, target)
    found = torch.autograd.grad(3 * chunked, (hidden, weight))
    assert_close(chunked, plain, atol=5e-3, rtol=0)
    for gradient, other in zip(found, expected, strict=True):
        assert_close(gradient / 3, other, atol=2e-2 * other.abs().max().item(), rtol=0)


def test_equal_logits_cost_the_logarithm_of_the_vocabulary():
    loss = chunked_cross_entropy(torch.zeros(5, 4), torch.ones(100, 4), torch.arange(5))
    assert_close(loss.item(), math.log(100), atol=1e-5, rtol=0)


def test_held_out_loss_is_the_mean_loss_of_its_windows(material):
    model = new_model(SMALL, vocabulary=material.tokeniser.get_vocab_size()).eval()
    stream = material.held_out["letter"]
    tokens = torch.tensor(
        [[0, *stream.tokens[:31].tolist()], [0, *stream.tokens[31:62].tolist()]]
    )
    expected = next_token_loss(model, tokens).item()
    assert_close(
        held_out_loss(model, stream, length=32, rows=2), expected, atol=1e-6, rtol=0
    )


# The training


def test_a_rerun_gives_the_same_weights_bit_by_bit_and_another_seed_others(material):
    few = TrainingRecipe(**{**vars(SMALL), "steps": 4})
    first, again = weights(train(few, material)), weights(train(few, material))
    assert torch.equal(first, again)
    assert not torch.equal(
        first, weights(train(TrainingRecipe(**{**vars(few), "seed": 1}), material))
    )


def test_training_leaves_the_global_generator_alone(material):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    new_model(SMALL, vocabulary=300)
    assert_close(torch.rand(1), expected)


def test_the_loss_falls_and_is_reported(material):
    reports = []
    model = train(
        SMALL,
        material,
        report=lambda progress, model: reports.append(progress),
        every=10,
    )
    assert [progress.step for progress in reports] == [10, 20, 30, 40]
    assert reports[-1].loss < reports[0].loss - 0.3
    assert not model.training


def test_the_learning_rate_rises_then_falls_to_a_twentieth():
    recipe = TrainingRecipe(steps=1000, warm_up=100)
    assert_close(schedule(0, recipe), 0.01)
    assert_close(schedule(500, recipe), 0.05 + 0.95 / 2)
    assert_close(schedule(1000, recipe), 0.05)


def test_matrices_decay_and_vectors_do_not():
    model = new_model(SMALL, vocabulary=300)
    matrices, vectors = train_lm._optimiser(model, SMALL).param_groups
    assert (matrices["weight_decay"], vectors["weight_decay"]) == (0.3, 0.0)
    assert {p.dim() for p in matrices["params"]} == {2}
    assert {p.dim() for p in vectors["params"]} == {1}


def test_the_default_model_has_the_size_that_is_promised():
    model = new_model(TrainingRecipe(), vocabulary=7000)
    count = sum(parameter.numel() for parameter in model.parameters())
    assert 2_000_000 < count < 3_000_000
    assert (
        model.config.layer_types == ["sliding_attention"] * 2 + ["full_attention"] * 2
    )
    assert 0.019 < model.model.embed_tokens.weight.std().item() < 0.021


# The folder


def test_a_short_training_writes_a_folder_that_opens(tmp_path, capsys):
    train_to_folder(SMALL, stories=[], wordnet=None, out=tmp_path / "lm", every=20)
    model = open_model(tmp_path / "lm")
    assert (model.n_layers, model.d_model) == (4, 16)
    record = json.loads((tmp_path / "lm" / "training.json").read_text())
    assert (record["steps_done"], record["tokens"]) == (40, 40 * 4 * 32)
    assert record["recipe"]["weight_decay"] == 0.3
    assert "step 40 of 40" in capsys.readouterr().out


def test_weights_are_written_in_half_precision_and_read_in_full(tmp_path, material):
    from safetensors.torch import load_file

    model = new_model(SMALL, vocabulary=material.tokeniser.get_vocab_size()).eval()
    write_folder(model, material.tokeniser, tmp_path / "lm", training={})
    stored = load_file(tmp_path / "lm" / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.float16}
    read = open_model(tmp_path / "lm")
    assert next(read.model.parameters()).dtype == torch.float32
    assert next(model.parameters()).dtype == torch.float32
    assert_close(weights(read.model), weights(model), atol=1e-3, rtol=1e-3)


def test_a_new_folder_keeps_the_files_that_only_the_old_one_had(tmp_path, material):
    folder = tmp_path / "lm"
    folder.mkdir()
    (folder / "facts.json").write_text("{}")
    (folder / "config.json").write_text("old")
    write_folder(
        new_model(SMALL, vocabulary=3500), material.tokeniser, folder, training={}
    )
    assert (folder / "facts.json").read_text() == "{}"
    assert (folder / "config.json").read_text() != "old"
    assert [path.name for path in tmp_path.iterdir()] == ["lm"]


def test_a_write_that_fails_leaves_the_old_folder(tmp_path, material):
    folder = tmp_path / "lm"
    folder.mkdir()
    (folder / "config.json").write_text("old")
    with pytest.raises(TypeError):
        write_folder(
            new_model(SMALL, vocabulary=3500),
            material.tokeniser,
            folder,
            training={"not json": object()},
        )
    assert (folder / "config.json").read_text() == "old"
    assert [path.name for path in folder.iterdir()] == ["config.json"]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--stories", "A file of stories must be given"),
        ("--wordnet", "A WordNet folder must hold"),
    ],
)
def test_a_missing_text_is_one_clear_sentence(tmp_path, capsys, option, message):
    assert (
        train_lm.main([option, str(tmp_path / "gone"), "--out", str(tmp_path / "lm")])
        == 2
    )
    assert capsys.readouterr().err.startswith(message)
    assert not (tmp_path / "lm").exists()
