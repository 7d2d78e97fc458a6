"""Bill and capital of a rung, summed anew from a run's `results.nc` and its tariff, without the project's code.

Flows, stocks and meters times the prices of the scenario (kept in the file's attributes), import prices from the tariff's rows.
Knows what the shipped sites of one owner have, and refuses anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Tree: TypeAlias = Any  # JSON as it was written: nested dicts of numbers and text
ORDER_PRICE_PER_MWH = 0.01
"""Price on cooling's and the power train's draw that orders alike operating points: optimizer/README.md, equations."""


class Table:
    """A variable of the file: its values and what each column is."""

    def __init__(self, group: h5py.Group, variable: str, dimension: str):
        self.values: Floats = np.atleast_2d(group[variable][...])
        names = ("site", "asset", "bus", "role", "quantity")
        plain = {name: name if dimension == "series" else f"{dimension}_{name}" for name in names}
        plain = {name: group[key][...] for name, key in plain.items() if key in group}
        self.labels = {
            name: np.array([v.decode() if isinstance(v, bytes) else v for v in values])
            for name, values in plain.items()
        }

    def of(self, **labels: str) -> Floats:
        """Sum of the columns with these labels, by step."""
        chosen = np.ones(self.values.shape[1], dtype=bool)
        for name, value in labels.items():
            chosen &= self.labels[name] == value
        return np.asarray(self.values[:, chosen].sum(axis=1))


class Results:
    """One rung of a file."""

    def __init__(self, file: h5py.File, group: str):
        at = file[group]
        self.flow, self.stored = Table(at, "flow", "series"), Table(at, "stored", "store")
        self.metered, self.shortfall = Table(at, "metered", "meter"), Table(at, "shortfall", "promise")
        self.size = Table(at, "size", "sized")
        self.input = Table(file["/"], "input", "exogenous")
        self.step_h = float(np.ravel(file.attrs["step_h"])[0])
        time = pd.to_datetime(
            pd.Timestamp(_units(file["time"])) + pd.to_timedelta(file["time"][...], _unit(file["time"]))
        )
        self.local = pd.DatetimeIndex(time).tz_localize("UTC").tz_convert(str(file.attrs["timezone"]))


def _units(time: h5py.Dataset) -> str:
    return str(time.attrs["units"]).split(" since ")[1]


def _unit(time: h5py.Dataset) -> str:
    return {"hours": "h", "minutes": "min", "seconds": "s", "days": "D"}[str(time.attrs["units"]).split(" ")[0]]


def course(value: Tree, local: pd.DatetimeIndex) -> Floats:
    """A number in every hour, or the month's. Raises ValueError for any other form."""
    if isinstance(value, dict):
        (form, numbers), *more = [(name, part) for name, part in value.items() if part]
        if form != "monthly" or more:
            raise ValueError(f"a course by {form}, which this script does not know")
        return np.asarray(np.array(numbers, dtype=float)[local.month - 1])
    return np.full(len(local), float(value))


def import_price(tariff: Tree, local: pd.DatetimeIndex, *, transmission: bool) -> Floats:
    """Delivered price by hour: what floats, and the network."""
    floating = course(tariff["energy_price_per_mwh"], local) * factor_of(tariff, local)
    return np.asarray(floating + network(tariff, local, transmission=transmission))


def factor_of(tariff: Tree, local: pd.DatetimeIndex) -> Floats:
    """Time-of-use factor by hour from the tariff's rows."""
    factor = np.ones(len(local))
    for row in tariff["periods"]:
        for begin, end in row["hours"]:
            factor[np.isin(local.month, row["months"]) & (local.hour >= begin) & (local.hour < end)] = row["factor"]
    return factor


