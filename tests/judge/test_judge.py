"""The judge against a small server on this machine; nothing leaves it."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch
from torch.testing import assert_close

from saecore.judge import prompts
from saecore.judge.chat import ChatError, Endpoint, ask
from saecore.judge.judge import Cost, Judge, Passage, Question, question
from saecore.measures.explaining.fragments import fragments_of
from saecore.measures.explaining.interpretability import inquiries
from saecore.measures.explaining.scores import simulation

KEY = "secret-of-the-test"


class Server:
    """Answers what `script` says: a text, a status, raw bytes, or a function of the
    question.
    """

    def __init__(self):
        self.seen, self.script, self.headers = [], [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.seen.append((self.path, asked))
                outer.headers.append(dict(self.headers))
                outer.answer(self, asked)

            def log_message(self, format, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        setattr(self.http, "handle_error", lambda *_: None)  # noqa: B010  a client that has hung up
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/v1"
        threading.Thread(
            target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def answer(self, handler, asked):
        step = self.script[min(len(self.seen), len(self.script)) - 1]
        step = step(asked) if callable(step) else step
        status, body, extra = step if isinstance(step, tuple) else (200, step, {})
        if not isinstance(body, bytes):
            choices = [{"message": {"role": "assistant", "content": body}}]
            body = json.dumps(
                {
                    "choices": choices,
                    "usage": {"prompt_tokens": 7, "completion_tokens": 3},
                }
            ).encode()
        handler.send_response(status)
        for name, value in extra.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("JUDGE_KEY", KEY)
    one = Server()
    yield one
    one.http.shutdown()
    one.http.server_close()


@pytest.fixture
def endpoint(server):
    return Endpoint(
        server.url, "small", key_variable="JUDGE_KEY", timeout=5, retries=2, wait=0.0
    )


SHOWN = (Passage((" a", " dog"), (0.0, 4.0)), Passage((" the", " \n"), (0.4, 2.0)))
ASKED = ((" my", " dog", "."), (" his", " cat", "!"))


def test_a_question_goes_out_in_the_form_of_the_interface(server, endpoint):
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
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


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
    priced = Endpoint(**(vars(endpoint) | {"price_in": 2.0, "price_out": 10.0}))
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
    assert str(Cost(1, 2, 3, None)).endswith("price unknown")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_by_itself_is_tried_again(server, endpoint, status):
    server.script = [
        (status, b"busy", {"Retry-After": "0"}),
        (status, b"busy", {}),
        "dogs",
    ]
    assert ask(endpoint, "s", "q", longest=5).text == "dogs"
    assert len(server.seen) == 3


def test_after_the_last_try_the_refusal_is_told_in_one_sentence(server, endpoint):
    server.script = [
        (429, json.dumps({"error": {"message": "slow\ndown"}}).encode(), {})
    ]
    with pytest.raises(
        ChatError, match=r"answered 429, 'slow down': the limit of requests is reached"
    ):
        ask(endpoint, "s", "q", longest=5)
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, b'{"error": "no"}', "answered 401, 'no': check the key in JUDGE_KEY"),
        (404, b"<html>", "answered 404, '<html>': check base_url"),
        (400, b"\xff" * 500, "answered 400"),
    ],
)
def test_other_refusals_are_not_tried_again_and_never_tell_the_key(
    server, endpoint, status, body, told
):
    server.script = [(status, body, {})]
    with pytest.raises(ChatError) as caught:
        ask(endpoint, "s", "q", longest=5)
    assert told in str(caught.value)
    assert KEY not in str(caught.value)
    assert len(str(caught.value)) < 500
    assert len(server.seen) == 1


def test_a_redirect_is_not_followed_as_it_would_carry_the_key_away(server, endpoint):
    other = Server()
    server.script, other.script = (
        [(302, b"", {"Location": f"{other.url}/chat/completions"})],
        ["dogs"],
    )
    with pytest.raises(ChatError, match="answered 302"):
        ask(endpoint, "s", "q", longest=5)
    assert other.seen == []
    other.http.shutdown()
    other.http.server_close()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"not json", b'{"choices": []}', b'{"choices": [{"message": 3}]}'],
)
def test_an_answer_in_another_form_is_an_error_that_shows_it(server, endpoint, body):
    server.script = [(200, body, {})]
    with pytest.raises(
        ChatError, match=r"must answer with choices\[0\].message.content"
    ):
        ask(endpoint, "s", "q", longest=5)


def test_an_empty_answer_and_missing_counts_are_no_error(server, endpoint):
    server.script = [
        (200, b'{"choices": [{"message": {"content": null}}], "usage": null}', {})
    ]
    assert ask(endpoint, "s", "q", longest=5) == ("", 0, 0)


def test_silence_ends_after_the_time_out(server, endpoint):
    slow = Endpoint(**(vars(endpoint) | {"timeout": 0.2, "retries": 1}))
    server.script = [lambda _: time.sleep(1) or "dogs"]
    start = time.monotonic()
    with pytest.raises(ChatError, match=r"within 0.2 s, but after 2 tries"):
        ask(slow, "s", "q", longest=5)
    assert time.monotonic() - start < 0.9


def test_no_server_at_all_is_told_in_one_sentence(server, endpoint):
    gone = Endpoint(
        **(vars(endpoint) | {"base_url": "http://127.0.0.1:9/v1", "retries": 0})
    )
    with pytest.raises(ChatError, match="check the address, or raise timeout"):
        ask(gone, "s", "q", longest=5)


def test_the_key_comes_from_the_environment_alone(server, endpoint, monkeypatch):
    server.script = ["dogs"]
    ask(Endpoint(server.url, "small", key_variable=""), "s", "q", longest=5)
    assert "Authorization" not in server.headers[0]
    monkeypatch.delenv("JUDGE_KEY")
    with pytest.raises(
        ChatError, match="environment variable JUDGE_KEY, which is not set"
    ):
        ask(endpoint, "s", "q", longest=5)
    assert KEY not in repr(endpoint)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "example.org/v1", "http://"])
def test_addresses_that_are_none_are_refused(address):
    with pytest.raises(ValueError, match="http:// or https://"):
        Endpoint(address, "small")


def test_a_key_does_not_travel_unencrypted_to_another_machine():
    with pytest.raises(ValueError, match="encrypted only"):
        Endpoint("http://example.org/v1", "small")
    Endpoint("http://example.org/v1", "small", key_variable="")
    Endpoint("https://example.org/v1", "small")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('{"1": 3, "3": 10}', [3, 0, 10]),
        ('Sure!\n```json\n{"2": "4.5"}\n```', [0, 4.5, 0]),
        ("{1: 3, 2: 99, 3: -4, 7: 5, 0: 1}", [3, 10, 0]),
        ("{}", [0, 0, 0]),
        ("{ \n}", [0, 0, 0]),
        ('{"99999999999999999999": 3}', [0, 0, 0]),
    ],
)
def test_activations_are_read_from_whatever_holds_them(answer, expected):
    found = prompts.read_activations(answer, 3)
    assert found is not None
    assert_close(found, torch.tensor(expected).float())


@pytest.mark.parametrize("answer", ["", "none", "{nothing}", "[1, 2]", "1: 3"])
def test_answers_without_activations_are_unread(answer):
    assert prompts.read_activations(answer, 3) is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("[1, 3]", [1, 0, 1]),
        ("It is [2].", [0, 1, 0]),
        ('["1"]', [1, 0, 0]),
        ("[]", [0, 0, 0]),
        ("[9, 0]", [0, 0, 0]),
    ],
)
def test_lists_of_fragments_are_read(answer, expected):
    found = prompts.read_numbers(answer, 3)
    assert found is not None
    assert found.int().tolist() == expected


def test_answers_without_a_list_are_unread():
    assert prompts.read_numbers("the first and the third", 3) is None


def test_questions_that_cannot_be_asked_are_refused(endpoint):
    with pytest.raises(ValueError, match="2 tokens and 1 activations"):
        prompts.examples([Passage((" a", " b"), (1.0,))])
    with pytest.raises(ValueError, match="fires in none"):
        prompts.examples([Passage((" a",), (0.0,))])
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
