"""Plain site of a PyPSA network with one bus of electricity: generators, loads, storage units, stores behind links, lines to leaves.

A generator is a tie where its carrier says grid, sun or wind where its carrier does or its availability changes, else a
source with a price. A store on a bus of its own is read with the links to it and from it. What cannot be said is refused, all
of it at once.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from optimizer.exchange.network_reading import NetworkReader, meta_of, number_of, plain_names
from optimizer.exchange.network_stores import LARGEST_MW, found_size, stores_of, units_of
from optimizer.exchange.network_tables import Network
from optimizer.exchange.plain_site import Amount, Consumer, Found, PlainSite, Source, Tie, is_constant, same
from optimizer.exchange.to_pypsa import EXPORT, IMPORT, OVERLOAD, UNSERVED
from optimizer.quantities.documents import DocumentError
from optimizer.technologies.linear import Floats

IMPORTS = frozenset({IMPORT, "grid", "import", "utility", "main grid", "grid_import"})
SUN, WIND = ("solar", "pv", "photovoltaic"), ("wind", "onwind", "offwind")
AS_ONE_PRICE = 1e-9
"""Money for a MWh up to which prices are one."""


def plain_site_of_network(
    network: Network, where: Path, *, timezone: str | None = None, currency: str | None = None
) -> PlainSite:
    """Plain site of a network. Raises DocumentError with everything in it that cannot be said."""
    reader = NetworkReader(network, where)
    reader.refuse_unsaid()
    bus = _main_bus(reader)
    leaves = _leaves(reader, bus)
    components = ("generators", "loads", "stores", "storage_units")
    names = plain_names([name for component in components for name in reader.names(component)])
    consumers, served = _consumers(reader, names)
    ties, of_ties = _ties(reader, names, bus)
    sources = [
        _source(reader, name, names[name], leaves)
        for name in reader.names("generators")
        if name not in served | of_ties and _stands_at(reader, name, bus, leaves)
    ]
    stores = [*stores_of(reader, names, bus), *units_of(reader, names, bus)]
    if reader.problems:
        raise DocumentError(reader.problems)
    meta = meta_of(network)
    return PlainSite(
        name=network.name, time=network.time, step_h=network.step_h,
        timezone=timezone or str(meta.get("timezone", "UTC")), currency=currency or str(meta.get("currency", "USD")),
        latitude=number_of(meta.get("latitude"), 0.0), longitude=number_of(meta.get("longitude"), 0.0),
        elevation_m=number_of(meta.get("elevation_m"), 0.0), sources=tuple(sources), stores=tuple(stores),
        ties=tuple(ties), consumers=tuple(consumers), notes=(f"Read from the PyPSA network {network.name}.",),
    )  # fmt: skip


def _main_bus(reader: NetworkReader) -> str:
    buses = list(dict.fromkeys(reader.text("loads", name, "bus") for name in reader.names("loads")))
    if len(buses) != 1:
        said = f"has loads on {', '.join(buses)}" if buses else "has no load"
        raise DocumentError(
            [
                *reader.problems,
                f"{reader.where}: {said}; a scenario of one site has one bus with loads: give a network of one",
            ]
        )
    return buses[0]


def _leaves(reader: NetworkReader, bus: str) -> dict[str, float]:
    """Buses that hang on the main one by a single line, with its power; they may hold one generator."""
    leaves: dict[str, float] = {}
    for name in reader.names("lines"):
        ends = {reader.text("lines", name, "bus0"), reader.text("lines", name, "bus1")}
        (far, *more) = (ends - {bus}) or {bus}
        if more or far == bus or far in leaves:
            reader.complain(
                "lines", name, "bus1", "does not join the bus with the loads to a bus that has no other line"
            )
        leaves[far] = reader.number("lines", name, "s_nom", 0.0)
    for far in leaves:
        count = sum(reader.text("generators", name, "bus") == far for name in reader.names("generators"))
        if count > 1:
            reader.problems.append(
                f"{reader.where}  buses > {far}: has {count} generators behind one line; give each its own"
            )
    return leaves


def _stands_at(reader: NetworkReader, name: str, bus: str, leaves: dict[str, float]) -> bool:
    at = reader.text("generators", name, "bus")
    if at == bus or at in leaves:
        return True
    reader.complain("generators", name, "bus", f"stands at {at}, not at {bus}; move it there or behind a line to it")
    return False


def _limit(reader: NetworkReader, name: str, leaves: dict[str, float] | None = None) -> Floats:
    """Most power by hour [MW]."""
    power = reader.number("generators", name, "p_nom", 0.0) * reader.course("generators", name, "p_max_pu", 1.0)
    at = reader.text("generators", name, "bus")
    return np.minimum(power, (leaves or {}).get(at, LARGEST_MW))


def _price(reader: NetworkReader, name: str) -> Floats:
    return reader.course("generators", name, "marginal_cost", 0.0)


def _consumers(reader: NetworkReader, names: dict[str, str]) -> tuple[list[Consumer], set[str]]:
    """Loads, and the generators that are their unserved power."""
    consumers, served = [], set[str]()
    for name in reader.names("loads"):
        power = -reader.number("loads", name, "sign", -1.0) * reader.course("loads", name, "p_set", 0.0)
        if (power < 0).any():
            reader.complain(
                "loads", name, "p_set", f"is {power.min():g} in some hour; a load takes power: give a generator"
            )
        price = None
        unserved = f"{name} {UNSERVED}"
        own = reader.text("generators", unserved, "carrier") == UNSERVED and is_constant(_price(reader, unserved))
        if own and np.allclose(
            _limit(reader, unserved), power, rtol=1e-9, atol=1e-9
        ):  # MW; a watt is no unserved power
            price = float(_price(reader, unserved)[0])
            served.add(unserved)
        consumers.append(Consumer(names[name], power, price))
    return consumers, served


def _ties(reader: NetworkReader, names: dict[str, str], bus: str) -> tuple[list[Tie], set[str]]:
    """Ties of the generators whose carrier is the grid's, with what they sell and what is bought above their limit."""
    ties, used = [], set[str]()
    for name in reader.names("generators"):
        carrier = reader.text("generators", name, "carrier").lower()
        if carrier not in IMPORTS or reader.text("generators", name, "bus") != bus:
            continue
        if reader.flag("generators", name, "p_nom_extendable"):
            reader.complain("generators", name, "p_nom_extendable", "a tie's limit is given here; give p_nom")
        used.add(name)
        limit, price = _limit(reader, name), _price(reader, name)
        none = same(0.0, len(limit))
        tie = Tie(names[name], limit, none, price, none)
        sold, over = f"{name} export", f"{name} overload"
        if reader.text("generators", sold, "carrier") == EXPORT and reader.number("generators", sold, "sign", 1.0) < 0:
            tie = replace(tie, export_mw=_limit(reader, sold), export_price_per_mwh=-_price(reader, sold))
            used.add(sold)
        penalty = _price(reader, over) - price
        if reader.text("generators", over, "carrier") == OVERLOAD and np.ptp(penalty) < AS_ONE_PRICE * abs(penalty[0]):
            tie = replace(tie, overload_price_per_mwh=float(penalty[0]))
            used.add(over)
        ties.append(tie)
    return ties, used


