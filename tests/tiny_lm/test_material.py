"""All of the training text made ready: readable lines, taught words, held-out parts."""

from saecore.source.tasks.facts import read_facts
from saecore.tiny_lm.corpus import KINDS
from saecore.tiny_lm.material import prepare, readable

FACTS = read_facts()


def test_lines_that_the_vocabulary_does_not_cover_are_dropped(made):
    known, spelled = "We say that a dog is an animal.", "Xqzjv brtkl pfwmn grzbl."
    assert readable([known, spelled], made) == [known]


def test_everything_is_made_ready_from_made_up_texts(wordnet_folder, tmp_path):
    stories = tmp_path / "stories.txt"
    told = [f"The dog number {i} barked at the cat. " * 4 for i in range(60)]
    stories.write_text("<|endoftext|>".join(told), encoding="utf-8")
    material = prepare(
        stories=[stories],
        wordnet=wordnet_folder,
        facts=FACTS,
        vocabulary=3500,
        lines=dict.fromkeys(KINDS, 120),
    )
    assert set(material.train) == {"story", "wordnet", *KINDS}
    assert material.tokeniser.get_vocab_size() <= 3500
    assert "barked" in material.words
    assert len(material.held_out["story"].tokens) < 0.1 * len(
        material.train["story"].tokens
    )
