"""Sites: what they refuse, what they name, and their rows in order."""

import dataclasses
from typing import NamedTuple

import pytest
import torch

from saecore.profiles import TINY
from saecore.source.model.language_model import LanguageModel, identify, open_model
from saecore.source.model.texts import ReadText, SampledText
from saecore.source.planted import Planted
from saecore.source.site import RowBlocks, Site, read_rows, stream_rows
from saecore.source.tasks.words import AskedWords, TextWords
from saecore.source.worlds import rows as worlds
from saecore.source.worlds.rows import World

TEXT = SampledText(LanguageModel("m", "0"), sequences=7, length=5, seed=3)
READ = ReadText(TEXT, LanguageModel("r", "1"))


@dataclasses.dataclass(frozen=True)
class Shifted(Planted):
    """Changed rows: one more than before, and as many as `keep` allows."""

    keep: int = 1_000_000

    def read(self, site, given):
        rows = given.get(self.site)[: self.keep] + 1
        return RowBlocks(len(rows), rows.shape[1], iter([rows]))


def test_rows_are_all_positions_but_the_first_sequence_after_sequence(
    given, reader
) -> None:
    tokens = torch.arange(35).view(7, 5)
    rows = read_rows(Site(TEXT, layer=2), given(reader, tokens))
    assert rows.dtype == torch.float32
    assert rows[:, 0].tolist() == tokens[:, 1:].flatten().tolist()
    assert set(rows[:, 1].tolist()) == {2.0}
    assert len(rows) == Site(TEXT, layer=2).n_rows == 28


def test_blocks_are_the_rows_in_pieces_and_say_how_far_they_are(given, reader) -> None:
    tokens, told, site = torch.arange(35).view(7, 5), [], Site(TEXT, layer=0)
    reading = stream_rows(site, reader, tokens, sequences=3)
    blocks = list(reading.blocks)
    assert [len(block) for block in blocks] == [12, 12, 4]
    rows = read_rows(site, given(reader, tokens), progress=told.append)
    assert told == [28]
    torch.testing.assert_close(torch.cat(blocks), rows)
    assert (reading.n, reading.d_model) == rows.shape


def test_rows_of_a_world_are_its_sample(monkeypatch, given) -> None:
    monkeypatch.setattr(
        worlds,
        "world_rows",
        lambda world, n, *, sample, start: torch.full(
            (n, 2), float(world.seed + sample)
        ),
    )
    site = Site(World(seed=4), sample=2, rows=6)
    assert read_rows(site, given()).tolist() == [[6.0, 6.0]] * 6
    assert site.hook_name == "world"


def test_real_worlds_give_disjoint_samples_that_are_repeatable(given) -> None:
    pytest.importorskip("sae_lens")
    site = Site(World(), rows=50)
    one, again = read_rows(site, given()), read_rows(site, given())
    other = read_rows(dataclasses.replace(site, sample=1), given())
    assert one.shape == (50, 64)
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_changed_rows_are_those_of_their_site_changed(given, reader) -> None:
    site, tokens = Site(TEXT, layer=2), torch.arange(35).view(7, 5)
    assert Site(Shifted(site)).count == site.count
    assert Site(Shifted(site)).model == site.model
    changed, twice = Site(Shifted(site)), Site(Shifted(Site(Shifted(site))))
    rows = read_rows(site, given(reader, tokens))
    for one, more in ((changed, 1), (twice, 2)):
        torch.testing.assert_close(read_rows(one, given(reader, tokens)), rows + more)
        assert one.n_rows == 28
        assert (one.model, one.hook_name) == (TEXT.model, "blocks.2.hook_resid_post")
    assert Site(Shifted(Site(World()))).hook_name == "world"


def test_rows_that_are_fewer_after_the_change_are_refused(given, reader) -> None:
    site = Site(Shifted(Site(TEXT, layer=2), keep=20))
    with pytest.raises(ValueError, match="has 28 and gives 20: correct its read"):
        read_rows(site, given(reader, torch.arange(35).view(7, 5)))


@pytest.mark.parametrize("source", [AskedWords(TEXT.model), TextWords(TEXT)])
def test_a_site_of_words_names_its_layer_and_model_but_not_its_number_of_rows(
    source,
) -> None:
    site = Site(source, layer=1)
    assert (site.hook_name, site.model) == ("blocks.1.hook_resid_post", TEXT.model)
    assert site.count is None
    for one in (site, Site(Shifted(site))):
        with pytest.raises(ValueError, match="known only when they are read"):
            _ = one.n_rows


