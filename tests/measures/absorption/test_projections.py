"""SAEBench's metrics against literal loops of the published code."""

from typing import Any

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.absorption.cases import cases, within_label
from saecore.measures.absorption.projections import confirmed, fraction, full_absorption
from saecore.sparse import dense, sparse
from tests.measures.absorption.crowd import found_in, loop


def slow_fraction(_, __, latents, cos, total, main):
    projection = latents * cos
    m = float(projection[main].sum())
    possible = projection[~main & (cos >= 0.1) & (projection > 0)]
    a = float(possible.topk(min(3, len(possible))).values.sum())
    if m >= total or a / total < 0.4:
        return 0.0
    if m <= 0:
        return 1.0
    taken = min(a, total - m)
    return min(max(taken / (taken + m), 0.0), 1.0)


def slow_old_fraction(_, __, latents, cos, total, main):
    projection = latents * cos
    every, m = float(projection.sum()), float(projection[main].sum())
    return 0.0 if m >= total or every <= 0 else min(max((every - m) / every, 0.0), 1.0)


def slow_full(_, __, latents, cos, total, main):
    projection = latents * cos
    top = int(projection.argmax())
    if not (latents[main].abs() < 1e-8).all() or cos[top] < 0.025 or total < 0:
        return 0.0
    return float(projection[top] / total >= 0.4)


@pytest.mark.parametrize(
    ("fast", "slow"),
    [
        (fraction, slow_fraction),
        (lambda found: fraction(found, version="0.3.2"), slow_old_fraction),
        (full_absorption, slow_full),
    ],
)
def test_saebench_as_it_is_written(crowd, fast, slow):
    expected = loop(crowd, slow)
    assert_close(fast(found_in(crowd)).rate, expected, equal_nan=True)
    assert 0 < expected[:3].max() < 1
    assert expected[3].isnan()


def test_the_stricter_rule_as_a_loop(crowd):
    active, given = crowd[0], crowd[3]
    found, latents = found_in(crowd), dense(active, 12)
    by_label = within_label(found, active, given["has"])

    def strict(row, label, values, cos, total, main):
        projection = (values * cos).masked_fill(main | (values == 0), -torch.inf)
        top = int(projection.argmax())
        mass = latents[:, top]
        pure = float(mass[given["has"][:, label]].sum() / mass.sum()) >= 0.55
        return float(
            (values[main] == 0).all()
            and total > 0
            and projection[top] >= 0.4 * total
            and pure
        )

    assert_close(
        confirmed(found, by_label, pure=0.55).rate, loop(crowd, strict), equal_nan=True
    )


def test_scaling_latents_against_their_directions_changes_nothing(crowd):
    active, w_dec, rows, given, _, _ = crowd
    scale = torch.arange(1.0, 13.0, dtype=torch.float64)
    scaled = active._replace(value=active.value * scale[active.latent.long()])
    plain, other = found_in(crowd), cases(scaled, w_dec / scale[:, None], rows, **given)
    for measure in (fraction, full_absorption):
        assert_close(measure(other).rate, measure(plain).rate, equal_nan=True)


def test_one_label_alone_is_that_label_among_many(crowd):
    active, w_dec, rows, given, _, _ = crowd
    alone = {
        name: value[1:2] if name in ("probes", "main") else value[:, 1:2]
        for name, value in given.items()
    }
    one = cases(active, w_dec, rows, **alone)
    assert torch.equal(fraction(one).rate, fraction(found_in(crowd)).rate[1:2])


def test_a_silent_dictionary_absorbs_nothing(crowd):
    _, w_dec, rows, given, _, _ = crowd
    nothing = sparse(torch.zeros(60, 12, dtype=torch.float64))
    found = cases(nothing, w_dec, rows, **given)
    for result in (
        full_absorption(found),
        fraction(found),
        fraction(found, version="0.3.2"),
        confirmed(found, nothing.value),
    ):
        assert result.rate[:3].tolist() == [0, 0, 0]
        assert result.rate[3].isnan()
        assert (result.latent == -1).all()


def test_labels_that_no_probe_tells_have_no_rate(crowd):
    active, w_dec, rows, given, _, _ = crowd
    mute = {**given, "says": torch.zeros(60, 4, dtype=torch.bool)}
    assert fraction(cases(active, w_dec, rows, **mute)).rate.isnan().all()


def test_purity_is_one_number_per_item(crowd):
    with pytest.raises(ValueError, match="one number per item"):
        confirmed(found_in(crowd), torch.ones(3, dtype=torch.float64))


def test_there_are_two_versions_of_the_fraction(crowd):
    other: Any = "0.5.0"
    with pytest.raises((ValueError, TypeError)):
        fraction(found_in(crowd), version=other)
