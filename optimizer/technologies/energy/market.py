"""Market desk of a tie: contracts, day-ahead purchase and real time, settled as contracts for differences.

    cost = Σ q p_RT + q_DA (p_DA − p_RT) + q_C (p_C − p_ref)

Energy taken is paid at the real-time price (the energy price of the tie's tariff); a day-ahead purchase and a contract settle the
difference to it. The day-ahead purchase is decided before it is known which member of the future comes, real time answers each.
Assumes: settlement by this formula and charges on too little or too much contracted energy by month in the form of provincial
drafts, with prices as keys (no settlement text was read); the purchase moves no price.
"""

from __future__ import annotations

from typing import Annotated, Self

import numpy as np
import pyomo.environ as pyo
from pydantic import Field, StringConstraints, model_validator

from optimizer.quantities.series import Series, SeriesError, values_on
from optimizer.quantities.strict import Settings
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Inputs, Outside, Record
from optimizer.technologies.energy.mechanism import MechanismPrice
from optimizer.technologies.linear import Floats, Linear

DAY_AHEAD = "day_ahead_mw"
"""Meter of the power bought a day ahead."""
MECHANISM_SHARE = 0.4
"""Share of a plant's yearly energy that Qinghai's rule admits to the mechanism (secondary)."""
TOLERANCE_MW = 1e-6
"""HiGHS holds bounds to 1e-7; ten times that is a violation."""


class ForwardContract(Settings):
    """Contract curve: a power by the hour at a price, settled against a reference."""

    power_mw: Series
    """Contracted power by the hour."""
    price_per_mwh: Series
    """Price agreed."""
    reference_price_per_mwh: Series | None = None
    """Price at the contract's settlement reference point; none: the real-time price of the tie."""


class DayAhead(Settings):
    """Day-ahead market."""

    price_per_mwh: Series
    """Day-ahead price."""
    most_mw: Series
    """Most power that may be bought a day ahead."""
    least_mw: Series = 0.0
    """Least power that is bought a day ahead."""


class ContractBand(Settings):
    """Band of contracted energy over a month's use, and what is charged outside it."""

    least_share: float = Field(default=0.9, ge=0)
    """Contracted over used energy at least."""
    most_share: float | None = Field(default=None, ge=0)
    """Contracted over used energy at most; none: no limit."""
    short_price_per_mwh: float | None = Field(default=None, ge=0)
    """Charge on a MWh contracted too little; none: the month's mean contract price above the mean real-time price."""
    long_price_per_mwh: float | None = Field(default=None, ge=0)
    """Charge on a MWh contracted too much; none: the month's mean real-time price above the mean contract price."""
    factor: float = Field(default=1.0, ge=0)
    """Factor on both charges."""


class YearlyDuty(Settings):
    """Yearly contracts that a user must hold, as a share of last year's use."""

    last_year_mwh: float = Field(gt=0)
    """Use of the year before."""
    share: float = Field(default=0.8, gt=0, le=1)
    """Share of it to be contracted."""
    price_per_mwh: float = Field(default=0.0, ge=0)
    """Penalty for a MWh that is not."""


