"""What is known of single tokens: how they are spelled, and what the taught facts say
of their words.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from saecore.source.model.language_model import OpenModel
from saecore.source.tasks.facts import Facts, read_facts, subjects

_Kinds = Mapping[str, Mapping[str, Sequence[int]]]
"""Kind of label -> label -> tokens that have it."""

SHAPES = {
    "word": r" [a-z]+",
    "capitalised word": r" [A-Z][a-z]*",
    "piece of a word": r"[A-Za-z]+",
    "number": r" ?[0-9]+",
    "punctuation": r" ?[^\w\s]+",
    "end of a sentence": r" ?[.!?]",
    "quotation mark": r" ?[\"'`]+",
    "line break": r"\s*\n\s*",
}
ENDINGS = {
    end: rf" [A-Za-z]{{2,}}{end}"
    for end in ("ed", "ing", "s", "ly", "er", "ness", "tion")
}


def token_texts(model: OpenModel) -> list[str]:
    """The text of every token, with its leading space where it has one, also where
    SentencePiece drops it.
    """
    texts = model.tokenizer.batch_decode([[token] for token in range(model.vocab_size)])
    pieces = model.tokenizer.convert_ids_to_tokens(list(range(model.vocab_size)))
    return [
        f" {text}" if (piece or "").startswith("▁") and text[:1] != " " else text
        for text, piece in zip(texts, pieces, strict=True)
    ]


def token_kinds(model: OpenModel, *, facts: Facts | None = None) -> _Kinds:
    """The tokens by their labels: spelling (first letter, shape, ending), and the facts
    about their words.

    Facts are category, wider category, country, profession, gender, and whether a word
    is a first name, a person, a role, a place or a thing of the generated sentences.
    Only words of one token count; a word may have several labels of a kind. Labels that
    no token has are left out.
    """
    facts, texts = facts or read_facts(), token_texts(model)
    token = {text: number for number, text in reversed(list(enumerate(texts)))}
    spelled = {
        "first letter": [
            (i, text.strip()[0].lower())
            for i, text in enumerate(texts)
            if _is_word(text)
        ],
        "shape": _matching(texts, SHAPES),
        "ending": _matching(texts, ENDINGS),
    }
    told = {
        kind: [
            (token[f" {word}"], label) for word, label in pairs if f" {word}" in token
        ]
        for kind, pairs in _told(facts).items()
    }
    return {
        kind: found
        for kind, pairs in (spelled | told).items()
        if (found := _grouped(pairs))
    }


def _told(facts: Facts) -> dict[str, list[tuple[str, str]]]:
    """Words and their labels, by kind."""
    gender = {"She": "female", "He": "male"}
    names = [name for group in facts.names.values() for name in group]
    roles = [role for group in facts.roles.values() for role in group]
    parts = {
        "first name": names,
        "role": roles,
        "place": facts.places,
        "thing": facts.objects,
    }
    parts["person"] = [person.name for person in facts.persons]
    return {
        "category": list(facts.categories.items()),
        "wider category": [
            (word, facts.parents.get(one, one))
            for word, one in facts.categories.items()
        ],
        "country": [(person.name, person.country) for person in facts.persons],
        "profession": [(person.name, person.profession) for person in facts.persons],
        "gender": [
            (one.word, gender[one.answer]) for one in subjects("pronoun", facts)
        ],
        "part": [(word, part) for part, words in parts.items() for word in words],
    }


def _is_word(text: str) -> bool:
    return re.fullmatch(r" ?[A-Za-z]+", text) is not None


def _matching(
    texts: Sequence[str], patterns: Mapping[str, str]
) -> list[tuple[int, str]]:
    return [
        (number, label)
        for label, pattern in patterns.items()
        for number, text in enumerate(texts)
        if re.fullmatch(pattern, text)
    ]


def _grouped(pairs: Iterable[tuple[int, str]]) -> dict[str, list[int]]:
    grouped: dict[str, set[int]] = {}
    for token, label in pairs:
        grouped.setdefault(label, set()).add(token)
    return {label: sorted(tokens) for label, tokens in sorted(grouped.items())}
