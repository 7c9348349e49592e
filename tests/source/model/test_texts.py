"""Texts that a language model writes, read by itself or by another."""

import dataclasses

import pytest
import torch

from saecore.source.model.language_model import LanguageModel, OpenModel
from saecore.source.model.texts import ReadText, SampledText, check_vocabularies
from saecore.source.site import Site, read_rows

TEXT = SampledText(LanguageModel("m", "0"), sequences=7, length=5, seed=3)
READ = ReadText(TEXT, LanguageModel("r", "1"))


def test_a_text_site_reads_its_own_text_first_and_other_text_after() -> None:
    site = Site(TEXT, layer=1)
    assert site.text == TEXT
    others = {dataclasses.replace(site, sample=i).text.seed for i in range(1, 5)}
    assert len(others | {3}) == 5
    assert site.hook_name == "blocks.1.hook_resid_post"
    assert Site(TEXT, layer=1, rows=28) != site  # but the same number of rows


def test_a_text_that_another_model_reads_is_the_writers_text_and_the_readers_rows(
    given, reader
) -> None:
    site, tokens = Site(READ, layer=2), torch.arange(35).view(7, 5)
    assert (site.model, site.text, site.n_rows) == (READ.model, TEXT, 28)
    assert site.hook_name == "blocks.2.hook_resid_post"
    assert (
        Site(READ, layer=2, sample=2).text == Site(TEXT, layer=2, sample=2).text != TEXT
    )
    assert Site(READ, layer=2, rows=28).n_rows == site.count == 28
    rows = read_rows(site, given(reader, tokens))
    torch.testing.assert_close(
        rows, read_rows(Site(TEXT, layer=2), given(reader, tokens))
    )


class Speller(OpenModel):
    """A model of which only the vocabulary is known."""

    def __init__(self, words: str, size: int) -> None:
        self.identity, self.vocab_size, self.words = (
            LanguageModel(words, "0"),
            size,
            words,
        )
        self.tokenizer = self

    def get_vocab(self):
        return {word: number for number, word in enumerate(self.words)}


@pytest.mark.parametrize(
    "writer", [Speller("abcd", 4), Speller("abc", 4), Speller("acb", 3)]
)
def test_a_reader_of_another_vocabulary_is_refused_in_one_sentence(writer) -> None:
    check_vocabularies(Speller("abc", 3), Speller("abc", 3))
    wanted = f"abc has 3 tokens and {writer.words}, which wrote it, {writer.vocab_size}, .* take a reader"
    with pytest.raises(ValueError, match=wanted) as error:
        check_vocabularies(Speller("abc", 3), writer)
    assert "\n" not in str(error.value)
