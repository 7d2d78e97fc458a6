"""Units that names carry: of series by the ending of their name, of shadow prices by their bus."""

from __future__ import annotations

ENDINGS = {
    "_price_per_mwh": "{currency}/MWh", "_price_per_t": "{currency}/t", "_t_per_mwh": "t/MWh", "_mwh": "MWh", "_mw": "MW",
    "_card_h": "card-h", "_cards": "cards", "_m3_per_h": "m3/h", "_m3": "m3", "_t": "t",
}  # fmt: skip
"""Longer endings before those that they end in."""


def unit_of_series(quantity: str, currency: str) -> str:
    """The unit a series' name ends in ("import_price_per_mwh"); "1" for shares and counts."""
    return next((unit.format(currency=currency) for ending, unit in ENDINGS.items() if quantity.endswith(ending)), "1")


def unit_of_price(bus: str, currency: str) -> str:
    """The unit of a bus's shadow price: money for a card-hour of a pool, for a MWh of any other bus."""
    return f"{currency}/card-h" if bus.startswith("compute.") else f"{currency}/MWh"
