"""Dictionary page: every key of studies and run records, every column of tables, every figure of a summary, measured states, weather.

Made from the code: schemas, enumerations and names that programs write; `qaidam schema` puts it into the guide.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from optimizer.files.page_part import put_part, with_part
from optimizer.nightly.record import RunRecord
from optimizer.plan.schedule import COLUMNS as SCHEDULE
from optimizer.plan.written_names import JOBS, SUMMARY, VARIABLES
from optimizer.plan.written_names import SCHEDULE as SCHEDULE_MEANING
from optimizer.quantities.documents import SCENARIOS
from optimizer.quantities.job_files.tables import KNOWN as JOB_COLUMNS
from optimizer.quantities.job_table import JobRow
from optimizer.scenario.file import load_scenario
from optimizer.scenario.key_table import section
from optimizer.study.settings import Study
from optimizer.technologies.flows import Role
from weather.canonical import LIMITS, LONG_NAMES, OPTIONAL_UNITS, UNITS

BEGIN, END = "<!-- dictionary: written by `qaidam schema` -->", "<!-- end of dictionary -->"
MEASURED = ("qaidam.yaml", "examples/leadville.yaml")
"""Scenarios whose assets show what telemetry may hold."""


def written(page: str) -> str:
    """A page with the dictionary between its marks made anew. Raises ValueError where a mark is missing."""
    return with_part(page, dictionary(), BEGIN, END, "the dictionary")


def write(path: Path) -> None:
    """Make the dictionary of a page anew. Raises OSError, ValueError."""
    put_part(path, dictionary(), BEGIN, END, "the dictionary")


def dictionary() -> str:
    """All parts of the dictionary."""
    parts = {
        "Results: `results.nc`": [_pairs(("variable", "what it holds"), VARIABLES), *_roles()],
        "Summary: `summary.json`": [_pairs(("key", "meaning"), SUMMARY)],
        "Tables": [
            "#### schedule.csv\n\n"
            + _pairs(("column", "meaning"), {name: SCHEDULE_MEANING[name] for name in SCHEDULE}),
            "#### jobs.csv\n\n" + _pairs(("column", "meaning"), JOBS),
            "#### hours.csv\n\n`time_local` and `time_utc`, then a column a flow: `asset.flow [unit]`, plus into its bus, minus out of it.\n",
        ],
        "Job table": [_job_table()],
        "Telemetry": [_telemetry()],
        "Forecast and weather": [_weather()],
        "Study": list(_schema("Study", Study.model_json_schema())),
        "Run record of a night: `run-record.json`": list(_schema("RunRecord", RunRecord.model_json_schema())),
    }
    return "".join(f"\n## {title}\n\n" + "\n".join(texts) for title, texts in parts.items())


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    titles = list(head)
    lines = [
        titles,
        ["---"] * len(titles),
        *([str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _pairs(head: tuple[str, str], meanings: Mapping[str, str]) -> str:
    return _table(head, ((f"`{name}`", text) for name, text in meanings.items()))


def _roles() -> list[str]:
    """Roles of flows with the sentences of their enumeration."""
    return ["\nRoles of flows:\n\n" + _pairs(("role", "direction and meaning"), sentences_of(Role))]


def sentences_of(kinds: type[StrEnum]) -> dict[str, str]:
    """Value → the sentence below it in the source, of an enumeration."""
    (body,) = ast.parse(inspect.getsource(kinds)).body
    assert isinstance(body, ast.ClassDef)
    told: dict[str, str] = {}
    for node, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(node, ast.Assign) and isinstance(after, ast.Expr) and isinstance(node.targets[0], ast.Name):
            assert isinstance(after.value, ast.Constant)
            told[kinds[node.targets[0].id].value] = " ".join(str(after.value.value).split())
    return told


def _job_table() -> str:
    """Columns of a tidy job table."""
    fields = JobRow.model_json_schema()["properties"]
    rows = [(f"`{name}`", fields.get(name, {}).get("description", "For choosing rows.")) for name in JOB_COLUMNS]
    return _table(("column", "meaning"), rows)


def _telemetry() -> str:
    """Quantities that can be measured, by technology, from shipped scenarios."""
    measured: dict[tuple[str, str], None] = {}
    for name in MEASURED:
        for technology in load_scenario(SCENARIOS / name).assets().values():
            measured |= dict.fromkeys(
                (type(technology).__name__.lower(), quantity) for quantity in sorted(technology.state_limits())
            )
    text = 'A JSON file: `{"time": "2026-06-01T22:00+08:00", "assets": {"own_battery": {"energy_mwh": 1.2}}}`. What is not given is taken '
    text += "from the last plan, else from the scenario; what lies outside its limits or is unknown is refused and noted.\n\n"
    return text + _table(("technology", "quantity"), ((kind, f"`{quantity}`") for kind, quantity in sorted(measured)))


def _weather() -> str:
    """Canonical variables of weather and of forecasts."""
    rows = [
        (f"`{name}`", unit, LONG_NAMES[name], f"{LIMITS[name][0]:g} to {LIMITS[name][1]:g}")
        for name, unit in {**UNITS, **OPTIONAL_UNITS}.items()
    ]
    return "Time is UTC, the start of each step.\n\n" + _table(("variable", "unit", "what it is", "limits"), rows)


def _schema(name: str, schema: Mapping[str, Any]) -> Iterable[str]:
    """Key tables of a schema and of every mapping it holds."""
    models: dict[str, Any] = schema.get("$defs", {})
    yield section(name, schema, models)
    for part, model in sorted(models.items()):
        if "properties" in model:
            yield section(part, model, models)
