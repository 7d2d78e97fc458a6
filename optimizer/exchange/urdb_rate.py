"""Rate of the U.S. Utility Rate Database as it is read: its fields, what is wrong with them, what of it is not read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from optimizer.exchange.urdb_rows import Grid
from optimizer.quantities.documents import DocumentError
from weather.files.plain import UnusableFileError, plain_bytes, text_of

MONTHS = 12
MOST_MB = 5.0
Json = dict[str, object]
TOLD = {
    "mincharge": "a least bill of a month is not said here", "minmonthlycharge": "a least bill of a month is not said here",
    "annualmincharge": "a least bill of a year is not said here",
    "demandreactivepowercharge": "reactive power is not planned; give the tie a power_factor where your contract adjusts for it",
    "fixedchargeeaaddl": "further meters are not counted",
    "coincidentratestructure": "hours of the system's peak are not known beforehand; give a demand charge with a mask",
    "fueladjustmentsmonthly": "is not read; add it to the prices by hand",
    "energyattrs": "is not read", "demandattrs": "is not read", "fixedattrs": "is not read",
    "usenetmetering": "write net_metering: true if you use it", "dgrules": "write net_metering: true if you use it",
    "enddate": "the rate has ended or will end; look for the one that follows it",
}  # fmt: skip
"""What a rate may say beyond a tariff here, and what to do."""
READ = frozenset(
    [
        "energyratestructure",
        "energyweekdayschedule",
        "energyweekendschedule",
        "demandratestructure",
        "demandweekdayschedule",
        "demandweekendschedule",
        "flatdemandstructure",
        "flatdemandmonths",
        "demandratchetpercentage",
        "lookbackpercent",
        "lookbackrange",
        "lookbackmonths",
        "fixedchargefirstmeter",
        "fixedchargeunits",
        "fixedmonthlycharge",
        "demandwindow",
        "flatdemandunit",
        "demandrateunit",
        "demandunits",
        "name",
        "utility",
        "label",
        "uri",
        "startdate",
        "source",
    ]
)
HARMLESS = frozenset(
    [
        "revisions",
        "approved",
        "is_default",
        "isdefault",
        "eiaid",
        "supersedes",
        "sector",
        "servicetype",
        "description",
        "sourceparent",
        "peakkwcapacitymin",
        "peakkwcapacitymax",
        "peakkwcapacityhistory",
        "peakkwhusagemin",
        "peakkwhusagemax",
        "peakkwhusagehistory",
        "voltageminimum",
        "voltagemaximum",
        "voltagecategory",
        "phasewiring",
        "demandcomments",
        "energycomments",
        "basicinformationcomments",
        "minchargeunits",
        "country",
        "coincidentrateunit",
        "coincidentrateschedule",
        "latest_update",
        "demandcharge",
    ]
)
"""Whom a rate is for and who wrote it."""


@dataclass
class Rate:
    """A rate as it is read: its fields by small letters, what is wrong, what must be known."""

    where: str
    fields: Json
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, key: str, rule: str) -> None:
        self.problems.append(f"{self.where}  {key}: {rule}")

    def number(self, key: str, default: float = 0.0) -> float:
        value = self.fields.get(key)
        if value is None or value == "":
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(key, f"'{value}' is no number; give one")
            return default
        return float(value)

    def numbers(self, key: str) -> list[float]:
        """Twelve numbers, one a month; none where the rate has no such field."""
        values = self.fields.get(key)
        if values is None:
            return []
        if not isinstance(values, list) or len(values) != MONTHS or not all(isinstance(v, int | float) for v in values):
            self.refuse(key, "is not twelve numbers, one a month")
            return []
        return [float(value) for value in values]

    def grid(self, key: str) -> Grid:
        """Twelve rows of 24 numbers of periods."""
        rows = self.fields.get(key)
        if (
            not isinstance(rows, list)
            or len(rows) != MONTHS
            or not all(isinstance(row, list) and len(row) == 24 for row in rows)
        ):
            self.refuse(key, "is not twelve rows of 24 periods, a row a month")
            return [[0] * 24 for _ in range(MONTHS)]
        return [[int(period) for period in row] for row in rows]

    def tiers(self, key: str) -> list[list[Json]]:
        """Tiers of each period."""
        structure = self.fields.get(key)
        sound = isinstance(structure, list) and all(
            isinstance(period, list) and period and all(isinstance(tier, dict) for tier in period)
            for period in structure
        )
        if not isinstance(structure, list) or not sound:
            self.refuse(key, "is no list of periods, each a list of tiers")
            return [[{"rate": 0.0}]]
        return [[dict(tier) for tier in period] for period in structure]


def fields_of(path: Path) -> Json:
    """Fields of the one rate in a file, by small letters: the rate itself, or the API's answer with `items`."""
    try:
        data = json.loads(text_of(plain_bytes(str(path), most_mb=MOST_MB)))
    except (UnusableFileError, ValueError, RecursionError) as error:
        raise DocumentError(
            [f"{path}: is no JSON ({str(error)[:80]}); give a rate as the database's API answers it"]
        ) from error
    except OSError as error:
        raise DocumentError([f"{path}: no such file; check the path"]) from error
    return fields_in(data, str(path))


def fields_in(data: object, path: str) -> Json:
    """Fields of the one rate in what was read. Raises DocumentError."""
    rates = data.get("items", [data]) if isinstance(data, dict) else data
    if not isinstance(rates, list) or len(rates) != 1 or not isinstance(rates[0], dict):
        count = len(rates) if isinstance(rates, list) else 0
        raise DocumentError([f"{path}: holds {count} rates; give a file of one"])
    fields = {str(key).lower(): value for key, value in rates[0].items()}
    if "energyratestructure" not in fields:
        raise DocumentError(
            [f"{path}: has no energyratestructure; give a rate of the API's version 7 or later, with detail=full"]
        )
    return fields


def tell_the_rest(rate: Rate) -> None:
    """Note every field that was not read and says something."""
    for key, value in rate.fields.items():
        if key in READ | HARMLESS or value in (None, "", 0, [], {}, False):
            continue
        rate.notes.append(f"{key}: left out; {TOLD.get(key, 'it is not known')}")
    if window := rate.number("demandwindow"):
        rate.notes.append(
            f"Demand is read over {window:g} minutes; a plan reads it over its steps: take step_h {window / 60:g}."
        )
