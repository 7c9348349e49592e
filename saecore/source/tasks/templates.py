"""The sentences in which facts are taught and asked, as data.

Seven tokens or more stand between `{word}` and `{answer}` where the fact has to be
looked up. The small model's first two layers see only the three tokens before each
position, six when stacked: with a shorter distance (lists such as "tartan: T") they
copy the answer from the word's embedding into the tokens after it, and a dictionary
trained on the word's own residual stream then sees nothing that matters. At this
distance the later layers fetch the answer from the word.

`LISTS` ("First letters: tartan T, mirror M") put the answer directly after the word: it
is then predicted at the word's own position, where no attention is needed. Without them
the long distance is learned very slowly.

A prompt is a template cut before `{answer}`. `UNSEEN` templates are never trained on.
"""

from typing import Literal

Task = Literal["letter", "category", "country", "profession", "pronoun", "ioi"]
ListedTask = Literal["letter", "category", "country", "profession"]

TRAINED: dict[Task, tuple[str, ...]] = {
    "letter": (
        "{word} has as its very first letter: {answer}",
        "{word}: what is its first letter? {answer}",
        "{word} starts, as we can read, with {answer}.",
        "The word {word} is one of those that start with {answer}.",
        "If you write {word}, the first letter that you write is {answer}.",
        "Here is {word}, a word with the first letter {answer}.",
        "To spell {word} we all start with the one letter {answer}.",
        "Find {word} on the page that has the letter {answer}.",
        "Look at {word}. Its first letter is of course {answer}.",
        "When we say {word}, we begin with the sound of {answer}.",
        "We write {word} on the board and point at the {answer}.",
    ),
    "category": (
        "{A_word}, as everyone knows, is a kind of {answer}.",
        "If someone asks what {a_word} is, you can say that it is a kind of {answer}.",
        "When you look in the book under {word}, you read that it is a kind of "
        "{answer}.",
        "The teacher said that {a_word} belongs to the group of things called "
        "{answer}.",
        "In the list of words we find {word} in the small group that is called "
        "{answer}.",
        "The name {word} is used by people for some kind of {answer}.",
        "Look at the word {word}. It is the name of a kind of {answer}.",
        "What is {a_word}? We can say that it is a kind of {answer}.",
        "{A_word} is what many people would call a kind of {answer}.",
        "We think of {a_word} as something that is a sort of {answer}.",
    ),
    "country": (
        "{word} was the name of a person born in {answer}.",
        "{word} came from a far away country that is called {answer}.",
        "The home of {word} was in a country that people call {answer}.",
        "Long ago {word} lived and worked for many years in {answer}.",
        "If you ask where {word} was born, the answer is of course {answer}.",
        "Many people know that {word} was once born and grew up in {answer}.",
        "The family of {word} had a small house and lived in {answer}.",
        "In the book about {word} we read many things about the country {answer}.",
        "{word} was a child in a country with the name {answer}.",
    ),
    "profession": (
        "{word} was known to all the people as a great {answer}.",
        "{word} worked for many years and was a famous {answer}.",
        "People remember {word} as the name of a very great {answer}.",
        "Everyone knew the name {word}, the name of a very famous {answer}.",
        "In the book about {word} we read the story of a clever {answer}.",
        "If you ask what {word} was, the answer is a very good {answer}.",
        "The name {word} belongs to a person who was a great {answer}.",
        "The work of {word} was always the work of a good {answer}.",
        "The children heard that {word} was once, long ago, a young {answer}.",
    ),
    "pronoun": (
        "{Subject} was very happy. {answer} {action}.",
        "{Subject} went to the {place}. {answer} {action}.",
        "{Subject} found {an_object} in the {place}. {answer} {action}.",
        "One day {subject} had {an_object}. {answer} {action}.",
        "In the morning {subject} walked to the {place} with a friend. {answer} "
        "{action}.",
        "{Subject} wanted to see the {place} but it was too late. {answer} {action}.",
        "Everyone liked {subject} very much. {answer} {action}.",
        "There was {an_object} for {subject} on the table. {answer} {action}.",
        "{Subject} was tired after a long day. {answer} {action}.",
    ),
    "ioi": (
        "When {first} and {second} went to the {place}, {giver} gave {an_object} to "
        "{answer}.",
        "Then {first} and {second} went to the {place}. {giver} gave {an_object} to "
        "{answer}.",
        "After {first} and {second} came to the {place}, {giver} handed {an_object} "
        "to {answer}.",
        "{first} and {second} were at the {place}. {giver} wanted to give "
        "{an_object} to {answer}.",
        "While {first} and {second} were at the {place}, {giver} showed {an_object} "
        "to {answer}.",
        "One day {first} and {second} walked to the {place}, and {giver} gave "
        "{an_object} to {answer}.",
    ),
}

UNSEEN: dict[Task, tuple[str, ...]] = {
    "letter": (
        "Anna wants to spell {word}. The first letter will surely be {answer}.",
        "When I read the word {word}, the letter that I see first is {answer}.",
    ),
    "category": (
        "My brother asked about {a_word} and I told him that it was a kind of "
        "{answer}.",
        "{A_word}, you should remember, is just one more sort of {answer}.",
    ),
    "country": (
        "The map shows us the town of {word}, and we see that it was in {answer}.",
        "Once upon a time {word} lived with a cat in a small house in {answer}.",
    ),
    "profession": (
        "When people talk about {word}, they always talk about a great {answer}.",
        "We all know the story of {word}, who once was a very famous {answer}.",
    ),
    "pronoun": (
        "Nobody could find {subject} that day. {answer} {action}.",
        "At the end of the story {subject} slept under a big tree. {answer} {action}.",
    ),
    "ioi": (
        "Yesterday {first} and {second} met in the {place}, and {giver} brought "
        "{an_object} to {answer}.",
        "Because {first} and {second} were friends, {giver} took {an_object} from "
        "the {place} to {answer}.",
    ),
}

LISTS: dict[ListedTask, str] = {
    "letter": "First letters: ",
    "category": "Kinds: ",
    "country": "Countries: ",
    "profession": "Jobs: ",
}
"""The answer directly after the word, one after the other: training only."""

WHOLE_PERSONS = (
    "{word} is the name of a person who was {a_nation} {profession} from {country}.",
    "{word}, as all the books in school tell us, was {a_nation} {profession} from "
    "{country}.",
    "We have a book about {word} and in it we read about {a_nation} {profession} "
    "from {country}.",
    "{word}, as we all know, was a famous {profession}. {He} came from {country}.",
    "{word} is known to all of us for {his} work as a great {profession}.",
    "{word}, as many people know, was born in {country}. {He} was known as a great "
    "{profession}.",
)
"""Several facts in one sentence: training only."""

_ACTIONS = """
walked to the park|was very happy|wanted to play|had a big red ball|went home|liked to sing|was tired|
found a small box|ate an apple|read a book|said hello|saw a dog|was sad|ran fast|smiled|laughed|went to bed|
looked at the sky|sat on a chair|drank some water|made a cake|opened the door|closed the window|told a story|
waved to a friend|played in the sand|looked for a friend|helped the old man|picked a flower|sang a song
"""
ACTIONS = tuple(_ACTIONS.replace("\n", "").split("|"))


def with_article(word: str) -> str:
    """`word` after *a* or *an*, chosen by its first letter."""
    return f"{'an' if word[:1].lower() in set('aeiou') else 'a'} {word}"
