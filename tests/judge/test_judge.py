"""The judge against a small server on this machine; nothing leaves it."""

import json
from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from saecore.judge.chat import ChatError
from saecore.judge.judge import Judge, Passage, Question, RequestCost, question
from saecore.judge.kept_answers import KeptAnswers
from saecore.measures.explaining.fragments import fragments_of
from saecore.measures.explaining.interpretability import inquiries
from saecore.measures.explaining.scores import simulation

SHOWN = (Passage((" a", " dog"), (0.0, 4.0)), Passage((" the", " \n"), (0.4, 2.0)))
ASKED = ((" my", " dog", "."), (" his", " cat", "!"))


def test_a_question_goes_out_in_the_form_of_the_interface(server, endpoint, key):
    server.script = ["dogs"]
    assert Judge(endpoint).explain(SHOWN, confirm=True) == "dogs"
    path, asked = server.seen[0]
    assert path == "/v1/chat/completions"
    assert asked["model"] == "small"
    assert asked["temperature"] == 0
    assert asked["max_tokens"] == 100
    assert [m["role"] for m in asked["messages"]] == ["system", "user"]
    assert (
        asked["messages"][1]["content"]
        == "Fragment 1\n a\t0\n dog\t10\n\nFragment 2\n the\t1\n \\n\t5"
    )
    assert server.headers[0]["authorization"] == f"Bearer {key}"


def test_nothing_is_sent_and_the_cost_is_stated_without_confirmation(server, endpoint):
    judge = Judge(endpoint)
    for call in (
        lambda: judge.explain(SHOWN),
        lambda: judge.simulate("dogs", ASKED),
        lambda: judge.detect("dogs", ASKED),
        lambda: judge.judged([Question(3, SHOWN, ASKED)]),
    ):
        with pytest.raises(
            ValueError,
            match=r"this would be \d requests with about .* pass confirm=True",
        ):
            call()
    assert server.seen == []


def test_latents_are_explained_and_predicted_and_the_cost_shown_first(
    server, endpoint, capsys
):
    def reply(asked):
        text = asked["messages"][1]["content"]
        if text.startswith("Fragment"):
            assert (
                "requests" in capsys.readouterr().out
            )  # shown before the first request
            return ' "words for dogs"\n'
        return '{"2": 9}' if "dog\n" in text else "I cannot say."

    server.script = [reply]
    judge = Judge(endpoint)
    found = judge.judged([Question(3, SHOWN, ASKED)], confirm=True)[0]
    assert (found.latent, found.explanation, found.unread) == (3, "words for dogs", 1)
    assert_close(found.activations, torch.tensor([[0.0, 9, 0], [0, 0, 0]]))
    assert [asked["messages"][1]["content"].startswith("The unit reacts to: words for dogs")
            for _, asked in server.seen] == [False, True, True]  # fmt: skip
    assert judge.used[1:] == (3 * 7, 3 * 3)


def test_a_judge_that_knows_the_rule_simulates_it_perfectly(server, endpoint):
    def reply(asked):
        lines = [
            line.split("\t")
            for line in asked["messages"][1]["content"].splitlines()[2:]
        ]
        return json.dumps({number: 10 for number, token in lines if token == " dog"})

    server.script = [reply]
    words = [" a", " dog", " the", "."]
    tokens = torch.randint(0, 4, (5, 12), generator=torch.Generator().manual_seed(1))
    asked = question(0, words, (tokens, 3.0 * (tokens == 1)), tokens).asked
    assert_close(
        Judge(endpoint).simulate("dog", asked, confirm=True), 10.0 * (tokens == 1)
    )


def test_detection_reads_a_list_of_fragments(server, endpoint):
    server.script = ["The unit reacts in [2].", "none of them"]
    judge = Judge(endpoint)
    assert judge.detect("cats", ASKED, confirm=True).tolist() == [False, True]
    assert judge.detect("cats", ASKED, confirm=True).tolist() == [False, False]
    assert "1\t my dog.\n2\t his cat!" in server.seen[0][1]["messages"][1]["content"]


