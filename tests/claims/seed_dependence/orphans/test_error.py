"""What orphans add, against taking them out by hand."""

import pytest
import torch

from saecore.claims.seed_dependence.orphans.error import added_error
from saecore.claims.seed_dependence.orphans.firing import on_held_out_rows
from saecore.measures.dictionary.fidelity import fvu


@pytest.fixture(scope="module")
def held(found):
    return on_held_out_rows(found.model.base)


def test_all_orphans_are_those_of_every_seed(held, found):
    rises = []
    for seed, sae in enumerate(found.model.base.saes):
        y = sae.encode(held.rows)
        without = fvu(held.rows, sae.decode(y * held.shared(seed)))
        rises.append(without - fvu(held.rows, sae.decode(y)))
    assert added_error(held).all_orphans.estimate == pytest.approx(
        sum(rises) / len(rises), abs=1e-4
    )


def test_differences_are_orphans_minus_shared(held):
    added = added_error(held)
    assert added.pairs >= 1
    alone = added.orphans.estimate - added.shared.estimate
    assert added.difference.estimate == pytest.approx(alone)
    together = added.orphans_together.estimate - added.shared_together.estimate
    assert added.difference_together.estimate == pytest.approx(together)
    assert torch.tensor(added.difference.triple).isfinite().all()
