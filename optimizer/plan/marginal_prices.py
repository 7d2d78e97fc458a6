"""Marginal prices of a plan, added up: what one more unit of each limit would save, and what cards are worth by pool.

They hold for a little more or less, with the plan's whole numbers as they are; where a plan sits in a corner they are the
most it can be. An hour of deadline is read in hours in which work may wait. Hour by hour they stand in the results as
`margin` and `price`.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from optimizer.inputs.assemble import calendar_of
from optimizer.quantities.columns import matching, rows_of
from optimizer.technologies.limits import Limit

A_YEAR = {"MWh": "a MWh for a year", "MW": "a MW for a year"}
"""Capacities are paid by the year; what is not among these is reported for the plan as it is."""

LEAST_PRICE_PER_MWH = 0.02
"""Twice the order price of losses; what is nearer to nothing is a tie."""


def marginal_prices(results: xr.Dataset) -> dict[str, float]:
    """Money by name: "store: a MWh for a year", "training: an hour of deadline", "pool: a card-hour, mean", "…, highest".

    Members of an uncertain plan are added up for limits, which are the same for all; prices of cards have none.
    """
    years, table = calendar_of(results).years, results["margin"]
    prices: dict[str, float] = {}
    labels = rows_of(table, "asset", "quantity", "units")
    for (asset, quantity, unit), saved in zip(labels, table.values.sum(axis=0), strict=True):
        if quantity in list(Limit):  # they explain moves hour by hour; their sums are no price of a size
            continue
        named = A_YEAR.get(unit, "an hour of deadline" if quantity == "deadline_h" else quantity)
        share = years if unit in A_YEAR else 1.0
        name = f"{asset}: {named}"
        prices[name] = prices.get(name, 0.0) + float(saved) / share
    for (bus,), price in zip(rows_of(results["price"], "bus"), results["price"].values.T, strict=True):
        if bus.startswith("compute.") and bus.count(".") == 1:
            pool = bus.removeprefix("compute.")
            prices[f"{pool}: a card-hour, mean"] = float(price.mean())
            prices[f"{pool}: a card-hour, highest"] = float(price.max())
    return prices


def notes_on_prices(results: xr.Dataset) -> list[str]:
    """A line for every site where power is worth less than nothing in some hours, so that using more of it would pay."""
    notes, hours = [], calendar_of(results).step_h
    for site in dict.fromkeys(site for (site,) in rows_of(results["price"], "site")):
        price = matching(results["price"], site=site, bus="electricity").values
        below = np.flatnonzero((price < -LEAST_PRICE_PER_MWH).any(axis=1))
        if len(below):
            notes.append(
                f"{site}: power is worth less than nothing in {len(below) * hours:g} of {len(price) * hours:g} hours "
                f"(down to {price.min():,.0f} a MWh): a rule, a price or a machine that must run makes using more of it pay"
            )
    return notes
