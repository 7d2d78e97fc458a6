"""Design of experiments: every run a study asks for, as rows of a case, a weather, factor values and a question."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from optimizer.study.sampling import sampled
from optimizer.study.settings import Pareto, Study
from optimizer.study.shapes import Question

BASE = "base"
"""Name of the only case of a study that names none."""
PLAN: Question = {"kind": "plan"}
Overrides = dict[str, object]
"""Values by path."""


@dataclass(frozen=True)
class Row:
    """Row of a study: one requested run."""

    part: str
    """`grid`, `sensitivity`, `pareto` or `near_optimal`."""
    case: str
    weather: str
    """Year or file name; empty: the scenario's own."""
    factors: dict[str, object]
    """Factor name → value; for sensitivities the one that is moved."""
    overrides: Overrides
    """Values by path, on top of the case's."""
    question: Question = field(default_factory=lambda: PLAN)

    @property
    def label(self) -> str:
        """Label of the run for people."""
        words = [self.case, self.weather, *(f"{name}={_shown(value)}" for name, value in self.factors.items())]
        words += [f"{key} {value}" for key, value in self.question.items() if key not in ("kind", "slacks")]
        return " ".join(word for word in words if word)


def rows_of(study: Study, folder: Path) -> Iterator[Row]:
    """Rows of a study, in a fixed order; `folder` is the study file's. The same run may answer several rows."""
    weather_by_site = list(_weathers(study, folder))
    points = list(_points(study))
    for case in study.cases or (BASE,):
        for weather, weather_overrides in weather_by_site:
            for factors, overrides in points:
                yield Row("grid", case, weather, factors, {**weather_overrides, **overrides})
        weather, weather_overrides = weather_by_site[0]
        for name, swing in study.sensitivity.items():
            if swing.cases and case not in swing.cases:
                continue
            for value in (swing.low, swing.high):
                yield Row(
                    "sensitivity",
                    case,
                    weather,
                    {name: value},
                    {**weather_overrides, **dict.fromkeys(swing.paths, value)},
                )
        for front in study.pareto:
            if front.cases and case not in front.cases:
                continue
            for question in _limits(front):
                yield Row("pareto", case, weather, {}, weather_overrides, question)
        if study.sensitivity or study.pareto or study.near_optimal:
            yield Row("centre", case, weather, {}, weather_overrides)
        if study.near_optimal is not None:
            yield Row(
                "near_optimal",
                case,
                weather,
                {},
                weather_overrides,
                {"kind": "near_optimal", "slacks": study.near_optimal.slacks},
            )


def _weathers(study: Study, folder: Path) -> Iterator[tuple[str, Overrides]]:
    """(name, overrides) of each weather."""
    if not (study.weather_years or study.weather_files):
        yield "", {}
    for year in study.weather_years:
        yield str(year), {"weather.year": year}
    for file in study.weather_files:
        yield file.name, {"weather.synthetic": None, "weather.file": str((folder / file).resolve())}


def _points(study: Study) -> Iterator[tuple[dict[str, object], Overrides]]:
    """(factors, overrides) of each point: sampled points times the grid."""
    grid = itertools.product(*(factor.values for factor in study.vary.values()))
    paths = {name: factor.paths for name, factor in study.vary.items()}
    samples = sampled(study.sample) if study.sample else [{}]
    if study.sample:
        paths |= {name: sampled_range.paths for name, sampled_range in study.sample.ranges.items()}
    for sample, values in itertools.product(samples, grid):
        factors = {**dict(zip(study.vary, values, strict=True)), **sample}
        yield factors, {path: value for name, value in factors.items() for path in paths[name]}


def _limits(front: Pareto) -> Iterator[Question]:
    """Questions of a front: each level at most, then each at least."""
    for level in front.at_most:
        yield {"kind": "limit", "measure": front.measure, "at_most": level}
    for level in front.at_least:
        yield {"kind": "limit", "measure": front.measure, "at_least": level}


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