def _source(reader: NetworkReader, name: str, plain: str, leaves: dict[str, float]) -> Source:
    """A generator as sun, wind or a source with a price."""
    if reader.number("generators", name, "sign", 1.0) < 0:
        reader.complain(
            "generators",
            name,
            "sign",
            "is below 0 and it belongs to no tie; give a load, or its carrier as grid export",
        )
    share, price = reader.course("generators", name, "p_max_pu", 1.0), _price(reader, name)
    power: Amount = (
        found_size(reader, "generators", name, "p_nom", "a power")
        if reader.flag("generators", name, "p_nom_extendable")
        else 0.0
    )
    if not isinstance(power, Found):
        power = min(reader.number("generators", name, "p_nom", 0.0), LARGEST_MW)
        behind = leaves.get(reader.text("generators", name, "bus"), math.inf)
        share = np.minimum(share, behind / power) if power else share
    carrier = reader.text("generators", name, "carrier").lower()
    weather = carrier.startswith(SUN + WIND) or not is_constant(share)
    if weather and is_constant(price) and (price[0] >= 0 or not isinstance(power, Found)):
        return Source(plain, "solar" if carrier.startswith(SUN) else "wind", power, share, price)
    if (price < 0).any():
        reader.complain(
            "generators",
            name,
            "marginal_cost",
            f"is {price.min():g}; a source that can be switched off costs at least 0",
        )
    return Source(plain, "genset", power, share, price)
