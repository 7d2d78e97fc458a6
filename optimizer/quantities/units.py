"""Units that names carry: of series by the ending of their name, of shadow prices by their bus."""

from __future__ import annotations

from enum import StrEnum


class Unit(StrEnum):
    """Units of quantities; money stands as `{currency}` until the scenario's own is put in."""

    MONEY_PER_MWH = "{currency}/MWh"
    MONEY_PER_T = "{currency}/t"
    MONEY_PER_CARD_H = "{currency}/card-h"
    T_PER_MWH = "t/MWh"
    MWH = "MWh"
    MW = "MW"
    CARD_H = "card-h"
    CARDS = "cards"
    M3_PER_H = "m3/h"
    M3 = "m3"
    T = "t"
    ONE = "1"
    """Shares and counts."""


ENDINGS = {
    "_price_per_mwh": Unit.MONEY_PER_MWH, "_price_per_t": Unit.MONEY_PER_T, "_t_per_mwh": Unit.T_PER_MWH,
    "_mwh": Unit.MWH, "_mw": Unit.MW, "_card_h": Unit.CARD_H, "_cards": Unit.CARDS, "_m3_per_h": Unit.M3_PER_H,
    "_m3": Unit.M3, "_t": Unit.T,
}  # fmt: skip
"""Longer endings before those that they end in."""


def unit_of_series(quantity: str, currency: str) -> str:
    """Unit a series' name ends in ("import_price_per_mwh"); "1" for shares and counts."""
    return next(
        (unit.format(currency=currency) for ending, unit in ENDINGS.items() if quantity.endswith(ending)), Unit.ONE
    )


def unit_of_price(bus: str, currency: str) -> str:
    """Unit of a bus's shadow price: money for a card-hour of a pool, for a MWh of any other bus."""
    unit = Unit.MONEY_PER_CARD_H if bus.startswith("compute.") else Unit.MONEY_PER_MWH
    return unit.format(currency=currency)
