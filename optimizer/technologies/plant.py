"""Plant: a technology that somebody builds and owns, with what it costs that owner beside running it.

A year's capital and operation follow from its size alone. Where the size is given they decide nothing: they are no part of
the objective, but of every account of what a kilowatt-hour costs (plan/costs.py). A size that is sought (`Size`) brings its
own price and is part of the objective.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, model_validator

from optimizer.quantities.strict import Settings
from optimizer.technologies.base import Technology
from optimizer.technologies.capacity import Size, annuity

KW_PER_MW = 1000.0


class OwnerCost(Settings):
    """What a plant costs its owner beside running it: sunk, or capital with operation and maintenance."""

    sunk: bool = False
    """Whether its capital is spent and counts no more; operation and maintenance may still be given."""
    capital_cost_per_kw: float | None = Field(default=None, ge=0)
    """Investment for a kW of rated power."""
    capital_cost_per_kwh: float | None = Field(default=None, ge=0)
    """Investment for a kWh of a store's energy."""
    life_years: float = Field(default=20.0, gt=0, le=100)
    """Years the investment lasts."""
    discount_rate: float = Field(default=0.06, ge=0, le=1)
    """Yearly interest of the annuity."""
    om_per_kw_year: float = Field(default=0.0, ge=0)
    """Fixed operation and maintenance of a kW in a year."""
    om_per_kwh_year: float = Field(default=0.0, ge=0)
    """Fixed operation and maintenance of a kWh of a store's energy in a year."""
    om_share: float = Field(default=0.0, ge=0, le=1)
    """Fixed operation and maintenance in a year as a share of the investment."""

    @model_validator(mode="after")
    def _sunk_or_priced(self) -> OwnerCost:
        priced = self.capital_cost_per_kw is not None or self.capital_cost_per_kwh is not None
        if priced == self.sunk:
            raise ValueError("give either sunk: true, or a capital cost per kW or kWh, one of the two")
        return self

    def per_year(self, power_mw: float, energy_mwh: float) -> dict[str, float]:
        """Capital (annuity) and operation of a year, by item."""
        fixed = KW_PER_MW * (self.om_per_kw_year * power_mw + self.om_per_kwh_year * energy_mwh)
        if self.sunk:
            return {"operation": fixed} if fixed else {}
        per_mw, per_mwh = (
            KW_PER_MW * (price or 0.0) for price in (self.capital_cost_per_kw, self.capital_cost_per_kwh)
        )
        investment = per_mw * power_mw + per_mwh * energy_mwh
        operation = fixed + self.om_share * investment
        return {"capital": investment * annuity(self.discount_rate, self.life_years), "operation": operation}


class Plant(Technology):
    """A source or a store that has an owner."""

    owner_cost: OwnerCost | None = None
    """What it costs its owner beside running it; none: not stated."""

    @model_validator(mode="after")
    def _energy_is_priced_where_there_is_some(self) -> Plant:
        cost = self.owner_cost
        if cost is not None and cost.capital_cost_per_kwh is not None and "energy_mwh" not in self.capacities():
            raise ValueError("owner_cost > capital_cost_per_kwh: it stores no energy; give capital_cost_per_kw")
        return self

    def yearly_costs(self, sizes: Mapping[str, float]) -> dict[str, float]:
        if self.owner_cost is None:
            return {}
        given = {name: sizes[name] for name, size in self.capacities().items() if not isinstance(size, Size)}
        power_mw = sum(size for name, size in given.items() if name.endswith("_mw"))
        return self.owner_cost.per_year(power_mw, given.get("energy_mwh", 0.0))

    def cost_is_stated(self) -> bool:
        return self.owner_cost is not None or any(isinstance(size, Size) for size in self.capacities().values())
