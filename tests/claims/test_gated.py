"""What a profile's model is asked."""

from dataclasses import replace

import pytest

from saecore.claims import gated as module
from saecore.claims.gated import asked_only, require_tasks, tasks_needed
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.claims.sites import asked_site, word_site
from saecore.errors import Unsuited
from saecore.profiles import read
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import open_model
from saecore.source.untaught.gates import Gate
from saecore.zoo.store import Zoo

TAUGHT = read("tiny")
UNTAUGHT = replace(TAUGHT, in_context=4)
MODEL = open_model(TAUGHT.folder)
TASKS = ("letter", "category", "country", "profession", "pronoun", "ioi")


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    found = {task: Gate(0.9, 0.9, 0.1, 100, 0, 4) for task in TASKS}
    found["country"] = Gate(0.52, 0.5, 0.1, 100, 0, 4)
    monkeypatch.setattr(module, "measured_gates", lambda *given: found)
    return Zoo(tmp_path)


def test_a_model_that_was_taught_is_asked_without_a_gate(zoo):
    require_tasks(zoo, TAUGHT, MODEL, "country")
    names = [asked_site(TAUGHT)]
    assert asked_only(zoo, TAUGHT, names) == (names, "")


def test_others_are_asked_what_they_can_do(zoo):
    require_tasks(zoo, UNTAUGHT, MODEL, "letter", "pronoun")
    with pytest.raises(Unsuited, match=r"country .* 0\.52"):
        require_tasks(zoo, UNTAUGHT, MODEL, "letter", "country")


def test_what_serves_no_question_that_passed_is_not_trained(zoo):
    names, words = asked_site(UNTAUGHT), word_site(UNTAUGHT)
    sae, other = (SAERecipe(site, "topk", 64, 4) for site in (names, words))
    seeds = model_seeds(UNTAUGHT).base[:1]
    kept, said = asked_only(zoo, UNTAUGHT, [names, sae, other, words, *seeds])
    assert kept == [other, words, *seeds]
    assert "left out: 2 artefacts" in said
    assert "country 0.52" in said
    assert tasks_needed(words) == ("letter",)
    assert tasks_needed(seeds[0]) == ()
