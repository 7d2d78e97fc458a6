# ruff: noqa: ARG002  (what a port of the contract is handed, its default does not read)
"""The contract of a technology.

An asset adds flows to buses, and every bus balances in every step. ONE SIGN RULE: plus adds to the bus, minus takes.
The core (model, results, report) knows technologies only through this file.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
import pyomo.environ as pyo
import xarray as xr

from optimizer.quantities.calendar import HOURS_PER_YEAR, Calendar
from optimizer.quantities.strict import Settings as Settings
from optimizer.solve.pyomo_types import Block, Variable
from optimizer.technologies.capacity import CAPACITY as CAPACITY
from optimizer.technologies.capacity import Capacity as Capacity
from optimizer.technologies.capacity import Size as Size
from optimizer.technologies.capacity import most_of as most_of
from optimizer.technologies.flows import Flow
from optimizer.technologies.limits import Limit, Scarcity, SwitchedUnits
from optimizer.technologies.linear import Floats, Linear
from optimizer.technologies.tallies import Tally

State = dict[str, Any]
"""What the next window must know of an asset, by quantity: stored energy, blocks on, the month's peak so far."""
Kept = tuple["Record", "Inputs", State, int]
"""One asset in one of several plans that follow one another: record, inputs, opening, how many first steps were kept."""


@dataclass(frozen=True)
class Site:
    """Site of the assets. Degrees north and east, metres above sea, IANA time zone."""

    latitude: float
    longitude: float
    elevation_m: float
    timezone: str


@dataclass(frozen=True)
class Outside:
    """Exogenous conditions an asset may read to make its series."""

    site: Site
    calendar: Calendar
    weather: xr.Dataset
    member: str | None = None
    """Name of the member of an uncertain plan that the series are for; none: before it is known which."""


@dataclass(frozen=True)
class Inputs:
    """Inputs of one asset on the plan's steps, as the model and the bill read them."""

    asset: str
    calendar: Calendar
    steps: Any
    """Model's step set: a Pyomo set while building, a range afterwards."""
    values: Mapping[str, Floats]
    """Series by quantity, shape (steps,) or (steps, segments)."""
    sizes: dict[str, Any] = field(default_factory=dict)
    """Capacities already declared for this asset: decided once, whatever member comes."""
    others: Mapping[str, Contribution] = field(default_factory=dict)
    """What the site's other assets contribute, by asset; only for site-wide rules, which are built last."""

    def __getitem__(self, quantity: str) -> Floats:
        return self.values[quantity]

    @property
    def step_h(self) -> float:
        return self.calendar.step_h

    @property
    def count(self) -> int:
        return self.calendar.count


@dataclass(frozen=True)
class Contribution:
    """Contribution of an asset to the model."""

    flows: dict[Flow, Linear]
    """(bus, label, role) → per step; plus adds to the bus. `bus` alone means the asset's own site, `site:bus` another's."""
    cost: list[Linear] = field(default_factory=list)
    stored: dict[str, Linear] = field(default_factory=dict)
    """Stocks at the END of each step, by quantity with its unit (`energy_mwh`, `backlog_card_h`)."""
    meters: dict[str, Linear] = field(default_factory=dict)
    """Whatever else is read off per step, by quantity with its unit (`blocks_on`, `water_m3_per_h`)."""
    shortfalls: dict[str, Linear] = field(default_factory=dict)
    """Priced slack of every promise this asset makes, by its name with its unit (`unserved_cards`)."""
    sizes: dict[str, float | Variable] = field(default_factory=dict)
    """Capacities, given or found, by name with unit."""
    tallies: dict[Tally, Linear] = field(default_factory=dict)
    """Amounts per step that rules and accounts add up over assets (tallies.py)."""
    limits: dict[str, Linear] = field(default_factory=dict)
    """Limit with its unit (`energy_mwh`) → by how much one more unit of it raises the upper bounds of variables, per step."""
    scarcity: dict[Limit, Scarcity] = field(default_factory=dict)
    """What makes its buses dear or cheap in a step, for the reasons of moved work."""


