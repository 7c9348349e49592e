"""Novel latents and families with planted ones."""

from typing import Any, cast

import pytest
import torch

from saecore.audit.measured import narrower
from saecore.audit.measured.narrower import novel_latents_by_cosine
from saecore.measures.stitching.families import linked_families, links


def test_planted_novel_latents_and_families_are_found(directions, held):
    same, new = directions(20, 0), directions(30, 1)
    small = held(torch.cat([same, directions(5, 2)]), name="small")
    twins = same[:10] + 0.01 * directions(10, 3)
    large = held(torch.cat([same, twins, new]), name="large")
    found = novel_latents_by_cosine(small, large, threshold=0.9, level=0.95)
    value = {one.name: one for one in cast(Any, found.numbers)}
    assert found.of == "large in small"
    assert value["novel by cosine"].value == pytest.approx(30 / 60)
    assert value["novel by cosine"].null.value == 1
    assert value["lost"].value == pytest.approx(5 / 25)
    assert value["families"].value == 20
    assert value["families of one and one"].value == 10
    assert value["largest family"].value == pytest.approx(3 / 50)
    assert found.families.kinds == {(1, 2): 10, (1, 1): 10}


def test_families_by_shards_are_those_of_the_whole(directions, held, monkeypatch):
    small, large = held(directions(30, 0)), held(directions(50, 1))
    whole = linked_families(links(small.dense(), large.dense(), above=0.3))
    blocks = type(small.decoder).blocks
    monkeypatch.setattr(
        type(small.decoder), "blocks", lambda self, size=7: blocks(self, size)
    )
    found = novel_latents_by_cosine(large, small, threshold=0.3, level=0.95)
    assert torch.equal(found.families.novel, whole.novel)
    assert found.families.kinds == whole.kinds


def test_more_links_than_memory_are_refused(directions, held, monkeypatch):
    monkeypatch.setattr(narrower, "MOST_LINKS", 10)
    small, large = held(directions(30, 0)), held(directions(50, 1))
    with pytest.raises(ValueError, match="raise --threshold"):
        novel_latents_by_cosine(small, large, threshold=-1.0, level=0.95)
