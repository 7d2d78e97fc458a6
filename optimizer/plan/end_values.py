"""End values of stored energy and peaks from a year's plan, for the plans of its nights: what stored energy is worth, and how high each month will peak.

A plan of two days does not see what a MWh left in a store is good for, nor that a month's peak is paid once for all its
days. So the year's plan leaves `end_values.json`: the value of one more unit of every stock by month and hour of day (the
mean of the duals of the rows that carry it), and what every asset that counts by the month has reached at its end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.files.processes import readable
from optimizer.inputs.assemble import calendar_of
from optimizer.plan.model import Model
from optimizer.plan.results import records_of, views_of
from optimizer.quantities.columns import labels_of, matching, weights_of
from optimizer.scenario.single_site import Scenario
from optimizer.solve.highs import Compiled
from optimizer.technologies.base import Record, State, Technology
from optimizer.technologies.linear import Floats

END_VALUES = "end_values.json"
CATCHING_UP, LEAST_CATCH_UP = 2.0, 10.0
"""Price of falling behind the year's plan in a ratio, as a multiple of its shadow price there, and at least so much [money/MWh]."""
Key = tuple[str, str]
Assets = Mapping[Key, Technology]
_YEARS_END = "12-31"
ShadowPrices = dict[tuple[str, str, str], Floats]
"""(site, asset, quantity) → value of one more unit of that stock at the start of each step, shape (steps,)."""


def stock_shadow_prices(model: Model, compiled: Compiled, row_dual: Floats) -> ShadowPrices:
    """Value of one more unit of every stock that assets carry from step to step, of all members together."""
    shadow_prices: ShadowPrices = {}
    blocks = [
        part for part in model.pyomo.component_objects(descend_into=False) if part.local_name.startswith("asset_")
    ]
    for place, block in zip(model.places, blocks, strict=True):
        for quantity, row in place.technology.carries.items():
            # a unit that appears from nowhere lowers the cost by its value, so the dual is its negative
            values = [-row_dual[compiled.row_of[id(part)]] for part in getattr(block, row).values()]
            before = shadow_prices.get((place.site, place.asset, quantity), 0.0)
            shadow_prices[place.site, place.asset, quantity] = np.array(values) + before
    return shadow_prices


def end_values_of(results: xr.Dataset, shadow_prices: ShadowPrices, assets: Assets) -> dict[str, object]:
    """Document end_values.json, plain data. Months that the plan does not cover are left out."""
    calendar = calendar_of(results)
    hours = calendar.hour.astype(int)
    stocks: dict[str, dict[str, list[float]]] = {}
    for key, values in shadow_prices.items():
        table = pd.Series(values).groupby([calendar.month, hours]).mean().unstack()
        named = {str(month): row.tolist() for month, row in table.iterrows() if row.notna().all() and len(row) == 24}
        stocks[" ".join(key)] = named
    monthly: dict[str, dict[str, float]] = {}
    months = calendar.local.strftime("%Y-%m").to_numpy()
    for (site, asset, _), record in records_of(results).items():
        for month in dict.fromkeys(months) if assets[site, asset].monthly_state else ():
            first, end = np.flatnonzero(months == month)[[0, -1]] + (0, 1)
            reached = assets[site, asset].state_after(record_between(record, first, end), int(end - first) - 1)
            for quantity in assets[site, asset].monthly_state & reached.keys():
                monthly.setdefault(f"{site} {asset} {quantity}", {})[str(int(month[5:]))] = float(reached[quantity])
    arrears = _arrears(results, assets)
    prices = {name: _price(results, *name.split(" ")) for name in arrears}
    return {
        "scenario": results.attrs["scenario_name"], "stocks": stocks, "monthly": monthly, "arrears": arrears, "ratio_prices": prices,
    }  # fmt: skip


def _price(results: xr.Dataset, site: str, asset: str, ratio: str) -> float:
    """Shadow price of a yearly ratio: what one MWh (tonne) of leave would save."""
    margins = matching(results["margin"], site=site, asset=asset)
    named = [str(quantity).rpartition("_")[0] == ratio for quantity in labels_of(margins)["quantity"]]
    return float(margins.values[:, named].sum())


def _arrears(results: xr.Dataset, assets: Assets) -> dict[str, dict[str, float]]:
    """Arrears of every yearly ratio at the end of each local day, by "site asset ratio"; none over the turn of a year."""
    local, records, weights = calendar_of(results).local, records_of(results), weights_of(results)
    if local[0].year != local[-1].year:
        return {}
    days, views = local.strftime("%m-%d"), views_of(results, records)
    expected: dict[str, pd.Series[float]] = {}
    for (site, asset, member), record in records.items():
        for ratio, behind in assets[site, asset].arrears(record, views[site, asset, member]).items():
            name, at_end = f"{site} {asset} {ratio}", pd.Series(behind).groupby(days).last() * weights[max(member, 0)]
            expected[name] = expected[name] + at_end if name in expected else at_end
    return {name: dict(zip(table.index, table.tolist(), strict=True)) for name, table in expected.items()}


def record_between(record: Record, first: int, end: int) -> Record:
    """Record between two steps."""
    cut = {
        name: {key: values[first:end] for key, values in getattr(record, name).items()}
        for name in ("flows", "stored", "meters", "shortfalls")
    }
    return Record(**cut, sizes=record.sizes)


