"""Reasons of moved work, from shadow prices and bounds of the plan: what makes the hour that was left dearer than the one it runs in.

A card-hour's price is that of its power and of the cards that are on. Of an hour that work left and the one it runs in, the
difference of both prices is split into its causes, and the largest is the reason. A deadline is a reason only where it
binds: where the backlog stands at its limit and that limit has a shadow price, or where a job ends in its last hour and the
hour after it is cheaper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from optimizer.inputs.assemble import calendar_of
from optimizer.language.speech import noted
from optimizer.plan.causes import Cause
from optimizer.plan.power_price import PowerPrice, causes_of_difference
from optimizer.plan.results import records_of, views_of
from optimizer.plan.shifts import NONE, counterparts
from optimizer.quantities.columns import mean, total
from optimizer.technologies.base import Technology
from optimizer.technologies.flows import Role
from optimizer.technologies.limits import Limit, SwitchedUnits
from optimizer.technologies.linear import Floats

MOVED_CARDS = 1.0
"""Less than a card is not a move."""
FORMS = (
    noted("moved here: {reason}"),
    noted("moved here from {time}: {reason}"),
    noted("moved to {time}: {reason}"),
    noted("here"),
    noted("then"),
)
"""How a reason begins, and the words for its two hours; for their translation."""
LEAST_MONEY_PER_CARD_H = 1e-4
"""HiGHS holds reduced costs to 1e-7."""
LEAST_PRICE_PER_MWH = 1.0
"""Below, the power a card-hour needs is not read from its price."""
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Pool:
    """Prices of a pool's card-hours; each shape (steps,)."""

    price: Floats
    """What one more busy card-hour would cost [money]."""
    scarcity: Floats
    """Part of the price that cards being on makes [money]."""
    busy: Floats
    units: SwitchedUnits | None

    @property
    def energy(self) -> Floats:
        """Part of the price that power makes [money/card-h]."""
        return self.price - self.scarcity

    def causes(self, dear: int, cheap: int, moved: float) -> dict[Cause, float]:
        """Causes in the cards of a difference in price between two hours, and their parts of it [money/card-h]."""
        units = self.units
        if units is None or units.free_cards[dear] >= MOVED_CARDS:
            return {}
        if units.off[dear] < 0.5:
            # where both hours' duals are nothing, the full pool is still what keeps the work out
            return {Cause.CARDS_FULL: max(float(self.scarcity[dear] - self.scarcity[cheap]), LEAST_MONEY_PER_CARD_H)}
        needed = np.ceil((self.busy[cheap] - moved) / units.cards_per_unit - 1e-6)
        extra = units.on[cheap] > max(needed, units.least_on)  # blocks are on for the moved work
        idle, start = units.idle_cost[dear], units.start_cost[dear]
        if extra:
            idle, start = idle - units.idle_cost[cheap], start - units.start_saved[cheap]
        return {Cause.BLOCKS_ON: float(idle), Cause.START_UP: float(start)}


