"""The paper's rule against a literal loop of its code, and at its edges."""

from functools import partial
from typing import Any

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.absorption import rates
from saecore.measures.absorption.ablation import Effects
from saecore.measures.absorption.cases import cases
from saecore.measures.absorption.rates import COSINE, LEAD, averages
from saecore.sparse import dense, sparse
from tests.measures.absorption.crowd import found_in, loop

PAPER = {"lead": LEAD, "cosine": COSINE}
paper_rule = partial(rates.paper_rule, **PAPER)
sensitivity = partial(rates.sensitivity, cosines=(0.0, COSINE, 0.05))


def slow_paper(
    crowd, *, lead=1.0, relative=None, cosine=0.025, filtered=False, ranking="helpful"
):
    active, w_dec, _, _, effects, split_says = crowd
    every = dense(active._replace(value=effects.entry), len(w_dec))

    def rule(row, label, latents, cos, _, main):
        if (filtered and split_says[row, label]) or latents[main].sum() >= 1e-8:
            return 0.0
        order = (
            every[row].abs().argsort(descending=True)
            if ranking == "magnitude"
            else every[row].argsort()
        )
        first, second = every[row][order[0]], every[row][order[1]]
        bar = lead if relative is None else relative * abs(effects.clean[row])
        return float(
            first <= 0 and abs(first) - abs(second) >= bar and cos[order[0]] >= cosine
        )

    return loop(crowd, rule)


@pytest.mark.parametrize("filtered", [False, True])
@pytest.mark.parametrize("ranking", ["magnitude", "helpful"])
@pytest.mark.parametrize("relative", [None, 0.8])
def test_the_papers_rule_as_it_is_written(crowd, filtered, ranking, relative):
    split_says = crowd[-1] if filtered else None
    found = found_in(crowd)
    result = paper_rule(
        found, crowd[4], split_says=split_says, ranking=ranking, relative=relative
    )
    expected = slow_paper(crowd, filtered=filtered, ranking=ranking, relative=relative)
    assert_close(result.rate, expected, equal_nan=True)
    assert expected[:3].max() > 0
    silent = torch.tensor(
        [
            (dense(crowd[0], 12)[r, crowd[3]["main"][q]] == 0).all()
            for r, q in zip(found.row, found.label, strict=True)
        ]
    )
    missed = (
        silent if split_says is None else silent & ~split_says[found.row, found.label]
    )
    assert torch.equal(result.candidate, missed)
    assert result.candidates(found).tolist() == [
        int(missed[found.label == q].sum()) for q in range(4)
    ]


def test_the_grid_of_thresholds_is_the_rule_at_each_point(crowd):
    found, effects = found_in(crowd), crowd[4]
    other = cases(*crowd[:3], **{**crowd[3], "main": crowd[3]["main"].roll(1, 1)})
    grid = sensitivity([found, other], effects, split_says=[crowd[-1], None])
    assert grid.absolute.shape == grid.relative.shape == (2, 3, 3, 4)
    for c, cosine in enumerate(grid.cosines):
        for i in range(3):
            for m, (one, said) in enumerate([(found, crowd[-1]), (other, None)]):
                same = {"cosine": cosine, "split_says": said}
                absolute = paper_rule(one, effects, lead=grid.leads[i], **same)
                relative = paper_rule(
                    one, effects, relative=grid.relative_leads[i], **same
                )
                assert_close(grid.absolute[m, c, i], absolute.rate, equal_nan=True)
                assert_close(grid.relative[m, c, i], relative.rate, equal_nan=True)
    assert torch.equal(
        sensitivity(found, effects).absolute[0, 1, 1, :3],
        paper_rule(found, effects).rate[:3],
    )


def test_one_label_alone_is_that_label_among_many(crowd):
    active, w_dec, rows, given, effects, _ = crowd
    alone = {
        name: value[1:2] if name in ("probes", "main") else value[:, 1:2]
        for name, value in given.items()
    }
    one = cases(active, w_dec, rows, **alone)
    assert torch.equal(
        paper_rule(one, effects).rate, paper_rule(found_in(crowd), effects).rate[1:2]
    )


# The edges


def test_a_silent_dictionary_absorbs_nothing(crowd):
    _, w_dec, rows, given, _, _ = crowd
    nothing = sparse(torch.zeros(60, 12, dtype=torch.float64))
    found = cases(nothing, w_dec, rows, **given)
    assert found.silent.all()
    effects = Effects(nothing.value, torch.ones(60, dtype=torch.float64))
    result = paper_rule(found, effects)
    assert result.rate[:3].tolist() == [0, 0, 0]
    assert result.rate[3].isnan()
    assert (result.latent == -1).all()


def test_labels_that_no_probe_tells_have_no_rate(crowd):
    active, w_dec, rows, given, effects, _ = crowd
    mute = {**given, "says": torch.zeros(60, 4, dtype=torch.bool)}
    found = cases(active, w_dec, rows, **mute)
    assert paper_rule(found, effects).rate.isnan().all()
    assert found.counts.tolist() == [0, 0, 0, 0]