def network(tariff: Tree, local: pd.DatetimeIndex, *, transmission: bool) -> Floats:
    """Loss, transmission where energy pays it, fee and funds by hour; the loss floats where the tariff says so."""
    share = tariff["line_loss"] / (1 - tariff["line_loss"] if tariff["line_loss_grossed_up"] else 1.0)
    loss = course(tariff["energy_price_per_mwh"], local) * share
    loss = loss * (factor_of(tariff, local) if tariff["line_loss_floats"] else 1.0)
    rest = tariff["transmission_price_per_mwh"] * transmission + tariff["system_fee_per_mwh"] + tariff["funds_per_mwh"]
    return np.asarray(loss + rest)


def grid_bill(name: str, tie: Tree, run: Results) -> Iterator[float]:
    """Energy, sale, demand charge and overload of a tie."""
    tariff, h = tie["tariff"], run.step_h
    if tie["two_part"] != "demand" or tariff["tiers"] or tariff["demand_charges"] or tariff["fixed_price_per_month"]:
        raise ValueError(f"{name}: has terms that this script does not know")
    by_energy = tie["direct_connection"] is None
    overload = run.flow.of(asset=name, role="overload")
    taken = run.flow.of(asset=name, role="import") + overload
    yield float(taken @ import_price(tariff, run.local, transmission=by_energy)) * h
    yield float(run.flow.of(asset=name, role="export") @ course(tariff["export_price_per_mwh"], run.local)) * h
    yield float(overload.sum()) * h * (tie["overload_price_per_mwh"] or 0.0)
    emitted = float(taken @ run.input.of(asset=name, quantity="carbon_t_per_mwh")) * h
    yield emitted * tie["carbon_price_per_t"]
    if tie["green_power"]:
        contract = tie["green_power"]
        yield float(course(contract["power_mw"], run.local) @ course(contract["premium_per_mwh"], run.local)) * h
    carried = np.zeros_like(taken)
    if tie["carries_stores"]:  # energy of stores on the public grid pays the network, and counts for the demand
        if tie["carriage_price_per_mwh"] is not None:
            raise ValueError(f"{name}: a price of carriage, which this script does not know")
        carried = run.flow.of(asset=name, bus="carried_in")
        yield float(carried @ network(tariff, run.local, transmission=by_energy)) * h
    yield from demand_bill(name, tie, run, taken + carried)


def demand_bill(name: str, tie: Tree, run: Results, at_tie_mw: Floats) -> Iterator[float]:
    """Month's highest power or the least that is billed, less the discount of high use where a month has and earns it."""
    tariff, h, discount = tie["tariff"], run.step_h, tie["tariff"]["use_discount"]
    if tie["declared_demand_mw"] is not None or tie["power_factor"] is not None or tie["contract_mva"] is not None:
        raise ValueError(f"{name}: a declared demand, power factor or contract, which this script does not know")
    connected_mva = tie["connected_mva"] or tie["import_limit_mw"]
    by_capacity = (
        tariff["transmission_price_per_mwh"] * tie["average_load_rate"] * HOURS_OF_A_MONTH * tie["import_limit_mw"]
    )
    if tie["direct_connection"] and tie["direct_connection"]["transmission"] != "capacity":
        raise ValueError(f"{name}: transmission paid otherwise than by capacity, which this script does not know")
    for month in pd.unique(run.local.month):
        own = np.asarray(run.local.month == month)
        covered = own.sum() * h / (24 * run.local[own][0].days_in_month)
        peak = max(float(at_tie_mw[own].max()), tariff["minimum_demand_share"] * connected_mva)
        price = course(tariff["demand_price_per_mw_month"], run.local)[own][0]
        if discount and run.metered.of(asset=name, quantity="high_use_discount")[own].max() > 0.5:
            used_mwh, least_mwh = (
                float((at_tie_mw + run.metered.of(asset=name, quantity="self_used_mw"))[own].sum()) * h,
                discount["from_kwh_per_kva"] * connected_mva * covered,
            )
            if used_mwh < least_mwh * (1 - 1e-6):
                raise ValueError(f"{name}: month {month} has the discount of high use without its use")
            price *= 1 - discount["share"]
        yield peak * covered * price
        yield by_capacity * covered if tie["direct_connection"] else 0.0


