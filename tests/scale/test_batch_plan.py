"""Jobs: what is in them, what they need, and that time, memory and disk are those of
their recipes.
"""

import json
from dataclasses import replace

import pytest

from saecore import machine
from saecore.profiles import TINY
from saecore.recipes.keys import key
from saecore.recipes.sae import SAERecipe
from saecore.scale.batch_plan import (
    LEAST_MINUTES,
    STATE,
    TIME_SLACK,
    Machine,
    batch_plan,
    job_memory,
    read_plan,
    write_whole,
)
from saecore.source.model.language_model import identify
from saecore.source.model.texts import SampledText
from saecore.source.site import Site
from saecore.zoo.estimate import each_seconds, each_size, estimate
from saecore.zoo.store import Zoo


def jobs_of(plan, kind):
    return {name: job for name, job in plan["jobs"].items() if name.startswith(kind)}


def test_alike_saes_are_one_job_and_wait_for_their_rows(planned):
    _, plan = planned
    (rows,), saes = jobs_of(plan, "rows"), jobs_of(plan, "saes")
    assert sorted(len(job["keys"]) for job in saes.values()) == [1, 2]
    assert all(job["needs"] == [rows] for job in saes.values())
    assert plan["jobs"][rows]["needs"] == []
    assert [job["shards"] for job in saes.values() if len(job["keys"]) == 1] == [2]


def test_the_same_request_gives_the_same_plan_and_says_what_is_done(planned, filed):
    _, plan = planned
    zoo, recipe = filed
    zoo.make([recipe])
    sharded = replace(recipe, width=32)
    asked = [*recipe.sweep(seed=[0, 1]), sharded]
    again = batch_plan(zoo, asked, {sharded: Machine("cpu", 2)}, bundle=0.0)
    assert list(again["jobs"]) == list(plan["jobs"])
    done = {name for name, job in again["jobs"].items() if job["done"]}
    assert done == set(jobs_of(plan, "rows"))  # of the two SAEs one is missing
    zoo.make(asked[:2])
    again = batch_plan(zoo, asked, {sharded: Machine("cpu", 2)}, bundle=0.0)
    assert sum(job["done"] for job in again["jobs"].values()) == 2


def test_short_jobs_are_put_together_and_no_recipe_is_lost(filed):
    zoo, recipe = filed
    asked = recipe.sweep(width=[8, 16, 24, 48], seed=[0, 1])
    alone = batch_plan(zoo, asked, {}, bundle=0.0)
    together = batch_plan(zoo, asked, {})
    assert len(jobs_of(alone, "saes")) == 4
    assert len(jobs_of(together, "saes")) == 1
    for plan in (alone, together):
        keys = [one for job in jobs_of(plan, "saes").values() for one in job["keys"]]
        assert sorted(keys) == sorted(map(key, asked))


def test_saes_of_different_machines_are_different_jobs(filed):
    zoo, recipe = filed
    asked = recipe.sweep(seed=[0, 1, 2])
    plan = batch_plan(zoo, asked, {asked[1]: Machine("cuda", 1)})
    found = {
        (job["device"], len(job["keys"])) for job in jobs_of(plan, "saes").values()
    }
    assert found == {("cpu", 2), ("cuda", 1)}


def test_time_and_disk_are_those_of_the_recipes(planned, filed):
    _, plan = planned
    zoo, recipe = filed
    seeds = recipe.sweep(seed=[0, 1])
    job = next(j for j in jobs_of(plan, "saes").values() if len(j["keys"]) == 2)
    seconds = sum(each_seconds(zoo, seeds).values())
    assert job["seconds"] == pytest.approx(seconds, rel=0.5, abs=0.1)
    assert job["minutes"] == LEAST_MINUTES + -(-TIME_SLACK * seconds // 60)
    assert job["disk_mb"] == 1 + -(-sum(each_size(zoo, seeds).values()) // 1_000_000)


def test_seconds_of_recipes_add_up_to_the_estimate(filed):
    zoo, recipe = filed
    every = [recipe.site, *recipe.sweep(width=[8, 16])]
    total = sum(each_seconds(zoo, every).values())
    assert estimate(zoo, every[1:]).seconds == pytest.approx(total, rel=0.3)


def test_memory_holds_the_state_of_training_the_rows_and_the_model(filed):
    zoo, recipe = filed
    wide = replace(recipe, width=10**6)
    sizes = each_size(zoo, [recipe.site])
    state = STATE * 12 * 10**6
    rows = 4 * 12 * 1000
    assert job_memory(zoo, [wide], sizes) == machine.WORKER + rows + state
    both = job_memory(zoo, wide.sweep(seed=[0, 1]), sizes)
    assert both == machine.WORKER + rows + 2 * state
    sharded = job_memory(zoo, [wide], sizes, 4)
    assert sharded == 4 * (machine.WORKER + rows) + state
    text = SampledText(identify(TINY), sequences=10, length=11)
    reader = Zoo(zoo.root, workers=1, places={identify(TINY): TINY})
    site = Site(text, layer=1)
    weights = 2 * (TINY / "model.safetensors").stat().st_size
    read = job_memory(reader, [site], each_size(reader, [site]))
    assert read == machine.WORKER + weights + 4 * 160 * 100
    trained = job_memory(reader, [SAERecipe(site, "topk", 64, 4)], {})
    assert trained == machine.WORKER + 4 * 160 * 100 + STATE * 160 * 64


def test_a_plan_is_written_whole_or_not_at_all(tmp_path):
    file = tmp_path / "new" / "plan.json"
    write_whole(file, {"a": 1})
    with pytest.raises(TypeError):
        write_whole(file, {"a": object()})
    assert json.loads(file.read_text()) == {"a": 1}
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"zoo": 3}'])
def test_what_is_no_plan_is_refused_in_a_sentence(tmp_path, text):
    file = tmp_path / "plan.json"
    file.write_text(text)
    with pytest.raises(ValueError, match="a plan is what `saecore batch plan` wrote"):
        read_plan(file)
