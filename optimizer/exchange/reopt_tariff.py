"""Tie and tariff of a REopt input: rates of a year, of months, of hours, or of the utility rate database; export price, carbon."""

from __future__ import annotations

import numpy as np

from optimizer.exchange.reopt_input import ReoptInput, Section
from optimizer.exchange.urdb import KW_PER_MW, tariff_of_rate
from optimizer.exchange.urdb_rate import Rate, fields_in
from optimizer.language.speech import noted
from optimizer.quantities.documents import DocumentError
from optimizer.technologies.linear import Floats

Written = dict[str, object]
T_PER_MWH_OF_LB_PER_KWH = 0.45359237
WAYS = ("urdb_response", "tou_energy_rates_per_kwh", "monthly_energy_rates", "blended_annual_energy_rate")
"""How REopt may be given a price of energy."""
DEMAND = ("monthly_demand_rates", "blended_annual_demand_rate")

NET_METERING = noted(
    "left out; write net_metering: true into the tariff, settled by the month, and export_limit_mw into the tie"
)
AVERAGE = noted("read as average factors; where they are marginal, name them marginal_t_per_mwh")


def tie_of(given: ReoptInput, series: dict[str, Floats], largest_mw: float, currency: str) -> Written:
    """Keys of the tie, with its tariff inside; courses go into `series`."""
    rates, utility = given.one("ElectricTariff"), given.one("ElectricUtility")
    tariff = _tariff(rates, series, currency)
    exports = rates.has("wholesale_rate")
    if exports:
        tariff["export_price_per_mwh"] = _course(rates, "wholesale_rate", series, "export price", KW_PER_MW)
    if utility.has("net_metering_limit_kw") and utility.number("net_metering_limit_kw"):
        given.notes.append(f"ElectricUtility > net_metering_limit_kw: {NET_METERING}")
    given.notes.append(
        f"The tie's limit is {largest_mw:g} MW, all that load and plants can reach: REopt has none; give import_limit_mw."
    )
    return {
        "tariff": tariff,
        "import_limit_mw": largest_mw,
        "export_limit_mw": largest_mw if exports else 0.0,
        "overload_price_per_mwh": None,
        **_carbon(given, utility, series),
    }


def _course(section: Section, key: str, series: dict[str, Floats], name: str, factor: float) -> object:
    """A number, or the place of a course in the file of courses."""
    values = section.course(key) * factor
    if np.all(values == values[0]):
        return float(values[0])
    series[name] = values
    return {"file": "series.csv", "column": name}


def _carbon(given: ReoptInput, utility: Section, series: dict[str, Floats]) -> Written:
    key = "emissions_factor_series_lb_CO2_per_kwh"
    if not utility.has(key):
        given.notes.append(
            "ElectricUtility: has no CO2 factors of its own; carbon is not counted: give carbon_t_per_mwh."
        )
        return {}
    given.notes.append(f"ElectricUtility > {key}: {AVERAGE}")
    return {"carbon_t_per_mwh": _course(utility, key, series, "carbon", T_PER_MWH_OF_LB_PER_KWH)}


def _tariff(rates: Section, series: dict[str, Floats], currency: str) -> Written:
    """Keys of the tariff by the one way in which energy is priced."""
    ways = [way for way in WAYS if rates.has(way)]
    if len(ways) != 1:
        said = f"has {' and '.join(ways)}" if ways else "has no price of energy"
        rates.refuse(
            "urdb_response",
            f"{said}; give one of {', '.join(WAYS)}; a label alone must be looked up in the rate database, as urdb_response",
        )
        return {"energy_price_per_mwh": 0.0}
    (way,) = ways
    if way == "urdb_response":
        return _of_database(rates, currency)
    head: Written = {
        "name": "tariff of the REopt input",
        "document": "REopt input",
        "currency": currency,
        **_demand(rates),
    }
    if way == "tou_energy_rates_per_kwh":
        return {**head, "energy_price_per_mwh": _course(rates, way, series, "import price", KW_PER_MW)}
    if way == "blended_annual_energy_rate":
        return {**head, "energy_price_per_mwh": rates.number(way) * KW_PER_MW}
    rows = [
        {"months": [month], "band": f"month {month}", "factor": rate} for month, rate in enumerate(rates.months(way), 1)
    ]
    return {**head, "energy_price_per_mwh": KW_PER_MW, "periods": rows}


def _demand(rates: Section) -> Written:
    """Charge on each month's highest import."""
    given = [key for key in DEMAND if rates.has(key)]
    if len(given) > 1:
        rates.refuse(DEMAND[1], f"stands beside {DEMAND[0]}; give one of them")
    if DEMAND[0] in given:
        monthly = [rate * KW_PER_MW for rate in rates.months(DEMAND[0])]
        return {"demand_price_per_mw_month": {"monthly": monthly}}
    return {"demand_price_per_mw_month": rates.number(DEMAND[1], 0.0) * KW_PER_MW}


def _of_database(rates: Section, currency: str) -> Written:
    """Tariff of the rate inside the input, with its notes."""
    rates.get("urdb_label")
    where = f"{rates.of.where}  ElectricTariff > urdb_response"
    for key in DEMAND:
        if rates.has(key):
            rates.refuse(key, noted("stands beside urdb_response, which has the demand charges; remove it"))
    try:
        rate = Rate(where, fields_in(rates.get("urdb_response"), where))
        tariff = tariff_of_rate(rate, "REopt input", currency)
    except DocumentError as error:
        rates.of.problems.extend(error.problems)
        return {"energy_price_per_mwh": 0.0}
    rates.of.notes.extend(f"urdb_response: {note}" for note in rate.notes)
    return tariff
