"""One stream of random numbers, read from several places."""

import pytest
import torch

from saecore.claims.non_atomicity.draws import STREAM_PLACES, STREAM_SEED, draws


def test_a_section_reads_the_stream_from_its_place():
    stream = torch.rand(500, generator=torch.Generator().manual_seed(STREAM_SEED))
    assert torch.equal(torch.rand(50, generator=draws("by hand")), stream[:50])
    place = STREAM_PLACES["nulls"]
    found = torch.rand(50, generator=draws("nulls"))
    assert torch.equal(found, stream[place : place + 50])


def test_sections_have_places_of_their_own():
    assert sorted(set(STREAM_PLACES.values())) == list(STREAM_PLACES.values())


def test_an_unknown_section_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="check the spelling"):
        draws("nowhere")