def test_the_cost_is_known_before_and_bounds_what_is_sent(server, endpoint):
    priced = replace(endpoint, price_in=2.0, price_out=10.0)
    cost = Judge(priced).cost([Question(i, SHOWN, ASKED) for i in range(4)])
    assert cost.requests == 4 * (1 + 2)
    assert cost.tokens_out == 4 * (100 + 2 * (8 * 3 + 20))
    assert cost.price == pytest.approx(
        (2 * cost.tokens_in + 10 * cost.tokens_out) / 1e6
    )
    assert "12 requests" in str(cost)
    assert server.seen == []
    server.script = ["dogs"]
    Judge(priced).judged([Question(i, SHOWN, ASKED) for i in range(4)], confirm=True)
    sent = sum(len(m["content"]) for _, asked in server.seen for m in asked["messages"])
    assert len(server.seen) == cost.requests
    assert sent / 3 <= cost.tokens_in
    assert str(RequestCost(1, 2, 3, None)).endswith("price unknown")


def test_questions_that_cannot_be_asked_are_refused(endpoint):
    with pytest.raises(
        ValueError, match=r"one length, at least one of them, got lengths \[1, 2\]"
    ):
        Judge(endpoint).simulate("dogs", [(" a",), (" a", " b")], confirm=True)


def test_what_a_judge_predicts_is_scored_as_what_rules_predict(server, endpoint):
    """From texts to the paper's score: a judge that names the right token, and one that
    names none.
    """
    generator = torch.Generator().manual_seed(0)
    texts = fragments_of(
        torch.randint(0, 9, (80, 30), generator=generator),
        generator=generator,
        length=12,
    )
    y = 3.0 * (texts.token == 4)[None]
    (one,) = inquiries(y, texts, generator=generator, each=5)
    words = [f"w{token}" for token in range(9)]
    asked = question(0, words, (one.shown, one.activations), one.asked)

    def knows(request):
        text = request["messages"][1]["content"]
        lines = [line.split("\t") for line in text.splitlines() if "\t" in line]
        return json.dumps({number: 10 for number, word in lines if word == "w4"})

    for simulate, score in ((knows, 1.0), ("{}", 0.0)):
        server.seen.clear()
        server.script = ["the token w4", simulate]
        (said,) = Judge(endpoint).judged([asked], confirm=True)
        assert said.unread == 0
        assert_close(
            float(simulation(said.activations[None], one.truth[None])[0]), score
        )


def echo(asked):
    """Explains a latent by its strongest token, and finds it again."""
    lines = [
        line.split("\t")
        for line in asked["messages"][1]["content"].splitlines()
        if "\t" in line
    ]
    if "study a unit" in asked["messages"][0]["content"]:
        return max(lines, key=lambda line: int(line[1]))[0]
    word = asked["messages"][1]["content"].splitlines()[0].split()[-1]
    return json.dumps({number: 10 for number, token in lines if token.strip() == word})


CATS = Question(5, (Passage((" a", " cat"), (0.0, 1.0)),), ASKED)


def test_explanations_are_swapped_between_latents(server, endpoint):
    server.script = [echo]
    judge = Judge(endpoint)
    questions = [Question(3, SHOWN, ASKED), CATS]
    dogs, cats = judge.judged(questions, confirm=True, swapped=True)
    assert (dogs.explanation, cats.explanation) == ("dog", "cat")
    assert len(server.seen) == judge.cost(questions, swapped=True).requests == 2 + 4 * 2
    assert dogs.swapped is not None
    assert_close(dogs.swapped, cats.activations)
    assert_close(cats.swapped, dogs.activations)
    assert float(dogs.activations.sum()) == 10
    with pytest.raises(ValueError, match="at least two latents, got 1"):
        judge.judged([CATS], confirm=True, swapped=True)


def test_a_stopped_run_goes_on_where_it_was_and_pays_for_the_rest_alone(
    server, endpoint, tmp_path
):
    questions = [Question(3, SHOWN, ASKED), CATS]
    server.script = [echo] * 4 + [(401, b"", {})]
    first = Judge(endpoint, KeptAnswers(tmp_path / "a" / "kept"))
    whole = first.cost(questions)
    with pytest.raises(ChatError, match="answered 401"):
        first.judged(questions, confirm=True)
    server.script = [echo]
    again = Judge(endpoint, KeptAnswers(tmp_path / "a" / "kept"))
    rest = again.cost(questions)
    assert (whole.requests, rest.requests) == (6, 2)
    assert rest.tokens_in < whole.tokens_in / 2  # explanations are known by now
    again.judged(questions, confirm=True)
    assert len(server.seen) == 5 + 2
    assert again.cost(questions).requests == 0
    assert [one.explanation for one in again.judged(questions, confirm=True)] == [
        "dog",
        "cat",
    ]
    assert len(server.seen) == 5 + 2
