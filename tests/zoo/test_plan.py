"""Plans: what is made, after what, and side by side in several processes with the bits
of one.
"""

import dataclasses
import hashlib
import threading

import pytest

from saecore.errors import MissedSparsity
from saecore.profiles import TINY
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import LanguageModel, identify
from saecore.source.model.texts import ReadText, SampledText
from saecore.source.planted import Planted
from saecore.source.site import Site
from saecore.source.tasks.words import AskedWords, TextWords
from saecore.source.worlds.rows import World
from saecore.zoo import pool, store
from saecore.zoo.language_models import untrained_model
from saecore.zoo.plan import Job, Queue, jobs, work
from saecore.zoo.store import Zoo

TEXT = SampledText(LanguageModel("m", "0"), sequences=7, length=5)
SITE = Site(TEXT, layer=1)
READ = Site(ReadText(TEXT, LanguageModel("r", "1")), layer=1)
SAE = SAERecipe(SITE, "topk", 64, 3)


def test_everything_that_an_sae_rests_on_comes_before_it() -> None:
    words, changed = Site(TextWords(TEXT), layer=1), Site(Planted(Site(Planted(SITE))))
    wanted = [
        dataclasses.replace(SAE, site=site) for site in (changed, words, READ, SITE)
    ]
    planned = jobs(wanted, there=lambda recipe: False)
    made: set = set()
    for job in planned:
        assert job.needs <= made
        made |= set(job.make)
    assert made == {TEXT, SITE, READ, words, changed, changed.source.site, *wanted}  # type: ignore[union-attr]
    assert len(planned) == len(made)
    assert planned[0] == Job((TEXT,), frozenset())


def test_what_is_there_is_not_made_nor_waited_for_nor_what_it_rests_on() -> None:
    assert jobs([SAE], there=lambda recipe: recipe == SITE) == [
        Job((SAE,), frozenset())
    ]
    assert [job.make for job in jobs([SAE], there=lambda recipe: recipe == TEXT)] == [
        (SITE,),
        (SAE,),
    ]
    assert jobs([], there=lambda recipe: False) == []


def test_worlds_and_asked_words_need_nothing() -> None:
    sites = [Site(World(), rows=99), Site(AskedWords(TEXT.model), layer=0)]
    assert [job.needs for job in jobs(sites, there=lambda recipe: False)] == [
        frozenset(),
        frozenset(),
    ]


def test_every_kind_of_job_has_a_cost() -> None:
    sites = [
        Site(World(), rows=99),
        Site(AskedWords(TEXT.model), layer=0),
        Site(TextWords(TEXT), layer=0),
    ]
    wanted = [TEXT, SITE, READ, *sites, Site(Planted(SITE)), SAE, MetaRecipe(SAE, 8)]
    assert all(work([one]) > 0 for one in wanted)
    assert work(wanted) == pytest.approx(sum(work([one]) for one in wanted))


def test_a_queue_gives_a_job_only_when_what_it_needs_is_done() -> None:
    first, second, third = (
        Job((1,), frozenset()),
        Job((2, 3), frozenset({1})),
        Job((4,), frozenset({3})),
    )
    queue, taken = Queue([first, second, third]), []
    assert queue.take() == first
    waiting = threading.Thread(target=lambda: taken.append(queue.take()))
    waiting.start()
    waiting.join(0.05)
    assert taken == []
    queue.done(first)
    waiting.join(5)
    assert taken == [second]
    queue.done(second)
    assert queue.take() == third
    assert queue.take() is None


def test_a_stopped_queue_lets_go_of_those_who_wait() -> None:
    queue, taken = Queue([Job((1,), frozenset()), Job((2,), frozenset({1}))]), []
    queue.take()
    waiting = threading.Thread(target=lambda: taken.append(queue.take()))
    waiting.start()
    queue.stop()
    waiting.join(5)
    assert taken == [None]


