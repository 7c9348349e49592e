"""The child's side of a pool: what it reads, what it answers, and how it ends."""

import io
import json
import time

from saecore.recipes.keys import canonical
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import LanguageModel
from saecore.zoo import pool, worker
from saecore.zoo.store import Zoo


def test_the_zoo_that_the_parent_describes_is_opened(tmp_path) -> None:
    model = LanguageModel("m", "0")
    start = pool.Start(tmp_path / "zoo", {model: tmp_path / "m"}, 3)
    zoo = worker.opened_zoo(pool.described(start))
    assert (zoo.root, zoo.workers) == (tmp_path / "zoo", 1)
    assert zoo.file(model) == tmp_path / "m"


def test_lines_are_read_ahead_and_the_end_is_told_while_nobody_asks() -> None:
    ended: list[int] = []
    lines = worker.lines(io.StringIO("one\ntwo\n"), end=ended.append)
    assert next(lines) == "one\n"
    for _ in range(100):
        if ended:
            break
        time.sleep(0.01)
    assert ended == [0]
    assert next(lines) == "two\n"


def test_a_job_is_done_and_what_was_refused_is_told_by_its_place(zoo, recipe) -> None:
    one = SAERecipe(recipe.site, "relu", 64, 3, rows=512, batch=256)
    quick = one.sweep(seed=[0, 1])
    told: list = []
    line = json.dumps([canonical(one) for one in quick])
    assert worker.answer(zoo, line, told.append)
    assert sum(one.get("rows", 0) for one in told) == 2 * 512
    refused = told[-1]["refused"]
    assert [place for place, _ in refused] == [0, 1]
    assert all("must be within 10 %" in why for _, why in refused)


def test_a_job_that_fails_is_told_in_its_own_words(
    tmp_path,
    recipe,
    monkeypatch,
) -> None:
    def broken(*_):
        raise ValueError("the rows are wrong")

    monkeypatch.setattr(Zoo, "do", broken)
    told: list = []
    assert not worker.answer(
        Zoo(tmp_path),
        json.dumps([canonical(recipe)]),
        told.append,
    )
    assert told == [{"failed": "the rows are wrong"}]


def test_progress_is_told_a_few_times_a_second(monkeypatch) -> None:
    told: list = []
    counted = worker.Counted(told.append)
    for _ in range(1000):
        counted.advance(7)
    assert len(told) <= 1
    counted.flush()
    assert sum(one["rows"] for one in told) == 7000
