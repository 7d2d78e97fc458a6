"""Amounts per step that are added up over the assets of a site, by rules while planning and by accounts afterwards."""

from __future__ import annotations

from enum import StrEnum


class Tally(StrEnum):
    """Quantity that an asset counts in each step; the value carries the unit."""

    EMITTED_T = "emitted_t"
    """CO2 put out in the step [t]: of fuel burnt, or (location-based) of energy bought."""
    GREEN_AVAILABLE_MWH = "green_available_mwh"
    """Energy available from the weather, used or curtailed."""
    RESIDUAL_T = "residual_t"
    """CO2 of energy bought by the factor of what is neither contracted green nor certified [t], for market-based carbon."""
    MARGINAL_T = "marginal_t"
    """CO2 that one more unit of energy bought puts out, times what is bought [t]."""
    GRID_CLEAN_MWH = "grid_clean_mwh"
    """Carbon-free part of energy bought, by the grid's own mix."""
    CONTRACTED_MWH = "contracted_mwh"
    """Green energy contracted over the grid, used or resold."""
    CONTRACT_USED_MWH = "contract_used_mwh"
    """Contracted green energy that rules count: at most what is contracted and bought in the step."""
    CERTIFICATES_MW = "certificates_mw"
    """Green certificates bought, as an even power [MWh in an hour]."""
    WATER_M3_PER_H = "water_m3_per_h"
    """Water used."""
    LOAD_MW = "load_mw"
    """Requested load, served or not."""
    SERVICE_CARDS = "service_cards"
    """Busy cards requested by services."""
    BUSY_MW_PER_CARD = "busy_mw_per_card"
    """IT power of a busy card of a pool."""
    BACKUP_MW = "backup_mw"
    """Power a source could give if the grid failed."""
    BACKUP_MW_BY_RATE = "backup_mw_by_rate"
    """Backup power within the C-rate of the store."""
    BACKUP_MWH = "backup_mwh"
    """Backup energy from the end of the step on."""
    BACKUP_ROOM_MWH = "backup_room_mwh"
    """Most backup energy the source can store."""
    BACKUP_REFILL = "backup_refill"
    """Share of the power put in that comes out again."""


RECORDED = (
    Tally.EMITTED_T, Tally.RESIDUAL_T, Tally.MARGINAL_T, Tally.GRID_CLEAN_MWH, Tally.CONTRACTED_MWH,
    Tally.CONTRACT_USED_MWH, Tally.GREEN_AVAILABLE_MWH, Tally.CERTIFICATES_MW, Tally.WATER_M3_PER_H,
)  # fmt: skip
"""Tallies that the results keep among what is metered, because accounts read them."""
