"""The project's own table of weather: CSV with its facts in leading `# key: value` lines, or the same as Parquet.

    # qaidam weather 1
    # latitude: 36.42
    # longitude: 94.9
    # elevation_m: 2807.6
    # timezone: UTC+08:00
    time,ghi_w_per_m2,dni_w_per_m2,dhi_w_per_m2,dry_bulb_c,relative_humidity,pressure_pa,wind_speed_m_per_s
    2025-01-01T00:00+08:00,0.0,0.0,0.0,-9.4,0.55,72500,2.1

These four keys are needed; source, wind_height_m (10), synthetic (0) and typical (0) may be given. A `time` is the
START of its step, ISO 8601, with the same offset in every row; without an offset it is `timezone` in standard time.
An empty cell is a missing value. `write` puts numbers so that `read` returns exactly the same ones.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from weather.calendar import utc_offset_h
from weather.canonical import OPTIONAL_UNITS, UNITS, WeatherError, make_weather
from weather.sources import checks
from weather.sources.actual import pick_year

FIRST_LINE: Final = "# qaidam weather 1"
NEEDED: Final = ("latitude", "longitude", "elevation_m", "timezone")
OFFSET: Final = r"(?:Z|[+-]\d{2}:?\d{2})$"


def read(path: Path | str, *, year: int | None = None) -> xr.Dataset:
    """A tidy CSV or Parquet file as canonical Dataset; `year` picks one calendar year of it (site standard time).

    Raises WeatherError with every problem of the file: missing keys or columns, cells that are no numbers,
    two time zones, doubled, unsorted or missing steps; for Parquet also where no Parquet engine is installed.
    """
    if Path(path).suffix.lower() in (".parquet", ".pq"):
        facts, table = _read_parquet(path)
    else:
        facts, table = _read_csv(path)
    problems = [
        f"{path}: '# {key}: ...' is missing; add the line above the table" for key in NEEDED if key not in facts
    ]
    problems += [
        f"{path}: # {key}: '{facts[key]}' is not a number; correct it"
        for key in (*NEEDED[:3], "wind_height_m") if key in facts and not isinstance(facts[key], int | float)
    ]  # fmt: skip
    problems += checks.missing_columns(path, table, ["time", *UNITS])
    known = {"time", *UNITS, *OPTIONAL_UNITS}
    problems += [
        f"{path}: column '{name}' is no weather variable; rename or remove it" for name in table if name not in known
    ]
    names = [str(name) for name in table if name in known - {"time"}]
    problems += checks.number_problems(path, table, {name: name for name in names})
    index, time_problems = _index(path, table, str(facts.get("timezone", "UTC")))
    checks.raise_if(problems + time_problems)
    known_facts = {key: value for key, value in facts.items() if key != "repairs"}
    weather = make_weather(
        index, {name: checks.column_numbers(table, name) for name in names},
        **{"source": f"table {Path(path).name}", "typical": 0, **known_facts},
    )  # fmt: skip
    gaps = list(weather.attrs["repairs"])
    weather.attrs["repairs"] = [*facts.get("repairs", []), *gaps]
    return weather if year is None else pick_year(weather, year)


def write(weather: xr.Dataset, path: Path | str) -> None:
    """Write a canonical Dataset as tidy CSV; a half-written file never carries the final name.

    Raises WeatherError if the Dataset has another dimension than time.
    """
    if tuple(weather.sizes) != ("time",):
        raise WeatherError(f"dimensions {tuple(weather.sizes)}: a table holds time alone; select one member first")
    lines = [FIRST_LINE]
    lines += [f"# {key}: {_as_text(value)}" for key, value in weather.attrs.items() if key != "step_h"]
    frame = weather.to_dataframe().reset_index()
    stamps = frame["time"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    lines.append(",".join(str(name) for name in frame.columns))
    columns = [["" if np.isnan(x) else repr(x) for x in frame[name].tolist()] for name in frame.columns[1:]]
    lines += [",".join(row) for row in zip(stamps, *columns, strict=True)]
    part = Path(f"{path}.part")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.replace(part, path)


def _read_csv(path: Path | str) -> tuple[dict[str, Any], pd.DataFrame]:
    """Facts of the `#` lines and the table below them, cells as text."""
    text = checks.read_text(path)
    facts: dict[str, Any] = {}
    lines = 0
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines += 1
        key, colon, value = line[1:].partition(":")
        if colon:
            facts[key.strip()] = _from_text(value.strip())
    return facts, checks.read_table(path, text, skip_lines=lines, header=True)


def _read_parquet(path: Path | str) -> tuple[dict[str, Any], pd.DataFrame]:
    """Tidy weather from Parquet: facts are the frame's `attrs`, or columns that hold one value."""
    try:
        frame = pd.read_parquet(path)
    except ImportError as error:
        raise WeatherError(f"{path}: Parquet needs pyarrow; run `pip install pyarrow`, or give CSV") from error
    except (OSError, ValueError) as error:
        raise WeatherError(f"{path}: cannot be read as Parquet ({error}); export it again") from error
    facts: dict[str, Any] = {str(key): value for key, value in frame.attrs.items()}
    known = {"time", *UNITS, *OPTIONAL_UNITS}
    for name in [name for name in frame if name not in known]:
        if frame[name].nunique(dropna=False) == 1:
            value = frame[name].iloc[0]
            facts[str(name)] = value.item() if isinstance(value, np.generic) else value
            del frame[name]
    if "time" not in frame:
        frame = frame.reset_index(names="time")
    table = frame.map(lambda cell: "" if pd.isna(cell) else str(cell))
    table.index = pd.RangeIndex(1, 1 + len(table))
    return facts, table


