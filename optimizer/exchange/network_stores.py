"""Stores of a PyPSA network: behind a link there and one back, on the bus itself, and storage units."""

from __future__ import annotations

import math

from optimizer.exchange.network_reading import NetworkReader
from optimizer.exchange.plain_site import Amount, Found, Store, is_constant, same

LARGEST_MW = 1e6
"""No site on earth has more; PyPSA's infinite limits become this."""


def stores_of(reader: NetworkReader, names: dict[str, str], bus: str) -> list[Store]:
    """Stores behind their links; one on the main bus itself has no losses and no limit of its own."""
    stores = []
    used = set[str]()
    for name in reader.names("stores"):
        at = reader.text("stores", name, "bus")
        ways = [_way(reader, bus, at), _way(reader, at, bus)] if at != bus else [None, None]
        used |= {way for way in ways if way is not None}
        energy = _energy(reader, name)
        if at != bus and None in ways:
            reader.complain("stores", name, "bus", f"needs one link from {bus} and one back; join it by two links")
            continue
        stores.append(_store(reader, name, names[name], energy, (ways[0], ways[1])))
    for link in reader.names("links"):
        if link not in used:
            reader.complain("links", link, "bus1", f"does not join a store to {bus}; take it out")
    return stores


def _way(reader: NetworkReader, start: str, end: str) -> str | None:
    links = [
        name
        for name in reader.names("links")
        if (reader.text("links", name, "bus0"), reader.text("links", name, "bus1")) == (start, end)
    ]
    return links[0] if len(links) == 1 else None


def found_size(reader: NetworkReader, component: str, name: str, nominal: str, what: str) -> Found:
    """Size to be found of a component, "p_nom" in MW or "e_nom" in MWh; one without a greatest size is refused."""
    most = reader.number(component, name, f"{nominal}_max", math.inf)
    if not 0 < most < math.inf:
        reader.complain(
            component, name, f"{nominal}_max", f"{what} to be found needs a limit; give the most that may be built"
        )
        most = LARGEST_MW
    least = reader.number(component, name, f"{nominal}_min", 0.0)
    return Found(least, most, reader.number(component, name, "capital_cost", 0.0))


def _energy(reader: NetworkReader, name: str) -> Amount:
    if not reader.flag("stores", name, "e_nom_extendable"):
        return reader.number("stores", name, "e_nom", 0.0)
    if reader.number("stores", name, "e_initial", 0.0):
        reader.complain("stores", name, "e_initial", "an energy to be found opens empty here; set 0")
    return found_size(reader, "stores", name, "e_nom", "an energy")


def _store(reader: NetworkReader, name: str, plain: str, energy: Amount, ways: tuple[str | None, str | None]) -> Store:
    count, step_h = len(reader.network.time), reader.network.step_h
    most = energy.most if isinstance(energy, Found) else energy
    powers, losses, costs = [], [], []
    for way in ways:
        efficiency = 1.0 if way is None else reader.number("links", way, "efficiency", 1.0)
        unlimited = same(most / step_h, count)
        power = (
            unlimited
            if way is None
            else reader.number("links", way, "p_nom", 0.0) * reader.course("links", way, "p_max_pu", 1.0)
        )
        powers.append(power)
        losses.append(efficiency)
        costs.append(0.0 if way is None else reader.number("links", way, "marginal_cost", 0.0))
    least, worth = (
        reader.course("stores", name, "e_min_pu", 0.0),
        reader.course("stores", name, "marginal_cost_storage", 0.0),
    )
    keep = float(worth[0]) if count > 1 else 0.0
    if not (is_constant(worth[:-1]) if count > 1 else True):
        reader.complain(
            "stores",
            name,
            "marginal_cost_storage",
            "changes before the last hour; give one price, and another at the end only",
        )
    if count > 1 and not is_constant(least[:-1]):
        reader.complain(
            "stores", name, "e_min_pu", "changes before the last hour; give one share, and another at the end only"
        )
    return Store(
        name=plain, energy_mwh=energy, charge_mw=powers[0], discharge_mw=powers[1] * losses[1],
        opening_mwh=_opening_mwh(reader, ("stores", name, "e_initial"), most), least_share=float(least[0]),
        charge_efficiency=losses[0], discharge_efficiency=losses[1],
        standby_loss_per_h=reader.number("stores", name, "standing_loss", 0.0), charge_cost_per_mwh=costs[0],
        discharge_cost_per_mwh=costs[1] / losses[1], keep_cost_per_mwh_h=keep,
        end_value_per_mwh=(keep - float(worth[-1])) * step_h, final_mwh=None if least[-1] == least[0] else float(least[-1]) * most,
    )  # fmt: skip


def units_of(reader: NetworkReader, names: dict[str, str], bus: str) -> list[Store]:
    """Storage units on the main bus: a store of `max_hours` of its power."""
    stores, kind = [], "storage_units"
    for name in reader.names(kind):
        if reader.text(kind, name, "bus") != bus:
            reader.complain(kind, name, "bus", f"does not stand at {bus}; move it there")
        power = reader.number(kind, name, "p_nom", 0.0)
        energy = power * reader.number(kind, name, "max_hours", 1.0)
        stores.append(
            Store(
                name=names[name], energy_mwh=energy,
                charge_mw=-power * reader.course(kind, name, "p_min_pu", -1.0),
                discharge_mw=power * reader.course(kind, name, "p_max_pu", 1.0),
                opening_mwh=_opening_mwh(reader, (kind, name, "state_of_charge_initial"), energy),
                charge_efficiency=reader.number(kind, name, "efficiency_store", 1.0),
                discharge_efficiency=reader.number(kind, name, "efficiency_dispatch", 1.0),
                standby_loss_per_h=reader.number(kind, name, "standing_loss", 0.0),
                discharge_cost_per_mwh=reader.number(kind, name, "marginal_cost", 0.0),
                keep_cost_per_mwh_h=reader.number(kind, name, "marginal_cost_storage", 0.0),
            )
        )  # fmt: skip
    return stores


def _opening_mwh(reader: NetworkReader, place: tuple[str, str, str], energy_mwh: float) -> float:
    """Energy at the start before its loss in the first step, which PyPSA does not count."""
    component, name, attribute = place
    kept = (1 - reader.number(component, name, "standing_loss", 0.0)) ** reader.network.step_h
    opening = reader.number(component, name, attribute, 0.0)
    if opening > energy_mwh * kept * (1 + 1e-12):
        reader.complain(
            component,
            name,
            attribute,
            f"is {opening:g} MWh, more than what a full store has after a step's loss; set at most {energy_mwh * kept:g}",
        )
    return float(opening / kept)
