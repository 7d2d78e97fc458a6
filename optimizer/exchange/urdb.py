"""Tariff of the U.S. Utility Rate Database (OpenEI, JSON of its API from version 7) as a tariff file of ours.

Periods × tiers of energy by month, weekday and hour; charges on the month's highest import, flat and by time of use, in tiers;
memory of earlier months; fixed charges. Prices of a kWh and kW become prices of a MWh and MW. Whatever a rate says beyond
that is refused where it would change the bill of every user, else named in the notes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pydantic
from ruamel.yaml import YAML

from optimizer.exchange.urdb_rate import MONTHS, Json, Rate, fields_of, tell_the_rest
from optimizer.exchange.urdb_rows import month_groups, schedule_rows, used_periods
from optimizer.quantities.documents import DocumentError
from optimizer.quantities.tariff import Tariff

KW_PER_MW = 1000.0
LOOKBACK_MONTHS = 11
"""Months before that count where a rate gives a share alone."""


def tariff_of_urdb(path: Path, currency: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Text of a tariff file and what must be known of it. Raises DocumentError with everything that cannot be said."""
    rate = Rate(str(path), fields_of(path))
    data = tariff_of_rate(rate, path.name, currency)
    text = io.StringIO()
    for note in rate.notes:
        text.write(f"# {note}\n")
    YAML().dump(data, text)
    return text.getvalue(), tuple(rate.notes)


def tariff_of_rate(rate: Rate, document: str, currency: str | None = None) -> Json:
    """Keys of a tariff file; what must be known is in the rate's notes. Raises DocumentError with everything that cannot be said."""
    data: Json = {
        "name": f"{rate.fields.get('utility', '')} {rate.fields.get('name', '')}".strip() or "tariff",
        "document": str(rate.fields.get("uri") or rate.fields.get("source") or document),
        "currency": currency or "USD",
        **_energy(rate),
        "demand_charges": [*_flat(rate), *_by_time(rate)],
        "fixed_price_per_month": _fixed(rate),
    }
    tell_the_rest(rate)
    if rate.problems:
        raise DocumentError(rate.problems)
    try:
        Tariff.model_validate(data)
    except pydantic.ValidationError as error:
        raise DocumentError(
            [f"{rate.where}  {' > '.join(map(str, one['loc']))}: {one['msg']}; mend the rate" for one in error.errors()]
        ) from error
    return data


def _price(tier: Mapping[str, object]) -> float:
    """Rate and adjustment of a tier, money for a kWh or kW."""
    parts = [tier.get(key) or 0.0 for key in ("rate", "adj")]
    return sum(float(part) for part in parts if isinstance(part, int | float))


def _above(tiers: Sequence[Mapping[str, object]]) -> list[float]:
    """Where each tier after the first begins."""
    ends = [tier.get("max") for tier in tiers[:-1]]
    return [float(end) if isinstance(end, int | float) else 0.0 for end in ends]


def _energy(rate: Rate) -> Json:
    """Price of 1,000 (1 a kWh) that every period multiplies by its own; tiers that all periods share."""
    periods = rate.tiers("energyratestructure")
    grids = rate.grid("energyweekdayschedule"), rate.grid("energyweekendschedule")
    used = used_periods(grids)
    if used and max(used) >= len(periods):
        rate.refuse("energyweekdayschedule", f"names period {max(used)}, energyratestructure has {len(periods)}")
        return {"energy_price_per_mwh": 0.0}
    units = {str(tier.get("unit") or "kWh") for period in used for tier in periods[period]}
    if units - {"kWh"}:
        rate.refuse(
            "energyratestructure", f"has tiers in {', '.join(sorted(units - {'kWh'}))}; only kWh of a month are known"
        )
    if any(tier.get("sell") for period in used for tier in periods[period]):
        rate.notes.append(
            "energyratestructure > sell: prices of exported energy are left out; give export_price_per_mwh"
        )
    rows: list[Json] = []
    for period in used:
        for row in schedule_rows(grids, period):
            rows.append({**row, "band": f"period {period}", "factor": round(_price(periods[period][0]), 9)})
    rate.notes.append(
        "The database knows no holidays: they are billed like other days of their weekday. Where the utility bills them as "
        "Sundays, write holidays: false into the rows of days 0-4 and list them under holidays in the scenario."
    )
    return {"energy_price_per_mwh": KW_PER_MW, "periods": rows, **_energy_tiers(rate, [periods[p] for p in used])}


def _energy_tiers(rate: Rate, periods: Sequence[Sequence[Json]]) -> Json:
    """Tiers of the month's energy; all periods must have the same, and add the same."""
    first = periods[0]
    extras = [[round(_price(tier) - _price(period[0]), 9) for tier in period] for period in periods]
    if any(
        _above(period) != _above(first) or extra != extras[0] for period, extra in zip(periods, extras, strict=True)
    ):
        rate.refuse(
            "energyratestructure", "its periods have tiers of their own; a tier here holds for the energy of the whole month, "
            "with the same rebate in every period"
        )  # fmt: skip
    tiers = [
        {"above_mwh": above / KW_PER_MW, "extra_per_mwh": round(extra * KW_PER_MW, 6)}
        for above, extra in zip(_above(first), extras[0][1:], strict=True)
    ]
    return {"tiers": tiers} if tiers else {}


