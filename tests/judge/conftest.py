"""The server that stands for a language model, for all tests of this folder."""

from tests.judge_server import endpoint, key, other_server, server

__all__ = ["endpoint", "key", "other_server", "server"]
