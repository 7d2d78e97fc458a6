"""Mix of the grid's energy: contracted green power, the clean share of the rest, residual and marginal carbon factors.

Green power over the grid is bought as a contract by the hour and pays network, system and funds like any energy (green
power trade, 绿电交易): the buyer takes the contracted hours at a premium, the certificate comes with them. In an hour it
covers the import up to the contracted power; what is beyond the import is resold at the price of the hour. The clean share is of
energy, not of capacity. Carbon: location-based by the region's mean factor, market-based by the residual factor of what is
neither contracted nor certified (GHG Protocol, Scope 2), marginal by the factor of the plants that follow the load.
"""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pydantic import Field

from optimizer.language.speech import noted
from optimizer.quantities.carbon import CarbonFactor
from optimizer.quantities.series import Series, SeriesError, values_on
from optimizer.quantities.strict import Settings
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Inputs, Outside, Record
from optimizer.technologies.linear import Floats, Linear
from optimizer.technologies.tallies import Tally

NO_CARBON_FACTOR = noted(
    "has no carbon_t_per_mwh, so no account holds the emissions of what it imports: give the factor of its grid [t CO2/MWh], or 0"
)
TOLERANCE_MWH = 1e-6
"""HiGHS holds rows to 1e-7; ten times that is a violation."""


class GreenPower(Settings):
    """Contract on green power over the grid."""

    power_mw: Series
    """Contracted power by the hour [MW]: the shape of the plants behind it, times what of it is contracted."""
    premium_per_mwh: Series
    """Paid for each contracted MWh above the price of the tie's tariff: the environmental value."""


class GridMix(Settings):
    """What stands behind a MWh from the grid."""

    carbon_t_per_mwh: CarbonFactor | None = None
    """Location-based emission factor of imported energy [t CO2/MWh]: a region's name, a number or a series; none: 0, remarked."""
    residual_t_per_mwh: CarbonFactor | None = None
    """Factor of energy that is neither contracted green nor certified, for market-based carbon; none: the location-based."""
    marginal_t_per_mwh: CarbonFactor | None = None
    """Factor of the plants that follow a change of import, for marginal carbon; none: marginal carbon is not counted."""
    clean_share: Series = 0.0
    """Carbon-free share, by energy, of what the grid delivers (0 to 1): a number, months, hours or a file."""
    green_power: GreenPower | None = None
    """Contracted green power; none: no contract."""
    carbon_price_per_t: float = Field(default=0.0, ge=0)
    """Price put on a tonne of CO2."""

    def mix_series(self, outside: Outside) -> dict[str, Floats]:
        """Series of the mix by the names of the inputs. Raises SeriesError for a share outside 0..1 or power below 0."""
        calendar, member, factor = outside.calendar, outside.member, self.carbon_t_per_mwh
        series = {
            "carbon_t_per_mwh": values_on(0.0 if factor is None else factor, calendar, member),
            "clean_share": values_on(self.clean_share, calendar, member),
        }
        for name in ("residual_t_per_mwh", "marginal_t_per_mwh"):
            if (factor := getattr(self, name)) is not None:
                series[name] = values_on(factor, calendar, member)
        if self.green_power is not None:
            series["green_power_mw"] = values_on(self.green_power.power_mw, calendar, member)
            series["green_premium_per_mwh"] = values_on(self.green_power.premium_per_mwh, calendar, member)
        _within("clean_share", series["clean_share"], 1.0)
        _within("green_power > power_mw", series.get("green_power_mw", np.zeros(1)), np.inf)
        return series

    def remarks_on_carbon(self) -> list[str]:
        """Remark on a tie that names no emission factor."""
        return [NO_CARBON_FACTOR] if self.carbon_t_per_mwh is None else []

    def mix_tallies(self, block: Block, inputs: Inputs, taken: Linear) -> dict[Tally, Linear]:
        """What rules and accounts read of the energy taken; adds the contracted part of it where there is a contract."""
        energy = taken * inputs.step_h
        tallies = {Tally.EMITTED_T: energy * inputs["carbon_t_per_mwh"]}
        if self.clean_share != 0.0:
            tallies[Tally.GRID_CLEAN_MWH] = energy * inputs["clean_share"]
        if self.residual_t_per_mwh is not None:
            tallies[Tally.RESIDUAL_T] = energy * inputs["residual_t_per_mwh"]
        if self.marginal_t_per_mwh is not None:
            tallies[Tally.MARGINAL_T] = energy * inputs["marginal_t_per_mwh"]
        if self.green_power is not None:
            tallies[Tally.CONTRACTED_MWH] = Linear.fixed(inputs["green_power_mw"] * inputs.step_h, inputs.count)
            tallies[Tally.CONTRACT_USED_MWH] = _used(block, inputs, taken) * inputs.step_h
        return tallies

    def premium(self, inputs: Inputs) -> Floats:
        """Cost of the contract's premium by step, the same whatever is used of it; shape (steps,)."""
        if self.green_power is None:
            return np.zeros(inputs.count)
        return inputs["green_power_mw"] * inputs["green_premium_per_mwh"] * inputs.step_h


def green_power_beyond(record: Record, inputs: Inputs, taken: Floats) -> NDArray[np.bool_]:
    """Steps in which more contracted power is counted than is contracted or bought, shape (steps,)."""
    counted_mwh = record.meters.get(Tally.CONTRACT_USED_MWH, np.zeros(inputs.count))
    contracted_mwh = record.meters.get(Tally.CONTRACTED_MWH, np.zeros(inputs.count))
    return np.asarray(counted_mwh > np.minimum(taken * inputs.step_h, contracted_mwh) + TOLERANCE_MWH)


def _used(block: Block, inputs: Inputs, taken: Linear) -> Linear:
    """Contracted power that an import covers in its hour [MW], for rules that count it."""
    block.green_power_mw = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)
    for t in inputs.steps:
        block.green_power_mw[t].setub(float(inputs["green_power_mw"][t]))
    beyond = Linear.of(block.green_power_mw.values()) - taken

    @block.Constraint(inputs.steps)
    def green_power_within_import(_: Block, t: int) -> Expr:
        return beyond.at(t) <= 0

    return Linear.of(block.green_power_mw.values())


def _within(name: str, values: Floats, most: float) -> None:
    if (values < 0).any() or (values > most).any():
        limits = "at least 0" if np.isinf(most) else f"within 0 and {most:g}"
        raise SeriesError(f"{name}: is {values.min():g} to {values.max():g}; give values of {limits}")
