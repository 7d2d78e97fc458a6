"""Job tables kept beside a plan: tonight's table is written over tomorrow, and what was planned must still be checked.

Also scenarios whose job table cannot be read any more, without the work it lists.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from optimizer.scenario.complaints import ScenarioError
from optimizer.scenario.file import site_from
from optimizer.scenario.single_site import Scenario

TABLE, FILE = "table", "file"
Route = tuple[str, ...]


def with_tables_kept(data: Mapping[str, object], folder: Path) -> dict[str, object]:
    """Scenario's plain data with every job table copied into a folder, and named by its place there.

    A table that cannot be copied keeps its place. Raises OSError where the folder takes no copy.
    """
    kept: dict[str, object] = dict(data)
    for route, file in tables_of(data):
        source = Path(file)
        if not source.is_file():
            continue
        ending = "".join(re.findall(r"\.\w{1,8}", source.name)[-2:])
        name = f"job-table-{'-'.join(route[:-1])}{ending}"
        shutil.copyfile(source, folder / name)
        kept = _replaced(kept, (*route, FILE), name)
    return kept


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


def _replaced(data: Mapping[str, object], route: Route, value: object) -> dict[str, object]:
    """Nested data with another value at the end of a route; what is not on it is shared."""
    key, *rest = route
    inner = data[key]
    return {**data, key: _replaced(inner, tuple(rest), value) if rest and isinstance(inner, Mapping) else value}


def site_with_table(data: Mapping[str, object], folder: Path, table: Path | None) -> tuple[Scenario, list[str]]:
    """Scenario of one site, with another job table in place of its first, or without the work of tables that cannot be read.

    Second: what was left out, and why. Raises ScenarioError where the tables are not what is wrong.
    """
    routes = [route for route, _ in tables_of(data)]
    if table is not None and routes:
        with suppress(ScenarioError):
            return site_from(_replaced(data, (*routes[0], FILE), str(table.resolve())), folder), []
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