def test_words_of_another_sample_are_those_of_its_text() -> None:
    other = Site(TextWords(TEXT), layer=1, sample=2)
    assert other.text == Site(TEXT, layer=1, sample=2).text != TEXT


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Site(World(), layer=1), "a World has no layers"),
        (lambda: Site(TEXT), "needs the number of a layer"),
        (lambda: Site(TEXT, layer=-1), "needs the number of a layer"),
        (lambda: Site(TEXT, layer=1, rows=27), "has 28 rows here"),
        (lambda: Site(READ, layer=1, rows=27), "has 28 rows here"),
        (lambda: Site(READ), "needs the number of a layer"),
        (lambda: ReadText(TEXT, TEXT.model), "take the text itself"),
        (lambda: ReadText(TEXT, LanguageModel("copy", "0")), "take the text itself"),
        (lambda: Site(World(), sample=-1), "numbered from 0"),
        (lambda: Site(World(), rows=0), "at least one row"),
        (lambda: Site(World()).text, "only a language model's site has text"),
        (
            lambda: Site(AskedWords(TEXT.model), layer=1).text,
            "only one that reads a sampled text",
        ),
        (lambda: Site(AskedWords(TEXT.model)), "needs the number of a layer"),
        (
            lambda: Site(AskedWords(TEXT.model), layer=1, sample=1),
            "has one sample only",
        ),
        (lambda: Site(TextWords(TEXT), layer=1, rows=28), "taken whole"),
        (
            lambda: Site(Shifted(Site(TEXT, layer=1)), layer=1),
            "a Shifted has no layers",
        ),
        (lambda: Site(Shifted(Site(TEXT, layer=1)), rows=28), "taken whole"),
        (
            lambda: Site(dataclasses.replace(TEXT, length=1), layer=1),
            "at least one row",
        ),
        (
            lambda: AskedWords(TEXT.model, tasks=("ioi",)),
            "tasks must be some of letter",
        ),
        (lambda: AskedWords(TEXT.model, tasks=()), "tasks must be some of letter"),
        (lambda: AskedWords(TEXT.model, tasks=("letter", "letter")), "each once"),
    ],
)
def test_a_site_that_cannot_be_is_refused_in_one_sentence(make, sentence) -> None:
    with pytest.raises(ValueError, match=sentence) as error:
        make()
    assert "\n" not in str(error.value)


def test_a_layer_that_the_model_lacks_is_refused(reader) -> None:
    with pytest.raises(ValueError, match="layers 0 to 2"):
        stream_rows(Site(TEXT, layer=3), reader, torch.ones(1, 5).long())


def test_rows_read_in_bfloat16_have_a_name_of_their_own_and_are_off_by_little() -> None:
    text = SampledText(identify(TINY), sequences=4, length=32)
    tokens = torch.randint(1, 6000, (4, 32), generator=torch.Generator().manual_seed(0))

    class Opened(NamedTuple):
        """Opens the shipped model as it is asked for."""

        def get(self, recipe):
            return tokens

        def model(self, model, dtype="float32"):
            return open_model(TINY, dtype=dtype)

        def file(self, what):
            raise AssertionError

    exact, near = (Site(text, layer=2, dtype=d) for d in ("float32", "bfloat16"))
    assert (exact.slug, near.slug) == ("tiny-layer2", "tiny-layer2-bfloat16")
    rows, others = read_rows(exact, Opened()), read_rows(near, Opened())
    assert rows.dtype == others.dtype == torch.float32
    variance = (rows - rows.mean(0)).square().sum()
    assert 1e-7 < float((rows - others).square().sum() / variance) < 3e-4


@pytest.mark.parametrize(
    ("source", "layer", "dtype", "said"),
    [
        (TEXT, 1, "float16", "float32 or bfloat16, but dtype='float16'"),
        (
            World(),
            None,
            "bfloat16",
            "rows of World are read in float32, but dtype='bfloat16'",
        ),
    ],
)
def test_another_dtype_is_refused_where_there_is_none(
    source, layer, dtype, said
) -> None:
    with pytest.raises(ValueError, match=said):
        Site(source, layer=layer, dtype=dtype)
