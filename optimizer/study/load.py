"""A study file, read and checked as a whole: its own keys, its scenarios, and every value it sets, before anything runs."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pydantic

from optimizer.quantities.documents import DocumentError, read_document
from optimizer.scenario.complaints import complaints
from optimizer.scenario.file import load_scenario, scenario_from, set_by_path
from optimizer.scenario.renamed_keys import RENAMED_IN_STUDIES, with_keys_of_today
from optimizer.study.designs import BASE, Row, rows_of
from optimizer.study.digest import parts_of, run_id
from optimizer.study.settings import Case, Study


class StudyError(DocumentError):
    """A study that cannot be run; `problems` lists everything that is wrong with it, one line each."""


@dataclass(frozen=True)
class LoadedStudy:
    """A checked study with the plain data of its scenarios."""

    path: Path
    settings: Study
    bases: Mapping[str, tuple[dict[str, object], Path]]
    """Case → (scenario as plain data, folder its files are relative to)."""
    rows: tuple[Row, ...]
    names: tuple[str, ...]
    """Run that answers each row: equal runs have the same name."""

    def data_of(self, row: Row) -> tuple[dict[str, object], Path]:
        """Scenario of a run as plain data, and the folder its files are relative to."""
        data, folder = self.bases[row.case]
        return overridden(data, row.overrides), folder


def load_study(path: str | Path) -> LoadedStudy:
    """Study of a YAML file. Raises StudyError with every problem of the file and of every scenario it makes, OSError for a
    weather file that cannot be read."""
    document = read_document(Path(path))
    try:
        settings = Study.model_validate(with_keys_of_today(document.data, document, RENAMED_IN_STUDIES))
    except pydantic.ValidationError as error:
        raise StudyError(complaints(error, Study, document.data, document)) from None
    bases, problems = _bases(settings, document.path)
    problems += _years_without_effect(settings, bases, document.path)
    rows = tuple(rows_of(settings, document.path.resolve().parent)) if not problems else ()
    study = LoadedStudy(document.path, settings, bases, rows, ())
    names, row_problems = _named(study)
    if problems or row_problems:
        raise StudyError(problems + row_problems)
    return replace(study, names=names)


def _bases(settings: Study, path: Path) -> tuple[dict[str, tuple[dict[str, object], Path]], list[str]]:
    bases: dict[str, tuple[dict[str, object], Path]] = {}
    problems: list[str] = []
    for name, case in (settings.cases or {BASE: Case()}).items():
        file = path.resolve().parent / (case.scenario or settings.scenario)
        try:
            data = overridden(_written_out(file), settings.overrides | case.overrides)
            scenario_from(data, folder=file.parent)
        except DocumentError as error:
            where = f"{path.name}  case {name}"
            problems += [f"{where}: {problem}" for problem in error.problems]
        else:
            bases[name] = (data, file.parent)
    return bases, problems


def _years_without_effect(
    settings: Study, bases: Mapping[str, tuple[dict[str, object], Path]], path: Path
) -> list[str]:
    """Scenarios whose weather is a file and ignores the year, one line each: a file is the year it is, whatever `weather_years` say."""
    weather = {name: data.get("weather") for name, (data, _) in bases.items()}
    files = {name: str(choice.get("file") or "") for name, choice in weather.items() if isinstance(choice, dict)}
    return [
        f"{path.name}  weather_years: has no effect on {name}, whose weather is the file {Path(file).name}: every run would "
        "be the same; take weather > synthetic in the scenario, or list one file for each year under weather_files"
        for name, file in files.items()
        if file and settings.weather_years
    ]


def _written_out(file: Path) -> dict[str, object]:
    """A scenario as plain data with all defaults and tariffs in it, so that every value has a path."""
    return dict(load_scenario(file).model_dump(mode="json"))


def overridden(data: Mapping[str, object], overrides: Mapping[str, object]) -> dict[str, object]:
    """Plain scenario data with values set by path; what no path leads to is shared, not copied.

    Raises StudyError with every path that leads nowhere.
    """
    changed, problems = dict(data), []
    for location, value in overrides.items():
        _own_along(changed, location)
        try:
            set_by_path(changed, location, copy.deepcopy(value))
        except DocumentError as error:
            problems += error.problems
    if problems:
        raise StudyError(problems)
    return changed


def _own_along(scenario: dict[str, object], location: str) -> None:
    """Put copies in the place of what lies along a path, so that setting its end changes no other scenario."""
    data: Any = scenario
    for part in location.split(".")[:-1]:
        key = int(part) if isinstance(data, list) and part.isdigit() else part
        try:
            data[key] = copy.copy(data[key])
        except (KeyError, IndexError, TypeError):
            return  # it leads nowhere, and setting it will say so
        data = data[key]


def _named(study: LoadedStudy) -> tuple[tuple[str, ...], list[str]]:
    """Name of every row's run, and what is wrong with any scenario: each complaint once, with the first run that has it."""
    names: list[str] = []
    problem_texts: dict[str, str] = {}
    for row in study.rows:
        try:
            data, folder = study.data_of(row)
            resolved = scenario_from(data, folder=folder).model_dump(mode="json")
            names.append(run_id(parts_of(resolved, row.question, study.settings.with_baseline)))
        except DocumentError as error:
            for problem in error.problems:
                problem_texts.setdefault(problem, f"{study.path.name}  {row.label}: {problem}")
    return tuple(names), list(problem_texts.values())