def rules_bill(scenario: Tree, run: Results) -> Iterator[float]:
    """Funds on own energy that is used, certificates, and what a promised share is missed by."""
    h, exported = run.step_h, sum(run.flow.of(asset=name, role="export") for name in scenario.get("grid", {}))
    for name in scenario.get("grid", {}):
        exported = exported + run.flow.of(asset=name, bus="carried_out")
    for name, rule in scenario.get("green_supply", {}).items():
        if rule["books"] and rule["books_are"] != "checked":
            raise ValueError(f"{name}: promised rule books, which this script does not know")
        if any(
            rule[key] for key in ("self_use", "own_supply", "export", "export_of_given", "hourly_match", "carbon_cap")
        ):
            raise ValueError(f"{name}: promises that this script does not know")
        used = float((run.flow.of(role="green generation", bus="electricity") + exported).sum()) * h
        yield used * rule["self_use_fee_per_mwh"]
        if rule["green_share"] and rule["certificates"]:
            certified = run.metered.of(asset=name, quantity="certificates_mw")
            yield float(certified.sum()) * h * rule["certificates"]["price_per_mwh"]
            short = run.shortfall.of(asset=name, quantity="green_share_short_mw")
            yield float(short.sum()) * h * rule["green_share"]["price_per_mwh"]


def store_bill(name: str, store: Tree, run: Results, *, there: bool) -> Iterator[float]:
    """Wear, fee, energy drawn from what it opens with, and the lease of a store that is there."""
    charge = -float(run.flow.of(asset=name, role="charge").sum()) * run.step_h
    discharge = float(run.flow.of(asset=name, role="discharge").sum()) * run.step_h
    lease, stored = store["lease"] or {}, run.stored.of(asset=name)
    yield discharge * (store["wear_cost_per_mwh"] + lease.get("fee_per_mwh", 0.0))
    opened = store["opening_state_of_charge"] * float(run.size.of(asset=name, quantity="energy_mwh")[0])
    yield charge * store["charge_cost_per_mwh"] + (opened - stored[-1]) * store["end_value_per_mwh"]
    if there:
        rent = lease.get("price_per_mwh_year", 0.0) * store["energy_mwh"]
        rent += lease.get("price_per_mw_year", 0.0) * store["power_mw"]
        yield rent * len(stored) * run.step_h / 8760 + float(stored.sum()) * store["keep_cost_per_mwh_h"] * run.step_h


def work_bill(scenario: Tree, run: Results) -> Iterator[float]:
    """Starts, waiting, lateness, work left and unserved, of pools, queues and services."""
    h = run.step_h
    for name, pool in scenario.get("cluster", {}).items():
        yield float(run.metered.of(asset=name, quantity="starts").sum()) * pool["start_up_cost_per_block"]
    for name, queue in scenario.get("queue", {}).items():
        backlog, late = run.stored.of(asset=name), run.shortfall.of(asset=name, quantity="late_card_h")
        yield float(backlog.sum()) * h * queue["delay_price_per_card_h_h"]
        yield (
            float(late.sum()) * h * queue["late_price_per_card_h_h"]
            + backlog[-1] * queue["unfinished_price_per_card_h"]
        )
    for name, service in scenario.get("service", {}).items():
        unserved = run.shortfall.of(asset=name, quantity="unserved_cards")
        yield float(unserved.sum()) * h * service["unserved_price_per_card_h"]


def jobs_bill(scenario: Tree, run: Results) -> Iterator[float]:
    """Work of job tables that is left at the end; refuses late or missed jobs, whose priorities stand in no table of the file."""
    h = run.step_h
    for name, jobs in scenario.get("jobs", {}).items():
        broken = sum(run.shortfall.of(asset=name, quantity=kind).sum() for kind in ("late_cards", "missed_cards"))
        if abs(broken) > 1e-6:
            raise ValueError(f"{name}: jobs are late or missed, which this script does not know")
        done = -run.flow.of(asset=name, role="movable work")
        left = float((run.input.of(asset=name, quantity="arrival_cards") - done).sum()) * h
        yield left * jobs["unfinished_price_per_card_h"]


