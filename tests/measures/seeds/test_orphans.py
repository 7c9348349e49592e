"""Firing of shared and orphan latents, and orphans that are sums of others."""

import pytest
import torch

from saecore.measures.seeds.orphans import by_frequency, pieces


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_bins_count_latents_shares_and_mass():
    count = torch.tensor([0, 1, 5, 20, 30, 99, 100, 4000])
    flags = torch.tensor([True, False, False, True, False, True, True, True])
    found = by_frequency(flags, count, level=0.95)
    assert found.edge.tolist() == [1, 10, 100, 1000, 10000]
    assert found.latents.tolist() == [2, 3, 1, 1]  # the dead one is in no bin
    torch.testing.assert_close(
        found.share, torch.tensor([0, 2 / 3, 1, 1], dtype=torch.float64)
    )
    assert float(found.mass.sum()) == pytest.approx(1)
    assert (found.low <= found.share).all()
    assert (found.share <= found.high + 1e-12).all()


def test_given_edges_include_their_end_and_empty_bins_are_unknown():
    found = by_frequency(
        torch.tensor([True, False]),
        torch.tensor([0.1, 0.5]),
        edges=[0, 0.2, 0.4, 0.5],
        level=0.95,
    )
    assert found.latents.tolist() == [1, 0, 1]
    assert found.share[1].isnan()
    with pytest.raises(ValueError, match="two rising edges"):
        by_frequency(torch.tensor([True]), torch.tensor([1]), edges=[1, 1], level=0.95)
    with pytest.raises(ValueError, match="a latent that fires"):
        by_frequency(torch.tensor([True]), torch.tensor([0]), level=0.95)


def test_a_sum_of_two_atoms_is_found_in_two_steps():
    atoms = normal(300, 64)
    rows = torch.stack([atoms[3], 2 * atoms[5] + 3 * atoms[200], -atoms[7]])
    found = pieces(rows, atoms, count=2)
    torch.testing.assert_close(
        found.explained[[0, 2], 0], torch.ones(2), atol=1e-4, rtol=0
    )
    assert found.explained[1, 0] < 0.9
    assert found.explained[1, 1] == pytest.approx(1, abs=1e-4)
    assert set(found.atom[1].tolist()) == {5, 200}
    assert found.atom[[0, 2], 0].tolist() == [3, 7]
    assert found.weight[2, 0] == pytest.approx(-1, abs=1e-3)


def test_the_first_step_is_the_squared_cosine_and_more_atoms_never_explain_less():
    rows, atoms = normal(50, 16), normal(40, 16, seed=1)
    found = pieces(rows, atoms, count=16)
    unit = torch.nn.functional.normalize
    expected = (unit(rows, dim=1) @ unit(atoms, dim=1).T).abs().amax(1).square()
    torch.testing.assert_close(found.explained[:, 0], expected, atol=1e-5, rtol=1e-4)
    assert (found.explained.diff(dim=1) > -1e-4).all()
    torch.testing.assert_close(
        found.explained[:, -1], torch.ones(50), atol=5e-3, rtol=0
    )
    assert all(len(set(row)) == 16 for row in found.atom.tolist())


def test_each_step_is_the_least_squares_fit_on_its_atoms():
    rows, atoms = normal(5, 16, seed=2).double(), normal(40, 16, seed=3).double()
    found = pieces(rows, atoms, count=3)
    for row, chosen, explained in zip(rows, found.atom, found.explained, strict=True):
        basis = atoms[chosen].T
        rest = row - basis @ torch.linalg.lstsq(basis, row[:, None]).solution[:, 0]
        assert float(1 - rest.square().sum() / row.square().sum()) == pytest.approx(
            float(explained[-1]), abs=1e-5
        )


def test_copies_of_an_atom_and_dead_rows_do_no_harm():
    atoms = normal(1, 8).repeat(4, 1)
    found = pieces(torch.cat([atoms[:1], torch.zeros(1, 8)]), atoms, count=3)
    assert found.explained[0, -1] == pytest.approx(1, abs=1e-4)
    assert torch.isfinite(found.weight).all()
    assert (found.weight[1] == 0).all()


def test_more_atoms_than_there_are_cannot_be_asked_for():
    with pytest.raises(ValueError, match="between 1 and the 4 atoms, got 5"):
        pieces(torch.ones(1, 3), torch.ones(4, 3), count=5)
