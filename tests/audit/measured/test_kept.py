"""Fidelity of a dictionary that keeps everything, and of one that keeps nothing."""

from typing import Any

import pytest
import torch

from saecore.audit.measured import kept
from saecore.audit.measured.kept import kept_of_loss, kept_of_rows
from saecore.errors import Unsuited
from saecore.measures.dictionary.encoded import encoded
from saecore.measures.dictionary.fidelity import fidelity, splice
from saecore.measures.dictionary.nulls import Weights
from saecore.others.sites import stream_site
from saecore.source.model.next_token import losses


def by_name(numbers: Any) -> dict[str, Any]:
    return {one.name: one for one in numbers}


def test_a_dictionary_that_gives_rows_back_is_perfect(both_signs, read):
    found = by_name(kept_of_rows(encoded(both_signs, read.rows), read, level=0.95))
    assert found["FVU"].value == pytest.approx(0, abs=1e-6)
    assert found["L0"].value == pytest.approx(32)
    assert found["live latents"].value == 1
    assert found["FVU"].null.value < 1


def test_numbers_are_those_of_the_measure(read):
    draw = torch.Generator().manual_seed(0)
    rows = torch.randn(20, 32, generator=draw) / 6
    sae = Weights(rows.T.contiguous(), rows)
    found = by_name(kept_of_rows(encoded(sae, read.rows), read, level=0.95))
    slow = fidelity(sae, read.rows)
    assert found["FVU"].value == pytest.approx(slow.fvu, rel=1e-5)
    assert found["L0"].value == pytest.approx(slow.l0)
    assert found["live latents"].value == pytest.approx(slow.live_share)
    assert found["FVU"].low <= found["FVU"].value <= found["FVU"].high


def test_the_loss_is_recovered_whole_where_rows_are(both_signs, read, monkeypatch):
    cost = iter((3.0, 3.0, 5.0, 4.0))  # clean, spliced, zeros, the mean row
    ones = torch.ones(len(read.tokens), 5)
    monkeypatch.setattr(kept, "losses", lambda *_, edit: next(cost) * ones)
    found = by_name(kept_of_loss(both_signs, read, level=0.95))
    zeros, mean = (found[f"loss recovered from {x}"] for x in ("zeros", "the mean row"))
    assert (zeros.value, mean.value) == (1, 1)
    assert (zeros.null.value, mean.null.value) == (0.5, 0)


def test_a_dictionary_that_gives_rows_back_leaves_the_loss(both_signs, read):
    tokens = read.tokens[:2]
    layer, change = 1, splice(both_signs)
    clean, spliced = (
        losses(read.model, tokens),
        losses(read.model, tokens, edit=(layer, change)),
    )
    torch.testing.assert_close(clean, spliced, atol=1e-3, rtol=1e-3)


def test_a_layer_that_does_not_matter_is_refused(both_signs, read, monkeypatch):
    ones = torch.ones(len(read.tokens), 5)
    monkeypatch.setattr(kept, "losses", lambda *_, edit: ones)
    with pytest.raises(ValueError, match="does not matter for the loss"):
        kept_of_loss(both_signs, read, level=0.95)


def test_the_embedding_has_no_layer_to_write(both_signs, read):
    site = stream_site("blocks.0.hook_resid_pre")
    with pytest.raises(Unsuited, match="reads the embedding"):
        kept_of_loss(both_signs, read._replace(site=site), level=0.95)
