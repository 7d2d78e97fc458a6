"""Marginal prices of a plan, added up: what one more unit of each limit would save, and what cards are worth by pool.

They hold for a little more or less, with the plan's whole numbers as they are; where a plan sits in a corner they are the
most it can be. An hour of deadline is read in hours in which work may wait. Hour by hour they stand in the results as
`margin` and `price`.
"""

from __future__ import annotations

import xarray as xr

from optimizer.inputs.assemble import calendar_of
from optimizer.quantities.columns import rows_of

A_YEAR = {"MWh": "a MWh for a year", "MW": "a MW for a year"}
"""Capacities are paid by the year; what is not among these is told for the plan as it is."""


def marginal_prices(results: xr.Dataset) -> dict[str, float]:
    """Money by name: "store: a MWh for a year", "training: an hour of deadline", "pool: a card-hour, mean", "…, highest".

    Members of an uncertain plan are added up for limits, which are the same for all; prices of cards have none.
    """
    years, table = calendar_of(results).years, results["margin"]
    found: dict[str, float] = {}
    labels = rows_of(table, "asset", "quantity", "units")
    for (asset, quantity, unit), saved in zip(labels, table.values.sum(axis=0), strict=True):
        named = A_YEAR.get(unit, "an hour of deadline" if quantity == "deadline_h" else quantity)
        share = years if unit in A_YEAR else 1.0
        name = f"{asset}: {named}"
        found[name] = found.get(name, 0.0) + float(saved) / share
    for (bus,), price in zip(rows_of(results["price"], "bus"), results["price"].values.T, strict=True):
        if bus.startswith("compute.") and bus.count(".") == 1:
            pool = bus.removeprefix("compute.")
            found[f"{pool}: a card-hour, mean"] = float(price.mean())
            found[f"{pool}: a card-hour, highest"] = float(price.max())
    return found
