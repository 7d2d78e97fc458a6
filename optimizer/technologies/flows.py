"""Roles of flows: what a power, heat or work flow on a bus is, whatever its technology calls it.

Bill, provenance, green rules, schedule, transfers and report read roles; a label is only what people see. What is lost
within an asset (converter, store) or left unused (curtailment) crosses no bus and so is no flow.
"""

from __future__ import annotations

from enum import StrEnum

ELECTRICITY = "electricity"
"""The bus whose flows the accounts of energy, carbon and money read."""
ENERGY_MWH = "energy_mwh"
"""The stock of a store of electricity: who charges or discharges keeps it."""

BACKLOG_CARD_H = "backlog_card_h"
"""The stock of work that has arrived and waits; what takes it out is movable work."""

CARRIED_IN, CARRIED_OUT = "carried_in", "carried_out"
"""Buses on which stores on the public grid meet the tie that carries their energy into the site, and out of it."""


class Role(StrEnum):
    """Role of a flow. Each role has one direction: it adds to its bus, or takes from it."""

    GREEN_GENERATION = "green generation"
    """Adds: own sun, wind and the like; free of carbon, a certificate is issued for each MWh."""
    GENERATION = "generation"
    """Adds: any other own source (diesel, gas, bought hydrogen); its carbon is what the asset tallies."""
    IMPORT = "import"
    """Adds: bought from the public grid."""
    OVERLOAD = "overload"
    """Adds: bought above the tie's limit, the last resort."""
    EXPORT = "export"
    """Takes: leaves the site (sold, or given on call)."""
    CHARGE = "charge"
    """Takes: goes into a store."""
    DISCHARGE = "discharge"
    """Adds: comes out of a store."""
    LOAD = "load"
    """Takes: used up by consumers at the site."""
    COOLING = "cooling"
    """Takes: used up by cooling plants."""
    SUPPLY = "supply"
    """Takes: what a power train draws to feed the IT bus; the difference is its loss."""
    CURTAILMENT = "curtailment"
    """Takes: poured away unused (a dump load), neither used nor sold. Curtailment of a source is no flow."""
    FEED = "feed"
    """Adds: what a power train gives to the IT bus."""
    IT_LOAD = "it load"
    """Takes: IT power of cards, servers and jobs."""
    HEAT = "heat"
    """Adds: heat given to halls or to a liquid loop."""
    HEAT_REMOVAL = "heat removal"
    """Takes: heat that is carried away, or could not be."""
    CARDS = "cards"
    """Adds: busy cards that a pool gives to work."""
    SERVED_WORK = "served work"
    """Takes: cards of work that must run in its hour."""
    MOVABLE_WORK = "movable work"
    """Takes: cards of work whose hour the plan chooses."""
    SPARE = "spare"
    """Adds: cards that are on, idle and ready."""
    RESERVE = "reserve"
    """Takes: spare cards that are held for a burst."""
    LEND = "lend"
    """Adds: far or own cards that a link gives to work; its label is the same as that of the HOST flow it comes from."""
    HOST = "host"
    """Takes: cards of a pool that run work which came over a link."""
    CARRIAGE = "carriage"
    """Adds: power a tie carries for a store on the public grid."""
    CARRIED = "carried"
    """Takes: power of a store on the public grid that a tie carries."""

    @property
    def adds(self) -> bool:
        """Whether it adds to its bus; else it takes from it."""
        return self in ADDING


ADDING = frozenset(
    {
        Role.GREEN_GENERATION,
        Role.GENERATION,
        Role.IMPORT,
        Role.OVERLOAD,
        Role.DISCHARGE,
        Role.FEED,
        Role.HEAT,
        Role.CARDS,
    }
    | {Role.SPARE, Role.LEND, Role.CARRIAGE}
)
"""Roles that add to their bus."""
BOUGHT = frozenset({Role.IMPORT, Role.OVERLOAD})
"""Energy from the public grid."""
USED = frozenset({Role.LOAD, Role.COOLING, Role.SUPPLY})
"""Energy used up at the site."""
STORING = frozenset({Role.CHARGE, Role.DISCHARGE})
"""Energy into and out of stores."""
WORK = frozenset({Role.SERVED_WORK, Role.MOVABLE_WORK})
"""Cards that workloads hold."""
ON_ELECTRICITY = BOUGHT | USED | STORING | {Role.GREEN_GENERATION, Role.GENERATION, Role.EXPORT, Role.CURTAILMENT}
"""Roles that the electricity bus may have: those its accounts know."""

Flow = tuple[str, str, Role]
"""(bus, label, role). `bus` alone means the asset's own site, `site:bus` another's."""


def bus_address(place_site: str, bus: str) -> tuple[str, str]:
    """(site, bus) of a flow's bus as a technology names it: `bus`, or `site:bus` for another site's."""
    site, _, name = bus.rpartition(":")
    return (site or place_site, name)
