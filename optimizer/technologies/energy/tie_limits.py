"""Limits of a grid tie: most import and export, a number or a series (maintenance, curtailment orders, hours without export)."""

from __future__ import annotations

import math

import numpy as np
import pyomo.environ as pyo
from pydantic import Field, field_validator

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.series import ByMember, DailyCourse, Monthly, Series, SeriesError, values_on
from optimizer.quantities.strict import Settings
from optimizer.technologies.base import Inputs, Outside
from optimizer.technologies.linear import Floats

LIMITS = ("import_limit_mw", "export_limit_mw")


class TieLimits(Settings):
    """What a tie may take and give."""

    import_limit_mw: Series
    """Most power taken from the grid: a number, a daily course, months or a file (orders, maintenance), also by member."""
    export_limit_mw: Series = 0.0
    """Most power given to the grid, in the same forms; 0 in hours without export."""
    circuits_mw: list[float] = Field(default=[])
    """Power of each circuit (line and transformer) that feeds the site; where given, it is said whether the import limit
    stands with the largest of them out (N−1)."""

    @field_validator("circuits_mw")
    @classmethod
    def _circuits_carry_power(cls, circuits: list[float]) -> list[float]:
        if any(power_mw <= 0 for power_mw in circuits):
            raise ValueError("each circuit must be above 0 MW")
        return circuits

    @field_validator(*LIMITS)
    @classmethod
    def _not_below_zero(cls, limit: Series) -> Series:
        if isinstance(limit, float) and limit < 0:
            raise ValueError(f"is {limit:g}; must be at least 0")
        return limit

    @property
    def exports(self) -> bool:
        """Whether the tie may give power in any hour."""
        return not (isinstance(self.export_limit_mw, float) and self.export_limit_mw == 0)

    @property
    def greatest_import_mw(self) -> float:
        """Greatest import limit that the settings themselves say; infinite where files do [MW]."""
        limit = self.import_limit_mw
        forms = list(limit.by_member.values()) if isinstance(limit, ByMember) else [limit]
        return max(_greatest(form) for form in forms)

    def remarks_on_circuits(self) -> list[str]:
        """Remark on a tie that does not stand with its largest circuit out; empty where it does, or where none are given."""
        if not self.circuits_mw:
            return []
        left_mw, limit_mw = sum(self.circuits_mw) - max(self.circuits_mw), self.greatest_import_mw
        if limit_mw <= left_mw:
            return []
        most = f"{limit_mw:g} MW" if math.isfinite(limit_mw) else "what a file says"
        return [f"N−1 does not hold: with the largest circuit out {left_mw:g} MW remain, import_limit_mw is {most}"]

    def limit_series(self, outside: Outside) -> dict[str, Floats]:
        """Series of the limits that are no plain numbers. Raises SeriesError for a limit below zero."""
        series = {}
        for name in LIMITS:
            limit = getattr(self, name)
            if isinstance(limit, float):
                continue
            series[name] = values_on(limit, outside.calendar, outside.member)
            if (series[name] < 0).any():
                raise SeriesError(f"{name}: is {series[name].min():g} in some hour; must be at least 0")
        return series

    def import_limit(self, inputs: Inputs) -> Floats:
        """Most import by step [MW]."""
        return self._limit("import_limit_mw", inputs)

    def export_limit(self, inputs: Inputs) -> Floats:
        """Most export by step [MW]."""
        return self._limit("export_limit_mw", inputs)

    def connection_mw(self, calendar: Calendar) -> float:
        """Greatest import limit of the whole plan, in any member: what charges on capacity and least demand refer to [MW]."""
        limit = self.import_limit_mw
        forms = list(limit.by_member.values()) if isinstance(limit, ByMember) else [limit]
        return max(float(values_on(form, calendar.whole).max()) for form in forms)

    def _limit(self, name: str, inputs: Inputs) -> Floats:
        limit = getattr(self, name)
        return np.full(inputs.count, limit) if isinstance(limit, float) else inputs[name]


def power_within(inputs: Inputs, most: Floats) -> pyo.Var:
    """Power of each step between zero and its limit [MW]."""
    return pyo.Var(inputs.steps, bounds=lambda _, t: (0.0, float(most[t])))


def _greatest(limit: Series) -> float:
    if isinstance(limit, DailyCourse):
        return max([*limit.hourly, *(limit.weekend or [])]) * limit.scale
    if isinstance(limit, Monthly):
        return max(limit.monthly)
    return limit if isinstance(limit, float) else math.inf
