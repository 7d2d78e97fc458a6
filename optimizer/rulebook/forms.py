"""Forms of paying the grid, side by side: what a plan's months come to by demand, by capacity and by near-by consumption.

Counted from the results and the tariff, not from the plan's bill: the same operation, paid in each form. Transmission on two parts
is due on all use where own plants are connected directly, self-use included; near-by consumption (发改价格〔2025〕1192号) pays
transmission price x average load rate x 730 h on connected capacity instead. It is the cheaper exactly where a month's use exceeds
load rate x 730 h x connected capacity. System fee (on import) and funds (on import, and on self-use: assumption) are the same in
all forms. A plan made under one form may operate otherwise than one made under another; a study of `grid > two_part` plans each.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import xarray as xr

from optimizer.inputs.assemble import calendar_of
from optimizer.quantities.calendar import Calendar
from optimizer.quantities.columns import expected, labels_of, matching, total, weights_of
from optimizer.quantities.demand_charge import DemandCharge
from optimizer.rulebook.verdicts import Assets
from optimizer.technologies.energy.demand_charges import DECLARED_TOLERANCE, OVER_FACTOR
from optimizer.technologies.energy.two_part import HOURS_PER_MONTH, TwoPart
from optimizer.technologies.flows import BOUGHT, CARRIED_IN, CARRIED_OUT, ELECTRICITY, Role
from optimizer.technologies.linear import Floats

DEMAND, CAPACITY, NEAR_BY, NEAR_BY_DEMAND = (
    "demand",
    "capacity",
    "near-by consumption",
    "near-by consumption, demand first",
)
FORMS = (DEMAND, CAPACITY, NEAR_BY, NEAR_BY_DEMAND)
"""Ways of paying; the last two pay transmission by connected capacity."""


@dataclass(frozen=True)
class Month:
    """What a tie's bill of a month follows from."""

    month: str
    share: float
    """Share of the month that the plan covers."""
    highest_mw: float
    billed_mw: float
    """Demand that is billed: declared or real, at least the least share, with the discount of high use taken off."""
    imported_mwh: float
    self_used_mwh: float
    """Own generation used behind the tie."""

    @property
    def use_mwh(self) -> float:
        """Energy on which transmission by energy is due."""
        return self.imported_mwh + self.self_used_mwh


@dataclass(frozen=True)
class Forms:
    """Money of each form at a tie over the plan."""

    site: str
    tie: str
    connected_mva: float
    load_rate: float
    months: list[Month]
    money: dict[str, list[float]]
    """By form: money of each month, without what all forms pay alike."""
    break_even_mwh: list[float]
    """By month: use from which near-by consumption is the cheaper of the two capacity forms."""
    system_fee: float
    funds_on_import: float
    funds_on_self_use: float

    def sums(self) -> dict[str, float]:
        """Money of each form over the plan."""
        return {form: sum(months) for form, months in self.money.items()}

    def cheapest(self) -> str:
        """Form that costs least over the plan; one form holds for all of it."""
        sums = self.sums()
        return min(sums, key=lambda form: sums[form])

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {"sums": self.sums(), "cheapest": self.cheapest()}


def forms_of(results: xr.Dataset, assets: Assets) -> list[Forms]:
    """Forms of paying at each tie with a two-part tariff."""
    return [_of_tie(results, site, name, asset) for (site, name), asset in assets.items() if isinstance(asset, TwoPart)]


def _of_tie(results: xr.Dataset, site: str, name: str, tie: TwoPart) -> Forms:
    calendar, table = calendar_of(results), matching(results["size"], site=site, asset=name)
    sizes = dict(zip(labels_of(table)["quantity"].astype(str), table.values.tolist(), strict=True))
    connected = sizes.get("contract_mva", tie.contract_mva if isinstance(tie.contract_mva, float) else 0.0)
    connected = connected or tie.connection_mw(calendar)
    months = _months(results, site, name, tie, calendar, sizes.get("declared_mw"), connected)
    tariff, factor = tie.tariff, tie.multiplier()
    per_mwh = tariff.transmission_price_per_mwh * factor
    share = np.array([month.share for month in months])
    use = np.array([month.use_mwh for month in months])
    demand = np.array([month.billed_mw for month in months]) * _demand_prices(tie, calendar) * factor
    capacity = tariff.capacity_price_per_mva_month * factor * connected * share
    break_even = tie.average_load_rate * HOURS_PER_MONTH * connected * share
    money = {
        DEMAND: demand + per_mwh * use,
        CAPACITY: capacity + per_mwh * use,
        NEAR_BY: capacity + per_mwh * break_even,
        NEAR_BY_DEMAND: demand + per_mwh * break_even,
    }
    imported, own = (sum(values) for values in zip(*((m.imported_mwh, m.self_used_mwh) for m in months), strict=True))
    return Forms(
        site, name, float(connected), tie.average_load_rate, months,
        {form: values.tolist() for form, values in money.items()}, break_even.tolist(),
        tariff.system_fee_per_mwh * imported, tariff.funds_per_mwh * imported, tariff.funds_per_mwh * own,
    )  # fmt: skip


def _demand_prices(tie: TwoPart, calendar: Calendar) -> Floats:
    """Money of a MW of each month's demand, without the power factor, shape (months,)."""
    return DemandCharge(name="demand", price_per_mw=tie.tariff.demand_price_per_mw_month).prices(calendar)


def _months(
    results: xr.Dataset,
    site: str,
    name: str,
    tie: TwoPart,
    calendar: Calendar,
    declared: float | None,
    connected: float,
) -> list[Month]:
    """Metered quantities of each month, expected over members."""
    flow, step_h = expected(results["flow"], weights_of(results)), float(results.attrs["step_h"])
    at_tie = np.abs(total(flow, site=site, asset=name, bus=ELECTRICITY, role=list(BOUGHT)))
    at_tie = at_tie + np.abs(total(flow, site=site, asset=name, bus=CARRIED_IN, role=Role.CARRIAGE))
    exported = np.abs(total(flow, site=site, bus=ELECTRICITY, role=Role.EXPORT))
    exported = exported + np.abs(total(flow, site=site, bus=CARRIED_OUT, role=Role.CARRIAGE))
    own = total(flow, site=site, bus=ELECTRICITY, role=Role.GREEN_GENERATION) - exported
    number, share = calendar.billing_month, calendar.month_share
    names = calendar.local.strftime("%Y-%m")
    months = []
    for month in range(len(share)):
        steps = number == month
        highest, use = float(at_tie[steps].max()), float((at_tie + own)[steps].sum()) * step_h
        billed = _billed(tie, highest, use / float(share[month]), declared, connected, calendar)
        months.append(Month(str(names[int(np.argmax(steps))]), float(share[month]), highest, billed,
                            float(at_tie[steps].sum()) * step_h, float(own[steps].sum()) * step_h))  # fmt: skip
    return months


def _billed(
    tie: TwoPart, highest_mw: float, use_mwh: float, declared: float | None, connected: float, calendar: Calendar
) -> float:
    """Demand that is billed for a whole month of such use [MW], the discount of high use taken off."""
    referred = tie.connected_mva or tie.connection_mw(calendar)
    least, discount = tie.tariff.minimum_demand_share * referred, tie.tariff.use_discount
    billed = max(highest_mw, least)
    if declared is not None:
        declared = max(declared, least)
        billed = declared + OVER_FACTOR * max(highest_mw - (1 + DECLARED_TOLERANCE) * declared, 0.0)
    earned = discount is not None and use_mwh >= discount.from_kwh_per_kva * (tie.connected_mva or connected)
    return billed * (1 - discount.share) if discount is not None and earned else billed