def _demand_tiers(rate: Rate, key: str, tiers: Sequence[Json]) -> Json:
    """Price of the first tier, and what the others add to it."""
    units = {str(tier.get("unit") or "kW") for tier in tiers}
    if units - {"kW"}:
        rate.refuse(key, f"is in {', '.join(sorted(units - {'kW'}))}; only kW are known")
    first = _price(tiers[0])
    extra = [
        {"above_mw": above / KW_PER_MW, "extra_per_mw": round((_price(tier) - first) * KW_PER_MW, 6)}
        for above, tier in zip(_above(tiers), tiers[1:], strict=True)
    ]
    return {"price_per_mw": round(first * KW_PER_MW, 6), **({"tiers": extra} if extra else {})}


def _flat(rate: Rate) -> list[Json]:
    """Charges on the highest import of all hours, one for each structure the months name; with the memory of earlier months."""
    if rate.fields.get("flatdemandstructure") is None:
        return []
    _only_kw(rate, "flatdemandunit")
    structures = rate.tiers("flatdemandstructure")
    months = [int(number) for number in rate.numbers("flatdemandmonths")] or [0] * MONTHS
    if max(months) >= len(structures):
        rate.refuse("flatdemandmonths", f"names structure {max(months)}, flatdemandstructure has {len(structures)}")
        return []
    ratchet = _ratchet(rate)
    groups = month_groups(months)
    if ratchet and len(groups) > 1:
        rate.refuse("lookbackpercent", "remembers months of other prices; a charge here remembers its own months only")
    charges: list[Json] = []
    for number, own in groups.items():
        price = _demand_tiers(rate, "flatdemandstructure", structures[number])
        if price["price_per_mw"] or "tiers" in price:
            when = {} if len(own) == MONTHS else {"when": [{"months": own}]}
            charges.append({"name": f"flat_{number}", **price, **when, **ratchet})
    return charges


def _by_time(rate: Rate) -> list[Json]:
    """Charges on the highest import of each period's hours in every month."""
    if rate.fields.get("demandratestructure") is None:
        return []
    _only_kw(rate, "demandrateunit")
    structures = rate.tiers("demandratestructure")
    grids = rate.grid("demandweekdayschedule"), rate.grid("demandweekendschedule")
    used = used_periods(grids)
    if max(used) >= len(structures):
        rate.refuse("demandweekdayschedule", f"names period {max(used)}, demandratestructure has {len(structures)}")
        return []
    charges: list[Json] = []
    for period in used:
        price = _demand_tiers(rate, "demandratestructure", structures[period])
        if price["price_per_mw"] or "tiers" in price:
            charges.append({"name": f"period_{period}", **price, "when": schedule_rows(grids, period)})
    if charges and "flatdemandstructure" not in rate.fields and _ratchet(rate):
        rate.refuse(
            "lookbackpercent", "is a memory without a charge on all hours; add it to the charge it is for by hand"
        )
    return charges


def _only_kw(rate: Rate, key: str) -> None:
    unit = str(rate.fields.get(key) or "kW")
    if unit != "kW":
        rate.refuse(key, f"is in {unit}; only kW are known: turn the prices into those of a kW")


def _ratchet(rate: Rate) -> Json:
    """Memory of earlier months: the last so many of them, or certain months of the year."""
    shares = rate.numbers("demandratchetpercentage")
    share, back = rate.number("lookbackpercent"), int(rate.number("lookbackrange"))
    months = [number + 1 for number, flag in enumerate(rate.numbers("lookbackmonths")) if flag]
    if any(shares) and not share:
        if len(set(shares)) > 1:
            rate.refuse("demandratchetpercentage", "differs by month; a charge here remembers one share in all months")
        share = shares[0]
    if not share:
        return {}
    if share > 1:
        rate.refuse("lookbackpercent", f"is {share:g}; give a share of 0 to 1")
    rate.notes.append("The highest import of months before the plan is not known: give it as ratchet > earlier_mw.")
    memory: Json = {"share": min(share, 1.0), "lookback_months": back or LOOKBACK_MONTHS}
    return {"ratchet": memory | ({"months": months} if months and not back else {})}


def _fixed(rate: Rate) -> float:
    """Charge of a month for being connected."""
    monthly, fixed = rate.number("fixedmonthlycharge"), rate.number("fixedchargefirstmeter")
    units = str(rate.fields.get("fixedchargeunits") or "$/month")
    if not fixed or units == "$/month":
        return fixed or monthly
    if units == "$/year":
        return fixed / MONTHS
    if units == "$/day":
        rate.notes.append("fixedchargefirstmeter is by the day; a month is taken as 365/12 days.")
        return round(fixed * 365 / MONTHS, 6)
    rate.refuse("fixedchargeunits", f"'{units}' is not known; give $/month, $/day or $/year")
    return fixed
