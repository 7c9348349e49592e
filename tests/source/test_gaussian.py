"""Gaussian rows have the moments of the site, and nothing else of it."""

import pytest
import torch

from saecore.source.gaussian import GaussianRows
from saecore.source.site import Site
from saecore.source.worlds.rows import World


def rows_of(n: int = 20_000) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    sparse = torch.rand(n, 6, generator=generator) < 0.1
    return sparse.float() @ torch.randn(6, 4, generator=generator) + 1


class Zoo:
    """Gives rows."""

    def get(self, recipe):
        return rows_of()

    def model(self, model, dtype="float32"):
        raise AssertionError("no language model is read")

    def file(self, what):
        raise AssertionError("no file is read")


def drawn(seed: int = 0) -> torch.Tensor:
    source = GaussianRows(Site(World(), rows=20_000), seed=seed)
    found = source.read(Site(source), Zoo())
    assert (found.n, found.d_model) == (20_000, 4)
    return torch.cat(list(found.blocks))


def test_mean_and_covariance_are_those_of_the_site():
    real, found = rows_of(), drawn()
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.mean(0), real.mean(0), atol=0.03, rtol=0)
    torch.testing.assert_close(found.T.cov(), real.T.cov(), atol=0.03, rtol=0)


def test_they_are_gaussian_where_the_rows_are_not():
    def kurtosis(rows: torch.Tensor) -> float:
        z = (rows - rows.mean(0)) / rows.std(0)
        return float(z.pow(4).mean())

    assert kurtosis(drawn()) == pytest.approx(3, abs=0.1)
    assert kurtosis(rows_of()) > 3.5


def test_a_seed_is_its_rows():
    assert torch.equal(drawn(), drawn())
    assert not torch.equal(drawn(), drawn(seed=1))


def test_it_rests_on_its_site_and_is_named_by_it():
    site = Site(World(), rows=20_000)
    source = GaussianRows(site)
    assert source.rests_on(Site(source)) == (site,)
    assert source.count(Site(source)) == 20_000
    assert source.place(Site(source)) == f"gaussian-{site.slug}"
    assert source.price(Site(source)) > 0
    assert (source.model, source.hook_name(Site(source))) == (None, site.hook_name)
