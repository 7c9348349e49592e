"""One question to a language model behind an OpenAI-compatible endpoint, by the
standard library alone.

Nothing in the default run imports or needs this: it is for readers who let a language
model judge.
"""

import json
import os
import time
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

LARGEST = 1 << 20
"""Bytes of an answer that are read."""
LONGEST_WAIT = 30.0
"""Seconds between two tries."""
AGAIN = (408, 429, 500, 502, 503, 504)
"""What may pass by itself."""
_LOCAL = ("localhost", "127.0.0.1", "::1")


class ChatError(RuntimeError):
    """The endpoint gave no answer; the message says why, in one sentence."""


@dataclass(frozen=True)
class Endpoint:
    """Where to ask, whom, and with what patience.

    `base_url` goes up to the version ("https://host/v1"), `key_variable` names the
    environment variable with the key ("" sends none), `price_in` and `price_out` are
    per million tokens, in any currency. `limit` is what the endpoint calls the largest
    length of an answer. `wait` is the pause in seconds before the second try; it
    doubles. Raises ValueError for an address that is not http(s), and for a key that
    would travel unencrypted to another machine.
    """

    base_url: str
    model: str
    key_variable: str = "OPENAI_API_KEY"
    timeout: float = 60.0
    retries: int = 3
    wait: float = 1.0
    price_in: float | None = None
    price_out: float | None = None
    limit: str = "max_tokens"

    def __post_init__(self) -> None:
        address = urlsplit(self.base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError(
                "an endpoint's address begins with http:// or https:// and a host, but "
                f"{self.base_url!r} was given: correct it"
            )
        if (
            address.scheme == "http"
            and self.key_variable
            and address.hostname not in _LOCAL
        ):
            raise ValueError(
                f"a key may travel encrypted only, but {self.base_url!r} is plain http "
                'to another machine: use https, or key_variable="" if it needs none'
            )

    @property
    def url(self) -> str:
        """Where questions go."""
        return f"{self.base_url.rstrip('/')}/chat/completions"


class Answer(NamedTuple):
    """What the model said, and what the endpoint counted."""

    text: str
    tokens_in: int
    """0 where the endpoint does not say."""
    tokens_out: int


class _NoRedirects(HTTPRedirectHandler):
    """A redirect would carry the key to another address: it is an error instead."""

    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        return None


def request(endpoint: Endpoint, system: str, question: str, *, longest: int) -> Answer:
    """The answer to one question, `longest` tokens at most, at temperature 0.

    Tries again, after a pause, where that may help (busy, overloaded, time-out, no
    connection). Raises ChatError if there is no answer after all tries, if the endpoint
    refuses, or answers in another form.
    """
    messages = [
        {"role": "system", "content": system},
        {"role": "user", "content": question},
    ]
    asked = {
        "model": endpoint.model,
        "messages": messages,
        "temperature": 0,
        endpoint.limit: longest,
    }
    request = Request(
        endpoint.url, json.dumps(asked).encode(), _headers(endpoint), method="POST"
    )
    opener, wait = build_opener(_NoRedirects), endpoint.wait
    for tries_left in reversed(range(endpoint.retries + 1)):
        try:
            with opener.open(request, timeout=endpoint.timeout) as reply:
                return _read(endpoint, reply.read(LARGEST))
        except HTTPError as error:
            with error:
                if error.code not in AGAIN or not tries_left:
                    raise ChatError(_refusal(endpoint, error)) from None
                wait = _asked_wait(error.headers, wait)
        except (URLError, HTTPException, OSError) as error:
            if not tries_left:
                reason = getattr(error, "reason", None) or error
                raise ChatError(
                    f"{endpoint.url} must answer within {endpoint.timeout:g} s, but "
                    f"after {endpoint.retries + 1} tries: {reason}; check the address, "
                    "or raise timeout"
                ) from None
        time.sleep(min(wait, LONGEST_WAIT))
        wait *= 2
    raise ChatError(f"retries must be 0 or more, not {endpoint.retries}: correct it")


def _headers(endpoint: Endpoint) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if not endpoint.key_variable:
        return headers
    key = os.environ.get(endpoint.key_variable, "").strip()
    if not key:
        raise ChatError(
            f"the key is read from the environment variable {endpoint.key_variable}, "
            'which is not set: set it, or pass key_variable="" to an endpoint that '
            "needs none"
        )
    return headers | {"Authorization": f"Bearer {key}"}


def _read(endpoint: Endpoint, body: bytes) -> Answer:
    try:
        found = json.loads(body)
        text = found["choices"][0]["message"]["content"] or ""
        if not isinstance(text, str):
            raise TypeError
    except (ValueError, LookupError, TypeError):
        raise ChatError(
            f"{endpoint.url} must answer with choices[0].message.content, but it "
            f"answered {body[:120].decode(errors='replace')!r}: is it an "
            "OpenAI-compatible endpoint?"
        ) from None
    used = found.get("usage")
    used = used if isinstance(used, dict) else {}
    counts = (used.get(name) for name in ("prompt_tokens", "completion_tokens"))
    return Answer(text, *(count if isinstance(count, int) else 0 for count in counts))


def _refusal(endpoint: Endpoint, error: HTTPError) -> str:
    """One sentence about an HTTP error: its number, what the endpoint says, what to
    do.
    """
    body = error.read(LARGEST)
    try:
        said = json.loads(body)["error"]
        said = said["message"] if isinstance(said, dict) else said
    except (ValueError, LookupError, TypeError):
        said = body.decode(errors="replace")
    hints = {
        401: (
            f"check the key in {endpoint.key_variable or 'key_variable (none is sent)'}"
        ),
        403: (
            "check what the key in "
            f"{endpoint.key_variable or 'key_variable (none is sent)'} may do"
        ),
        404: "check base_url (it ends in /v1 for most) and the model's name",
        429: "the limit of requests is reached: wait, or ask about fewer latents",
    }
    hint = hints.get(
        error.code, "check base_url" if 300 <= error.code < 400 else "see what it says"
    )
    return (
        f"{endpoint.url} answered {error.code}, "
        f"{' '.join(str(said).split())[:200]!r}: {hint}"
    )


def _asked_wait(headers: Message, wait: float) -> float:
    """How long the endpoint asks to wait, where it says so in seconds."""
    try:
        return max(wait, float(headers.get("Retry-After", "")))
    except ValueError:
        return wait
