"""The errors that more than one floor speaks of: what a language model cannot do, and
what the zoo cannot give.

Every message is for the reader: what is needed, what came, and what to do.
"""


class Unsuited(ValueError):
    """A language model lacks what is asked of it: words of one token, or the answers to
    a page's questions.

    The message is one sentence: what is needed, what this model has, and what kind of
    model would do. On a model of the user's own the page stops there, states the
    sentence, and the book goes on; on the shipped model it is an error like any other.
    """


class ZooError(RuntimeError):
    """The zoo cannot give what was asked for; the message says why and what to do."""


class MissingLibrary(ZooError):
    """A library is not installed that an extra of the package brings."""


NEXT = "\n      "
"""What stands before each sentence of an error that has several."""


class MissedSparsity(ZooError):
    """The L0 of some trained SAEs is not what was asked for: a sentence on each."""

    def __str__(self) -> str:
        if len(self.args) == 1:
            return str(self.args[0])
        return NEXT.join([f"{len(self.args)} SAEs:", *map(str, self.args)])