def digests(zoo: Zoo) -> dict[str, str]:
    """sha256 of every array and every SAE's weights under a zoo."""
    files = [*zoo.root.rglob("*.npy"), *(zoo.root / "saes").rglob("*.safetensors")]
    return {
        str(one.relative_to(zoo.root)): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in files
    }


def test_texts_rows_and_saes_made_in_several_processes_have_the_bits_of_one(
    tmp_path, monkeypatch
) -> None:
    """On a language model of which only the parent is told where it lies."""
    folder = untrained_model(TINY, root=tmp_path / "elsewhere")
    text, known = (
        SampledText(identify(folder), sequences=40, length=24),
        {identify(folder): folder},
    )
    read = ReadText(text, identify(TINY))
    sites = [
        Site(text, layer=0),
        Site(read, layer=1, sample=1),
        Site(TextWords(text), layer=1),
    ]
    quick = [
        SAERecipe(site, "topk", 32, 3, rows=20 * 128, batch=128, warmup=2)
        for site in sites
    ]
    quick += [
        dataclasses.replace(quick[0], seed=1),
        dataclasses.replace(quick[0], width=48),
    ]
    one = Zoo(tmp_path / "one", workers=1, places=known)
    many = Zoo(tmp_path / "many", workers=2, places=known)
    one.get_all(quick)
    assert len(digests(one)) == 2 + 3 + 5
    monkeypatch.setattr(store, "ALONE_BELOW", 0.0)
    with monkeypatch.context() as patched:
        patched.setattr(
            Zoo, "do", lambda *_: pytest.fail("this process should make nothing")
        )
        many.get_all(quick)
    assert digests(many) == digests(one)


def test_what_is_made_in_one_call_may_be_of_any_kind(zoo, recipe, monkeypatch) -> None:
    quick = dataclasses.replace(recipe, rows=20 * 256)
    meta, other = (
        MetaRecipe(quick, 12, k=2, epochs=60, batch=32),
        dataclasses.replace(recipe.site, sample=1),
    )
    zoo.make([meta, other])
    assert {held.recipe for held in zoo.list()} == {meta, quick, recipe.site, other}
    monkeypatch.setattr(Zoo, "do", lambda *_: pytest.fail("everything is there"))
    zoo.make([meta, other, quick])


def test_a_chain_of_jobs_is_done_here_whatever_it_costs(
    zoo, recipe, monkeypatch
) -> None:
    monkeypatch.setattr(store, "ALONE_BELOW", 0.0)
    monkeypatch.setattr(
        pool, "in_processes", lambda *_: pytest.fail("nothing can be done side by side")
    )
    Zoo(zoo.root, workers=2).get_all([dataclasses.replace(recipe, rows=20 * 256)])


def test_what_needs_a_refused_one_is_never_given_out() -> None:
    first, second = Job((1,), frozenset()), Job((2,), frozenset({1}))
    third, fourth = Job((3,), frozenset({2})), Job((4,), frozenset())
    queue = Queue([first, second, third, fourth])
    assert queue.take() == first
    queue.done(first, refused=[1])
    assert queue.take() == fourth
    assert queue.take() is None


def test_a_meta_sae_of_a_refused_sae_is_not_made_and_the_refusal_is_said_once(
    zoo, recipe
) -> None:
    bad = dataclasses.replace(recipe, architecture="relu", rows=3 * 256)
    with pytest.raises(MissedSparsity, match="must be within 10 %") as error:
        zoo.get_all([MetaRecipe(bad, 12, k=2, epochs=60, batch=32), bad])
    assert str(error.value).count("must be within") == 1
    assert {held.kind for held in zoo.list()} == {"rows"}


def test_the_job_on_which_most_work_waits_comes_first() -> None:
    dear = dataclasses.replace(SAE, width=6400)
    cheap = dataclasses.replace(SAE, site=Site(TEXT, layer=0))
    planned = jobs(
        [cheap, MetaRecipe(dear, 64), dear], there=lambda recipe: recipe == TEXT
    )
    assert [job.make[0] for job in planned][:2] == [SITE, dear]
