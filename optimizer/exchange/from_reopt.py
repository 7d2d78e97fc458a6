"""Scenario of a REopt input: load, tie with tariff, sun and wind by their production factors, stores, generators, sizes to be found.

What a size costs in a year: annuity of its capital over the years of the analysis at the discount rate, replacements at their
present value, fixed operation and maintenance. Prices stay those of the first year; taxes and incentives are left out.
"""

from __future__ import annotations

import calendar
import io
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from optimizer.exchange.reopt_input import HOURS, MW_PER_KW, ReoptInput, Section, read_reopt
from optimizer.exchange.reopt_tariff import Written, tie_of
from optimizer.language.speech import noted
from optimizer.quantities.civil_time import midnight_utc
from optimizer.quantities.documents import DocumentError
from optimizer.technologies.capacity import annuity
from optimizer.technologies.linear import Floats

KW_PER_MW = 1000.0
DAYS = 365
MOST_LOADS = 10.0
"""Limit of what REopt leaves open: so many times the highest load."""
MOST_HOURS = 24.0
"""Hours of that power which a store may hold where REopt leaves it open."""
OPEN = 1000.0
"""A limit so many times that is none."""
DIESEL_KWH_PER_GALLON = 40.7
"""Higher heating value of diesel, REopt's default."""
PLANTS = {"PV": "solar", "Wind": "wind"}
POWER_KEY = {"solar": "peak_power_mw", "wind": "power_mw"}
EVERY_INPUT = (
    noted("Taxes, depreciation, incentives, rising prices and degradation are left out, REopt's defaults among them: a size costs the annuity of its capital and its operation in the first year."),
    noted("REopt names no clock and has no summer time: the hours of the file run in standard time, the tariff on the clock of --timezone; Etc/GMT+7 is Denver without summer time."),
    noted("REopt knows no elevation: elevation_m of the site is 0."),
)  # fmt: skip
NO_LOADS = noted(
    "is missing; give the load of every hour: a reference building's or a file's is in REopt's results as load_series_kw"
)
NO_FACTOR = noted(
    "is missing; give it, from PVWatts or from REopt's results: REopt would fetch the weather, an import does not"
)
TWO_EFFICIENCIES = noted("differs from full load; give the same, or fuel_curve in the scenario")
NONE_RECKONED = noted("is not given; none is reckoned")


