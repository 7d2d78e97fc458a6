"""Plain site: what Qaidam and other energy-system models both say of one bus of electricity, hour by hour.

Sources with a limit by hour, stores, a tie, consumers; powers in MW, energies in MWh, money in the site's currency. All
arrays have shape (steps,). What a model says beyond that is left out or fixed, and `notes` name it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from optimizer.technologies.linear import Floats


@dataclass(frozen=True)
class Found:
    """Capacity to be found between limits, at a price for a unit over the whole horizon."""

    least: float
    most: float
    cost: float


Amount = float | Found


def most_of(amount: Amount) -> float:
    """Capacity, or the most it may become."""
    return amount.most if isinstance(amount, Found) else amount


@dataclass(frozen=True)
class Source:
    """Source of power: up to `power_mw` times its availability of each hour."""

    name: str
    kind: str
    """Technology of the scenario: solar, wind or genset."""
    power_mw: Amount
    availability: Floats
    cost_per_mwh: Floats
    """Below zero where leaving it unused costs money."""


@dataclass(frozen=True)
class Store:
    """Store of electricity behind a converter; powers hold at the bus."""

    name: str
    energy_mwh: Amount
    charge_mw: Floats
    discharge_mw: Floats
    opening_mwh: float
    least_share: float = 0.0
    """Share of the energy that stays inside."""
    charge_efficiency: float = 1.0
    discharge_efficiency: float = 1.0
    standby_loss_per_h: float = 0.0
    charge_cost_per_mwh: float = 0.0
    discharge_cost_per_mwh: float = 0.0
    keep_cost_per_mwh_h: float = 0.0
    end_value_per_mwh: float = 0.0
    final_mwh: float | None = None
    """Energy that must be inside at the end; none: any."""


@dataclass(frozen=True)
class Tie:
    """Tie to the public grid, at prices by hour."""

    name: str
    import_mw: Floats
    export_mw: Floats
    import_price_per_mwh: Floats
    export_price_per_mwh: Floats
    overload_price_per_mwh: float | None = None
    """Penalty beside the price for a MWh above the limit; none: never above."""


@dataclass(frozen=True)
class Consumer:
    """Consumer with a course."""

    name: str
    power_mw: Floats
    unserved_price_per_mwh: float | None = None
    """Penalty for a MWh not served; none: all must be served."""


@dataclass(frozen=True)
class PlainSite:
    """One bus of electricity with all that feeds it and draws from it."""

    name: str
    time: pd.DatetimeIndex
    """UTC start of every step, without zone."""
    step_h: float
    timezone: str
    currency: str
    latitude: float = 0.0
    longitude: float = 0.0
    elevation_m: float = 0.0
    sources: tuple[Source, ...] = ()
    stores: tuple[Store, ...] = ()
    ties: tuple[Tie, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)
    """What was fixed or left out, a line each."""

    @property
    def count(self) -> int:
        return len(self.time)

    @property
    def horizon_years(self) -> float:
        """Length in years of 8,760 h, in whose share yearly costs are due."""
        return self.count * self.step_h / 8760.0


def is_constant(values: Floats) -> bool:
    """Whether a course is one number."""
    return bool(np.all(values == values[0]))


def same(value: float, count: int) -> Floats:
    """A number in every hour."""
    return np.full(count, float(value))


def objective_constant(site: PlainSite) -> float:
    """Money by which the site costs more than the objective of its network: what all unused energy would cost where that has a
    penalty (a network has cheaper used energy instead), and what the energy inside its stores is worth at the start."""
    total = sum(store.end_value_per_mwh * store.opening_mwh for store in site.stores)
    for source in site.sources:
        below = np.minimum(source.cost_per_mwh, 0.0)
        if below.any() and not isinstance(source.power_mw, Found):
            total += float(-(below * source.power_mw * source.availability).sum() * site.step_h)
    return total
