"""What makes power dear or cheap at a site hour by hour: tariff, demand peak, the tie's limits, stores, surplus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from optimizer.plan.causes import Cause
from optimizer.quantities.columns import matching, mean, total
from optimizer.technologies.flows import BOUGHT, ELECTRICITY, ENERGY_MWH, Role
from optimizer.technologies.limits import Limit
from optimizer.technologies.linear import Floats
from optimizer.technologies.tallies import Tally

LEAST_MW = 1e-4
"""Less is no flow: rows are held to 1e-7 of some hundred MW."""
LEAST_PRICE_PER_MWH = 0.02
"""Twice the order price of losses; what is nearer to nothing is a tie."""


@dataclass(frozen=True)
class PowerPrice:
    """Price of power at a site and its parts, each shape (steps,)."""

    price: Floats
    """What one more MWh would cost."""
    demand_peak: Floats
    """Part of the price that raising a billed peak makes [money/MWh]."""
    import_limit: Floats
    """Part of the price that the tie's most import makes [money/MWh]."""
    buys: NDArray[np.bool_]
    sells: NDArray[np.bool_]
    sells_all_it_may: NDArray[np.bool_]
    surplus: NDArray[np.bool_]
    """Own power is curtailed or poured away."""
    store_full: NDArray[np.bool_]
    """A store is full at the end of the step, and more room would pay."""
    empty_before: Floats
    """Steps so far at whose end a store was empty and more energy would have paid."""

    @staticmethod
    def of(results: xr.Dataset, site: str) -> PowerPrice:
        """Power price of a site, read from a plan's results."""
        flow, step_h = results["flow"], float(results.attrs["step_h"])
        price, steps = mean(results["price"], site=site, bus=ELECTRICITY), results.sizes["time"]

        def margin(quantity: str) -> Floats:
            return total(results["margin"], site=site, quantity=quantity) if "margin" in results else np.zeros(steps)

        on_bus = matching(flow, site=site, bus=ELECTRICITY)
        sells = -total(on_bus, role=Role.EXPORT) > LEAST_MW
        available = total(results["metered"], site=site, quantity=Tally.GREEN_AVAILABLE_MWH) / step_h
        unused = available - total(on_bus, role=Role.GREEN_GENERATION) - total(on_bus, role=Role.CURTAILMENT)
        empty = margin(Limit.STORE_EMPTY) > LEAST_PRICE_PER_MWH
        return PowerPrice(
            price=price,
            demand_peak=margin(Limit.DEMAND_PEAK) / step_h,
            import_limit=margin(Limit.IMPORT) / step_h,
            buys=total(on_bus, role=list(BOUGHT)) > LEAST_MW,
            sells=sells,
            sells_all_it_may=sells & (margin(Limit.EXPORT) > LEAST_PRICE_PER_MWH * step_h),
            surplus=unused > LEAST_MW,
            store_full=margin(ENERGY_MWH) > LEAST_PRICE_PER_MWH,
            empty_before=np.cumsum(empty).astype(float),
        )


def causes_of_difference(dear: PowerPrice, dear_hour: int, cheap: PowerPrice, cheap_hour: int) -> dict[Cause, float]:
    """Causes of the difference in price of power between a dear and a cheap hour, of one site or of two, and their parts of it [money/MWh]."""
    difference = float(dear.price[dear_hour] - cheap.price[cheap_hour])
    parts = {}
    for cause, high, low in (
        (Cause.DEMAND_PEAK, dear.demand_peak, cheap.demand_peak),
        (Cause.IMPORT_LIMIT, dear.import_limit, cheap.import_limit),
    ):
        parts[cause] = max(float(high[dear_hour] - low[cheap_hour]), 0.0) if dear.buys[dear_hour] else 0.0
    return parts | {_rest(dear, dear_hour, cheap, cheap_hour): difference - sum(parts.values())}


def _rest(dear: PowerPrice, dear_hour: int, cheap: PowerPrice, cheap_hour: int) -> Cause:
    """Cause of what neither demand peak nor import limit explain."""
    if cheap.surplus[cheap_hour]:
        return Cause.STORE_FULL if cheap.store_full[cheap_hour] else Cause.SURPLUS
    if cheap.sells[cheap_hour]:
        return Cause.EXPORT_LIMIT if cheap.sells_all_it_may[cheap_hour] else Cause.EXPORT
    if dear.buys[dear_hour] and cheap.buys[cheap_hour]:
        return Cause.TARIFF
    if dear is cheap and dear_hour < cheap_hour:
        before = dear.empty_before[dear_hour - 1] if dear_hour else 0.0
        if dear.empty_before[cheap_hour - 1] > before:
            return Cause.STORE_EMPTY
    return Cause.STORE_FULL if cheap.store_full[cheap_hour] else Cause.POWER
