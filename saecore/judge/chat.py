"""One question to a language model behind an OpenAI-compatible endpoint, by the client
`openai`.

Nothing in the default run imports or needs it: it is for readers who let a language
model judge, and comes with the extra `judge`.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlsplit

_LOCAL = ("localhost", "127.0.0.1", "::1")
_HINTS = {
    401: "check the key in {key}",
    403: "check what the key in {key} may do",
    404: "check base_url (it ends in /v1 for most) and the model's name",
    429: "the limit of requests is reached: wait, or ask about fewer latents",
}


class ChatError(RuntimeError):
    """The endpoint gave no answer; the message says why, in one sentence."""


@dataclass(frozen=True)
class Endpoint:
    """Where to ask, whom, and with what patience.

    `base_url` goes up to the version ("https://host/v1"), `key_variable` names the
    environment variable with the key ("" sends none), `price_in` and `price_out` are
    per million tokens, in any currency. `limit` is what the endpoint calls the largest
    length of an answer. What may pass by itself (busy, overloaded, time-out, no
    connection) is tried `retries` times more, after pauses that grow, or as long as the
    endpoint asks to wait. Raises ValueError for an address that is not http(s), for a
    key that would travel unencrypted to another machine, and for fewer than 0 retries.
    """

    base_url: str
    model: str
    key_variable: str = "OPENAI_API_KEY"
    timeout: float = 60.0
    retries: int = 3
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
        if self.retries < 0:
            raise ValueError(
                f"retries must be 0 or more, not {self.retries}: correct it"
            )

    @property
    def url(self) -> str:
        """Where questions go."""
        return f"{self.base_url.rstrip('/')}/chat/completions"

    @cached_property
    def client(self) -> Any:
        """The `openai` client. It follows no redirect, which would carry the key to
        another address. Raises ChatError without the package, and without the key.
        """
        openai = _openai()
        return openai.OpenAI(
            base_url=self.base_url,
            api_key=_key(self.key_variable) or "none",  # it must have one
            timeout=self.timeout,
            max_retries=self.retries,
            http_client=openai.DefaultHttpxClient(
                follow_redirects=False, timeout=self.timeout
            ),
        )


class Answer(NamedTuple):
    """What the model said, and what the endpoint counted."""

    text: str
    tokens_in: int
    """0 where the endpoint does not say."""
    tokens_out: int


def request(endpoint: Endpoint, system: str, question: str, *, longest: int) -> Answer:
    """The answer to one question, `longest` tokens at most, at temperature 0.

    Raises ChatError if there is no answer after all tries, if the endpoint refuses, or
    answers in another form.
    """
    openai = _openai()
    try:
        reply = endpoint.client.chat.completions.with_raw_response.create(
            model=endpoint.model,
            messages=[
                {"role": "system", "content": system},
                {"role": "user", "content": question},
            ],
            temperature=0,
            extra_body={endpoint.limit: longest},
            extra_headers=dict.fromkeys(_unsaid(endpoint), openai.omit),
        )
    except openai.APIStatusError as error:
        raise ChatError(_refusal(endpoint, error)) from None
    except openai.APIConnectionError as error:
        raise ChatError(
            f"{endpoint.url} must answer within {endpoint.timeout:g} s, but after "
            f"{endpoint.retries + 1} tries: {error.__cause__ or error}; check the "
            "address, or raise timeout"
        ) from None
    return _read(endpoint, reply)


def _openai() -> Any:
    try:
        import openai
    except ImportError:
        raise ChatError(
            "a language model is asked through the package openai, which is not "
            "installed: pip install 'saecore[judge]'"
        ) from None
    return openai


def _unsaid(endpoint: Endpoint) -> list[str]:
    """Headers that are not sent: what the client would read from the environment and
    tell whoever is asked, and the key where the endpoint needs none.
    """
    names = ["OpenAI-Organization", "OpenAI-Project"]
    return names if endpoint.key_variable else [*names, "Authorization"]


def _key(variable: str) -> str:
    """The key, or "" where none is asked for."""
    if not variable:
        return ""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise ChatError(
            f"the key is read from the environment variable {variable}, which is not "
            'set: set it, or pass key_variable="" to an endpoint that needs none'
        )
    return key


def _read(endpoint: Endpoint, reply: Any) -> Answer:
    try:
        found = reply.parse()
        text, used = found.choices[0].message.content or "", found.usage
        if not isinstance(text, str):
            raise TypeError
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ChatError(
            f"{endpoint.url} must answer with choices[0].message.content, but it "
            f"answered {reply.content[:120].decode(errors='replace')!r}: is it an "
            "OpenAI-compatible endpoint?"
        ) from None
    counts = (
        getattr(used, name, None) for name in ("prompt_tokens", "completion_tokens")
    )
    return Answer(text, *(count if isinstance(count, int) else 0 for count in counts))


def _refusal(endpoint: Endpoint, error: Any) -> str:
    """One sentence about an HTTP error: its number, what the endpoint says, what to
    do.
    """
    said = error.body.get("message") if isinstance(error.body, dict) else error.body
    said = said or error.response.text
    code, key = error.status_code, endpoint.key_variable
    hint = _HINTS.get(
        code, "check base_url" if 300 <= code < 400 else "see what it says"
    )
    return (
        f"{endpoint.url} answered {code}, {' '.join(str(said).split())[:200]!r}: "
        f"{hint.format(key=key or 'key_variable (none is sent)')}"
    )
