"""k-sparse probes of one label: what grows, and when it stops."""

import numpy as np
import pytest

from saecore.measures.probing.growing_probe import GrowingProbe

scipy_sparse = pytest.importorskip("scipy.sparse")
ROWS = 400


def growing(latents, *, x, y):
    """One split: the first half teaches, the second is judged."""
    taught = (np.arange(ROWS) < ROWS // 2)[None]
    judged_by = np.zeros(ROWS, dtype=int)
    columns = scipy_sparse.csc_array(x)
    return GrowingProbe(columns, y, np.array([latents]), taught, judged_by)


def half_each():
    """A label of two halves, each told by a latent of its own; the third is noise."""
    random = np.random.default_rng(0)
    kind = random.integers(0, 4, ROWS)
    x = np.stack([kind == 0, kind == 1, random.random(ROWS) < 0.5], axis=1)
    return x.astype(float), kind < 2


def test_it_grows_while_one_more_latent_tells_more():
    x, y = half_each()
    size, f1, said = growing([0, 1, 2], x=x, y=y).grown(3, 0.03, False)
    assert size == 2
    assert f1[0] < 0.9 < f1[1]
    assert (said == y).all()


def test_a_larger_jump_stops_it_earlier():
    x, y = half_each()
    assert growing([0, 1, 2], x=x, y=y).grown(3, 0.9, False)[0] == 1


def test_the_whole_curve_is_only_longer():
    x, y = half_each()
    probe = growing([0, 1, 2], x=x, y=y)
    size, f1, said = probe.grown(3, 0.03, True)
    assert size == 2
    assert not np.isnan(f1).any()
    assert (said == y).all()


def test_without_a_latent_nothing_is_said():
    x, y = half_each()
    size, f1, said = growing([-1, -1, -1], x=x, y=y).grown(3, 0.03, False)
    assert (size, f1[0], said.any()) == (0, 0.0, False)
