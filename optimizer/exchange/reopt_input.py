"""Input file of REopt (JSON of REopt.jl and of the API's version 3) as it is read: sections, numbers, courses, what is wrong, what is left out.

Every field that is asked for counts as read; whatever else the file says is named in the notes, so nothing is dropped in silence.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from optimizer.language.speech import noted
from optimizer.quantities.documents import DocumentError
from optimizer.technologies.linear import Floats
from weather.files.plain import UnusableFileError, plain_bytes, text_of

MOST_MB = 100.0
HOURS = 8760
"""Hours of a year in REopt, leap years too: they end a day early."""
MONTHS = 12
STEPS_PER_HOUR = (1, 2, 4)
MW_PER_KW = 1e-3
Json = Mapping[str, object]
NEEDS = frozenset(
    ["SpaceHeatingLoad", "DomesticHotWaterLoad", "ProcessHeatLoad", "CoolingLoad", "HydrogenLoad", "FlexibleHVAC"]
)
"""Sections of loads other than electricity."""
NEUTRAL: dict[tuple[str, str], object] = {
    ("Settings", "off_grid_flag"): False, ("Settings", "include_climate_in_objective"): False,
    ("Settings", "include_health_in_objective"): False,
    ("ElectricUtility", "outage_start_time_step"): 0, ("ElectricUtility", "outage_start_time_steps"): [],
    ("ElectricTariff", "add_monthly_rates_to_urdb_rate"): False,
    ("ElectricTariff", "add_tou_energy_rates_to_urdb_rate"): False,
    ("ElectricTariff", "demand_lookback_percent"): 0, ("ElectricTariff", "coincident_peak_load_charge_per_kw"): [],
    ("ElectricStorage", "can_grid_charge"): True, ("ElectricStorage", "dc_coupled"): False,
    ("ElectricStorage", "model_degradation"): False, ("ElectricStorage", "minimum_avg_soc_fraction"): 0,
    ("ElectricStorage", "optimize_soc_init_fraction"): False, ("ElectricStorage", "min_duration_hours"): 0,
    ("ElectricStorage", "installed_cost_constant"): 0, ("ElectricStorage", "replace_cost_constant"): 0,
    ("Generator", "min_turn_down_fraction"): 0, ("Generator", "fuel_intercept_gal_per_hr"): 0,
    ("PV", "can_curtail"): True, ("PV", "dc_coupled_with_storage"): False,
    ("Site", "CO2_emissions_reduction_min_fraction"): None, ("Site", "CO2_emissions_reduction_max_fraction"): None,
    ("Site", "renewable_electricity_min_fraction"): None, ("Site", "renewable_electricity_max_fraction"): None,
    ("Site", "min_resil_time_steps"): 0,
}  # fmt: skip
"""Fields that would change the problem, with the value at which they say nothing; any other is refused."""
LEFT_OUT = noted("left out; nothing in a scenario says it")
MISSING = noted("is missing; give it, since REopt's own default changes from version to version")
OTHER_LOAD = noted("is a load other than electricity; remove it, or add what it takes to loads_kw")
SAYS_NOTHING: tuple[object, ...] = (None, "", [], {})


@dataclass
class Section:
    """A section of the input, or one plant of a list."""

    kind: str
    name: str
    """How it is called in messages and notes."""
    fields: Json
    of: ReoptInput
    read: set[str] = field(default_factory=set)

    def has(self, key: str) -> bool:
        return self.fields.get(key) not in SAYS_NOTHING

    def get(self, key: str) -> object:
        self.read.add(key)
        return self.fields.get(key)

    def refuse(self, key: str, rule: str) -> None:
        problem = f"{self.of.where}  {self.name} > {key}: {rule}"
        if problem not in self.of.problems:
            self.of.problems.append(problem)

    def number(self, key: str, default: float | None = None, *, least: float = 0.0, most: float = math.inf) -> float:
        """A number between limits; without a default it must be there."""
        value = self.get(key)
        if value in SAYS_NOTHING:
            if default is None:
                self.refuse(key, MISSING)
            return least if default is None else default
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            shown = f"{least:g} or more" if math.isinf(most) else f"of {least:g} to {most:g}"
            self.refuse(key, f"is {str(value)[:40]}; give a number {shown}")
            return least if default is None else default
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        value = self.get(key)
        if value is not None and not isinstance(value, bool):
            self.refuse(key, f"is {str(value)[:40]}; give true or false")
        return value if isinstance(value, bool) else default

    def months(self, key: str) -> list[float]:
        """Twelve numbers."""
        values = self._numbers(key)
        if values is None or len(values) != MONTHS:
            self.refuse(key, noted("is not twelve numbers, one a month; give January to December"))
            return [0.0] * MONTHS
        return [float(value) for value in values]

    def course(self, key: str, *, least: float = 0.0) -> Floats:
        """Number of every step of the year; a single number, or hours where steps are shorter, are repeated."""
        value, count = self.get(key), self.of.steps_per_hour * HOURS
        if isinstance(value, int | float) and not isinstance(value, bool):
            return np.full(count, self.number(key, least=least))
        values = self._numbers(key)
        if values is None or not len(values) or count % len(values) or len(values) % HOURS:
            said = "is no list of numbers" if values is None else f"has {len(values)} numbers"
            self.refuse(key, f"{said}; give {count}, one a step of a year of 8,760 h, or 8,760")
            return np.zeros(count)
        if (values < least).any():
            self.refuse(key, f"is {values.min():g} in step {int(values.argmin()) + 1}; give {least:g} or more")
        return np.repeat(values, count // len(values))

    def _numbers(self, key: str) -> Floats | None:
        values = self.get(key)
        if not isinstance(values, list) or any(
            isinstance(v, bool) or not isinstance(v, int | float) or not math.isfinite(v) for v in values
        ):
            return None
        return np.array(values, dtype=float)

    def tell_the_rest(self) -> None:
        """Refuse what would change the problem; note every other field that was not read."""
        for key, value in self.fields.items():
            if key in self.read or value in SAYS_NOTHING:
                continue
            if (self.kind, key) not in NEUTRAL:
                self.of.notes.append(f"{self.name} > {key}: {LEFT_OUT}")
            elif value != (neutral := NEUTRAL[self.kind, key]):
                self.refuse(
                    key,
                    f"is {str(value)[:40]}, which is not read; set it to {json.dumps(neutral)} and say it in the scenario",
                )


@dataclass
class ReoptInput:
    """Input of REopt as it is read."""

    where: str
    data: Json
    steps_per_hour: int = 1
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sections: dict[str, list[Section]] = field(default_factory=dict)

    def all_of(self, kind: str) -> list[Section]:
        """Plants of a kind, one or a list of them; none where the file has none."""
        if kind in self.sections:
            return self.sections[kind]
        given = self.data.get(kind)
        parts = given if isinstance(given, list) else [given] if given is not None else []
        sections = []
        for number, part in enumerate(parts, 1):
            name = kind if len(parts) == 1 else f"{kind} {number}"
            if not isinstance(part, dict):
                self.problems.append(f"{self.where}  {name}: is no object with fields; give one")
            else:
                sections.append(Section(kind, name, part, self))
        self.sections[kind] = sections
        return sections

    def one(self, kind: str) -> Section:
        """A section of which there is one; an empty one where the file has none."""
        found = self.all_of(kind)
        if not found:
            self.sections[kind] = found = [Section(kind, kind, {}, self)]
        elif len(found) > 1:
            self.problems.append(f"{self.where}  {kind}: is a list of {len(found)}; give one")
        return found[0]

    def close(self) -> None:
        """Name or refuse all that was not read. Raises DocumentError with everything that is wrong."""
        for kind, value in self.data.items():
            if kind in NEEDS and value not in SAYS_NOTHING:
                self.problems.append(f"{self.where}  {kind}: {OTHER_LOAD}")
            elif kind not in self.sections and value not in SAYS_NOTHING:
                self.notes.append(f"{kind}: {LEFT_OUT}")
        for sections in self.sections.values():
            for section in sections:
                section.tell_the_rest()
        if self.problems:
            raise DocumentError(self.problems)


def read_reopt(path: Path) -> ReoptInput:
    """Input in a file. Raises DocumentError where it is none."""
    try:
        data = json.loads(text_of(plain_bytes(str(path), most_mb=MOST_MB)))
    except (UnusableFileError, ValueError, RecursionError) as error:
        raise DocumentError([f"{path}: is no JSON ({str(error)[:80]}); give the inputs of a REopt run"]) from error
    except OSError as error:
        raise DocumentError([f"{path}: no such file; check the path"]) from error
    if not isinstance(data, dict) or not {"Site", "ElectricLoad", "ElectricTariff"} <= data.keys():
        raise DocumentError(
            [
                f"{path}: has no Site, ElectricLoad and ElectricTariff; give inputs in the form of REopt.jl and of the API's "
                "version 3, not of versions 1 and 2, and not its results"
            ]
        )
    given = ReoptInput(str(path), data)
    settings = given.one("Settings")
    steps = settings.number("time_steps_per_hour", 1.0, least=1.0, most=4.0)
    if steps not in STEPS_PER_HOUR:
        settings.refuse("time_steps_per_hour", f"is {steps:g}; give 1, 2 or 4")
        raise DocumentError(given.problems)
    given.steps_per_hour = int(steps)
    return given
