"""Scenario file of a plain site, with its courses in a CSV file beside it: the same problem, ready for `qaidam run`."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from optimizer.exchange.plain_site import Amount, Consumer, Found, PlainSite, Source, Store, Tie, is_constant, most_of
from optimizer.quantities.calendar import local_time
from optimizer.quantities.documents import DocumentError
from optimizer.technologies.linear import Floats

SCENARIO, SERIES = "scenario.yaml", "series.csv"
GAP = 1e-9
"""Such a site has no whole numbers but directions, so its plan is proved to the last digit."""
Written = dict[str, object]
POWER_KEY = {"solar": "peak_power_mw"}


@dataclass
class _Columns:
    """Courses that go into the CSV file, by the name of their column."""

    table: dict[str, Floats] = field(default_factory=dict)

    def written(self, name: str, values: Floats) -> object:
        """A number where a course is one, else its place in the file."""
        if is_constant(values):
            return float(values[0])
        return self.course(name, values)

    def course(self, name: str, values: Floats) -> Written:
        self.table[name] = values
        return {"file": SERIES, "column": name}


def scenario_files(site: PlainSite) -> dict[str, str]:
    """Texts of the scenario and of its courses, by file name. Raises DocumentError where the horizon is none a scenario has."""
    columns = _Columns()
    parts: Written = {}
    for source in site.sources:
        _under(parts, source.kind)[source.name] = _source(source, columns, site)
    for store in site.stores:
        _under(parts, "storage")[store.name] = _store(store, columns, site)
    for tie in site.ties:
        _under(parts, "grid")[tie.name] = _tie(tie, columns)
    for consumer in site.consumers:
        _under(parts, "load")[consumer.name] = _consumer(consumer, columns)
    data: Written = {
        "name": site.name,
        "currency": site.currency,
        "site": {
            "latitude": site.latitude, "longitude": site.longitude, "elevation_m": site.elevation_m,
            "timezone": site.timezone,
        },
        "horizon": horizon_of(site),
        "planning": {"gap": GAP},
        **parts,
    }  # fmt: skip
    table = pd.DataFrame({"time_utc": site.time.strftime("%Y-%m-%dT%H:%MZ"), **columns.table})
    return {SCENARIO: _yaml(data, site.notes), SERIES: table.to_csv(index=False)}


def write_scenario(site: PlainSite, folder: Path) -> None:
    """Write the two files into a folder. Raises OSError, DocumentError."""
    for name, text in scenario_files(site).items():
        (folder / name).write_text(text, encoding="utf-8")


def horizon_of(site: PlainSite) -> Written:
    """First local day, days and step. Raises DocumentError where the first hour is no local midnight."""
    local = local_time(site.time, site.timezone)
    begin = local[0]
    if begin != begin.normalize():
        raise DocumentError(
            [
                f"{site.name}: its first hour is {site.time[0]:%Y-%m-%d %H:%M} UTC, {begin:%H:%M} in {site.timezone}; a plan "
                "begins at local midnight: give the clock on which it does with --timezone"
            ]
        )
    end = local_time(site.time + pd.Timedelta(hours=site.step_h), site.timezone)[-1]
    days = (end.normalize() - begin).days + (end - end.normalize()) / pd.Timedelta(days=1)
    return {"start": f"{begin:%Y-%m-%d}", "days": float(days), "step_h": site.step_h}


def _under(parts: Written, kind: str) -> Written:
    inner = parts.setdefault(kind, {})
    if not isinstance(inner, dict):
        raise TypeError(kind)
    return inner


def _capacity(amount: Amount, site: PlainSite) -> object:
    if isinstance(amount, Found):
        return {"min": amount.least, "max": amount.most, "annual_cost": amount.cost / site.horizon_years}
    return float(amount)


def _source(source: Source, columns: _Columns, site: PlainSite) -> Written:
    power = {POWER_KEY.get(source.kind, "power_mw"): _capacity(source.power_mw, site)}
    sunk = {} if isinstance(source.power_mw, Found) else {"owner_cost": {"sunk": True}}
    if source.kind == "genset":
        return {
            **power,
            "availability": columns.written(f"{source.name} availability", source.availability),
            "cost_per_mwh": columns.written(f"{source.name} cost", source.cost_per_mwh),
            **sunk,
        }
    price = float(source.cost_per_mwh[0])
    below = {} if price >= 0 else {"curtailment_price_per_mwh": -price}
    return {
        **power,
        "capacity_factor": columns.written(f"{source.name} output", source.availability),
        "cost_per_mwh": max(price, 0.0),
        **below,
        **sunk,
    }


def _store(store: Store, columns: _Columns, site: PlainSite) -> Written:
    energy = most_of(store.energy_mwh)
    power = float(max(store.charge_mw.max(), store.discharge_mw.max()))
    written: Written = {
        "power_mw": power,
        "energy_mwh": _capacity(store.energy_mwh, site),
        "charge_efficiency": store.charge_efficiency,
        "discharge_efficiency": store.discharge_efficiency,
        "standby_loss_per_h": store.standby_loss_per_h,
        "least_state_of_charge": store.least_share,
        "opening_state_of_charge": min(store.opening_mwh / energy, 1.0) if energy else 0.0,
        "wear_cost_per_mwh": store.discharge_cost_per_mwh,
        "charge_cost_per_mwh": store.charge_cost_per_mwh,
        "keep_cost_per_mwh_h": store.keep_cost_per_mwh_h,
        "end_value_per_mwh": store.end_value_per_mwh,
        "behind_the_meter": True,
    }
    if store.final_mwh is not None and energy:
        written["final_state_of_charge"] = store.final_mwh / energy
    rights: Written = {}
    for way, powers in (("charge", store.charge_mw), ("discharge", store.discharge_mw)):
        if is_constant(powers):
            written |= {f"{way}_power_mw": float(powers[0])} if powers[0] < power else {}
        else:
            rights[f"{way}_rights"] = columns.written(f"{store.name} {way} share", powers / power)
    if rights:
        written["lease"] = rights
    elif not isinstance(store.energy_mwh, Found):
        written["owner_cost"] = {"sunk": True}
    return written


def _tie(tie: Tie, columns: _Columns) -> Written:
    tariff: Written = {
        "energy_price_per_mwh": columns.written(f"{tie.name} import price", tie.import_price_per_mwh),
        "export_price_per_mwh": columns.written(f"{tie.name} export price", tie.export_price_per_mwh),
    }
    return {
        "tariff": tariff,
        "import_limit_mw": columns.written(f"{tie.name} import limit", tie.import_mw),
        "export_limit_mw": columns.written(f"{tie.name} export limit", tie.export_mw),
        "overload_price_per_mwh": tie.overload_price_per_mwh,
    }


def _consumer(consumer: Consumer, columns: _Columns) -> Written:
    return {
        "power_mw": columns.written(f"{consumer.name} load", consumer.power_mw),
        "unserved_price_per_mwh": consumer.unserved_price_per_mwh,
    }


def _yaml(data: Written, notes: tuple[str, ...]) -> str:
    yaml = YAML()
    yaml.width = 1000
    text = io.StringIO()
    for note in notes:
        text.write(f"# {note}\n")
    yaml.dump(_plain(data), text)
    return text.getvalue()


def _plain(value: object) -> object:
    """Value without numpy's own numbers, which a YAML writer does not know."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return value.item() if isinstance(value, np.generic) else value
