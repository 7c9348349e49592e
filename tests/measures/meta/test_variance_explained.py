"""Variance explained of decoder rows, its nulls, and the published baseline that is
none.
"""

import pytest
import torch
from jaxtyping import TypeCheckError

from saecore.measures.algebra.matching_pursuit import pursue
from saecore.measures.dictionary.fidelity import fvu
from saecore.measures.dictionary.nulls import Weights
from saecore.measures.meta import variance_explained
from tests.measures.dictionary.test_row_units import Normalised


def unit(*shape: int, seed: int = 0) -> torch.Tensor:
    drawn = torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
    return drawn / drawn.norm(dim=1, keepdim=True)


def sums(atoms: torch.Tensor, count: int, parts: int, *, seed: int = 0) -> torch.Tensor:
    """Rows that are sums of `parts` atoms each, of norm 1."""
    generator = torch.Generator().manual_seed(seed)
    which = (
        torch.rand(count, len(atoms), generator=generator).topk(parts, dim=1).indices
    )
    rows = atoms[which].sum(1)
    return rows / rows.norm(dim=1, keepdim=True)


def figure_2() -> tuple[torch.Tensor, torch.Tensor]:
    """The paper's figure 2: three colours and three shapes, and a latent for each of
    the nine pairs.
    """
    factors = unit(6, 20, seed=3)
    colour, shape = torch.arange(9) // 3, 3 + torch.arange(9) % 3
    return factors, factors[colour] + factors[shape]


def test_both_shares_are_what_they_say_and_differ_by_the_mean():
    rows, rebuilt = unit(50, 8) + 1, unit(50, 8) + 0.9
    found = variance_explained.variance_explained(rows, rebuilt)
    left = (rows - rebuilt).double().square().sum()
    assert found.plain == pytest.approx(float(1 - left / rows.double().square().sum()))
    assert found.centred == pytest.approx(1 - fvu(rows, rebuilt))
    assert found.plain > found.centred
    assert variance_explained.variance_explained(
        rows, rows.mean(0).expand_as(rows)
    ).centred == pytest.approx(0, abs=1e-6)
    assert (
        variance_explained.variance_explained(rows, torch.zeros_like(rows)).plain == 0
    )


def test_by_encoder_is_the_dictionary_as_it_stands():
    rows = unit(40, 6)
    meta = Weights(unit(12, 6, seed=1).T, unit(12, 6, seed=2))
    z = meta.encode(rows)
    found = variance_explained.by_encoding(meta, rows)
    assert found == variance_explained.variance_explained(
        rows, z @ meta.W_dec, active=found.active
    )
    assert found.active == pytest.approx(float((z > 0).sum() / 40))


def test_planted_parts_explain_everything_and_other_directions_do_not():
    atoms = unit(40, 32)
    rows = sums(atoms, 200, 2)
    assert variance_explained.by_pursuit(atoms, rows, count=2).plain > 0.97
    random = variance_explained.isotropic(
        rows, 40, generator=torch.Generator().manual_seed(1)
    )
    assert variance_explained.by_pursuit(random, rows, count=2).plain < 0.4


def test_two_of_the_factors_rebuild_each_pair_of_colour_and_shape():
    factors, pairs = figure_2()
    found = pursue(pairs, factors, count=2)
    assert variance_explained.by_pursuit(
        factors, pairs, count=2
    ).centred == pytest.approx(1, abs=1e-5)
    expected = [{i // 3, 3 + i % 3} for i in range(9)]
    assert [set(atoms) for atoms in found.atom.tolist()] == expected
    six = variance_explained.random_rows(
        pairs, 6, generator=torch.Generator().manual_seed(0)
    )
    assert variance_explained.by_pursuit(six, pairs, count=2).centred < 0.95


def test_a_pursuit_about_a_centre_is_that_of_the_centred_rows():
    rows, atoms, centre = unit(30, 8) + 2, unit(20, 8, seed=1), torch.full((8,), 2.0)
    about = variance_explained.by_pursuit(atoms, rows, count=3, centre=centre)
    assert about.centred == pytest.approx(
        variance_explained.by_pursuit(atoms, rows - 2, count=3).centred, abs=1e-5
    )


def test_the_straw_man_lies_below_zero_by_the_energy_of_the_activations():
    rows = unit(3000, 64)
    meta = Weights(unit(200, 64, seed=1).T, unit(200, 64, seed=1))
    found = variance_explained.straw_man(
        meta, rows, generator=torch.Generator().manual_seed(2)
    )
    energy = float(meta.encode(rows).double().square().sum(1).mean())
    assert found.expected == pytest.approx(
        -energy, rel=1e-5
    )  # no bias, rows of norm one
    assert found.drawn == pytest.approx(found.expected, rel=0.05)
    assert found.drawn < -0.5
    assert variance_explained.by_pursuit(unit(200, 64, seed=5), rows, count=4).plain > 0


def test_principal_axes_are_orthonormal_and_the_first_is_the_strongest():
    rows = torch.randn(
        500, 5, generator=torch.Generator().manual_seed(0)
    ) * torch.tensor([1, 5, 2, 0.1, 3])
    axes = variance_explained.principal_axes(rows + 7)
    torch.testing.assert_close(axes @ axes.T, torch.eye(5), atol=1e-5, rtol=0)
    assert axes[0].abs().argmax() == 1
    assert axes[4].abs().argmax() == 3


def test_weights_may_be_kept_from_being_negative():
    atoms = unit(40, 32)
    rows = atoms[:20] - atoms[20:]
    signed = variance_explained.by_pursuit(atoms, rows, count=2).plain
    kept = variance_explained.by_pursuit(atoms, rows, count=2, signed=False).plain
    assert signed > 0.97 > 0.75 > kept


def test_float64_and_dead_rows_are_taken():
    rows, atoms = unit(30, 8).double(), unit(10, 8, seed=1).double()
    atoms[3] = torch.nan
    assert (
        0 < variance_explained.by_pursuit(atoms.nan_to_num(), rows, count=2).plain < 1
    )


def test_wrong_input_is_refused_in_a_sentence():
    with pytest.raises((ValueError, TypeCheckError), match=r"reconstruction|rebuilt"):
        variance_explained.variance_explained(unit(3, 4), unit(4, 4))
    with pytest.raises(ValueError, match="rows that vary"):
        variance_explained.variance_explained(torch.ones(3, 4), torch.ones(3, 4))
    with pytest.raises(ValueError, match="all 3 rows"):
        variance_explained.random_rows(unit(3, 4), 5, generator=torch.Generator())


def test_factors_are_known_only_up_to_what_colours_can_lend_to_shapes():
    """Colour + c and shape - c rebuild the nine pairs as exactly: an exact
    decomposition need not be the true one.
    """
    factors, pairs = figure_2()
    lent = 0.3 * unit(1, 20, seed=8)
    other = torch.cat([factors[:3] + lent, factors[3:] - lent])
    assert variance_explained.by_pursuit(
        other, pairs, count=2
    ).centred == pytest.approx(1, abs=1e-5)
    assert torch.cosine_similarity(factors, other).max() < 0.98


def test_a_dictionary_that_normalises_rows_is_refused():
    meta, rows = Normalised(unit(8, 10), unit(10, 8, seed=1)), unit(20, 8, seed=2)
    with pytest.raises(ValueError, match="needs one decoder for all rows"):
        variance_explained.by_encoding(meta, rows)
    with pytest.raises(ValueError, match="needs one decoder for all rows"):
        variance_explained.straw_man(meta, rows, generator=torch.Generator())
