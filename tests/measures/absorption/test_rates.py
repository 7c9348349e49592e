"""The absorption metrics against literal loops of the published code, and at their
edges.
"""

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.absorption.ablation import Effects
from saecore.measures.absorption.rates import (
    averages,
    cases,
    confirmed,
    fraction,
    full_absorption,
    paper_rule,
    sensitivity,
    within_group,
    within_label,
)
from saecore.sparse import dense, sparse


def normal(*shape, seed=0):
    return torch.randn(
        *shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    )


@pytest.fixture
def crowd():
    """Random rows and latents, three labels that overlap, the last without a main
    latent.
    """
    latents = (normal(60, 12, seed=3) - 0.6).relu()
    latents[5] = 0
    w_dec = torch.nn.functional.normalize(normal(12, 5, seed=4), dim=1)
    rows = latents @ w_dec + 0.3 * normal(60, 5, seed=5)
    has, says = normal(60, 4, seed=6) > 0, normal(60, 4, seed=7) > -1
    main = torch.zeros(4, 12, dtype=torch.bool)
    main[0, 2] = main[1, [3, 4]] = main[2, 9] = True
    active = sparse(latents)
    entry = 2 * normal(len(active.value), seed=8)
    effects = Effects(entry, normal(60, seed=9))
    inputs = {"probes": normal(4, 5, seed=10), "has": has, "says": says, "main": main}
    return active, w_dec, rows, inputs, effects, normal(60, 4, seed=11) > 0.5


def loop(crowd, rule):
    """Rates of each label by a rule that is told the row, the dense latents and
    everything else.
    """
    active, w_dec, rows, given, _, _ = crowd
    latents, out = dense(active, len(w_dec)), []
    for label, probe in enumerate(given["probes"]):
        mine = given["main"][label]
        true = (
            (given["has"] & given["says"])[:, label].nonzero()[:, 0].tolist()
            if mine.any()
            else []
        )
        unit = probe / probe.norm()
        cos = torch.nn.functional.cosine_similarity(w_dec, unit[None])
        values = [
            rule(r, label, latents[r], cos, float(rows[r] @ unit), mine) for r in true
        ]
        out.append(sum(values) / len(true) if true else float("nan"))
    return torch.tensor(out, dtype=torch.float64)


def found_in(crowd):
    active, w_dec, rows, given, _, _ = crowd
    return cases(active, w_dec, rows, **given)


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


def slow_paper(
    crowd, *, lead=1.0, relative=None, cosine=0.025, filtered=False, ranking="magnitude"
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


def test_purity_and_the_stricter_rule_as_loops(crowd):
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


def test_scaling_latents_against_their_directions_changes_nothing(crowd):
    active, w_dec, rows, given, effects, _ = crowd
    scale = torch.arange(1.0, 13.0, dtype=torch.float64)
    scaled = active._replace(value=active.value * scale[active.latent.long()])
    plain, other = found_in(crowd), cases(scaled, w_dec / scale[:, None], rows, **given)
    for measure in (
        fraction,
        full_absorption,
        lambda found: paper_rule(found, effects),
    ):
        assert_close(measure(other).rate, measure(plain).rate, equal_nan=True)


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
    assert torch.equal(fraction(one).rate, fraction(found_in(crowd)).rate[1:2])


# The edges


def test_a_silent_dictionary_absorbs_nothing(crowd):
    _, w_dec, rows, given, _, _ = crowd
    nothing = sparse(torch.zeros(60, 12, dtype=torch.float64))
    found = cases(nothing, w_dec, rows, **given)
    assert found.silent.all()
    effects = Effects(nothing.value, torch.ones(60, dtype=torch.float64))
    for result in (
        paper_rule(found, effects),
        full_absorption(found),
        fraction(found),
        fraction(found, version="0.3.2"),
        confirmed(found, nothing.value),
    ):
        assert result.rate[:3].tolist() == [0, 0, 0]
        assert result.rate[3].isnan()
        assert (result.latent == -1).all()


def test_labels_that_no_probe_tells_have_no_rate(crowd):
    active, w_dec, rows, given, effects, _ = crowd
    mute = {**given, "says": torch.zeros(60, 4, dtype=torch.bool)}
    found = cases(active, w_dec, rows, **mute)
    assert paper_rule(found, effects).rate.isnan().all()
    assert fraction(found).rate.isnan().all()
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


def test_what_does_not_fit_is_refused(crowd):
    active, w_dec, rows, given, _, _ = crowd
    found = found_in(crowd)
    with pytest.raises(ValueError, match="align them"):
        cases(active._replace(crow=active.crow[:-1]), w_dec, rows, **given)
    with pytest.raises(ValueError, match="length above 0"):
        cases(active, w_dec, rows, **{**given, "probes": 0 * given["probes"]})
    with pytest.raises(ValueError, match="one number per item"):
        confirmed(found, torch.ones(3, dtype=torch.float64))
