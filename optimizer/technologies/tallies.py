"""Amounts per step that are added up over the assets of a site, by rules while planning and by accounts afterwards."""

from __future__ import annotations

from enum import StrEnum


class Tally(StrEnum):
    """What an asset counts; the value carries the unit."""

    EMITTED_T = "emitted_t"
    """CO2 put out in the step [t]: of fuel burnt, or (location-based) of energy bought."""
    GREEN_AVAILABLE_MWH = "green_available_mwh"
    """Energy that the sky gave, used or not."""
    CERTIFICATES_MW = "certificates_mw"
    """Green certificates bought, as an even power [MWh in an hour]."""
    WATER_M3_PER_H = "water_m3_per_h"
    """Water used."""
    LOAD_MW = "load_mw"
    """Load that is asked for, served or not."""
    SERVICE_CARDS = "service_cards"
    """Busy cards that services ask for."""
    BUSY_MW_PER_CARD = "busy_mw_per_card"
    """IT power of a busy card of a pool."""
    BACKUP_MW = "backup_mw"
    """Power a source could give if the grid failed."""
    BACKUP_MW_BY_RATE = "backup_mw_by_rate"
    """The same as its C-rate limits it."""
    BACKUP_MWH = "backup_mwh"
    """Energy it could give from the end of the step on."""
    BACKUP_ROOM_MWH = "backup_room_mwh"
    """Most energy it could hold ready."""
    BACKUP_REFILL = "backup_refill"
    """Share of the power put in that comes out again."""


RECORDED = (Tally.EMITTED_T, Tally.GREEN_AVAILABLE_MWH, Tally.CERTIFICATES_MW, Tally.WATER_M3_PER_H)
"""Tallies that the results keep among what is metered, because accounts read them."""
