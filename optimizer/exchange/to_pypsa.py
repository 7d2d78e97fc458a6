"""PyPSA network of a plain site: sources and the tie as generators, a store on a bus of its own between two links.

What costs money above a limit (unserved load, an overloaded tie) is a generator of its own; what is sold is a generator whose
sign is −1. Costs are those of a MWh at the network's own place: a discharge costs at the store's side of its link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from optimizer.exchange.network_tables import Network
from optimizer.exchange.plain_site import (
    Consumer,
    Found,
    PlainSite,
    Source,
    Store,
    Tie,
    is_constant,
    most_of,
    objective_constant,
)
from optimizer.technologies.linear import Floats

BUS = "electricity"
IMPORT, EXPORT, OVERLOAD, UNSERVED = "grid import", "grid export", "grid overload", "unserved"
"""Carriers by which what belongs to a tie or a consumer is known again."""
CHARGE, DISCHARGE, INSIDE = "charge", "discharge", "inside"
MOST_OVERLOAD = 10.0
"""Overload of a tie has no limit here and needs one there: so many times the greatest import."""
Cell = float | str | bool


@dataclass
class _Tables:
    """Rows and courses as they are added."""

    rows: dict[str, dict[str, dict[str, Cell]]] = field(default_factory=dict)
    courses: dict[tuple[str, str], dict[str, Floats]] = field(default_factory=dict)

    def add(self, component: str, name: str, **attributes: Cell | Floats) -> None:
        row = self.rows.setdefault(component, {}).setdefault(name, {})
        for attribute, value in attributes.items():
            if not isinstance(value, np.ndarray):
                row[attribute] = value
            elif is_constant(value):
                row[attribute] = float(value[0])
            else:
                self.courses.setdefault((component, attribute), {})[name] = value


def network_of(site: PlainSite, about: Mapping[str, object] | None = None) -> Network:
    """Network of a plain site; `about` goes into its `meta` under `qaidam`, beside clock, place and currency."""
    tables = _Tables()
    tables.add("buses", BUS, carrier="AC")
    for source in site.sources:
        tables.add("generators", source.name, bus=BUS, carrier=source.kind, **_source(source))
    for tie in site.ties:
        _add_tie(tables, tie)
    for store in site.stores:
        _add_store(tables, store, site.step_h)
    for consumer in site.consumers:
        _add_consumer(tables, consumer)
    kinds = {str(row.get("carrier", "")) for rows in tables.rows.values() for row in rows.values()}
    for kind in sorted(kinds - {"", "AC"}):
        tables.add("carriers", kind)
    meta = {
        "timezone": site.timezone,
        "currency": site.currency,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "elevation_m": site.elevation_m,
        "constant": objective_constant(site),
        "notes": list(site.notes),
        **(about or {}),
    }
    static = {name: pd.DataFrame.from_dict(rows, orient="index") for name, rows in tables.rows.items()}
    series = {key: pd.DataFrame(columns, index=site.time) for key, columns in tables.courses.items()}
    return Network(site.name, site.time, site.step_h, static, series, {"qaidam": meta})


def _source(source: Source) -> dict[str, Cell | Floats]:
    attributes: dict[str, Cell | Floats] = {"p_max_pu": source.availability, "marginal_cost": source.cost_per_mwh}
    if isinstance(source.power_mw, Found):
        limits = {"p_nom_min": source.power_mw.least, "p_nom_max": source.power_mw.most}
        return attributes | {"p_nom_extendable": True, "capital_cost": source.power_mw.cost, **limits}
    return attributes | {"p_nom": float(source.power_mw)}


def _limited(power_mw: Floats) -> dict[str, Cell | Floats]:
    """A limit by hour as rated power and its share."""
    most = float(power_mw.max())
    return {"p_nom": most, "p_max_pu": power_mw / most if most else np.ones_like(power_mw)}


def _add_tie(tables: _Tables, tie: Tie) -> None:
    price = tie.import_price_per_mwh
    tables.add("generators", tie.name, bus=BUS, carrier=IMPORT, marginal_cost=price, **_limited(tie.import_mw))
    if tie.overload_price_per_mwh is not None:
        most = MOST_OVERLOAD * (float(tie.import_mw.max()) + 1.0)
        tables.add(
            "generators", f"{tie.name} overload", bus=BUS, carrier=OVERLOAD, p_nom=most,
            marginal_cost=price + tie.overload_price_per_mwh,
        )  # fmt: skip
    if tie.export_mw.any():
        tables.add(
            "generators", f"{tie.name} export", bus=BUS, carrier=EXPORT, sign=-1.0,
            marginal_cost=-tie.export_price_per_mwh, **_limited(tie.export_mw),
        )  # fmt: skip


def _add_store(tables: _Tables, store: Store, step_h: float) -> None:
    inside = f"{store.name} {INSIDE}"
    worth = np.full(len(store.charge_mw), store.keep_cost_per_mwh_h)
    worth[-1] -= store.end_value_per_mwh / step_h
    least = np.full(len(worth), store.least_share)
    if store.final_mwh is not None and (energy := most_of(store.energy_mwh)):
        least[-1] = max(store.final_mwh / energy, store.least_share)
    size: dict[str, Cell | Floats] = {}
    if isinstance(store.energy_mwh, Found):
        size = {"e_nom_extendable": True, "capital_cost": store.energy_mwh.cost}
        size |= {"e_nom_min": store.energy_mwh.least, "e_nom_max": store.energy_mwh.most}
    else:
        size = {"e_nom": float(store.energy_mwh)}
    kept = (
        1 - store.standby_loss_per_h
    ) ** step_h  # PyPSA lets what is inside at the start lose nothing in the first step
    tables.add("buses", inside, carrier="battery")
    tables.add(
        "stores", store.name, bus=inside, carrier="battery", e_initial=store.opening_mwh * kept, e_min_pu=least,
        standing_loss=store.standby_loss_per_h, marginal_cost_storage=worth, **size,
    )  # fmt: skip
    tables.add(
        "links", f"{store.name} {CHARGE}", bus0=BUS, bus1=inside, carrier=CHARGE,
        efficiency=store.charge_efficiency, marginal_cost=store.charge_cost_per_mwh, **_limited(store.charge_mw),
    )  # fmt: skip
    out = store.discharge_efficiency
    tables.add(
        "links", f"{store.name} {DISCHARGE}", bus0=inside, bus1=BUS, carrier=DISCHARGE, efficiency=out,
        marginal_cost=store.discharge_cost_per_mwh * out, **_limited(store.discharge_mw / out),
    )  # fmt: skip


def _add_consumer(tables: _Tables, consumer: Consumer) -> None:
    tables.add("loads", consumer.name, bus=BUS, p_set=consumer.power_mw)
    if consumer.unserved_price_per_mwh is not None:
        tables.add(
            "generators", f"{consumer.name} {UNSERVED}", bus=BUS, carrier=UNSERVED,
            marginal_cost=consumer.unserved_price_per_mwh, **_limited(consumer.power_mw),
        )  # fmt: skip
