"""Training: the fused loss is the plain one, a rerun gives the same weights, folders
appear whole.
"""

import json

import pytest
import torch
from torch.testing import assert_close

from saecore.source.model.language_model import open_model
from saecore.tiny_lm import train as train_lm
from saecore.tiny_lm.recipe import TrainingRecipe, new_model
from saecore.tiny_lm.train import (
    held_out_loss,
    next_token_loss,
    train_language_model,
    train_to_folder,
)
from tests.tiny_lm.small import SMALL, weights

# The loss


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
    first, again = (
        weights(train_language_model(few, material)),
        weights(train_language_model(few, material)),
    )
    assert torch.equal(first, again)
    assert not torch.equal(
        first,
        weights(
            train_language_model(TrainingRecipe(**{**vars(few), "seed": 1}), material)
        ),
    )


def test_the_loss_falls_and_is_reported(material):
    reports = []
    model = train_language_model(
        SMALL,
        material,
        report=lambda progress, model: reports.append(progress),
        every=10,
    )
    assert [progress.step for progress in reports] == [10, 20, 30, 40]
    assert reports[-1].loss < reports[0].loss - 0.3
    assert not model.training


def test_matrices_decay_and_vectors_do_not():
    model = new_model(SMALL, vocabulary=300)
    matrices, vectors = train_lm._optimiser(model, SMALL).param_groups
    assert (matrices["weight_decay"], vectors["weight_decay"]) == (0.3, 0.0)
    assert {p.dim() for p in matrices["params"]} == {2}
    assert {p.dim() for p in vectors["params"]} == {1}


# The folder


def test_a_short_training_writes_a_folder_that_opens(tmp_path, capsys):
    train_to_folder(SMALL, stories=[], wordnet=None, out=tmp_path / "lm", every=20)
    model = open_model(tmp_path / "lm")
    assert (model.n_layers, model.d_model) == (4, 16)
    record = json.loads((tmp_path / "lm" / "training.json").read_text())
    assert (record["steps_done"], record["tokens"]) == (40, 40 * 4 * 32)
    assert record["recipe"]["weight_decay"] == 0.3
    assert "step 40 of 40" in capsys.readouterr().out


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
