"""Names of a study's metrics and assumptions as readers see them, with their units; money says what span it is for."""

from __future__ import annotations

import re

from optimizer.language.numbers import currency_name, unit
from optimizer.language.speech import is_chinese, noted, say
from optimizer.report.style import words

UNITS = {
    "_mwh": "MWh", "_mw": "MW", "_card_hours": "card-h", "_card_hour": "", "_l_per_kwh": "l/kWh", "_m3": "m³", "_t": "t",
}  # fmt: skip
"""Endings of names, and the unit a reader sees."""
MONEY = {
    "cost": noted("cost of the run's hours"),
    "baseline_cost": noted("baseline's cost of the run's hours"),
    "saving": noted("saving in the run's hours"),
    "bound": noted("bound of the run's hours"),
    "investment": noted("investment"),
    "running_cost": noted("running cost a year"),
    "energy_cost": noted("energy cost a year"),
    "net_present_value": noted("net present value"),
    "cost_per_card_hour": noted("cost of a card-hour"),
    "cost_per_it_mwh": noted("cost of a MWh of IT"),
    "energy_cost_per_it_kwh": noted("energy cost of a kWh of IT"),
}
"""Money metrics in words that say whether they are of the run's hours or of a year."""
SAID = {
    "card_hours": noted("work done [card-h]"),
    "late_card_hours": noted("late work [card-h]"),
    "shifted_card_hours": noted("moved work [card-h]"),
    "carbon_location_t": noted("carbon, location-based [t]"),
    "carbon_market_t": noted("carbon, market-based [t]"),
    "payback_years": noted("paid back in [years]"),
    "discounted_payback_years": noted("paid back, discounted, in [years]"),
}

FLOW = re.compile(r"(?:(?P<site>\w+):)?(?P<asset>\w+)\.(?P<flow>[\w ]+?)(?: \((?P<bus>[^()]+)\))? \[(?P<unit>[^\]]*)\]")


def name_of(column: str, currency: str = "") -> str:
    """A metric or factor as a reader would write it: "size.haixi_share.energy_mwh" -> "haixi share: energy [MWh]"."""
    plain = column.removeprefix("factor.").removeprefix("size.")
    if plain in SAID:
        return say(SAID[plain])
    if plain in MONEY:
        return f"{say(MONEY[plain])} [{currency_name(currency)}]" if currency else say(MONEY[plain])
    ending = next((end for end in UNITS if plain.endswith(end) and UNITS[end]), "")
    name = say(": ").join(words(part) for part in plain.removesuffix(ending).split("."))
    return f"{name} [{unit(UNITS[ending])}]" if ending else name


def run_label(label: str) -> str:
    """Label of a run, its case and assumptions in the reader's words: "free_sizes lease_price=20000" -> "容量待定 租赁价格=20000"."""
    if not is_chinese():
        return label
    parts = [part.partition("=") for part in label.split(" ")]
    return " ".join(f"{words(name)}{equals}{value}" for name, equals, value in parts)


def flow_name(column: str) -> str:
    """A flow of the hours' table in the reader's words: "own_battery.charge [MW]" -> "自有储能 充电 [兆瓦]"."""
    match = FLOW.fullmatch(column) if is_chinese() else None
    if match is None:
        return column
    site = f"{words(match['site'])}：" if match["site"] else ""
    bus = f"（{words(match['bus'])}）" if match["bus"] else ""
    return f"{site}{words(match['asset'])} {words(match['flow'])}{bus} [{unit(match['unit'])}]"


def headed(column: str) -> str:
    """Metric at the beginning of a heading: its first letter large, its unit left to the axis."""
    name = name_of(column).partition(" [")[0]
    return f"{name[:1].upper()}{name[1:]}"
