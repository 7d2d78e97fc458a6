"""Limits that make a bus dear or cheap in a step: named bounds and rows whose shadow prices the reasons of moved work read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from optimizer.technologies.linear import Floats, Linear


class Limit(StrEnum):
    """Limit of an asset whose shadow price by step stands among the margins of the results."""

    IMPORT = "import_limit_mw"
    """Tie's most import: what one more MW in the step would save."""
    EXPORT = "export_limit_mw"
    """Tie's most export."""
    DEMAND_PEAK = "demand_peak_mw"
    """Billed demand: what one MW more import in the step would add to it."""
    STORE_EMPTY = "least_energy_mwh"
    """Least stored energy at the end of the step."""
    WAITING = "waiting_card_h"
    """Most work that may still wait at the end of the step without being late."""
    CARDS_ON = "on_cards"
    """Cards that are switched on."""
    SELF_USE = "self_use_mwh"
    """Energy by which a promised ratio of the whole plan may be missed: what one MWh of leave would save."""
    OWN_SUPPLY = "own_supply_mwh"
    """The same of own supply over load."""
    EXPORTED = "export_mwh"
    """The same of export over available energy."""
    EXPORT_OF_GIVEN = "export_of_given_mwh"
    """The same of export over what own sources gave."""
    GREEN_SHARE = "green_share_mwh"
    """The same of green energy over load."""
    PUE = "pue_mwh"
    """The same of the site's energy over that of its IT."""
    CARBON_INTENSITY = "carbon_intensity_t"
    """Emissions by which a promised intensity may be missed: what one tonne of leave would save."""


@dataclass(frozen=True)
class Scarcity:
    """Bounds and rows that make up one limit."""

    upper: Linear | None = None
    """By how much one more unit of it raises the upper bounds of variables, per step."""
    lower: Linear | None = None
    """By how much one unit less of it drops the lower bounds of variables, per step."""
    rows: Sequence[tuple[int, Any, float]] = ()
    """Step, Pyomo row, by how much one more unit of it in that step moves the row's right side."""


@dataclass(frozen=True)
class SwitchedUnits:
    """Units of a card pool that are switched, and what one more or one less would cost; each shape (steps,)."""

    cards_per_unit: float
    least_on: float
    """Units that are on in any case."""
    on: Floats
    free_cards: Floats
    """Cards on and idle."""
    off: Floats
    """Units that could be switched on."""
    idle_cost: Floats
    """Money a card-hour of keeping one more unit on, idle."""
    start_cost: Floats
    """Money a card of the starts that one more unit on in this step alone would add; negative: it would save one."""
    start_saved: Floats
    """Money a card of the starts that one unit less on in this step alone would save; negative: it would add one."""