def scenario_of_reopt(
    path: Path, *, timezone: str | None = None, currency: str | None = None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Texts of the scenario and of its courses, by file name, and what must be known. Raises DocumentError."""
    given = read_reopt(path)
    site, loads, clock = given.one("Site"), given.one("ElectricLoad"), timezone or "UTC"
    series: dict[str, Floats] = {}
    load = _load(loads) * MW_PER_KW
    year = int(loads.number("year", least=1900, most=2200))
    largest = max(float(load.max()) * MOST_LOADS, MW_PER_KW)
    parts: dict[str, dict[str, Written]] = {}
    for kind, ours in PLANTS.items():
        plants = {name: _plant(plant, ours, largest, series, load) for plant, name in _named(given.all_of(kind))}
        parts[ours] = {name: keys for name, keys in plants.items() if keys}
    stores = {name: _store(store, largest) for store, name in _named(given.all_of("ElectricStorage"))}
    parts["storage"] = {name: keys for name, keys in stores.items() if keys}
    engines = {name: _engine(engine, largest) for engine, name in _named(given.all_of("Generator"))}
    parts["genset"] = {name: keys for name, keys in engines.items() if keys}
    series["load"] = load
    strongest = round(float(load.max()) + sum(_most_mw(keys) for part in parts.values() for keys in part.values()), 6)
    if calendar.isleap(year):
        given.notes.append("The year of the loads is a leap year: its 8,760 hours end on December 30.")
    data: Written = {
        "name": path.stem,
        "currency": currency or "USD",
        "site": {
            "latitude": site.number("latitude", least=-90.0, most=90.0),
            "longitude": site.number("longitude", least=-180.0, most=180.0),
            "elevation_m": 0.0, "timezone": clock,
        },
        "horizon": {"start": f"{max(year, 1900)}-01-01", "days": DAYS, "step_h": 1 / given.steps_per_hour},
        **{kind: part for kind, part in parts.items() if part},
        "grid": {"utility": tie_of(given, series, strongest, currency or "USD")},
        "load": {"site": {"power_mw": {"file": "series.csv", "column": "load"}, "unserved_price_per_mwh": None}},
    }  # fmt: skip
    given.one("Financial")
    given.close()
    notes = (*EVERY_INPUT, *given.notes)
    return {"scenario.yaml": _yaml(data), "series.csv": _csv(given, series, f"{year}-01-01", clock)}, notes


def _most_mw(plant: Written) -> float:
    """Most power of a plant, found or given."""
    power = plant.get("power_mw", plant.get("peak_power_mw"))
    most = power["max"] if isinstance(power, dict) else power
    return float(most) if isinstance(most, int | float) else 0.0


def _csv(given: ReoptInput, series: dict[str, Floats], first_day: str, clock: str) -> str:
    """Courses by UTC from local midnight of the first day. Raises DocumentError for a clock there is not."""
    try:
        start = midnight_utc(first_day, clock)
    except ValueError as error:
        raise DocumentError([f"--timezone: no clock '{clock}'; give one as America/Denver"]) from error
    step = pd.Timedelta(hours=1 / given.steps_per_hour)
    time = pd.date_range(start, periods=HOURS * given.steps_per_hour, freq=step)
    table = pd.DataFrame({"time_utc": time.strftime("%Y-%m-%dT%H:%MZ"), **series})
    return table.to_csv(index=False)


def _yaml(data: Written) -> str:
    yaml = YAML()
    yaml.width = 1000
    text = io.StringIO()
    yaml.dump(data, text)
    return text.getvalue()


def _named(plants: list[Section]) -> list[tuple[Section, str]]:
    """Plants with names that a scenario takes, each once."""
    named: list[tuple[Section, str]] = []
    for number, plant in enumerate(plants, 1):
        name = re.sub(r"[^a-z0-9]+", "_", str(plant.get("name") or plant.kind).lower()).strip("_") or "plant"
        named.append((plant, name if name not in {other for _, other in named} else f"{name}_{number}"))
    return named


def _load(loads: Section) -> Floats:
    """Load of every step [kW]."""
    if not loads.has("loads_kw"):
        loads.refuse(
            "loads_kw",
            NO_LOADS,
        )
        return np.zeros(HOURS * loads.of.steps_per_hour)
    return loads.course("loads_kw")


def _yearly(given: ReoptInput, capital: float, om: float = 0.0, replaced: tuple[float, float] = (0.0, 0.0)) -> float:
    """Money a kW or kWh costs in a year, with one replacement of (money, after years)."""
    financial = given.one("Financial")
    third = financial.flag("third_party_ownership", False)
    rate = financial.number(f"{'owner' if third else 'offtaker'}_discount_rate_fraction", most=1.0)
    years = financial.number("analysis_years", 25.0, least=1.0, most=100.0)
    money, after = replaced
    present = money / (1 + rate) ** after if after < years else 0.0
    return (capital + present) * annuity(rate, years) + om


def _limits(plant: Section, unit: str, most: float) -> tuple[float, float]:
    """Least and most new capacity [MW or MWh]; where REopt leaves it open, a limit that is told."""
    least, key = plant.number(f"min_{unit}", 0.0) * MW_PER_KW, f"max_{unit}"
    given = plant.number(key, math.inf) * MW_PER_KW
    if given > most * OPEN:
        given = max(most, least)
        plant.of.notes.append(f"{plant.name}: its {key} is open; {given / MW_PER_KW:g} is taken for it")
    if least > given:
        plant.refuse(f"min_{unit}", f"is {least / MW_PER_KW:g}, above {key} {given / MW_PER_KW:g}; lower it")
    return least, given


def _power(plant: Section, largest: float) -> Written | None:
    """Power of a source: what stands, and what may be added at a price; none where there is nothing of either."""
    existing = plant.number("existing_kw", 0.0) * MW_PER_KW
    least, most = _limits(plant, "kw", largest)
    if not existing + most:
        plant.of.notes.append(f"{plant.name}: left out, for its max_kw is 0 and nothing of it stands")
        plant.read.update(plant.fields)
        return None
    om = plant.number("om_cost_per_kw")
    if not most:
        return {"power": existing, "owner_cost": {"sunk": True, "om_per_kw_year": om}}
    cost = _yearly(plant.of, plant.number("installed_cost_per_kw"), om) * KW_PER_MW
    size: Written = {"min": existing + least, "max": existing + most, "annual_cost": cost}
    if existing:
        size |= {"existing": existing, "existing_operation_cost": om * KW_PER_MW}
    return {"power": size}


def _plant(plant: Section, ours: str, largest: float, series: dict[str, Floats], load: Floats) -> Written:
    """Keys of a sun or wind plant; a net load is raised by what stands already, as REopt does."""
    power = _power(plant, largest)
    if power is None:
        return {}
    if not plant.has("production_factor_series"):
        plant.refuse(
            "production_factor_series",
            NO_FACTOR,
        )
    factor = plant.course("production_factor_series") if plant.has("production_factor_series") else np.zeros(len(load))
    column = f"{plant.name} output"
    series[column] = factor
    existing = plant.number("existing_kw", 0.0) * MW_PER_KW
    if plant.of.one("ElectricLoad").flag("loads_kw_is_net", True) and existing and ours == "solar":
        load += existing * factor
        plant.of.notes.append(f"loads_kw is net, so what {plant.name} yields today is added to it")
    size = {POWER_KEY[ours]: power.pop("power")}
    return {**size, "capacity_factor": {"file": "series.csv", "column": column}, "cost_per_mwh": 0.0, **power}


def _store(store: Section, largest: float) -> Written:
    """Keys of a battery whose power and energy are found; losses are those of rectifier, cells and inverter."""
    least_mw, most_mw = _limits(store, "kw", largest)
    least_mwh, most_mwh = _limits(store, "kwh", largest * MOST_HOURS)
    if not most_mw or not most_mwh:
        store.of.notes.append(f"{store.name}: left out, for its max_kw or max_kwh is 0")
        store.read.update(store.fields)
        return {}
    cells = store.number("internal_efficiency_fraction", 0.975, most=1.0) ** 0.5
    after = {
        "kw": store.number("inverter_replacement_year", 10.0),
        "kwh": store.number("battery_replacement_year", 10.0),
    }
    share = store.number("om_cost_fraction_of_installed_cost", 0.0, most=1.0)
    cost = {}
    for unit, years in after.items():
        capital = store.number(f"installed_cost_per_{unit}")
        replaced = store.number(f"replace_cost_per_{unit}", 0.0)
        cost[unit] = _yearly(store.of, capital, capital * share, (replaced, years)) * KW_PER_MW
    for key in ("replace_cost_per_kw", "replace_cost_per_kwh", "om_cost_fraction_of_installed_cost"):
        if not store.has(key):
            store.of.notes.append(f"{store.name} > {key}: {NONE_RECKONED}")
    least = store.number("soc_min_fraction", 0.2, most=1.0)
    return {
        "power_mw": {"min": least_mw, "max": most_mw, "annual_cost": cost["kw"]},
        "energy_mwh": {"min": least_mwh, "max": most_mwh, "annual_cost": cost["kwh"]},
        "charge_efficiency": store.number("rectifier_efficiency_fraction", 0.96, most=1.0) * cells,
        "discharge_efficiency": store.number("inverter_efficiency_fraction", 0.96, most=1.0) * cells,
        "standby_loss_per_h": 0.0,
        "least_state_of_charge": least,
        "opening_state_of_charge": max(store.number("soc_init_fraction", 0.5, most=1.0), least),
        "wear_cost_per_mwh": 0.0,
        "behind_the_meter": True,
    }  # fmt: skip


def _engine(engine: Section, largest: float) -> Written:
    """Keys of a generator that may run beside the grid; one for outages alone is left out."""
    if engine.flag("only_runs_during_grid_outage", True):
        engine.of.notes.append(f"{engine.name}: left out, for it only runs in outages (only_runs_during_grid_outage)")
        engine.read.update(engine.fields)
        return {}
    power = _power(engine, largest)
    if power is None:
        return {}
    full = engine.number("electric_efficiency_full_load", 0.0, most=1.0)
    if full != engine.number("electric_efficiency_half_load", full, most=1.0):
        engine.refuse("electric_efficiency_half_load", TWO_EFFICIENCIES)
    heat = engine.number("fuel_higher_heating_value_kwh_per_gal", DIESEL_KWH_PER_GALLON, least=0.1)
    default = 1 / (full * heat) if full else None
    gallons = engine.number("fuel_slope_gal_per_kwh", default)
    cost = engine.number("om_cost_per_kwh", 0.0) + gallons * engine.number("fuel_cost_per_gallon")
    return {"power_mw": power.pop("power"), "cost_per_mwh": cost * KW_PER_MW, **power}
