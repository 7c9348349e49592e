"""First letters: a dictionary of linear probes tells them, a random one does not."""

from typing import Any, cast

import pytest
import torch

from saecore.audit.measured.letters import (
    asked_words_of,
    first_letters,
    over_letters,
)
from saecore.audit.rows import AuditedRows
from saecore.errors import Unsuited
from saecore.measures.probing.linear import linear_probes
from saecore.others.plain import plain_sae
from saecore.others.sites import stream_site
from saecore.source.tasks.vocabulary import at_word


@pytest.fixture(scope="module")
def words_read(shipped):
    """The shipped model at its middle layer; no text is read for letters."""
    site = stream_site("blocks.1.hook_resid_post", layers=shipped.n_layers)
    none = torch.zeros(0, shipped.d_model)
    tokens = torch.zeros(0, 2, dtype=torch.int64)
    return AuditedRows(shipped, None, tokens, site, none, "nothing")


def test_a_dictionary_of_probes_tells_letters(words_read):
    words = asked_words_of(words_read)
    rows = at_word(words_read.model, words.prompts, [1])[1]
    probes = linear_probes(rows, words.labels)
    weights = {"W_enc": probes.direction.T, "W_dec": probes.direction}
    zeros = torch.zeros(rows.shape[1])
    weights |= {"b_enc": probes.bias, "b_dec": zeros}
    made = plain_sae("standard", weights, metadata={})
    found = first_letters(made, words_read, level=0.95)
    value = {one.name: one for one in cast(Any, found.numbers)}
    best = value["F1 of the best latent"]
    assert best.value > 0.8
    assert best.low > best.null.value + 0.3
    assert value["letters that count"].value > 0.5
    assert value["SAEBench, full"].value < 0.2
    assert len(found.names) == len(found.best) == len(found.probe)
    assert "names first letters when it is asked" in found.told


def test_the_embedding_is_not_asked(words_read):
    read = words_read._replace(site=stream_site("blocks.0.hook_resid_pre"))
    with pytest.raises(Unsuited, match="reads the embedding"):
        first_letters(None, read, level=0.95)


def test_a_centred_stream_is_not_asked(words_read):
    with pytest.raises(Unsuited, match="without the mean of each row"):
        first_letters(None, words_read._replace(centred=True), level=0.95)


def test_one_letter_has_no_interval():
    assert over_letters(torch.tensor([0.25]), 0.95) == 0.25
    found = cast(Any, over_letters(torch.tensor([0.2, 0.4]), 0.95))
    assert found.low < found.estimate < found.high
