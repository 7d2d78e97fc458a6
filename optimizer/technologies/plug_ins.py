"""Plug-ins: technologies of other distributions, found by their entry points in the group `qaidam.technologies`."""

from __future__ import annotations

import inspect
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from optimizer.quantities.documents import DocumentError
from optimizer.technologies import key_of
from optimizer.technologies.base import Technology

GROUP = "qaidam.technologies"
REMEDY = "repair or uninstall it"


class PlugInError(DocumentError):
    """Installed plug-ins that cannot be used; `problems` has one line each: distribution, entry point, what is wrong, remedy."""


@cache
def plug_ins() -> dict[str, type[Technology]]:
    """Technologies that other installed distributions offer, by their keys in a scenario file.

    Raises PlugInError with everything that is wrong with them.
    """
    entries = sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, origin(entry)))
    problems = [problem for entry in entries for problem in _problems(entry)]
    names = [entry.name for entry in entries]
    doubled = sorted({name for name in names if names.count(name) > 1})
    for name in doubled:
        homes = ", ".join(origin(entry) for entry in entries if entry.name == name)
        problems.append(f"plug-in {name}: offered by several distributions ({homes}); keep one of them")
    if problems:
        raise PlugInError(problems)
    return {entry.name: entry.load() for entry in entries}


def origin(entry: EntryPoint) -> str:
    """Distribution an entry point comes from, with its version."""
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist is not None else entry.value


def _problems(entry: EntryPoint) -> list[str]:
    """Faults of the class an entry point names."""
    said = f"plug-in {entry.name} of {origin(entry)}: {entry.value}"
    try:
        technology = entry.load()
    except Exception as error:  # whatever a foreign module raises while it is imported
        return [f"{said} cannot be loaded ({type(error).__name__}: {error}); {REMEDY}"]
    if not (isinstance(technology, type) and issubclass(technology, Technology)):
        return [f"{said} is no Technology of optimizer.technologies.base; {REMEDY}"]
    if inspect.isabstract(technology):
        lacking = ", ".join(sorted(technology.__abstractmethods__))
        return [f"{said} lacks {lacking}; {REMEDY}"]
    if key_of(technology) != entry.name:
        return [f"{said} has the key {key_of(technology)}; give its entry point that name"]
    return []
