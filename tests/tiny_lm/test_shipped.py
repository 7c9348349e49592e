"""The small language model that ships with the package meets what its page promises."""

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from torch.testing import assert_close

from saecore.source.model.generation import sample
from saecore.source.model.language_model import identify, open_model
from saecore.source.tasks.answers import accuracy, swap
from saecore.source.tasks.facts import prompts
from saecore.source.tasks.templates import TRAINED
from saecore.tiny_lm.tokeniser import single_words

FOLDER = Path(str(files("saecore") / "tiny"))
SITE = 1  # dictionaries are trained on the residual stream after this layer
LOOKED_UP = ("letter", "category", "country", "profession", "pronoun")


@pytest.fixture(scope="module")
def model():
    return open_model(FOLDER)


@pytest.fixture(scope="module")
def evaluation():
    return json.loads((FOLDER / "evaluation.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def words():
    return list(single_words(Tokenizer.from_file(str(FOLDER / "tokenizer.json"))))[::40]


def test_the_evaluation_is_of_these_weights(evaluation):
    assert evaluation["fingerprint"] == identify(FOLDER).fingerprint


def test_the_weights_are_small_enough_to_ship():
    assert (FOLDER / "model.safetensors").stat().st_size <= 8_000_000


def test_no_text_and_no_path_is_shipped():
    assert not [
        path.name
        for path in FOLDER.iterdir()
        if path.suffix in (".txt", ".npz", ".bin", ".pt")
    ]
    for name in ("README.md", "evaluation.json", "training.json", "config.json"):
        assert not re.search(
            r"/(?:home|work|tmp|root)/", (FOLDER / name).read_text(encoding="utf-8")
        )


@pytest.mark.parametrize("task", LOOKED_UP)
def test_what_was_taught_is_known(model, words, task):
    asked = prompts(task, words=words, count=150)
    assert accuracy(model, asked).right >= 0.93


def test_the_receiver_of_a_gift_is_known(model):
    assert accuracy(model, prompts("ioi", count=150)).right > 0.9


@pytest.mark.parametrize("task", LOOKED_UP)
def test_the_answer_is_carried_by_the_stream_at_the_word(model, words, task):
    asked = prompts(task, words=words, count=100, template=TRAINED[task][0])
    assert swap(model, asked, SITE).follows >= 0.85
    assert swap(model, asked, model.n_layers - 1).follows < 0.1


def test_the_measured_figures_meet_their_bars(evaluation):
    story = evaluation["losses"]["story"]
    assert story["model"] < story["trigram"] - 0.2
    assert evaluation["participation_ratio"]["sampled_text"][str(SITE)] >= 40
    assert evaluation["letter_probe"]["layers"][str(SITE)]["accuracy"] >= 0.85


def test_transformer_lens_reads_the_same_tokens_and_the_same_stream(model):
    from transformer_lens.model_bridge import TransformerBridge

    bridge = TransformerBridge.boot_transformers(str(FOLDER), device="cpu")
    text = "The word house starts with a letter.\nOnce upon a time there was a dog."
    tokens = bridge.to_tokens(text, prepend_bos=True)
    assert tokens.tolist() == [model.encode(text)]
    _, cache = bridge.run_with_cache(tokens)
    for layer in range(model.n_layers):
        stream = cache[f"blocks.{layer}.hook_resid_post"]
        assert_close(stream, model.read(tokens, [layer])[layer], atol=1e-4, rtol=1e-4)


def test_it_writes_stories_of_words(model):
    written = sample(model, 4, 60, generator=torch.Generator().manual_seed(0))
    words = re.findall(
        r"[A-Za-z]+", " ".join(model.decode(row.tolist()) for row in written)
    )
    assert len(words) > 100
    assert sum(len(word) > 1 for word in words) > 0.8 * len(words)
