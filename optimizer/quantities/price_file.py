"""Market prices from a plain CSV: time, price, unit and zone; quarter-hours, negative prices and several zones in one file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, model_validator

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.documents import beside_the_scenario
from optimizer.quantities.file_cache import cached_by_version
from optimizer.quantities.file_columns import BeyondEnd, SeriesError, rows_by_clock, stamps_in, table_of
from optimizer.quantities.job_files.rows import shown
from optimizer.quantities.strict import Settings

Floats = NDArray[np.float64]
PER_KWH = 1000.0
FEN = 0.01
MOST_NAMED = 12
"""Most zones named in a message."""


class PriceFile(Settings):
    """Market prices of a CSV file with the columns `time`, `price`, and where they are needed `unit` and `zone`."""

    prices: Path
    """CSV file, relative to the scenario file; a row an hour, a quarter of an hour, or any other equal step."""
    zone: str | None = None
    """Zone or node whose rows count; none: the file has one."""
    unit: str | None = Field(default=None, max_length=40)
    """Unit of the prices where the file has no column of it: `CNY/MWh`, `yuan/kWh`, `fen/kWh`."""
    beyond_end: BeyondEnd = "refuse"
    """Hours after the file's last row: refused, or its last day again (`last_day`)."""

    @model_validator(mode="before")
    @classmethod
    def _beside_the_scenario(cls, data: object, info: ValidationInfo) -> object:
        if not isinstance(data, dict) or not isinstance(data.get("prices"), str):
            return data
        placed = beside_the_scenario({"file": data["prices"]}, (info.context or {}).get("folder"))
        return {**data, "prices": placed["file"]} if isinstance(placed, dict) else data

    @model_validator(mode="after")
    def _can_be_read(self) -> PriceFile:
        try:
            zone_prices(str(self.prices), self.zone, self.unit)
        except SeriesError as error:
            raise ValueError(str(error)) from error
        return self

    def on(self, calendar: Calendar) -> Floats:
        """Mean prices over the steps [money/MWh], shape (steps,). Raises SeriesError if the file does not cover the plan."""
        file = str(self.prices)
        rows, per_mwh = zone_prices(file, self.zone, self.unit)
        stamps = stamps_in(rows, file, calendar.timezone)
        if stamps is None:
            raise SeriesError(f"{file}: column time has no two stamps such as 2026-03-01 00:15; give one in every row")
        parts = rows_by_clock(file, stamps, calendar, self.beyond_end)
        return np.asarray(np.mean([per_mwh[part] for part in parts], axis=0))


@cached_by_version(maxsize=16)
def zone_prices(file: str, zone: str | None, unit: str | None) -> tuple[pd.DataFrame, Floats]:
    """Rows of a zone, and their prices per MWh. Raises SeriesError for an unknown zone, unit, or cell."""
    table = table_of(file)
    table = table.rename(columns={name: str(name).strip().lower() for name in table.columns})
    if missing := {"time", "price"} - set(table.columns):
        raise SeriesError(f"{file}: no column {', '.join(sorted(missing))}; a price file has time, price, unit, zone")
    rows = _of_zone(table, file, zone)
    numbers = pd.to_numeric(rows["price"], errors="coerce").to_numpy(dtype=float)
    if not np.isfinite(numbers).all():
        row = rows.index[int(np.argmin(np.isfinite(numbers)))]
        raise SeriesError(
            f"{file}: price, row {row + 2}: '{shown(rows['price'][row])}' is not a number; fill every row"
        )
    units = sorted({str(each).strip() for each in rows["unit"]}) if "unit" in rows else [unit or ""]
    if len(units) != 1:
        raise SeriesError(f"{file}: prices in several units ({', '.join(units[:MOST_NAMED])}); give one")
    return rows.reset_index(drop=True), numbers * money_per_mwh(units[0], file)


def _of_zone(table: pd.DataFrame, file: str, zone: str | None) -> pd.DataFrame:
    """Rows of the zone asked for, or of the only one."""
    if "zone" not in table:
        if zone is not None:
            raise SeriesError(f"{file}: has no column zone, so no zone '{zone}'; leave zone out")
        return table
    names = table["zone"].astype(str).str.strip()
    known = sorted(set(names))
    if (zone is None and len(known) > 1) or (zone is not None and zone not in known):
        asked = "several zones" if zone is None else f"no zone '{zone}'"
        raise SeriesError(f"{file}: {asked}; give one of {', '.join(known[:MOST_NAMED])}")
    return table if zone is None else table[names == zone]


def money_per_mwh(unit: str, file: str) -> float:
    """Factor from a price's unit to money per MWh. Raises SeriesError for a unit that is neither per kWh nor per MWh."""
    money, _, energy = unit.strip().lower().partition("/")
    factor = {"kwh": PER_KWH, "mwh": 1.0}.get(energy.strip())
    if factor is None or not money.strip():
        raise SeriesError(f"{file}: unit '{shown(unit)}'; give money per energy: CNY/MWh, yuan/kWh, fen/kWh")
    return factor * (FEN if money.strip() in ("fen", "分") else 1.0)
