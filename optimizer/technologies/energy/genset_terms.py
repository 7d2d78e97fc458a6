"""Settings and costs of a genset: its settings, series and prices."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, model_validator

from optimizer.language.speech import noted
from optimizer.quantities.series import Series, values_on
from optimizer.technologies.base import Capacity, Inputs, Outside, Size
from optimizer.technologies.energy.fuel_curve import FuelPoint, whole_curve
from optimizer.technologies.linear import Floats
from optimizer.technologies.plant import Plant

NO_CARBON_FACTOR = noted(
    "has no carbon_t_per_mwh_fuel, so no account holds its emissions: give it (diesel is near 0.27, natural gas near 0.20 t CO2 "
    "for a MWh of fuel), or 0 where nothing fossil burns"
)
"""Remark on a source that burns fuel and names no factor."""
FREE = noted("has neither fuel_price_per_mwh nor cost_per_mwh, so what it gives costs nothing: give what a MWh costs")
"""Remark on a source that burns fuel for nothing."""
LONG_AGO_H = 1e4
"""Hours since the last start or stop where none is given: longer than any minimum time."""


class GensetTerms(Plant):
    """Settings of a source that burns fuel."""

    power_mw: Capacity
    """Rated power [MW], a number or a size to be found."""
    availability: Series = 1.0
    """Share of the rated power it can give, by hour."""
    least_load: Series = 0.0
    """Share of the rated power below which it cannot run while on."""
    efficiency: float = Field(default=0.4, gt=0, le=1)
    """Electricity over fuel, without the fuel of idling."""
    fuel_curve: tuple[FuelPoint, ...] = ()
    """Fuel by output, straight lines between points from output 0 to 1, instead of efficiency and idle_fuel_mw; none: those two."""
    idle_fuel_mw: float = Field(default=0.0, ge=0)
    """Fuel it burns while on, whatever it gives [MW of fuel]."""
    fuel_price_per_mwh: Series = 0.0
    """Price of a MWh of fuel."""
    cost_per_mwh: Series = 0.0
    """Operation and maintenance for a MWh given."""
    carbon_t_per_mwh_fuel: float | None = Field(default=None, ge=0)
    """Emissions of a MWh of fuel [t CO2]; diesel is near 0.27, natural gas near 0.20; none: 0, remarked."""
    carbon_price_per_t: float = Field(default=0.0, ge=0)
    """Price put on a tonne of CO2."""
    fuel_limit_mwh: float | None = Field(default=None, ge=0)
    """Most fuel it may burn over the plan; none: as much as it likes."""
    tank_mwh: float | None = Field(default=None, ge=0)
    """Fuel at hand when the grid fails [MWh of fuel], for a rule on resilience; none: enough for any outage."""
    start_cost: float = Field(default=0.0, ge=0)
    """Cost of a start."""
    stop_cost: float = Field(default=0.0, ge=0)
    """Cost of a stop."""
    on_cost_per_h: Series = 0.0
    """Cost of an hour on, whatever it gives."""
    off_cost_per_h: Series = 0.0
    """Cost of an hour off."""
    least_up_h: float = Field(default=0.0, ge=0, le=24 * 31)
    """Once started it stays on at least so long."""
    least_down_h: float = Field(default=0.0, ge=0, le=24 * 31)
    """Once stopped it stays off at least so long."""
    most_starts: int | None = Field(default=None, ge=0)
    """Most starts in the plan."""
    most_stops: int | None = Field(default=None, ge=0)
    """Most stops in the plan."""
    ramp_per_h: float | None = Field(default=None, gt=0)
    """Most change of output in an hour while it stays on, as a share of the rated power."""
    start_load: float = Field(default=1.0, gt=0, le=1)
    """Most output in the step it starts in, as a share of the rated power; counts where there is a ramp."""
    stop_load: float = Field(default=1.0, gt=0, le=1)
    """Most output in the step before it stops, as a share of the rated power; counts where there is a ramp."""
    opening_on: bool = False
    """Whether it is on when the plan starts."""
    opening_since_h: float = Field(default=LONG_AGO_H, ge=0)
    """Hours since it was last switched when the plan starts."""
    opening_mw: float | None = Field(default=None, ge=0)
    """Output just before the plan starts, for the ramp; none: the first step may take any."""

    def capacities(self) -> dict[str, Capacity]:
        return {"power_mw": self.power_mw}

    @model_validator(mode="after")
    def _sizes_do_not_switch(self) -> GensetTerms:
        if isinstance(self.power_mw, Size) and (self.switches() or self.ramp_per_h is not None):
            raise ValueError(
                "a power to be found cannot have a least load, starts, least times, idle fuel or a ramp; give a number"
            )
        return self

    @model_validator(mode="after")
    def _curve_stands_alone(self) -> GensetTerms:
        if not self.fuel_curve:
            return self
        if isinstance(self.power_mw, Size) or self.idle_fuel_mw or "efficiency" in self.model_fields_set:
            raise ValueError(
                "fuel_curve needs power_mw as a number and stands in place of efficiency and idle_fuel_mw; leave those out"
            )
        whole_curve(self.fuel_curve)
        return self

    def fuel_at_rest_mw(self) -> float:
        """Fuel while on at no output [MW of fuel]."""
        if not self.fuel_curve:
            return self.idle_fuel_mw
        return float(self.power_mw) * self.fuel_curve[0].fuel if not isinstance(self.power_mw, Size) else 0.0

    def full_efficiency(self) -> float:
        """Electricity over fuel at rated power, without the fuel of idling unless a curve holds it."""
        return 1 / self.fuel_curve[-1].fuel if self.fuel_curve else self.efficiency

    def switches(self) -> bool:
        """Whether anything depends on its being on or off."""
        prices = (self.start_cost, self.stop_cost, self.on_cost_per_h, self.off_cost_per_h)
        laws = (self.least_load, self.least_up_h, self.least_down_h, self.fuel_at_rest_mw())
        return (
            any(value != 0.0 for value in prices + laws) or self.most_starts is not None or self.most_stops is not None
        )

    def series(self, outside: Outside) -> dict[str, Floats]:
        names = ("availability", "least_load", "fuel_price_per_mwh", "cost_per_mwh", "on_cost_per_h", "off_cost_per_h")
        return {name: values_on(getattr(self, name), outside.calendar, outside.member) for name in names}

    @property
    def emitted_t_per_mwh_fuel(self) -> float:
        """Emissions of a MWh of fuel as they are counted [t CO2]."""
        return self.carbon_t_per_mwh_fuel or 0.0

    def fuel_price(self, inputs: Inputs) -> Floats:
        """Money for a MWh of fuel with the carbon in it, shape (steps,)."""
        return inputs["fuel_price_per_mwh"] + self.emitted_t_per_mwh_fuel * self.carbon_price_per_t

    def remarks(self, outside: Outside, offered: Mapping[str, float]) -> list[str]:  # noqa: ARG002
        free = self.fuel_price_per_mwh == 0.0 and self.cost_per_mwh == 0.0
        return [*([NO_CARBON_FACTOR] if self.carbon_t_per_mwh_fuel is None else []), *([FREE] if free else [])]