@dataclass(frozen=True)
class EndValues:
    """`end_values.json` as read."""

    stocks: Mapping[str, Mapping[str, list[float]]]
    """"site asset quantity" → month → value of a unit at the start of each of its 24 hours."""
    monthly: Mapping[str, Mapping[str, float]]
    """"site asset quantity" → month → what it reached in that month."""
    arrears: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """"site asset ratio" → local day MM-DD → how far behind the ratio is at its end, since the plan's start."""
    ratio_prices: Mapping[str, float] = field(default_factory=dict)
    """"site asset ratio" → what one MWh (tonne) of leave would save in the year's plan."""

    @staticmethod
    def read(path: Path) -> EndValues:
        """Raises OSError, ValueError where the file is none that `qaidam run` wrote."""
        try:
            document = json.loads(readable(path).read_text(encoding="utf-8"))
            return EndValues(
                document["stocks"], document["monthly"], document.get("arrears", {}), document.get("ratio_prices", {})
            )
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"{path}: has no {error}; give an {END_VALUES} that `qaidam run` of a year wrote"
            ) from error

    def applied(self, scenario: Scenario, end: pd.Timestamp) -> Scenario:
        """Scenario with its stocks valued as at the local time `end`; those that are not known keep their own values."""
        valued = {
            kind: {name: asset.valued(self._at(scenario.site.name, name, end)) for name, asset in named.items()}
            for kind, named in scenario.by_technology().items()
        }
        return scenario.model_copy(update=valued)

    def followed(self, scenario: Scenario, since: pd.Timestamp, end: pd.Timestamp) -> Scenario:
        """Scenario whose yearly ratios, counted from the local time `since`, may be behind at `end` as the year's plan is, and by
        what it keeps beyond its limit at its end. To be further behind costs twice what leave is worth in the year: later nights
        can make up for it."""
        behind_by_asset: dict[Key, dict[str, float]] = {}
        prices_by_asset: dict[Key, dict[str, float]] = {}
        for name in self.arrears:
            site, asset, ratio = name.split(" ")
            if (behind := self.behind(name, since, end)) is not None:
                kept = max(-self.arrears[name][max(self.arrears[name])], 0.0)
                behind_by_asset.setdefault((site, asset), {})[ratio] = behind + kept
                price = max(CATCHING_UP * self.ratio_prices.get(name, 0.0), LEAST_CATCH_UP)
                prices_by_asset.setdefault((site, asset), {})[ratio] = price
        here = scenario.site.name
        known = {
            kind: {
                name: asset.following(behind_by_asset[here, name], prices_by_asset[here, name])
                if (here, name) in behind_by_asset
                else asset
                for name, asset in named.items()
            }
            for kind, named in scenario.by_technology().items()
        }
        return scenario.model_copy(update=known)

    def so_far(
        self, states: Mapping[Key, State], assets: Assets, since: pd.Timestamp, start: pd.Timestamp
    ) -> dict[Key, State]:
        """Opening states with the arrears of the year's plan where none are known."""
        opened = {key: dict(state) for key, state in states.items()}
        for name in self.arrears:
            site, asset, ratio = name.split(" ")
            behind = 0.0 if start == since else self.behind(name, since, start)
            technology = assets.get((site, asset))
            if technology is None or behind is None or ratio not in technology.yearly_state:
                continue
            opened.setdefault((site, asset), dict(technology.opening_state())).setdefault(ratio, behind)
        return opened

    def behind(self, name: str, since: pd.Timestamp, end: pd.Timestamp) -> float | None:
        """By how much a ratio falls behind between two local midnights in the year's plan; none: it does not tell."""
        at_end = self._behind_on(name, end)
        turns = (end - pd.Timedelta(seconds=1)).year - since.year
        if at_end is None or (turns and _YEARS_END not in self.arrears[name]):
            return None
        new_year = (since.month, since.day) == (1, 1)
        before = 0.0 if new_year else self._behind_on(name, since) or 0.0
        return at_end - before + turns * self.arrears[name].get(_YEARS_END, 0.0)

    def _behind_on(self, name: str, midnight: pd.Timestamp) -> float | None:
        """Arrears at a local midnight since the start of its year's plan; 29 February as the day before."""
        by_day, wanted = self.arrears[name], (midnight - pd.Timedelta(seconds=1)).strftime("%m-%d")
        days = sorted(by_day)
        if not days or not days[0] <= wanted <= days[-1]:
            return None
        return by_day[max(day for day in days if day <= wanted)]

    def _at(self, site: str, asset: str, end: pd.Timestamp) -> dict[str, float]:
        """Value of each stock of an asset at a local time."""
        value_by_quantity = {}
        for name, by_month in self.stocks.items():
            if name.startswith(f"{site} {asset} ") and str(end.month) in by_month:
                value_by_quantity[name.split(" ")[2]] = by_month[str(end.month)][end.hour]
        return value_by_quantity

    def allowed(self, states: Mapping[Key, State], assets: Assets, month: int) -> dict[Key, State]:
        """Opening states in which what counts by the month stands where the year's plan will have it anyway, or higher."""
        raised = {key: dict(state) for key, state in states.items()}
        for (site, asset), technology in assets.items():
            for quantity in technology.monthly_state:
                reached = self.monthly.get(f"{site} {asset} {quantity}", {}).get(str(month))
                if reached is not None:
                    state = raised.setdefault((site, asset), dict(technology.opening_state()))
                    state[quantity] = max(float(state.get(quantity, 0.0)), reached)
        return raised
