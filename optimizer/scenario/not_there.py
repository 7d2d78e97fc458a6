"""Keys that people look for and scenarios have not, each with what to do instead: the limits of optimizer/guides/your-own-site.md."""

from __future__ import annotations

from typing import Final

from optimizer.language.speech import noted

NOT_THERE: Final[dict[str, str]] = {
    "heat_reuse": noted(
        "heat is not sold or reused here. Multiply the heat that cooling removes (the flows `removed` in hours.csv, MWh) by its "
        "price and take that off the cost by hand"
    ),
    "most_hours": noted(
        "an engine has no limit on its hours. fuel_limit_mwh = hours × power ÷ efficiency limits them at full load, most_starts "
        "its starts, both over the days that are planned"
    ),
    "hall": noted(
        "halls of one site share its power train. Plan halls that cannot help each other as sites of one file"
    ),
    "voltage_kv": noted(
        "a site is one bus without voltage. line_loss of the tariff and its power-factor standard price both"
    ),
    "rack_temperature_c": noted(
        "single racks and rooms have no temperature. overheat_price_per_mwh of cooling prices heat that it cannot take"
    ),
}
"""Key → what is so, and what there is in its place."""
