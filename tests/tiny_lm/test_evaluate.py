"""The evaluation of a language model: closed forms, and one run over everything."""

import json
import math

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from saecore.source.model.language_model import identify, open_model
from saecore.source.tasks.facts import read_facts
from saecore.tiny_lm.corpus import KINDS, TokenStream
from saecore.tiny_lm.evaluate import _documents, _windows, held_out_losses
from saecore.tiny_lm.material import prepare


def test_the_loss_is_the_plain_cross_entropy_of_the_held_out_documents(
    lm_folder, four_steps
):
    model = open_model(lm_folder)
    material = prepare(
        stories=[],
        wordnet=None,
        facts=read_facts(),
        vocabulary=four_steps.vocabulary,
        lines=four_steps.lines,
    )
    document, *_ = _documents(material.held_out["ioi"], count=1)
    tokens = torch.from_numpy(document.astype(np.int64))
    row = torch.cat([torch.zeros(1, dtype=torch.int64), tokens])[None]
    expected = torch.nn.functional.cross_entropy(
        model.logits(row)[0, :-1], row[0, 1:]
    ).item()
    found = held_out_losses(model, material, "ioi", count=1)
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
    long, short = _documents(TokenStream(tokens, np.zeros(1, dtype=np.int64)), count=5)
    np.testing.assert_array_equal(long, np.arange(1, 128))
    np.testing.assert_array_equal(short, [7, 8])


def test_a_held_out_text_shorter_than_a_window_is_refused():
    short = TokenStream(np.zeros(100, dtype=np.uint16), np.zeros(1, dtype=np.int64))
    with pytest.raises(ValueError, match="must have 127 tokens or more"):
        _windows(short, rows=1)


def test_everything_is_measured_and_written(lm_folder, evaluation):
    assert json.loads((lm_folder / "evaluation.json").read_text()) == json.loads(
        json.dumps(evaluation)
    )
    assert evaluation["fingerprint"] == identify(lm_folder).fingerprint
    assert set(evaluation["losses"]) == set(KINDS)
    assert {len(table["trained"]) for table in evaluation["swaps"].values()} == {4}
    assert evaluation["letter_probe"]["letters"] == 20
    assert all(
        0 <= task["trained"]["right"] <= 1 for task in evaluation["tasks"].values()
    )
