"""Ladder, unit costs and shares of a run, recomputed from its `results.nc` and its tariff alone, without the project's code.

    python -m tests.recompute_ladder out/qaidam out/kunming out/xining

Every rung's bill is summed anew from its flows, stocks and meters with the prices of the scenario (kept in the file's attributes),
import prices from the tariff's rows; then capital, savings, what a kWh and a card-hour cost, and the shares of the energy used are
compared with summary.json. Knows what the shipped sites of one owner have, and refuses anything else.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Tree: TypeAlias = Any  # JSON as it was written: nested dicts of numbers and text
RELATIVE = 1e-6
"""HiGHS holds rows to 1e-7; what is printed is a sum of thousands of them."""
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


def import_price(tariff: Tree, local: pd.DatetimeIndex) -> Floats:
    """Delivered price by hour from the tariff's rows: the energy price floats, loss, transmission, fee and funds do not."""
    factor = np.ones(len(local))
    for row in tariff["periods"]:
        for begin, end in row["hours"]:
            factor[np.isin(local.month, row["months"]) & (local.hour >= begin) & (local.hour < end)] = row["factor"]
    energy = course(tariff["energy_price_per_mwh"], local)
    loss = energy * tariff["line_loss"] * (factor if tariff["line_loss_floats"] else 1.0)
    rest = tariff["transmission_price_per_mwh"] + tariff["system_fee_per_mwh"] + tariff["funds_per_mwh"]
    return np.asarray(energy * factor + loss + rest)


def grid_bill(name: str, tie: Tree, run: Results) -> Iterator[float]:
    """Energy, sale, demand charge and overload of a tie."""
    tariff, h = tie["tariff"], run.step_h
    if tie["two_part"] != "demand" or tariff["tiers"] or tariff["demand_charges"] or tariff["fixed_price_per_month"]:
        raise ValueError(f"{name}: has terms that this script does not know")
    overload = run.flow.of(asset=name, role="overload")
    taken = run.flow.of(asset=name, role="import") + overload
    yield float(taken @ import_price(tariff, run.local)) * h
    yield float(run.flow.of(asset=name, role="export") @ course(tariff["export_price_per_mwh"], run.local)) * h
    yield float(overload.sum()) * h * tie["overload_price_per_mwh"]
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
        loss = course(tariff["energy_price_per_mwh"], run.local) * tariff["line_loss"]
        fees = tariff["transmission_price_per_mwh"] + tariff["system_fee_per_mwh"] + tariff["funds_per_mwh"]
        yield float(carried @ (loss + fees)) * h
    for month in pd.unique(run.local.month):
        own = np.asarray(run.local.month == month)
        covered = own.sum() * h / (24 * run.local[own][0].days_in_month)
        peak = max(float((taken + carried)[own].max()), tariff["minimum_demand_share"] * tie["import_limit_mw"])
        yield peak * covered * tariff["demand_price_per_mw_month"]


def store_bill(name: str, store: Tree, run: Results, *, there: bool) -> Iterator[float]:
    """Wear, fee, energy left, and the lease of a store that is there."""
    charge = -float(run.flow.of(asset=name, role="charge").sum()) * run.step_h
    discharge = float(run.flow.of(asset=name, role="discharge").sum()) * run.step_h
    lease, stored = store["lease"] or {}, run.stored.of(asset=name)
    yield discharge * (store["wear_cost_per_mwh"] + lease.get("fee_per_mwh", 0.0))
    yield charge * store["charge_cost_per_mwh"] - stored[-1] * store["end_value_per_mwh"]
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


KNOWN = {"solar", "wind", "storage", "grid", "power_train", "cooling", "cluster", "service", "queue", "green_supply"}


def bill(scenario: Tree, run: Results, *, with_store: bool) -> float:
    """Money of one rung."""
    parts = [*work_bill(scenario, run), *site_bill(scenario, run)]
    for name, tie in scenario.get("grid", {}).items():
        parts += grid_bill(name, tie, run)
    for name, store in scenario.get("storage", {}).items():
        parts += store_bill(name, store, run, there=with_store)
    return sum(parts)


def capital(scenario: Tree, run: Results, *, with_store: bool) -> float:
    """The hours' share of annuity and operation of all plants."""
    yearly = 0.0
    for section, power in (("solar", "peak_power_mw"), ("wind", "power_mw"), ("storage", "power_mw")):
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


