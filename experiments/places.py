"""The place in a file of what is refused: noted for a mistake, added to an error."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import ConfigError, LaminaError, did_you_mean
from .reader import Place, Table

_KEY = re.compile(r"\((\w+)=\.\.\.\)")  # how lamina's errors name an argument


class Problems(list):
    """The mistakes found in a file, each with its place: all are said at once."""

    def say(self, place: Place, text: str, mend: str | None = None) -> None:
        """Note one."""
        self.append(f"{place}: {text}" + (f": {mend}" if mend else ""))

    @contextmanager
    def noting(self, place: Place, arguments: Any = None) -> Iterator[None]:
        """A block whose refusal is noted, at the place of the argument that it speaks of, or at `place`."""
        try:
            yield
        except LaminaError as error:
            facts = LaminaError(error.problem, expected=error.expected, received=error.received)
            self.say(place_of(error, arguments, place), str(facts).removesuffix("."), error.mend)

    def check_keys(self, table: Table, known: Iterable[str], what: str) -> None:
        """Note the keys of a table that are not known."""
        known = list(known)
        for key in table:
            if key not in known:
                self.say(table.keys_at[key], f"{what} has no key '{key}'", did_you_mean(key, known))


def place_of(error: Exception, arguments: Any, place: Place) -> Place:
    """Where the argument stands that an error speaks of, by its name or its value; else the place of them all."""
    if not isinstance(arguments, Table):
        return place
    text = getattr(error, "problem", "")
    named = [key for key in _KEY.findall(text) if key in arguments]
    valued = [key for key, value in arguments.items() if isinstance(value, str) and repr(value) in text]
    return arguments.keys_at[(named or valued)[0]] if named or valued else place


class At:
    """Names the place in the file for what is refused within.

    An error of lamina's, one of `kinds`, becomes a ConfigError that begins with it: the place of the argument that it
    speaks of, among `arguments`, or `place`. Any other error but lamina's gets a note that says it.
    """

    def __init__(self, place: Place, arguments: Any = None, kinds: tuple[type[LaminaError], ...] = (LaminaError,)):
        self.place, self.arguments, self.kinds = place, arguments, kinds

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind, error, trace) -> None:
        if isinstance(error, self.kinds) and not isinstance(error, ConfigError):
            raise ConfigError(f"{place_of(error, self.arguments, self.place)}: {error}") from error
        if isinstance(error, Exception) and not isinstance(error, LaminaError) and not hasattr(error, "__notes__"):
            error.add_note(str(self.place))