class Reasons:
    """Reasons of the rows of a schedule."""

    def __init__(
        self, results: xr.Dataset, assets: Mapping[tuple[str, str], Technology], jobs: pd.DataFrame | None = None
    ):
        self._results, self._jobs = results, jobs
        self._money, self._local = str(results.attrs.get("currency", "money")), calendar_of(results).local
        self._power: dict[str, PowerPrice] = {}
        self._pools: dict[tuple[str, str], Pool] = {}
        self._units = _switched_units(results, assets)

    def of(self, site: str, asset: str, bus: str, planned: Floats, baseline: Floats) -> list[str]:
        """Reason of each hour of movable work, as text; `bus`: that of the pool it runs in."""
        binds = self._deadline(site, asset, bus)
        partner = counterparts(planned, baseline)
        texts = []
        for hour, (runs, more) in enumerate(zip(planned.tolist(), (planned - baseline).tolist(), strict=True)):
            other = int(partner[hour])
            if abs(more) <= MOVED_CARDS:
                texts.append("runs as it arrives" if runs > MOVED_CARDS else "nothing to run")
            elif more > 0:
                texts.append(self._moved_here(site, bus, hour, other, more, float(binds[hour])))
            elif other == NONE:
                texts.append("moved away: left for after the plan, or not run")
            else:
                why = self._why(site, bus, dear=hour, cheap=other, moved=-more, here=hour)
                texts.append(f"moved to {self._local[other]:%m-%d %H:%M}: {why}")
        return texts

    def _moved_here(self, site: str, bus: str, hour: int, other: int, moved: float, saved: float) -> str:
        begin = "moved here" if other == NONE else f"moved here from {self._local[other]:%m-%d %H:%M}"
        if saved > LEAST_MONEY_PER_CARD_H:
            return f"{begin}: {Cause.DEADLINE.format(part=saved, money=self._money)}"
        if other == NONE:
            return f"{begin}: in the baseline it is left for after the plan, or not run"
        return f"{begin}: {self._why(site, bus, dear=other, cheap=hour, moved=moved, here=hour)}"

    def _why(self, site: str, bus: str, *, dear: int, cheap: int, moved: float, here: int) -> str:
        """Sentence on the largest cause of the difference between two hours, one of which is `here`."""
        cause, part = self.cause(site, bus, dear=dear, cheap=cheap, moved=moved)
        power = self._power_at(site)
        return cause.format(
            low=power.price[cheap],
            high=power.price[dear],
            part=part,
            money=self._money,
            cheap="here" if cheap == here else "then",
            dear="here" if dear == here else "then",
        )

    def cause(self, site: str, bus: str, *, dear: int, cheap: int, moved: float) -> tuple[Cause, float]:
        """Largest cause of the difference in a card-hour's price between two hours, and its part of it [money/card-h]."""
        power, pool = self._power_at(site), self._pool_at(site, bus)
        mwh = _mwh_per_card_h(pool.energy, power.price, dear, cheap)
        by_power = {cause: part * mwh for cause, part in causes_of_difference(power, dear, power, cheap).items()}
        parts = by_power | pool.causes(dear, cheap, moved)
        energy = float(pool.energy[dear] - pool.energy[cheap])
        parts[Cause.COOLING] = energy - sum(by_power.values()) if mwh else 0.0
        cause, part = max(parts.items(), key=lambda item: item[1])
        if part > LEAST_MONEY_PER_CARD_H / 2:
            return cause, part
        saved = float(pool.price[dear] - pool.price[cheap])
        return (Cause.CARD_HOURS, saved) if saved > LEAST_MONEY_PER_CARD_H else (Cause.EQUAL, 0.0)

    def _power_at(self, site: str) -> PowerPrice:
        if site not in self._power:
            self._power[site] = PowerPrice.of(self._results, site)
        return self._power[site]

    def _pool_at(self, site: str, bus: str) -> Pool:
        if (site, bus) not in self._pools:
            asset, results = bus.removeprefix("compute."), self._results
            self._pools[site, bus] = Pool(
                price=mean(results["price"], site=site, bus=bus),
                scarcity=self._margin(site, asset, Limit.CARDS_ON) / float(results.attrs["step_h"]),
                busy=total(results["flow"], site=site, bus=bus, role=Role.CARDS),
                units=self._units.get((site, asset)),
            )
        return self._pools[site, bus]

    def _margin(self, site: str, asset: str, limit: Limit) -> Floats:
        if "margin" not in self._results:
            return np.zeros(self._results.sizes["time"])
        return total(self._results["margin"], site=site, asset=asset, quantity=limit)

    def _deadline(self, site: str, asset: str, bus: str) -> Floats:
        """What one step more of deadline would save for work that runs in each step [money/card-h], shape (steps,).

        The limit's own dual has no upper end where no work is left after the step: the next step's price bounds it.
        """
        price, first = self._pool_at(site, bus).price, self._results.indexes["time"][0]
        saved: Floats = np.append(np.maximum(price[:-1] - price[1:], 0.0), 0.0)
        saved = np.minimum(saved, self._margin(site, asset, Limit.WAITING))
        if self._jobs is None:
            return saved
        step, jobs = pd.Timedelta(hours=float(self._results.attrs["step_h"])), self._jobs
        here = (jobs["site"] == site) & (jobs["workload"] == asset) & (jobs["pool"] == bus.removeprefix("compute."))
        last = jobs[here & (jobs["end"] == jobs["deadline"])]
        begun, ended = (pd.to_datetime(last[name]) for name in ("start", "end"))  # a table without any has no type
        for start, end in zip((begun - first) // step, (ended - first) // step, strict=True):
            if end < len(price):  # a run moved by a step leaves its first and takes the one after its last
                saved[start:end] = np.maximum(saved[start:end], price[start] - price[end])
        return saved


def _mwh_per_card_h(energy: Floats, price: Floats, dear: int, cheap: int) -> float:
    """Power of a card-hour that the price of power explains [MWh]; 0 where power costs nothing in both hours."""
    for hour in (dear, cheap):
        if price[hour] > LEAST_PRICE_PER_MWH:
            return float(energy[hour] / price[hour])
    return 0.0


def _switched_units(
    results: xr.Dataset, assets: Mapping[tuple[str, str], Technology]
) -> dict[tuple[str, str], SwitchedUnits]:
    """Switched units of every pool, at the price of its IT power."""
    records = records_of(results)
    views = views_of(results, records)
    units = {}
    for (site, asset, member), record in records.items():
        price = mean(results["price"], site=site, bus="it")
        switched = assets[site, asset].switched_units(record, views[site, asset, member], price)
        if switched is not None:
            units[site, asset] = switched
    return units
