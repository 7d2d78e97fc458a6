"""Kinds of weather files by their content: recognised by its first bytes, never from its name alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from weather.canonical import WeatherError
from weather.files.plain import UnusableFileError, first_bytes

READERS: Final = {
    "epw": ".epw",
    "tmy3": ".tmy3",
    "tmy2": ".tmy2",
    "pvgis-hourly": ".pvgis_hourly",
    "pvgis-tmy": ".pvgis_tmy",
    "nasa-power": ".nasa_power",
    "era5": ".era5",
    "open-meteo": ".open_meteo",
    "nsrdb-psm4": ".nsrdb_psm4",
    "tidy": ".tidy",
}
"""kind -> module of this folder with `read(path, *, year=None)`."""
HEAD_BYTES: Final = 20_000


def kind_of(path: Path | str) -> str:
    """Kind of a weather file, one of READERS. Raises WeatherError if it cannot be opened or recognised."""
    try:
        head = first_bytes(path, HEAD_BYTES)
    except UnusableFileError as error:
        raise WeatherError(f"{path}: {error}") from error
    except OSError as error:
        raise WeatherError(f"{path}: cannot be read ({error.strerror}); give the path of a weather file") from error
    if not head.strip():
        raise WeatherError(f"{path}: the file is empty; download or export it again")
    if head.startswith((b"\x89HDF", b"CDF", b"PK\x03\x04")):
        return "era5"
    if head.startswith(b"PAR1"):
        return "tidy"
    text = head.decode("utf-8-sig", errors="replace")
    kind = _kind_of_json(path) if text.lstrip().startswith("{") else _kind_of_text(text)
    if kind is None:
        raise WeatherError(f"{path}: no known weather format; known are {', '.join(READERS)}; name it with kind=")
    return kind


def _kind_of_text(text: str) -> str | None:
    lines = text.splitlines()
    first = lines[0]
    marks = {
        "epw": first.upper().startswith("LOCATION,"),
        "nasa-power": "-BEGIN HEADER-" in text or "YEAR,MO,DY,HR" in text,
        "pvgis-tmy": "time(UTC)," in text,
        "pvgis-hourly": "\ntime,G" in text or "\ntime,P" in text,
        "tmy3": "Date (MM/DD/YYYY)" in text,
        "nsrdb-psm4": first.startswith("Source,Location ID"),
        "tidy": first.startswith("#") or any(line.startswith("time,") for line in lines[:1]),
        "tmy2": len(lines) > 1 and len(lines[1]) == 142 and "," not in first,
    }
    return next((kind for kind, present in marks.items() if present), None)


def _kind_of_json(path: Path | str) -> str | None:
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (ValueError, OSError, RecursionError) as error:
        raise WeatherError(f"{path}: JSON that breaks off or is damaged ({error}); download it again") from error
    if not isinstance(content, dict):
        return None
    outputs = content.get("outputs") or {}
    if "tmy_hourly" in outputs:
        return "pvgis-tmy"
    if "hourly" in outputs:
        return "pvgis-hourly"
    if "parameter" in (content.get("properties") or {}):
        return "nasa-power"
    return "open-meteo" if "hourly" in content else None