@dataclass(frozen=True)
class Record:
    """Record of an asset's plan as plain numbers: what one asset did. Arrays have shape (steps,)."""

    flows: Mapping[Flow, Floats]
    stored: Mapping[str, Floats]
    meters: Mapping[str, Floats]
    shortfalls: Mapping[str, Floats]
    sizes: Mapping[str, float]

    def flow(self, name: str) -> Floats:
        """Asset's own flow of that label, whatever its bus. Raises StopIteration if it has none."""
        return next(values for (_, label, _), values in self.flows.items() if label == name)


class Technology(Settings, ABC):
    """Settings of one asset, its constraints, its cost, and its bill from plain numbers."""

    stage: ClassVar[Literal["plan", "recourse"]] = "recourse"
    """`plan`: decided once, before the weather is known (work, cards). `recourse`: answers each weather member."""
    never_negative: ClassVar[frozenset[str]] = frozenset()
    """Series that mean something only from zero up; a value below is refused with its hour."""
    rules_the_site: ClassVar[bool] = False
    """Built after the site's other assets, with their contributions in `inputs.others`."""
    monthly_state: ClassVar[frozenset[str]] = frozenset()
    """Quantities of the state that start anew with each local month (a month's peak)."""
    yearly_state: ClassVar[frozenset[str]] = frozenset()
    """Quantities of the state that start anew with each local year (arrears of a yearly ratio)."""
    carries: ClassVar[Mapping[str, str]] = {}
    """Stocks whose shadow price at the end of a plan can be set: quantity → the constraint over steps that carries it on."""

    def needs_weather(self) -> bool:
        """Whether its series are computed from weather."""
        return False

    def series(self, outside: Outside) -> dict[str, Floats]:
        """Exogenous series from weather, clock and files: quantity → (steps,) or (steps, segments). Units in the names."""
        return {}

    def remarks(self, outside: Outside, offered: Mapping[str, float]) -> list[str]:
        """Remarks on the data it reads on these hours; `offered`: most cards of compute buses."""
        return []

    @abstractmethod
    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        """Add variables and constraints to a Pyomo block; say what flows where at which cost."""

    @abstractmethod
    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:
        """Bill from plain numbers, the same money as `build` puts in the objective: item → money per step, shape (steps,)."""

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        """Violated laws of this asset, recomputed from its record without the solver."""
        return []

    def unserved(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        """Work with a name that the plan does not do at all, each with the reason."""
        return []

    def remarks_on_plan(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        """Remarks on what it does in a plan."""
        return []

    def opening_state(self) -> State:
        """State at the start of a plan without a measured one."""
        return {}

    def state_after(self, record: Record, step: int) -> State:
        """State at the end of `step`, in the form `build` takes as `opening`."""
        return {}

    def state_limits(self) -> dict[str, tuple[float, float]]:
        """Least and most each quantity of its state can be; a measured state outside is refused, as is an unknown quantity."""
        return {}

    def valued(self, shadow_prices: Mapping[str, float]) -> Technology:
        """Asset with a unit of its stocks (by quantity) valued at that price at the end of a plan."""
        return self

    def arrears(self, record: Record, inputs: Inputs) -> dict[str, Floats]:
        """Arrears of each yearly ratio after each step, by its name in the state; below zero: ahead. Shape (steps,)."""
        return {}

    def following(self, behind: Mapping[str, float], prices: Mapping[str, float]) -> Technology:
        """Asset whose yearly ratios may be so far behind at the end of a plan, and are made up for at a price, by ratio."""
        return self

    def opened(self, state: State) -> Technology:
        """Asset with that state as its own start, for rules that know settings only."""
        return self

    def closing_state(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        """Closing state where the record alone does not tell it (jobs: which of them are done)."""
        return self.state_after(record, step)

    def over_windows(self, record: Record, parts: Sequence[Kept], inputs: Inputs, opening: State) -> Record:
        """Record over plans that followed one another, read as one plan; `record`: their kept steps end to end."""
        return record

    def needs_foresight(self) -> str | None:
        """Setting that counts over the whole plan and cannot be handed from one window to the next; none: all can."""
        return None

    def timetable(self, record: Record, inputs: Inputs, opening: State) -> pd.DataFrame | None:
        """Timetable of work that has names, a row a run (columns: `job_timetable.COLUMNS`); none: it has no names."""
        return None

    def as_baseline(self) -> Technology:
        """Baseline asset, in a site that plans nothing and has no store: storage lies idle and is not paid for."""
        return self

    def by_rule(self) -> Technology:
        """Asset of a site that plans nothing: the baseline asset, but stores are there and run by rule."""
        return self.as_baseline()

    def unmoved(self) -> Technology:
        """Asset of a site that plans everything but the hours of its work and loads."""
        return self

    def draws_when_idle(self) -> bool:
        """Whether it draws power while it is neither charged nor discharged: then a site without it draws less."""
        return False

    def capacities(self) -> Mapping[str, Capacity]:
        """Capacities of a plant by their names in `Contribution.sizes`, given or to be found."""
        return {}

    def yearly_costs(self, sizes: Mapping[str, float]) -> dict[str, float]:
        """What given capacities cost their owner in a year beside running them, by item; not in the bill, since it decides nothing."""
        return {}

    def cost_is_stated(self) -> bool:
        """Whether it says what it costs its owner; a plant that does not makes energy look cheap."""
        return True

    def charged_by_rule(
        self, record: Record, inputs: Inputs, opening: State, surplus_mw: Floats, deficit_mw: Floats
    ) -> tuple[Floats, Floats] | None:
        """Charge and discharge by rule on a site's surplus and deficit [MW], each (steps,); `record`: idle. None: no store, no rule."""
        return None

    def offers(self, asset: str) -> dict[str, float]:
        """Most it can feed into compute buses, by bus [cards]."""
        return {}

    def switched_units(self, record: Record, inputs: Inputs, price_per_mwh: Floats) -> SwitchedUnits | None:
        """Units of a pool that are switched, at these prices of its power; none: nothing is."""

    def runs_on_arrival(self, inputs: Inputs, free_cards: Floats) -> Floats | None:
        """Cards occupied in each step without planning (baseline), given the free cards; None: the asset is no work."""
        return None

    def buses(self, asset: str) -> tuple[set[str], set[str]]:
        """Buses the asset of that name can feed, and buses it draws from."""
        return set(), set()


def declare_size(block: Block, name: str, capacity: Capacity, inputs: Inputs) -> float | Variable:
    """A capacity for use in constraints: the number itself, or a variable `block.<name>` that all members share."""
    if not isinstance(capacity, Size):
        return float(capacity)
    if name not in inputs.sizes:
        inputs.sizes[name] = _new_size(block, name, capacity)
    return inputs.sizes[name]


def _new_size(block: Block, name: str, capacity: Size) -> Variable:
    low, unit = max(capacity.min, capacity.existing), capacity.step
    whole = pyo.Var(bounds=(low, capacity.max))
    block.add_component(name, whole)
    if unit is not None:
        units = pyo.Var(domain=pyo.Integers, bounds=(np.ceil(low / unit - 1e-9), np.floor(capacity.max / unit + 1e-9)))
        block.add_component(f"{name}_units", units)
        block.add_component(f"{name}_in_whole_units", pyo.Constraint(expr=whole == unit * units))
    return whole


def size_cost(capacity: Capacity, declared: Variable, calendar: Calendar) -> list[Linear]:
    """Cost of a capacity over the plan, as entries of the objective; nothing for a capacity that is given."""
    if not isinstance(capacity, Size):
        return []
    added = (Linear.of([declared]) - capacity.existing) * (capacity.yearly_cost * calendar.years)
    return [added + capacity.standing_cost * calendar.years]


def size_bill(capacity: Capacity, size: float, calendar: Calendar) -> Floats:
    """Cost of a capacity spread evenly over the steps, shape (steps,)."""
    yearly = 0.0
    if isinstance(capacity, Size):
        yearly = capacity.yearly_cost * (size - capacity.existing) + capacity.standing_cost
    return np.full(calendar.count, yearly * calendar.step_h / HOURS_PER_YEAR)
