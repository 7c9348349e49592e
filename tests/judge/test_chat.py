"""One question to an endpoint: tried again, refused, silent, and never telling its key."""

import json
import sys
import time
from dataclasses import replace

import pytest

from saecore.judge.chat import ChatError, Endpoint, request

SOON = {"Retry-After-Ms": "1"}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_by_itself_is_tried_again(server, endpoint, status):
    server.script = [
        (status, b"busy", SOON),
        (status, b"busy", SOON),
        "dogs",
    ]
    assert request(endpoint, "s", "q", longest=5).text == "dogs"
    assert len(server.seen) == 3


def test_after_the_last_try_the_refusal_is_told_in_one_sentence(server, endpoint):
    server.script = [
        (429, json.dumps({"error": {"message": "slow\ndown"}}).encode(), SOON)
    ]
    with pytest.raises(
        ChatError, match=r"answered 429, 'slow down': the limit of requests is reached"
    ):
        request(endpoint, "s", "q", longest=5)
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
    server, endpoint, key, status, body, told
):
    server.script = [(status, body, {})]
    with pytest.raises(ChatError) as caught:
        request(endpoint, "s", "q", longest=5)
    assert told in str(caught.value)
    assert key not in str(caught.value)
    assert len(str(caught.value)) < 500
    assert len(server.seen) == 1


def test_a_redirect_is_not_followed_as_it_would_carry_the_key_away(
    server, endpoint, other_server
):
    server.script, other_server.script = (
        [(302, b"", {"Location": f"{other_server.url}/chat/completions"})],
        ["dogs"],
    )
    with pytest.raises(ChatError, match="answered 302"):
        request(endpoint, "s", "q", longest=5)
    assert other_server.seen == []


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"not json", b'{"choices": []}', b'{"choices": [{"message": 3}]}'],
)
def test_an_answer_in_another_form_is_an_error_that_shows_it(server, endpoint, body):
    server.script = [(200, body, {})]
    with pytest.raises(
        ChatError, match=r"must answer with choices\[0\].message.content"
    ):
        request(endpoint, "s", "q", longest=5)


def test_an_empty_answer_and_missing_counts_are_no_error(server, endpoint):
    server.script = [
        (200, b'{"choices": [{"message": {"content": null}}], "usage": null}', {})
    ]
    assert request(endpoint, "s", "q", longest=5) == ("", 0, 0)


def test_silence_ends_after_the_time_out(server, endpoint):
    slow = replace(endpoint, timeout=0.2, retries=1)
    server.script = [lambda _: time.sleep(3) or "dogs"]
    start = time.monotonic()
    with pytest.raises(ChatError, match=r"within 0.2 s, but after 2 tries"):
        request(slow, "s", "q", longest=5)
    assert time.monotonic() - start < 2.5


def test_no_server_at_all_is_told_in_one_sentence(server, endpoint):
    gone = replace(endpoint, base_url="http://127.0.0.1:9/v1", retries=0)
    with pytest.raises(ChatError, match="check the address, or raise timeout"):
        request(gone, "s", "q", longest=5)


def test_the_key_comes_from_the_environment_alone(server, endpoint, key, monkeypatch):
    server.script = ["dogs"]
    request(Endpoint(server.url, "small", key_variable=""), "s", "q", longest=5)
    assert "authorization" not in {name.lower() for name in server.headers[0]}
    monkeypatch.delenv("JUDGE_KEY")
    with pytest.raises(
        ChatError, match="environment variable JUDGE_KEY, which is not set"
    ):
        request(endpoint, "s", "q", longest=5)
    assert key not in repr(endpoint)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "example.org/v1", "http://"])
def test_addresses_that_are_none_are_refused(address):
    with pytest.raises(ValueError, match="http:// or https://"):
        Endpoint(address, "small")


def test_a_key_does_not_travel_unencrypted_to_another_machine():
    with pytest.raises(ValueError, match="encrypted only"):
        Endpoint("http://example.org/v1", "small")
    Endpoint("http://example.org/v1", "small", key_variable="")
    Endpoint("https://example.org/v1", "small")


def test_nothing_else_of_the_environment_is_told(server, endpoint, monkeypatch):
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, f"told-{name}")
    server.script = ["dogs"]
    request(endpoint, "s", "q", longest=5)
    assert not [value for value in server.headers[0].values() if "told" in value]


def test_fewer_than_no_retries_are_refused(endpoint):
    with pytest.raises(ValueError, match="retries must be 0 or more, not -1"):
        replace(endpoint, retries=-1)


def test_without_the_client_one_sentence_says_what_to_install(endpoint, monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(
        ChatError, match=r"not installed: pip install 'saecore\[judge\]'"
    ):
        request(endpoint, "s", "q", longest=5)
