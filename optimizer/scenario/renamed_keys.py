"""Format number of scenario files, and keys that bear a new name: the old one is still read, with a note."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from optimizer.quantities.documents import Document
from optimizer.scenario.complaints import ScenarioError, place_of

FORMAT: Final = 1
"""Format of scenario files today; a change that would misread a file of before raises it."""
ANY_NAME = "*"


class RenamedKeyWarning(FutureWarning):
    """A key of a scenario was read under its old name."""


@dataclass(frozen=True)
class RenamedKey:
    """A key that bears a new name."""

    path: tuple[str, ...]
    """Where it stood in a scenario of one site, its old name last; `*` is any name a user gave."""
    new: str
    """Its name today."""

    def is_at(self, location: Sequence[str]) -> bool:
        """Whether a location of a scenario is this key under its old name, also within a scenario of several sites."""
        own = tuple(location[2:]) if tuple(location[:1]) == ("sites",) else tuple(location)
        return len(own) == len(self.path) and all(
            expected in (ANY_NAME, part) for expected, part in zip(self.path, own, strict=True)
        )


Renamed = tuple[RenamedKey, ...]
RENAMED: Renamed = (RenamedKey(("elastic", ANY_NAME, "usual_nodes"), "baseline_nodes"),)
"""Keys of scenario files that were renamed since the first format."""
RENAMED_IN_STUDIES: Renamed = (RenamedKey(("as_usual",), "with_baseline"),)
"""Keys of study files that were renamed."""


def with_keys_of_today(
    data: Mapping[str, object], document: Document | None = None, renamed: Renamed | None = None
) -> dict[str, object]:
    """A file's data with every key under its name of today, and a RenamedKeyWarning for each that bore an old one.

    `renamed`: the keys to look for; none: those of scenarios.

    Raises ScenarioError for a format newer than this program, or a key that stands under both names.
    """
    given = data.get("format")
    if isinstance(given, int) and given > FORMAT:
        raise ScenarioError(
            [
                f"{place_of(['format'], document)}is {given}, newer than {FORMAT}, the newest this program reads; "
                "update Qaidam, or write the file in the older format."
            ]
        )
    is_earlier = isinstance(given, int) and 1 <= given < FORMAT
    return dict(_renamed(data, (), document, RENAMED if renamed is None else renamed)) | (
        {"format": FORMAT} if is_earlier else {}
    )


def _renamed(
    node: Mapping[str, object], above: tuple[str, ...], document: Document | None, renamed: Renamed
) -> Iterator[tuple[str, object]]:
    """Key and value of a mapping and all below it."""
    for key, value in node.items():
        location = (*above, key)
        name = name_of_today(location, document, renamed)
        if name != key and name in node:
            raise ScenarioError(
                [f"{place_of(location, document)}is the old name of {name}, which stands there too; give {name} alone."]
            )
        yield name, dict(_renamed(value, location, document, renamed)) if isinstance(value, Mapping) else value


def name_of_today(location: Sequence[str], document: Document | None = None, renamed: Renamed | None = None) -> str:
    """Last key of a location as it is called today; for an old name with a RenamedKeyWarning."""
    for key in RENAMED if renamed is None else renamed:
        if key.is_at(location):
            text = f"{place_of(location, document)}is called {key.new} today; the old name is still read."
            warnings.warn(text, RenamedKeyWarning, stacklevel=2)
            return key.new
    return location[-1]
