"""Files a scenario names, kept beside its plan: they are written over tomorrow, and what was planned must still be checked.

Also scenarios whose files cannot be read any more: with what the last plan kept of them, or without the work of a job table.
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from optimizer.files.processes import readable
from optimizer.scenario.complaints import ScenarioError
from optimizer.scenario.file import site_from
from optimizer.scenario.single_site import Scenario

TABLE, FILE = "table", "file"
KEPT = "file-"
"""Beginning of the names of kept files that are no job tables."""
SCENARIO = "scenario.json"
"""A plan's own scenario, in its folder."""
NAMING = (FILE, "prices")
"""Keys that name a file."""
LONGEST_NAME = 120
MOST_BYTES = 50_000_000
"""Largest file that is copied; a year of minutes has some 20 MB."""
Route = tuple[str, ...]


def with_files_kept(data: Mapping[str, object], folder: Path, before: Path | None = None) -> dict[str, object]:
    """Scenario's plain data with every file it names copied into a folder, and named by its place there.

    A file alike one that the plan `before` kept shares its place on the disk. One that cannot be copied, or is very large,
    keeps its place. Raises OSError where the folder takes no copy.
    """
    kept, names = dict(data), dict[Path, str]()
    for route, source in files_of(data):
        if source not in names:
            name = _name_of(route, source)
            names[source] = f"{len(names)}-{name}" if name in names.values() else name
            _copied(source, folder / names[source], before)
        kept = replaced_at(kept, route, names[source])
    return kept


def files_of(data: object, route: Route = ()) -> Iterator[tuple[Route, Path]]:
    """Way to every file that a scenario's plain data name by its whole path, and the file.

    By its key: a name or a description that happens to be a path is none.
    """
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from files_of(value, (*route, key))
    elif isinstance(data, str) and route and route[-1] in NAMING and data.startswith("/") and _is_kept(Path(data)):
        yield route, Path(data)


def _is_kept(file: Path) -> bool:
    """Whether a file can be read, and is not so large that it stays where it is."""
    try:
        return file.is_file() and file.stat().st_size <= MOST_BYTES and os.access(file, os.R_OK)
    except OSError:  # a name longer than any
        return False


def _name_of(route: Route, source: Path) -> str:
    is_table = route[-2:] == (TABLE, FILE)
    setting = re.sub(r"[^A-Za-z0-9_]", "-", "-".join(route[: -2 if is_table else -1]))[:LONGEST_NAME]
    return f"{'job-table-' if is_table else KEPT}{setting}{ending_of(source)}"


def ending_of(source: Path) -> str:
    """Ending of a file's name, by which its readers know it: `.csv`, `.swf.gz`."""
    return "".join(re.findall(r"\.\w{1,8}", source.name)[-2:])


def _copied(source: Path, place: Path, before: Path | None) -> None:
    last = before / place.name if before is not None else None
    if last is not None and last.is_file() and filecmp.cmp(source, last, shallow=False):
        with suppress(OSError):  # a file system without links
            os.link(last, place)
            return
    shutil.copyfile(source, place)


def tables_of(data: Mapping[str, object], route: Route = ()) -> Iterator[tuple[Route, str]]:
    """Way to every job table in a scenario's plain data, and its file."""
    for key, value in data.items():
        if not isinstance(value, Mapping):
            continue
        file = value.get(FILE)
        if key == TABLE and isinstance(file, str):
            yield (*route, key), file
        else:
            yield from tables_of(value, (*route, key))


def replaced_at(data: Mapping[str, object], route: Route, value: object) -> dict[str, object]:
    """Nested data with another value at the end of a route; what is not on it is shared."""
    key, *rest = route
    inner = data[key]
    return {**data, key: replaced_at(inner, tuple(rest), value) if rest and isinstance(inner, Mapping) else value}


def with_kept_files(data: Mapping[str, object], folder: Path, last: Path) -> tuple[dict[str, object], list[str]]:
    """Plain data of a scenario of one site with what the last plan kept of its files in place of those that cannot be read.

    `last`: that plan's folder. Second: which files, and why. Raises OSError, ValueError where the last plan cannot be read.
    """
    replaced, notes = dict(data), list[str]()
    try:
        site_from(data, folder)
        return replaced, notes
    except ScenarioError as error:
        problems = error.problems
    kept = json.loads(readable(last / SCENARIO).read_text(encoding="utf-8"))
    for route, file in _kept_by(kept, last):
        told = [problem for problem in problems if f" {' > '.join(route[:-1])}" in problem]
        if told and isinstance(_at(replaced, route), str):
            replaced = replaced_at(replaced, route, str(file.resolve()))
            notes.append(f"{told[0]}; what {last.name} kept of it was taken")
    return replaced, notes


def _kept_by(data: object, last: Path, route: Route = ()) -> Iterator[tuple[Route, Path]]:
    """Way to every file that a plan's scenario names by its place in the plan's folder, and the file."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _kept_by(value, last, (*route, key))
    elif isinstance(data, str) and len(route) > 1 and KEPT in data and Path(data).name == data:
        yield route, last / data


def _at(data: object, route: Route) -> object:
    """Value at the end of a route, None where there is none."""
    for key in route:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


def site_with_table(data: Mapping[str, object], folder: Path, table: Path | None) -> tuple[Scenario, list[str]]:
    """Scenario of one site, with another job table in place of its first, or without the work of tables that cannot be read.

    Second: what was left out, and why. Raises ScenarioError where the tables are not what is wrong.
    """
    routes = [route for route, _ in tables_of(data)]
    if table is not None and routes:
        with suppress(ScenarioError):
            return site_from(replaced_at(data, (*routes[0], FILE), str(table.resolve())), folder), []
    try:
        return site_from(data, folder), []
    except ScenarioError as error:
        problems = [problem for problem in error.problems for route in routes if " > ".join(route) in problem]
        if not problems:
            raise
        broken = [route for route in routes if any(" > ".join(route) in problem for problem in problems)]
    rest: dict[str, object] = dict(data)
    for section, asset, *_ in broken:
        named = rest[section]
        assert isinstance(named, Mapping)
        left = {name: settings for name, settings in named.items() if name != asset}
        rest = {key: value for key, value in rest.items() if key != section} | ({section: left} if left else {})
    notes = [f"{problem}; none of it is planned" for problem in problems]
    return site_from(rest, folder), notes
