"""The study against what was planted."""

import pytest
import torch

from saecore.claims.seed_dependence import study
from saecore.claims.seed_dependence.grid import model_seeds, world_seeds
from saecore.claims.seed_dependence.headline import claimed_sweeps
from saecore.report import Claim


def planted(count: int, width: int, seeds: int) -> float:
    """Mean share over pairs: of a pair the seed that lacks more decides, and the
    latent that is common by its decoder alone is lost, with its twin in the other.
    """
    lost = [count - t - 1 for s in range(seeds) for t in range(s + 1, seeds)]
    return sum(lost) / len(lost) / width


def test_the_share_of_all_seeds_is_the_planted_one(found):
    for subject in (found.model, found.world):
        assert subject.shared.estimate == pytest.approx(planted(12, 20, 4))
        assert subject.shared.low < subject.shared.estimate < subject.shared.high


def test_each_sweep_moves_the_share_as_planted(found, expected):
    for subject in (found.model, found.world):
        for name, sweep in claimed_sweeps(subject.base.grid).items():
            for setting, recipes in sweep.items():
                share = subject.share(name, setting).estimate
                count, width = expected(recipes[0]), recipes[0].width
                seeds = planted(count, width, len(recipes))
                assert share == pytest.approx(seeds), (name, setting)


def test_differences_are_those_of_the_ends(found):
    for subject in (found.model, found.world):
        for name, (high, low) in {
            "ends": (20, 10),
            "width": (40, 10),
            "k": (6, 2),
            "rows in training": (4096, 2048),
        }.items():
            ends = [subject.share(name, end).estimate for end in (high, low)]
            difference = subject.differences[name]
            assert difference.estimate == pytest.approx(ends[0] - ends[1])
        for kind in ("relu", "gated"):
            ends = [
                subject.share("architecture", end, "decoder").estimate
                for end in (kind, "topk")
            ]
            difference = subject.differences[kind]
            assert difference.estimate == pytest.approx(ends[0] - ends[1])


def test_errors_are_those_of_the_logs_and_equal_ones_are_compared(found):
    subject = found.model
    assert subject.fvu["k"][3] == pytest.approx([0.1, 0.11, 0.12])
    assert subject.equal_error == {"k": None, "rows in training": None}
    assert subject.numbers()["error_difference"] is None


def test_the_numbers_judge_the_claim_as_it_was_planted(found):
    for numbers in found.numbers.values():
        twin = found.claim.judge(profile="small", world_seed=0, numbers=numbers)
        verdicts = {part["name"]: part["verdict"] for part in twin["parts"]}
        assert verdicts.pop("differ") == "cannot be told"  # about one half
        assert verdicts.pop("relu") == "does not hold"  # .8 by plan
        assert verdicts.pop("gated") == "does not hold"  # as TopK by plan
        assert set(verdicts.values()) == {"holds"}, verdicts
        assert [part["name"] for part in twin["left_out"]] == ["error"]


def test_a_study_reads_the_claim_of_the_book_by_itself(zoo, profile, sizes, found):
    assert study(zoo, profile, sizes=sizes).numbers == found.numbers


def test_both_subjects_are_those_of_the_grids(found, profile, sizes):
    assert found.model.base.grid == model_seeds(profile)
    assert found.world.base.grid == world_seeds(profile, sizes)
    assert found.claim == Claim.read("seed_dependence")
    assert torch.equal(
        found.model.base.pair.cosine_dec,
        found.model.base.pairs.matchings[0, 1].cosine_dec,
    )
