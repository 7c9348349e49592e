"""The constants of a claim's rule: stated once in book/claims.toml, and all read.

>>> constants = Constants({"cosine": 0.7, "confidence": 0.95})
>>> constants["cosine"], constants.unread()
(0.7, ['confidence'])
>>> constants.filled("At {confidence:.0%} confidence, a cosine of {cosine}.")
'At 95 % confidence, a cosine of 0.7.'
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Numbers = Mapping[str, float]
else:  # a checker at run time would look up, and so read, an item of a typed mapping
    Numbers = Mapping


class Constants(Numbers):
    """Numbers by name, which cannot be changed; what was looked up is remembered.

    Going through the values, as `dict(constants)` does, counts as reading all of them;
    asking for names alone, or whether there is one, does not.
    """

    def __init__(self, values: Mapping[str, float], *, claim: str = "") -> None:
        self._values, self._claim = dict(values), claim
        self._read: set[str] = set()

    def __getitem__(self, name: str) -> float:
        if name not in self._values:
            raise KeyError(self._unknown([name]))
        self._read.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Constants) and self._values == other._values

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __repr__(self) -> str:
        return f"Constants({self._values})"

    def unread(self) -> list[str]:
        """The names that nothing has looked up yet, in the order of the file."""
        return [name for name in self._values if name not in self._read]

    def moved(self, **values: float) -> "Constants":
        """The same constants, some with other `values`, and none of them read yet.

        Raises ValueError if there is no constant of a name.
        """
        if unknown := [name for name in values if name not in self._values]:
            raise ValueError(self._unknown(unknown))
        return Constants(self._values | values, claim=self._claim)

    def filled(self, text: str) -> str:
        """`text` with `{name}` replaced by numbers, which does not count as reading.

        A number is shown by `:g`, or as its placeholder says (`{confidence:.0%}`).
        Raises ValueError if a placeholder is no constant.
        """
        shown = {name: _Shown(value) for name, value in self._values.items()}
        try:
            return text.format_map(shown)
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(
                f"placeholders of the rule{self._of()} must be among the constants "
                f"{list(self._values)}, but: {error}: correct the rule"
            ) from None

    def _unknown(self, names: list[str]) -> str:
        return (
            f"a constant{self._of()} must be one of {sorted(self._values)}, got "
            f"{', '.join(map(repr, names))}: check the spelling"
        )

    def _of(self) -> str:
        return f" of claim {self._claim!r}" if self._claim else ""


class _Shown(float):
    """A number in a sentence: `0.7`, and `5 %` with a space."""

    def __format__(self, spec: str) -> str:
        return float.__format__(self, spec or "g").replace("%", " %")
