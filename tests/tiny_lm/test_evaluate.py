"""The evaluation of a language model: closed forms, and one run over everything."""

import json
import math

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from saecore.source.model.language_model import identify, open_model
from saecore.source.tasks.facts import read_facts
from saecore.tiny_lm.corpus import KINDS, Stream
from saecore.tiny_lm.evaluate import _documents, _windows, losses, write_evaluation
from saecore.tiny_lm.evaluate_stream import _probe, participation_ratio
from saecore.tiny_lm.material import prepare
from saecore.tiny_lm.train import TrainingRecipe, train_to_folder

RECIPE = TrainingRecipe(
    steps=4,
    batch=2,
    length=32,
    vocabulary=2500,
    d_model=24,
    heads=2,
    d_mlp=32,
    lines=dict.fromkeys(KINDS, 1500),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "lm"
    train_to_folder(RECIPE, stories=[], wordnet=None, out=path, every=4)
    return path


@pytest.fixture(scope="module")
def evaluation(folder):
    return write_evaluation(folder, stories=[], wordnet=None, texts=4, swapped=4)


@pytest.mark.parametrize(
    ("spread", "ratio"), [((1, 1, 1, 1), 4.0), ((1, 0, 0, 0), 1.0), ((1, 1, 0, 0), 2.0)]
)
def test_the_participation_ratio_counts_the_directions_that_share_the_variance(
    spread, ratio
):
    rows = torch.randn(
        200_000, 4, generator=torch.Generator().manual_seed(0)
    ) * torch.tensor(spread)
    assert_close(participation_ratio(rows), ratio, atol=0.01, rtol=0)


def test_a_probe_finds_letters_that_are_there_and_none_that_are_not():
    generator = torch.Generator().manual_seed(0)
    letters = np.array(list("abcd") * 100)
    rows = torch.randn(400, 6, generator=generator)
    nothing = _probe(rows, letters)
    assert nothing["accuracy"] < 0.36
    assert nothing["variance_share"] < 0.03
    rows[:, 0] += 20 * torch.arange(4).repeat(100)
    assert _probe(rows, letters)["accuracy"] > 0.98


def test_the_loss_is_the_plain_cross_entropy_of_the_held_out_documents(folder):
    model = open_model(folder)
    material = prepare(
        stories=[],
        wordnet=None,
        facts=read_facts(),
        vocabulary=RECIPE.vocabulary,
        lines=RECIPE.lines,
    )
    document, *_ = _documents(material.held_out["ioi"], count=1)
    tokens = torch.from_numpy(document.astype(np.int64))
    row = torch.cat([torch.zeros(1, dtype=torch.int64), tokens])[None]
    expected = torch.nn.functional.cross_entropy(
        model.logits(row)[0, :-1], row[0, 1:]
    ).item()
    found = losses(model, material, "ioi", count=1)
    assert_close(found["model"], expected, atol=1e-4, rtol=0)
    assert found["tokens"] == len(tokens)
    characters = len(material.tokeniser.decode(tokens.tolist()))
    assert_close(
        found["bits_per_character"],
        expected * len(tokens) / math.log(2) / characters,
        atol=1e-4,
        rtol=0,
    )


def test_documents_are_cut_to_a_window_and_hold_no_end_mark():
    tokens = np.array([0, *range(1, 200), 0, 7, 8, 0], dtype=np.uint16)
    long, short = _documents(Stream(tokens, np.zeros(1, dtype=np.int64)), count=5)
    np.testing.assert_array_equal(long, np.arange(1, 128))
    np.testing.assert_array_equal(short, [7, 8])


def test_a_held_out_text_shorter_than_a_window_is_refused():
    short = Stream(np.zeros(100, dtype=np.uint16), np.zeros(1, dtype=np.int64))
    with pytest.raises(ValueError, match="must have 127 tokens or more"):
        _windows(short, rows=1)


def test_everything_is_measured_and_written(folder, evaluation):
    assert json.loads((folder / "evaluation.json").read_text()) == json.loads(
        json.dumps(evaluation)
    )
    assert evaluation["fingerprint"] == identify(folder).fingerprint
    assert set(evaluation["losses"]) == set(KINDS)
    assert {len(table["trained"]) for table in evaluation["swaps"].values()} == {4}
    assert evaluation["letter_probe"]["letters"] == 20
    assert all(
        0 <= task["trained"]["right"] <= 1 for task in evaluation["tasks"].values()
    )


def test_the_card_states_what_was_measured(folder, evaluation):
    card = (folder / "README.md").read_text()
    assert f"{evaluation['losses']['letter']['model']:.3f}" in card
    assert f"{evaluation['tasks']['category']['unseen']['right']:.3f}" in card
    assert "CDLA-Sharing-1.0" in card
    assert "WordNet 3.0" in card