def shares(scenario: Tree, run: Results) -> dict[str, float]:
    """Shares of the energy used: every use takes the mix of its hour, a store hands on the mix it was charged with."""
    h, stores = run.step_h, scenario.get("storage", {})
    fed = np.zeros((len(run.local), 5))  # own sun and wind, clean grid, rest of the grid, opening stock, contract
    fed[:, 0] = run.flow.of(role="green generation", bus="electricity") * h
    for name, tie in scenario.get("grid", {}).items():
        bought = (run.flow.of(asset=name, role="import") + run.flow.of(asset=name, role="overload")) * h
        contract = course(tie["green_power"]["power_mw"], run.local) * h if tie["green_power"] else 0.0 * bought
        contracted = np.minimum(contract, bought)
        clean = (bought - contracted) * run.input.of(asset=name, quantity="clean_share")
        fed[:, 1] += clean
        fed[:, 2] += bought - contracted - clean
        fed[:, 4] += contracted
    drawn = -sum(run.flow.of(role=role, bus="electricity") for role in ("load", "cooling", "supply")) * h
    charge = {name: -run.flow.of(asset=name, role="charge") * h for name in stores}
    discharge = {name: run.flow.of(asset=name, role="discharge") * h for name in stores}
    stored = {name: run.stored.of(asset=name) for name in stores}
    # the least content that explains the first step: the account's rule, which knows no efficiencies
    least = {name: max(stored[name][0] + discharge[name][0] - charge[name][0], 0.0) for name in stores}
    inside = {name: np.array([0.0, 0.0, 0.0, least[name], 0.0]) for name in stores}
    used = np.zeros(5)
    for step in range(len(drawn)):
        given = [discharge[k][step] * inside[k] / inside[k].sum() for k in stores if inside[k].sum() > 0]
        mix = fed[step] + np.sum(given, axis=0) if given else fed[step]
        mix = mix / mix.sum() if mix.sum() > 0 else mix
        used += drawn[step] * mix
        for k in stores:
            held = inside[k] + charge[k][step] * mix
            left = held * (1 - discharge[k][step] / held.sum()) if held.sum() > 0 else held
            inside[k] = left * (stored[k][step] / left.sum()) if left.sum() > 0 else left
            used += left - inside[k]  # losses of the store are used energy too
    own, grid_clean, contracted = used[0] / used.sum(), used[1] / used.sum(), used[4] / used.sum()
    return {"own_supply_share": own, "contract_share": contracted, "grid_clean_share": grid_clean,
            "cfe_hourly_share": own + contracted + grid_clean}  # fmt: skip


def energies(run: Results) -> dict[str, float]:
    """What a unit cost is counted by."""
    facility = -sum(run.flow.of(role=role, bus="electricity") for role in ("load", "cooling", "supply"))
    cards = -sum(run.flow.of(role=role) for role in ("served work", "movable work"))
    return {
        "per_it_kwh": 1e3 * float(run.flow.of(role="feed").sum()) * run.step_h,
        "per_facility_kwh": 1e3 * float(np.sum(facility)) * run.step_h,
        "per_card_hour": float(np.sum(cards)) * run.step_h,
    }


def recomputed(path: Path) -> Tree:
    """Rungs, savings, unit costs and shares of a run's results file."""
    with h5py.File(path, "r") as file:
        scenario, steps = json.loads(file.attrs["scenario"]), json.loads(file.attrs["ladder"])
        strange = {name for name, part in scenario.items() if isinstance(part, dict) and _assets(part)} - KNOWN
        if strange:
            raise ValueError(f"{path}: has {', '.join(sorted(strange))}, which this script does not know")
        groups = ["baseline" if number == 0 else step["rung"] for number, step in enumerate(steps[:-1])] + ["/"]
        runs = {step["rung"]: Results(file, group) for step, group in zip(steps, groups, strict=True)}
    rungs = {}
    for rung, run in runs.items():
        there = rung != "no_store"
        money = bill(scenario, run, with_store=there), capital(scenario, run, with_store=there)
        rungs[rung] = {"cost": money[0], "capital": money[1], "total": sum(money)}
    plan, totals = runs["plan"], [rung["total"] for rung in rungs.values()]
    units = {
        name: {"running": rungs["plan"]["cost"] / amount, "total": rungs["plan"]["total"] / amount}
        for name, amount in energies(plan).items()
    }
    saved = [lower - upper for lower, upper in itertools.pairwise(totals)]
    return {"rungs": rungs, "saved": saved, "units": units, "shares": shares(scenario, plan)}


def _assets(part: Mapping[str, object]) -> bool:
    return any(isinstance(value, dict) for value in part.values()) and "latitude" not in part


def differences(folder: Path) -> list[str]:
    """What summary.json says otherwise than comes out of results.nc."""
    said, again = json.loads((folder / "summary.json").read_text(encoding="utf-8")), recomputed(folder / "results.nc")
    pairs = [("saved", list(said["ladder"]["saved"].values()), again["saved"])]
    for step in said["ladder"]["rungs"]:
        names = ("cost", "capital", "total")
        pairs.append((step["rung"], [step[n] for n in names], [again["rungs"][step["rung"]][n] for n in names]))
    for name, parts in again["units"].items():
        pairs.append((name, [said["costs"][name][part] for part in parts], list(parts.values())))
    pairs.append(("shares", [said[name] for name in again["shares"]], list(again["shares"].values())))
    scale = abs(again["rungs"]["plan"]["total"])
    return [
        f"{folder.name}: {name}: says {a!r}, comes out as {b!r}"
        for name, reported, own in pairs
        for a, b in zip(reported, own, strict=True)
        if abs(a - b) > RELATIVE * max(abs(a), abs(b), scale if name in ("saved", *again["rungs"]) else 0.0)
    ]


if __name__ == "__main__":
    wrong = [line for name in sys.argv[1:] for line in differences(Path(name))]
    print("\n".join(wrong) or f"{len(sys.argv) - 1} runs: everything comes out as they say")
    sys.exit(bool(wrong))