def test_labels_without_candidates_count_as_zero_or_not_at_all():
    rate = torch.tensor([0.4, 0.2, 0.0, torch.nan])
    found = averages(rate, torch.tensor([5, 1, 0, 0]))
    assert found.as_zero == pytest.approx(0.2)
    assert found.dropped == pytest.approx(0.3)
    assert (found.labels, found.with_candidates) == (3, 2)
    nobody = averages(torch.tensor([torch.nan]), torch.tensor([0]))
    assert nobody.as_zero != nobody.as_zero
    assert nobody.labels == 0


def test_effects_that_are_missing_are_only_missed_where_they_count(crowd):
    found, effects = found_in(crowd), crowd[4]
    needed = torch.zeros(len(effects.entry), dtype=torch.bool)
    needed[found.entry[found.silent[found.case]]] = True
    some = effects._replace(entry=effects.entry.where(needed, torch.nan))
    assert_close(
        paper_rule(found, some).rate, paper_rule(found, effects).rate, equal_nan=True
    )
    with pytest.raises(ValueError, match="effects of all active latents"):
        paper_rule(
            found, effects._replace(entry=torch.full_like(effects.entry, torch.nan))
        )


def test_scaling_latents_against_their_directions_changes_nothing(crowd):
    active, w_dec, rows, given, effects, _ = crowd
    scale = torch.arange(1.0, 13.0, dtype=torch.float64)
    scaled = active._replace(value=active.value * scale[active.latent.long()])
    plain, other = found_in(crowd), cases(scaled, w_dec / scale[:, None], rows, **given)
    assert_close(
        paper_rule(other, effects).rate, paper_rule(plain, effects).rate, equal_nan=True
    )


def test_thresholds_have_no_default(crowd):
    for name in PAPER:
        others: Any = {n: value for n, value in PAPER.items() if n != name}
        with pytest.raises(TypeError, match=name):
            rates.paper_rule(found_in(crowd), crowd[4], **others)


def test_the_default_ranking_is_that_of_todays_code():
    # the review's input: effects -5 (cosine good), +6, the rest 0
    active = sparse(torch.tensor([[0.0, 1.0, 1.0]]))
    w_dec = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    yes = torch.tensor([[True]])
    given = {"probes": w_dec[:1], "has": yes, "says": yes}
    main = torch.tensor([[True, False, False]])
    found = cases(active, w_dec, w_dec[1:2], main=main, **given)
    effects = Effects(torch.tensor([-5.0, 6.0]), torch.ones(1))
    assert paper_rule(found, effects).case.tolist() == [1]
    assert paper_rule(found, effects, ranking="magnitude").case.tolist() == [0]


# The null from words whose main latents fire


def slow_background(crowd, *, lead=1.0, cosine=0.025):
    active, w_dec, _, given, effects, _ = crowd
    every = dense(active._replace(value=effects.entry), len(w_dec))
    silent = []

    def rule(row, label, latents, cos, _, main):
        silent.append(float(latents[main].sum() < 1e-8))
        if silent[-1]:
            return 0.0
        mine = every[row].masked_fill(main, 0)  # a main latent does not compete
        order = mine.argsort()
        first, second = mine[order[0]], mine[order[1]]
        return float(
            first <= 0 and abs(first) - abs(second) >= lead and cos[order[0]] >= cosine
        )

    shares, at = [], 0
    passing = loop(crowd, rule)
    for label in range(4):
        cases_of = int((given["has"] & given["says"])[:, label].sum())
        count = cases_of if given["main"][label].any() else 0
        quiet = torch.tensor(silent[at : at + count])
        at += count
        firing = float((1 - quiet).sum())
        share = float(passing[label]) * count / firing if firing else torch.nan
        shares.append(share * float(quiet.mean()) if count else torch.nan)
    return torch.tensor(shares, dtype=torch.float64)


def test_the_background_is_the_rule_where_main_latents_fire(crowd):
    found = found_in(crowd)
    null = rates.background_rule(found, crowd[4], **PAPER)
    assert_close(null.rate, slow_background(crowd), equal_nan=True)
    assert null.rate[:3].max() > 0
    assert not (null.candidate & found.silent).any()


def test_where_silence_means_nothing_rate_and_background_agree():
    random = torch.Generator().manual_seed(0)
    rows, labels = 6000, torch.ones(6000, 1, dtype=torch.bool)
    latents = torch.rand(rows, 6, generator=random)
    latents[:, 0] *= torch.rand(rows, generator=random) < 0.4
    active, w_dec = sparse(latents), torch.eye(6)
    main = torch.tensor([[True] + [False] * 5])
    given = {"has": labels, "says": labels, "probes": torch.ones(1, 6), "main": main}
    found = cases(active, w_dec, latents, **given)
    effects = Effects(
        3 * torch.randn(len(active.value), generator=random), labels[:, 0]
    )
    absorbed = paper_rule(found, effects._replace(clean=torch.ones(rows)))
    null = rates.background_rule(
        found, effects._replace(clean=torch.ones(rows)), **PAPER
    )
    assert float(absorbed.rate) > 0.1
    assert float(absorbed.rate - null.rate) == pytest.approx(0, abs=0.02)


def test_a_label_whose_main_latents_never_fire_has_no_background(crowd):
    active, w_dec, rows, given, effects, _ = crowd
    asked = cases(active, w_dec, rows, **given)
    quiet = asked._replace(silent=torch.ones_like(asked.silent))
    null = rates.background_rule(quiet, effects, **PAPER)
    assert null.rate.isnan().all()
