"""A vocabulary of whole words that still spells everything.

Whole words make one token of every word whose facts are taught, so that a fact has one
position in the text. Greedy longest match (WordPiece without a continuation mark) over
GPT-2's byte-level splitting; all 256 bytes are tokens, so no text is lost:
`decode(encode(text)) == " " + text`. Words carry their leading space, at the beginning
of a text and of a line too, so that a word is the same token wherever it stands.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

END = "<|endoftext|>"
"""Begins every document; token 0."""
SPACE = "Ġ"
"""The byte-level sign of a leading space."""
_SUFFIXES = """
ing ed ly s er tion es est ness ment able ion ers al ous ity ive ic y ist ism ian an en in on or ar le el th
us um ia ine ate ize ful less ship ish ant ent age ance ence ure ra ri ro la li lo ma mi mo na ni no ta ti to
ca co da di de re te se ne
"""
SUFFIXES = tuple(_SUFFIXES.split())


def split_words(text: str) -> list[str]:
    """The byte-level pieces from which tokens are chosen: `The word.` gives `ĠThe`,
    `Ġword`, `.`.
    """
    return [
        piece for piece, _ in _splitter().pre_tokenize_str(text.replace("\n", "\n "))
    ]


def count_words(*weighted: tuple[Iterable[str], float]) -> dict[str, float]:
    """How often each piece occurs in several groups of texts, each group with its
    weight.
    """
    total: dict[str, float] = defaultdict(float)
    for texts, weight in weighted:
        for text in texts:
            for piece in split_words(text):
                total[piece] += weight
    return dict(total)


def whole_word_tokeniser(
    counts: Mapping[str, float], words: Iterable[str], *, size: int
) -> Tokenizer:
    """The tokeniser of `size` tokens: end mark, bytes, `words` (always whole),
    suffixes, then by count.
    """
    vocabulary = dict.fromkeys([END, *sorted(pre_tokenizers.ByteLevel.alphabet())])
    vocabulary.update(dict.fromkeys(SPACE + word for word in sorted(set(words))))
    vocabulary.update(dict.fromkeys(SUFFIXES))
    for piece, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if len(vocabulary) >= size:
            break
        if not re.fullmatch(rf"{SPACE}?\d\d+", piece):
            vocabulary[piece] = None
    return _tokeniser({piece: index for index, piece in enumerate(vocabulary)})


def _tokeniser(vocabulary: dict[str, int]) -> Tokenizer:
    model = models.WordPiece(
        vocabulary,
        unk_token=END,
        continuing_subword_prefix="",
        max_input_chars_per_word=100_000,
    )
    tokeniser = Tokenizer(model)
    tokeniser.normalizer = normalizers.Replace("\n", "\n ")
    tokeniser.pre_tokenizer = _splitter()
    tokeniser.decoder = decoders.Sequence(
        [decoders.ByteLevel(), decoders.Replace("\n ", "\n")]
    )
    tokeniser.add_special_tokens([END])
    return tokeniser


def with_beginning(tokeniser: Tokenizer) -> Tokenizer:
    """A copy that puts the end mark before each text, unless it is told to add no
    special tokens.
    """
    copy = Tokenizer.from_str(tokeniser.to_str())
    copy.post_processor = processors.TemplateProcessing(
        single=f"{END} $A", pair=f"{END} $A $B", special_tokens=[(END, 0)]
    )
    return copy


def _splitter() -> pre_tokenizers.ByteLevel:
    return pre_tokenizers.ByteLevel(add_prefix_space=True)


def single_words(tokeniser: Tokenizer) -> dict[str, int]:
    """The words of three letters or more that are one token, with their token ids."""
    return {
        piece[1:]: index
        for piece, index in sorted(
            tokeniser.get_vocab().items(), key=lambda item: item[1]
        )
        if re.fullmatch(rf"{SPACE}[A-Za-z][a-z]{{2,}}", piece)
    }


def plain_words(template: str) -> set[str]:
    """The words of a template, without its gaps and marks."""
    return set(re.findall(r"[A-Za-z]+", re.sub(r"\{\w+\}", " ", template)))
