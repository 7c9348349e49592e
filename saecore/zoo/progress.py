"""How far a long job is: one line on stderr, or one bar in a notebook."""

import os
import sys
import threading
import time
import warnings
from typing import Any

_QUIET = 15.0
"""Seconds between lines where the line cannot be written over."""
LINES = "SAECORE_LINES"
"""Set where several processes share a terminal: no line can be written over then."""


class Progress:
    """Share done, speed and time left of one job; may be advanced from several threads.

    On a terminal the line is written over a few times a second; a notebook has a bar
    that goes when the job is done, unless TQDM_DISABLE is set; elsewhere a line comes
    every 15 seconds, and none at all for a shorter job. Time counts from the beginning,
    or, if the job `waits` for others, from the first advance.
    """

    def __init__(
        self,
        label: str,
        total: int,
        *,
        unit: str = "rows",
        stream: Any = None,
        waits: bool = False,
    ) -> None:
        self.label, self.total, self.unit, self.waits = (
            label,
            max(1, total),
            unit,
            waits,
        )
        self.stream = sys.stderr if stream is None else stream
        self.live = (
            bool(getattr(self.stream, "isatty", lambda: False)())
            and LINES not in os.environ
        )
        self.done, self.start, self.length = 0, time.monotonic(), 0
        self.last = self.start
        self._lock = threading.Lock()
        self._bar: Any = _bar(label, self.total, unit) if stream is None else None

    def advance(self, amount: int) -> None:
        """So much more is done."""
        with self._lock:
            now = time.monotonic()
            if self.waits and not self.done:
                self.start = self.last = now
            self.done += amount
            if self._bar is not None:
                self._bar.update(amount)
            elif now - self.last >= (0.3 if self.live else _QUIET):
                self.last = now
                self._write(self.line(now - self.start))

    def line(self, seconds: float) -> str:
        """The line after so many seconds."""
        rate = self.done / max(seconds, 1e-9)
        left = (self.total - self.done) / rate if rate else 0.0
        share = (
            f"{100 * self.done / self.total:.0f} % of {_short(self.total)} {self.unit}"
        )
        return (
            f"{self.label}: {share}, {_short(rate)} {self.unit}/s, {_clock(left)} left"
        )

    def close(self) -> None:
        """Wipe the line from a terminal, or the bar from a notebook."""
        if self._bar is not None:
            self._bar.close()
        elif self.live and self.length:
            self._write("")
            self.stream.write("\r")
            self.stream.flush()

    def _write(self, line: str) -> None:
        text = f"\r{line.ljust(self.length)}" if self.live else f"{line}\n"
        self.length = len(line)
        self.stream.write(text)
        self.stream.flush()


def in_notebook() -> bool:
    """Whether a kernel runs this, and bars are not switched off."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel") and "TQDM_DISABLE" not in os.environ


def _bar(label: str, total: int, unit: str) -> Any:
    """A bar of tqdm that shows after a second; None outside a notebook."""
    if not in_notebook():
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without ipywidgets it is a bar of text
        from tqdm.auto import tqdm

    shown = {"desc": label, "total": total, "unit": f" {unit}", "unit_scale": True}
    return tqdm(**shown, delay=1, leave=False)


def say(sentence: str) -> None:
    """One line about what happens, on stderr."""
    print(sentence, file=sys.stderr, flush=True)


def _short(number: float) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.1f} {letter}"
    return f"{number:.0f}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
