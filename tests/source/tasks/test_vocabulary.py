"""Words of one token, and the stream at a word."""

import pytest
import torch

from saecore.profiles import TINY
from saecore.source.model.language_model import open_model
from saecore.source.tasks.answers import position
from saecore.source.tasks.facts import prompts
from saecore.source.tasks.vocabulary import at_word, whole_words


@pytest.fixture(scope="module")
def model():
    return open_model(TINY)


def test_whole_words_are_single_tokens_of_letters(model):
    words = whole_words(model)
    assert len(words) > 2000
    assert {"little", "apple"} <= set(words)
    assert all(len(model.encode(f" {word}")) == 2 for word in words[::200])


def test_the_stream_at_a_word_is_read_one_prompt_at_a_time_alike(model):
    asked = prompts("letter", words=whole_words(model)[:6]) + prompts(
        "country", count=4
    )
    found = at_word(model, asked, [0, 1])
    for index, prompt in enumerate(asked):
        alone = model.read(torch.tensor([model.encode(prompt.text)]), [0, 1])
        for layer in (0, 1):
            torch.testing.assert_close(
                found[layer][index],
                alone[layer][0, position(model, prompt)],
                rtol=1e-4,
                atol=1e-4,
            )