class Market(Settings):
    """Market desk: what is settled beside the real-time price of energy."""

    contracts: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")], ForwardContract] = {}
    """Contracts by name."""
    day_ahead: DayAhead | None = None
    """Day-ahead market; none: real time alone."""
    price_limits_per_mwh: tuple[float, float] | None = None
    """Least and greatest clearing price; a price of a series beyond them is refused; none: any price."""
    contract_band: ContractBand | None = None
    """Charge on too little or too much contracted energy by month; none: none."""
    yearly_duty: YearlyDuty | None = None
    """Yearly contracts to be held; none: none."""
    mechanism: MechanismPrice | None = None
    """Mechanism price of exports; none: the export price alone."""

    @model_validator(mode="after")
    def _band_has_a_price_of_contracts(self) -> Self:
        band = self.contract_band
        if band is not None and not self.contracts and (band.short_price_per_mwh is None):
            raise ValueError("contract_band without contracts has no contract price; give short_price_per_mwh")
        if band is not None and band.most_share is not None and band.most_share < band.least_share:
            raise ValueError("contract_band > most_share is below least_share")
        return self

    def series(self, outside: Outside, real_time: Floats) -> dict[str, Floats]:
        """Series of the desk by the names of the inputs. Raises SeriesError for a price beyond its limits."""
        calendar, member = outside.calendar, outside.member
        series = {"real_time_price_per_mwh": real_time}
        contract_mw, settled = np.zeros(calendar.count), np.zeros(calendar.count)
        value = np.zeros(calendar.count)
        for contract in self.contracts.values():
            power_mw, price = (
                values_on(each, calendar, member) for each in (contract.power_mw, contract.price_per_mwh)
            )
            reference = contract.reference_price_per_mwh
            settled += power_mw * (price - (real_time if reference is None else values_on(reference, calendar, member)))
            contract_mw, value = contract_mw + power_mw, value + power_mw * price
        series |= {"contract_mw": contract_mw, "contract_value_per_h": value, "contract_difference_per_h": settled}
        if self.day_ahead is not None:
            series["day_ahead_price_per_mwh"] = values_on(self.day_ahead.price_per_mwh, calendar, member)
            series["day_ahead_most_mw"] = values_on(self.day_ahead.most_mw, calendar)
            series["day_ahead_least_mw"] = values_on(self.day_ahead.least_mw, calendar)
        if self.mechanism is not None:
            series["mean_price_per_mwh"] = values_on(self.mechanism.mean_price_per_mwh, calendar, member)
        self._within_limits(series)
        return series

    def _within_limits(self, series: dict[str, Floats]) -> None:
        low, high = self.price_limits_per_mwh or (-np.inf, np.inf)
        for name in ("real_time_price_per_mwh", "day_ahead_price_per_mwh"):
            price = series.get(name, np.zeros(0))
            beyond = (price < low) | (price > high)
            if beyond.any():
                step = int(np.argmax(beyond))
                raise SeriesError(
                    f"{name}: is {price[step]:g} in step {step}, beyond the market's {low:g} to {high:g}; "
                    "cut the series to the limits, or correct its unit"
                )

    def trade(
        self, block: Block, inputs: Inputs, taken: Linear, given: Linear
    ) -> tuple[list[Linear], dict[str, Linear]]:
        """Cost beside energy at the real-time price, and meters; `taken` and `given` over the tie [MW]."""
        step_h, meters = inputs.step_h, {}
        cost = [Linear.fixed(inputs["contract_difference_per_h"] * step_h, inputs.count)]
        if self.day_ahead is not None:
            bought = meters[DAY_AHEAD] = self._bought(block, inputs)
            difference = inputs["day_ahead_price_per_mwh"] - inputs["real_time_price_per_mwh"]
            cost.append(bought * (difference * step_h))
        if self.contract_band is not None:
            cost += self._outside_band(block, inputs, self.contract_band, taken)
        if self.yearly_duty is not None:
            cost.append(Linear.fixed(self._duty_penalty(inputs), inputs.count))
        if self.mechanism is not None and self.mechanism.most_mwh_per_year is not None:
            block.mechanism = pyo.Block()
            cost.append(self.mechanism.add(block.mechanism, inputs, given))
        elif self.mechanism is not None:
            cost.append(given * (-self._mechanism_per_mwh(inputs) * step_h))
        return cost, meters

    @staticmethod
    def _bought(block: Block, inputs: Inputs) -> Linear:
        """Power bought a day ahead, the same whatever member comes [MW]."""
        if DAY_AHEAD not in inputs.sizes:
            low, high = inputs["day_ahead_least_mw"].tolist(), inputs["day_ahead_most_mw"].tolist()
            block.day_ahead_mw = pyo.Var(inputs.steps, bounds=lambda _, t: (low[t], high[t]))
            inputs.sizes[DAY_AHEAD] = Linear.of(block.day_ahead_mw.values())
        bought: Linear = inputs.sizes[DAY_AHEAD]
        return bought

    def _outside_band(self, block: Block, inputs: Inputs, band: ContractBand, taken: Linear) -> list[Linear]:
        """Charge on each month's energy contracted too little and too much."""
        month, step_h = inputs.calendar.billing_month, inputs.step_h
        contracted, (short_price, long_price) = self._contracted_mwh(inputs), self._band_prices(inputs, band)
        months = range(len(contracted))
        used = [(taken.take(np.flatnonzero(month == m).tolist()) * step_h).sum() for m in months]
        block.contracts = part = pyo.Block()
        block.contracts.short_mwh = pyo.Var(months, domain=pyo.NonNegativeReals)

        @part.Constraint(months)
        def contracts_short_of_use(b: Block, m: int) -> Expr:
            return (used[m] * band.least_share).at(0) - b.short_mwh[m] <= float(contracted[m])

        costs = [Linear.of(block.contracts.short_mwh.values()) * short_price]
        if band.most_share is not None:
            most = band.most_share
            block.contracts.long_mwh = pyo.Var(months, domain=pyo.NonNegativeReals)

            @part.Constraint(months)
            def contracts_beyond_use(b: Block, m: int) -> Expr:
                return (used[m] * most).at(0) + b.long_mwh[m] >= float(contracted[m])

            costs.append(Linear.of(block.contracts.long_mwh.values()) * long_price)
        return costs

    @staticmethod
    def _contracted_mwh(inputs: Inputs) -> Floats:
        """Contracted energy by month, shape (months,)."""
        energy = np.bincount(inputs.calendar.billing_month, weights=inputs["contract_mw"]) * inputs.step_h
        return np.asarray(energy, dtype=float)

    def _band_prices(self, inputs: Inputs, band: ContractBand) -> tuple[Floats, Floats]:
        """Charges on a MWh too little and too much by month, shape (months,) each."""
        month = inputs.calendar.billing_month
        hours = np.bincount(month)
        spot = np.bincount(month, weights=inputs["real_time_price_per_mwh"]) / hours
        contracted = np.bincount(month, weights=inputs["contract_mw"])
        value = np.bincount(month, weights=inputs["contract_value_per_h"])
        price = np.divide(value, contracted, out=spot.copy(), where=contracted > 0)
        by_means = np.maximum(price - spot, 0.0), np.maximum(spot - price, 0.0)
        given = band.short_price_per_mwh, band.long_price_per_mwh
        short, long = (np.full(len(hours), g) if g is not None else p for g, p in zip(given, by_means, strict=True))
        return band.factor * short, band.factor * long

    def _duty_penalty(self, inputs: Inputs) -> Floats:
        """Penalty for yearly contracts that are not held, spread over the plan's steps, shape (steps,)."""
        if self.yearly_duty is None:
            return np.zeros(inputs.count)
        missing = duty_short_mwh(self.yearly_duty, float(self._contracted_mwh(inputs).sum()), inputs.calendar.years)
        return np.full(inputs.count, missing * self.yearly_duty.price_per_mwh / inputs.count)

    def _mechanism_per_mwh(self, inputs: Inputs) -> Floats:
        """Payment on each exported MWh, shape (steps,)."""
        if self.mechanism is None:
            return np.zeros(inputs.count)
        return self.mechanism.share * (self.mechanism.price_per_mwh - inputs["mean_price_per_mwh"])

    def bill(self, record: Record, inputs: Inputs, taken_mw: Floats, given_mw: Floats) -> dict[str, Floats]:
        """Same from plain numbers: item → money by step."""
        step_h, items = inputs.step_h, {"contracts": inputs["contract_difference_per_h"] * inputs.step_h}
        if self.day_ahead is not None:
            difference = inputs["day_ahead_price_per_mwh"] - inputs["real_time_price_per_mwh"]
            items["day-ahead"] = record.meters[DAY_AHEAD] * difference * step_h
        if (band := self.contract_band) is not None:
            month = inputs.calendar.billing_month
            used, contracted = np.bincount(month, weights=taken_mw) * step_h, self._contracted_mwh(inputs)
            short_price, long_price = self._band_prices(inputs, band)
            charge = np.maximum(band.least_share * used - contracted, 0.0) * short_price
            if band.most_share is not None:
                charge = charge + np.maximum(contracted - band.most_share * used, 0.0) * long_price
            items["contract band"] = (charge / np.bincount(month))[month]
        if self.yearly_duty is not None:
            items["yearly contracts"] = self._duty_penalty(inputs)
        if self.mechanism is not None and self.mechanism.most_mwh_per_year is not None:
            items["mechanism price"] = self.mechanism.bill(given_mw, inputs)
        elif self.mechanism is not None:
            items["mechanism price"] = -given_mw * step_h * self._mechanism_per_mwh(inputs)
        return items

    def beyond(self, record: Record, inputs: Inputs) -> Floats:
        """Steps (1, else 0) whose day-ahead purchase is outside its limits."""
        if self.day_ahead is None:
            return np.zeros(inputs.count)
        bought, low, high = record.meters[DAY_AHEAD], inputs["day_ahead_least_mw"], inputs["day_ahead_most_mw"]
        return ((bought < low - TOLERANCE_MW) | (bought > high + TOLERANCE_MW)).astype(float)


def duty_short_mwh(duty: YearlyDuty, contracted_mwh: float, years: float) -> float:
    """Energy missing in yearly contracts, for the share of the year that is planned."""
    return max(duty.share * duty.last_year_mwh * years - contracted_mwh, 0.0)


def mechanism_volume_mwh(
    power_mw: float, *, hours: float, auxiliary_share: float, share: float = MECHANISM_SHARE
) -> float:
    """Most yearly energy of a plant in the mechanism (Qinghai, 2025; secondary): power × lifetime hours of a year × own use × share."""
    return power_mw * hours * (1 - auxiliary_share) * share
