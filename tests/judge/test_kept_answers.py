"""Answers are found under what was asked, whole, and by nothing else."""

from dataclasses import replace

import pytest

from saecore.judge.chat import Answer
from saecore.judge.kept_answers import KeptAnswers

ASKED = ("system", "question", 5)


def test_an_answer_is_found_by_whoever_opens_the_file_next(tmp_path, endpoint):
    kept = KeptAnswers(tmp_path / "kept")
    assert kept.find(endpoint, *ASKED) is None
    kept.keep(endpoint, *ASKED, Answer("dogs", 7, 3))
    assert KeptAnswers(tmp_path / "kept").find(endpoint, *ASKED) == ("dogs", 7, 3)


def test_another_question_model_or_address_has_no_answer(tmp_path, endpoint):
    kept = KeptAnswers(tmp_path / "kept")
    kept.keep(endpoint, *ASKED, Answer("dogs", 7, 3))
    for asked in (("syste", "mquestion", 5), ("system", "question", 6)):
        assert kept.find(endpoint, *asked) is None
    for changed in ({"model": "large"}, {"base_url": "http://localhost:1/v1"}):
        assert kept.find(replace(endpoint, **changed), *ASKED) is None
    patient = replace(endpoint, timeout=99.0, price_in=1.0)
    assert kept.find(patient, *ASKED) is not None


def test_the_key_is_not_kept(tmp_path, endpoint, key):
    KeptAnswers(tmp_path / "kept").keep(endpoint, *ASKED, Answer("dogs", 7, 3))
    assert key.encode() not in (tmp_path / "kept").read_bytes()


def test_another_file_is_refused_and_left_alone(tmp_path):
    (tmp_path / "kept").write_text("something else " * 99)
    with pytest.raises(ValueError, match=r"cannot be used as one .*: move it away"):
        KeptAnswers(tmp_path / "kept")
    assert (tmp_path / "kept").read_text().startswith("something else")
