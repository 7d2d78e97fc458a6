"""Study file settings: a base scenario, varied factors, questions, kept metrics."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from optimizer.scenario.file import Name
from optimizer.study.metrics import check_metric
from optimizer.study.money_settings import Money
from optimizer.technologies.base import Settings


def as_written(value: object) -> object:
    """Data with every day and time as the text that YAML made it from: tasks and identities are plain data."""
    if isinstance(value, dict):
        return {as_written(key): as_written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_written(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


Value = Annotated[object, AfterValidator(as_written)]
"""Anything a scenario may hold."""
Overrides = dict[str, Value]
"""Values by YAML path of the scenario: `storage.haixi_share.energy_mwh: 40`."""
Paths = Annotated[list[str], Field(min_length=1)]


class Case(Settings):
    """A named alternative: other values, or another scenario."""

    scenario: Path | None = None
    """Scenario file, relative to the study file; none: the study's."""
    overrides: Overrides = {}
    """Values by path."""


class Factor(Settings):
    """Factor varied over a list of values."""

    paths: Paths
    """Where the value stands in the scenario; several paths move together."""
    values: Annotated[list[Value], Field(min_length=1)]
    """Values it takes."""


class Range(Settings):
    """Sampled range of a setting."""

    paths: Paths
    """Where the value stands in the scenario; several paths move together."""
    low: float
    """Least value."""
    high: float
    """Greatest value."""
    distribution: Literal["uniform", "log-uniform", "triangular", "normal"] = "uniform"
    """`normal`: its middle lies between low and high, two standard deviations from each, and it is cut there."""
    mode: float | None = None
    """Likeliest value of a triangular distribution; none: the middle."""

    @model_validator(mode="after")
    def _is_a_range(self) -> Range:
        if not self.low < self.high:
            raise ValueError(f"low {self.low:g} is not below high {self.high:g}")
        if self.distribution == "log-uniform" and self.low <= 0:
            raise ValueError("a log-uniform range must lie above 0")
        if self.mode is not None and not self.low <= self.mode <= self.high:
            raise ValueError(f"mode {self.mode:g} lies outside {self.low:g} to {self.high:g}")
        return self


class Sample(Settings):
    """Points spread evenly over ranges."""

    method: Literal["sobol", "latin-hypercube"] = "sobol"
    """Low-discrepancy sequence, or Latin hypercube."""
    count: int = Field(gt=0, le=100_000)
    """Points; for Sobol best a power of two."""
    seed: int = Field(default=1, ge=0)
    """Seed of the scrambling."""
    ranges: Annotated[dict[Name, Range], Field(min_length=1)]
    """What is sampled, by name."""


class Swing(Settings):
    """Swing of one setting down and up, all else at its base value: a bar of the tornado."""

    paths: Paths
    """Where the value stands in the scenario; several paths move together."""
    low: Value
    """Low value."""
    high: Value
    """High value."""
    cases: list[str] = []
    """Cases it is moved for; none: all."""
    source: str = "assumption"
    """Where the range comes from."""


class Limit(Settings):
    """A limit on a metric; runs outside it are shown but not chosen."""

    at_least: float | None = None
    """Least value."""
    at_most: float | None = None
    """Greatest value."""

    @model_validator(mode="after")
    def _says_something(self) -> Limit:
        if self.at_least is None and self.at_most is None:
            raise ValueError("give at_least or at_most")
        return self


class Pareto(Settings):
    """A front of cost against one measure, by hard limits on the measure (epsilon constraint)."""

    measure: Literal["carbon_location_t", "green_share", "import_mwh", "pue", "late_card_h_h", "waiting_card_h_h"]
    """What is limited. `late_card_h_h`: card-hours late times hours; `waiting_card_h_h`: card-hours waiting times hours."""
    at_most: list[float] = []
    """Upper limits, one run each."""
    at_least: list[float] = []
    """Lower limits, one run each."""
    cases: list[str] = []
    """Cases it is asked of; none: all."""

    @model_validator(mode="after")
    def _one_side(self) -> Pareto:
        if bool(self.at_most) == bool(self.at_least):
            raise ValueError("give either at_most or at_least, one of the two")
        return self


class NearOptimal(Settings):
    """Near-optimal ranges: how far capacities can move while the cost stays within a slack of the optimum."""

    slacks: Annotated[list[Annotated[float, Field(gt=0, le=1)]], Field(min_length=1)] = [0.01, 0.03, 0.05]
    """Shares of the cost that may be spent on top."""


class Study(Settings):
    """A study: runs of one scenario under many assumptions."""

    name: str = Field(min_length=1, max_length=80)
    """What the study is called in reports."""
    description: str = ""
    """A sentence on what it answers."""
    scenario: Path
    """Base scenario, relative to the study file."""
    overrides: Overrides = {}
    """Values by path, for every run."""
    cases: dict[Name, Case] = {}
    """Named alternatives; none: the base alone."""
    vary: dict[Name, Factor] = {}
    """Grid: every combination of the values is run."""
    sample: Sample | None = None
    """Sampled points, each with every combination of the grid."""
    sensitivity: dict[Name, Swing] = {}
    """One at a time around the base of each case."""
    weather_years: list[Annotated[int, Field(ge=1950, le=2100)]] = []
    """Years of synthetic weather; none: the scenario's own."""
    weather_files: list[Path] = []
    """Weather files, relative to the study file, beside or instead of synthetic years."""
    pareto: list[Pareto] = []
    """Fronts of cost against a measure, for each case in its first weather."""
    near_optimal: NearOptimal | None = None
    """Near-optimal capacities, for each case in its first weather."""
    with_baseline: bool = False
    """Plan also the same site without a plan, for the saving of operation (about doubles the time)."""
    metrics: Annotated[list[str], Field(min_length=1)] = ["cost", "green_share", "pue", "carbon_location_t"]
    """What the report shows of each run."""
    constraints: dict[str, Limit] = {}
    """Limits on metrics that a chosen run must keep."""
    money: Money | None = None
    """Investments, revenue and discounting."""
    seconds_per_run: float = Field(default=3600.0, gt=0)
    """Wall-clock limit of a run; it is killed then."""

    @field_validator("metrics")
    @classmethod
    def _known_metrics(cls, names: list[str]) -> list[str]:
        for name in names:
            check_metric(name)
        return names

    @field_validator("constraints")
    @classmethod
    def _known_constraints(cls, limits: dict[str, Limit]) -> dict[str, Limit]:
        for name in limits:
            check_metric(name)
        return limits

    @model_validator(mode="after")
    def _parts_name_cases(self) -> Study:
        named = [case for swing in self.sensitivity.values() for case in swing.cases]
        named += [case for front in self.pareto for case in front.cases]
        unknown = [case for case in named if case not in self.cases]
        if unknown:
            known = ", ".join(self.cases) or "none, for the study has only its base"
            raise ValueError(f"sensitivity or pareto name the case '{unknown[0]}', which is none of: {known}")
        return self

    @model_validator(mode="after")
    def _money_names_cases(self) -> Study:
        if self.money is not None:
            unknown = [name for name in self.money.named_cases() if name not in (list(self.cases) or ["base"])]
            if unknown:
                known = ", ".join(self.cases) or "base"
                raise ValueError(f"money or claims name the case '{unknown[0]}', which is none of: {known}")
        return self