def engines_bill(scenario: Tree, run: Results) -> Iterator[float]:
    """Fuel and upkeep of engines that switch for free."""
    for name, engine in scenario.get("genset", {}).items():
        if any(engine[key] for key in ("start_cost", "stop_cost", "on_cost_per_h", "off_cost_per_h", "idle_fuel_mw")):
            raise ValueError(f"{name}: an engine with costs of switching, which this script does not know")
        fuel = course(engine["fuel_price_per_mwh"], run.local)
        fuel = fuel + (engine["carbon_t_per_mwh_fuel"] or 0.0) * engine["carbon_price_per_t"]
        given = run.flow.of(asset=name, role="generation")
        yield float(given @ (course(engine["cost_per_mwh"], run.local) + fuel / engine["efficiency"])) * run.step_h


def site_bill(scenario: Tree, run: Results) -> Iterator[float]:
    """Own sources, cooling and the power train."""
    h = run.step_h
    for name, source in (scenario.get("solar", {}) | scenario.get("wind", {})).items():
        price = source["cost_per_mwh"] + (source["contract_price_per_mwh"] or 0.0)
        yield float(run.flow.of(asset=name, role="green generation").sum()) * h * price
    for name, plant in scenario.get("cooling", {}).items():
        yield float(run.metered.of(asset=name, quantity="water_m3_per_h").sum()) * h * plant["water_price_per_m3"]
        yield float(run.shortfall.of(asset=name, quantity="overheat_mw").sum()) * h * plant["overheat_price_per_mwh"]
    for name in (*scenario.get("cooling", {}), *scenario.get("power_train", {})):
        yield -float(run.flow.of(asset=name, bus="electricity").sum()) * h * ORDER_PRICE_PER_MWH


HOURS_OF_A_MONTH = 730
"""By which connected capacity pays transmission (发改价格〔2025〕1192号)."""
KNOWN = {"solar", "wind", "storage", "grid", "power_train", "cooling", "cluster", "service", "queue", "green_supply",
         "jobs", "genset"}  # fmt: skip


def bill(scenario: Tree, run: Results, *, with_store: bool) -> float:
    """Money of one rung."""
    parts = [
        *work_bill(scenario, run),
        *jobs_bill(scenario, run),
        *engines_bill(scenario, run),
        *site_bill(scenario, run),
        *rules_bill(scenario, run),
    ]
    for name, tie in scenario.get("grid", {}).items():
        parts += grid_bill(name, tie, run)
    for name, store in scenario.get("storage", {}).items():
        parts += store_bill(name, store, run, there=with_store)
    return sum(parts)


def capital(scenario: Tree, run: Results, *, with_store: bool) -> float:
    """The hours' share of annuity and operation of all plants."""
    yearly = 0.0
    for section, power in (
        ("solar", "peak_power_mw"),
        ("wind", "power_mw"),
        ("storage", "power_mw"),
        ("genset", "power_mw"),
    ):
        if section == "storage" and not with_store:
            continue
        for plant in scenario.get(section, {}).values():
            cost = plant["owner_cost"]
            if not cost or cost["sunk"]:
                continue
            rate, life = cost["discount_rate"], cost["life_years"]
            invested = 1e3 * plant[power] * (cost["capital_cost_per_kw"] or 0.0)
            invested += 1e3 * plant.get("energy_mwh", 0.0) * (cost["capital_cost_per_kwh"] or 0.0)
            yearly += invested * (rate / (1 - (1 + rate) ** -life) + cost["om_share"])
            yearly += 1e3 * plant[power] * cost["om_per_kw_year"]
    return yearly * len(run.local) * run.step_h / 8760
