"""Rows made of a site's rows are found under its name, and made of what is stored."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
import torch

from saecore.source.changed_rows import ChangedRows
from saecore.source.gaussian import GaussianRows
from saecore.source.planted import Planted
from saecore.source.site import Site
from saecore.source.worlds.rows import World


@dataclass(frozen=True)
class Doubled(ChangedRows):
    called: ClassVar[str] = "doubled"
    costs: ClassVar[float] = 3.0

    site: Site

    def blocks(self, rows):
        yield 2 * rows


class Stored:
    def get(self, recipe):
        return torch.arange(6.0).view(3, 2)

    def model(self, model, dtype="float32"):
        pytest.fail("no language model is asked")

    def file(self, what):
        pytest.fail("no file is asked for")


def test_they_are_read_from_the_rows_of_their_site():
    site = Site(World(), rows=3)
    source = Doubled(site)
    read = source.read(Site(source), Stored())
    assert (read.n, read.d_model) == (3, 2)
    assert torch.equal(torch.cat(list(read.blocks)), 2 * Stored().get(site))


@pytest.mark.parametrize("kind", [Doubled, GaussianRows, Planted])
def test_they_say_of_themselves_what_their_site_says(kind):
    site = Site(World(), rows=5000)
    source, own = kind(site), Site(kind(site))
    assert source.rests_on(own) == (site,)
    assert source.count(own) == 5000
    assert source.place(own) == f"{kind.called}-{site.slug}"
    assert source.hook_name(own) == site.hook_name
    assert source.price(own) == kind.costs
    assert source.model is site.model is None
