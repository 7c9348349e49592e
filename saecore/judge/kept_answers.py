"""Answers of a judge that are kept: what was asked once is not sent again."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from saecore.judge.chat import Answer, Endpoint

_TABLE = (
    "create table if not exists answers (asked text primary key, model text, "
    "text text, tokens_in integer, tokens_out integer)"
)


class KeptAnswers:
    """Answers in one SQLite file, each under the hash of what was asked: address, model
    and question. An answer is there wholly or not at all, whenever a run is stopped.

    Raises ValueError for a file that is something else.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._do(_TABLE)

    def find(
        self, endpoint: Endpoint, system: str, question: str, longest: int
    ) -> Answer | None:
        """The answer to a question that was asked before; None if it was not."""
        rows = self._do(
            "select text, tokens_in, tokens_out from answers where asked = ?",
            _hash(endpoint, system, question, longest),
        )
        return Answer(*rows[0]) if rows else None

    def keep(
        self,
        endpoint: Endpoint,
        system: str,
        question: str,
        longest: int,
        answer: Answer,
    ) -> None:
        """Keep an answer; it is on disk when this returns."""
        self._do(
            "insert or replace into answers values (?, ?, ?, ?, ?)",
            _hash(endpoint, system, question, longest),
            endpoint.model,
            *answer,
        )

    def _do(self, statement: str, *values: str | int) -> list[tuple[str, int, int]]:
        try:
            with closing(sqlite3.connect(self.path)) as base, base:
                return base.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise ValueError(
                f"answers are kept in an SQLite file, but {self.path} cannot be used "
                f"as one ({error}): move it away"
            ) from None


def _hash(endpoint: Endpoint, *asked: str | int) -> str:
    every = (endpoint.url, endpoint.model, endpoint.limit, *asked)
    return hashlib.sha256(repr(every).encode()).hexdigest()