def _index(path: Path | str, table: pd.DataFrame, timezone: str) -> tuple[pd.DatetimeIndex, list[str]]:
    """UTC stamps of the table's `time` column, and what is wrong with them."""
    if "time" not in table:
        return pd.DatetimeIndex([]), []
    if table.empty:
        return pd.DatetimeIndex([]), checks.time_problems(path, pd.DatetimeIndex([]))
    cells = table["time"].str.strip()
    offsets = cells.str.extract(f"({OFFSET})")[0].fillna("").replace({"Z": "+00:00"})
    odd = offsets.index[offsets != offsets.iloc[0]]
    if len(odd):
        first, other = offsets.iloc[0] or "no offset", offsets[odd[0]] or "no offset"
        return pd.DatetimeIndex([]), [
            f"{path}: line {odd[0]}: two time zones in one file, {first} and {other}; write all rows in one"
        ]
    naive = cells.str.replace(OFFSET, "", regex=True)
    stamps = pd.to_datetime(naive, format="ISO8601", errors="coerce")
    wrong = stamps.index[stamps.isna()]
    if len(wrong):
        cell = cells[wrong[0]]
        return pd.DatetimeIndex([]), [
            f"{path}: line {wrong[0]}, time: '{cell}' is not ISO 8601; write it as 2025-01-31T13:00+08:00"
        ]
    try:
        offset_h = _offset_h(offsets.iloc[0]) if offsets.iloc[0] else utc_offset_h(timezone)
    except WeatherError as error:
        return pd.DatetimeIndex([]), [f"{path}: # {problem}" for problem in error.problems]
    index = pd.DatetimeIndex(stamps, name="time") - pd.Timedelta(hours=offset_h)
    return index, checks.time_problems(path, index, lines=list(table.index))


def _offset_h(text: str) -> float:
    sign, hours, minutes = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", text).groups()  # type: ignore[union-attr]
    return (-1 if sign == "-" else 1) * (int(hours) + int(minutes) / 60)


def _from_text(text: str) -> Any:
    """A fact as JSON where it is JSON (numbers, lists), else as the text itself."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _as_text(value: Any) -> str:
    """Inverse of `_from_text`: bare text where that is safe, JSON otherwise."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, str) and value == value.strip() and "\n" not in value and _from_text(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)
