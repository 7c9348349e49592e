"""Cases, and whether a latent belongs to the word on which it was found."""

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.absorption.cases import cases, within_group, within_label
from saecore.sparse import dense, sparse
from tests.measures.absorption.crowd import found_in


def test_purity_as_a_loop(crowd):
    active, _, _, given, _, _ = crowd
    found, latents = found_in(crowd), dense(active, 12)
    group = torch.arange(60) % 7
    by_label, by_group = (
        within_label(found, active, given["has"]),
        within_group(found, active, group, group),
    )
    for item, latent in enumerate(found.latent.tolist()):
        case = found.case[item]
        mass, row = latents[:, latent], found.row[case]
        assert_close(
            by_label[item], mass[given["has"][:, found.label[case]]].sum() / mass.sum()
        )
        assert_close(by_group[item], mass[group == group[row]].sum() / mass.sum())


def test_purity_may_be_judged_on_other_rows_than_the_words(crowd):
    found, width = found_in(crowd), 12
    text = sparse(
        torch.eye(width, dtype=torch.float64)[: width - 1]
    )  # the last latent never fires in the text
    has = torch.zeros(width - 1, 4, dtype=torch.bool)
    has[3] = True
    expected = (found.latent == 3).double()
    assert_close(within_label(found, text, has), expected)
    group, of_row = torch.arange(width - 1), torch.full((60,), 3)
    assert_close(within_group(found, text, group, of_row), expected)
    nothing = sparse(torch.zeros(2, width, dtype=torch.float64))
    assert_close(within_label(found, nothing, has[:2]), 0 * expected)
    assert_close(within_group(found, nothing, group[:2], of_row), 0 * expected)


def test_what_does_not_fit_is_refused(crowd):
    active, w_dec, rows, given, _, _ = crowd
    with pytest.raises(ValueError, match="align them"):
        cases(active._replace(crow=active.crow[:-1]), w_dec, rows, **given)
    with pytest.raises(ValueError, match="length above 0"):
        cases(active, w_dec, rows, **{**given, "probes": 0 * given["probes"]})
