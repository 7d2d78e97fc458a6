"""Weather of a site from public services: asked once, kept in a cache, tried again when a service is busy."""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from weather.canonical import WeatherError
from weather.sources.bounded_http import body_of, reason_of

LONGEST_WAIT_S: Final = 120.0
"""However long a service asks to wait, nobody waits longer between two attempts."""
FORECAST_AGE_H: Final = 1.0
"""A cached forecast older than this is fetched again; the past never changes."""
OPEN_METEO_HOURLY: Final = (
    "temperature_2m,relative_humidity_2m,surface_pressure,wind_speed_10m,wind_speed_120m,shortwave_radiation,"
    "direct_normal_irradiance,diffuse_radiation"
)
ARCHIVE_HOURLY: Final = OPEN_METEO_HOURLY.replace("wind_speed_120m", "wind_speed_100m")
NASA_PARAMETERS: Final = "ALLSKY_SFC_SW_DWN,ALLSKY_SFC_SW_DNI,ALLSKY_SFC_SW_DIFF,T2M,RH2M,PS,WS10M,WS50M"


@dataclass(frozen=True)
class Service:
    """Weather service: where it answers, what is asked, which key a whole answer holds, whether it is about a year."""

    url: str
    query: Callable[[float, int | None], dict[str, str]]
    """From longitude and year to the query, place and options apart."""
    place: tuple[str, str]
    """Service's words for latitude and longitude."""
    key: str
    """Top-level key of every whole answer."""
    of_a_year: bool
    """Needs a year and never changes; else a forecast (or a typical year) without one."""
    max_age_h: float = float("inf")


def _pvgis_years(longitude: float, year: int | None) -> dict[str, str]:
    """Query of PVGIS years, which count in UTC; a local year in the east begins in the UTC year before, in the west it ends after."""
    first, last = (0, 0) if year is None else (year - (longitude > 0), year + (longitude < 0))
    query = {"angle": "0", "aspect": "0", "components": "1", "outputformat": "json"}
    return {**query, "startyear": str(first), "endyear": str(last)}


def _nasa_days(longitude: float, year: int | None) -> dict[str, str]:  # noqa: ARG001
    days = {} if year is None else {"start": f"{year - 1}1231", "end": f"{year + 1}0101"}
    common = {"parameters": NASA_PARAMETERS, "community": "RE", "format": "JSON", "time-standard": "UTC"}
    return {**common, **days}


def _archive_days(longitude: float, year: int | None) -> dict[str, str]:  # noqa: ARG001
    days = {} if year is None else {"start_date": f"{year - 1}-12-31", "end_date": f"{year + 1}-01-01"}
    return {"hourly": ARCHIVE_HOURLY, "wind_speed_unit": "ms", "timezone": "GMT", **days}


def _forecast(longitude: float, year: int | None) -> dict[str, str]:  # noqa: ARG001
    return {"hourly": OPEN_METEO_HOURLY, "wind_speed_unit": "ms", "timezone": "GMT", "forecast_days": "7"}


def _ensemble(longitude: float, year: int | None) -> dict[str, str]:
    return {**_forecast(longitude, year), "models": "gfs_seamless"}


def _typical(longitude: float, year: int | None) -> dict[str, str]:  # noqa: ARG001
    return {"outputformat": "json"}


PVGIS, NASA = "https://re.jrc.ec.europa.eu/api/v5_3", "https://power.larc.nasa.gov/api/temporal/hourly/point"
SERVICES: Final = {
    "pvgis-hourly": Service(f"{PVGIS}/seriescalc", _pvgis_years, ("lat", "lon"), "outputs", True),
    "pvgis-tmy": Service(f"{PVGIS}/tmy", _typical, ("lat", "lon"), "outputs", False),
    "nasa-power": Service(NASA, _nasa_days, ("latitude", "longitude"), "properties", True),
    "open-meteo-archive": Service(
        "https://archive-api.open-meteo.com/v1/archive", _archive_days, ("latitude", "longitude"), "hourly", True
    ),
    "open-meteo-forecast": Service(
        "https://api.open-meteo.com/v1/forecast", _forecast, ("latitude", "longitude"), "hourly", False, FORECAST_AGE_H
    ),
    "open-meteo-ensemble": Service(
        "https://ensemble-api.open-meteo.com/v1/ensemble", _ensemble, ("latitude", "longitude"), "hourly", False,
        FORECAST_AGE_H,
    ),
}  # fmt: skip


def fetch(
    provider: str,
    *,
    latitude: float,
    longitude: float,
    cache_dir: Path | str,
    year: int | None = None,
    base_url: str | None = None,
    options: dict[str, str] | None = None,
    attempts: int = 4,
    wait_s: float = 2.0,
    timeout_s: float = 120.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """Service's answer as a JSON file for `weather.sources.read`, from the cache if it is there and fresh.

    `provider`: one of SERVICES. `year` is needed by services of the past; `base_url` replaces the service's address,
    `options` adds to or replaces parts of the query. Busy services (429, 5xx), broken connections and truncated
    answers are tried `attempts` times, waiting `wait_s`, twice that, four times that, or as Retry-After says [s].
    Raises WeatherError if the request is wrong, refused, or nothing whole arrived; no partial file remains.
    """
    service = _checked(provider, latitude, longitude, year)
    query = dict(zip(service.place, (f"{latitude:.4f}", f"{longitude:.4f}"), strict=True))
    query |= service.query(longitude, year) | (options or {})
    name = f"{provider}_{latitude:.4f}_{longitude:.4f}" + (f"_{year}" if service.of_a_year else "")
    if options:
        name += "_" + "_".join(f"{key}-{value}" for key, value in sorted(options.items())).replace("/", "-")
    path = Path(cache_dir) / f"{name}.json"
    if path.exists() and time.time() - path.stat().st_mtime < service.max_age_h * 3600:
        return path
    url = f"{base_url or service.url}?{urllib.parse.urlencode(query, safe=',')}"
    body = _ask(url, service.key, attempts=attempts, wait_s=wait_s, timeout_s=timeout_s, sleep=sleep)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(body)
    os.replace(part, path)
    return path


def _checked(provider: str, latitude: float, longitude: float, year: int | None) -> Service:
    """Service, after all that is wrong with the request was gathered."""
    service = SERVICES.get(provider)
    problems = []
    if service is None:
        problems.append(f"provider: '{provider}' is unknown; known are {', '.join(SERVICES)}")
    if not -90 <= latitude <= 90:
        problems.append(f"latitude: {latitude:g} must lie in -90..90")
    if not -180 <= longitude <= 180:
        problems.append(f"longitude: {longitude:g} must lie in -180..180")
    if service is not None and service.of_a_year and year is None:
        problems.append(f"year: {provider} delivers the past; give the year")
    if problems or service is None:
        raise WeatherError(problems)
    return service


def _ask(
    url: str, key: str, *, attempts: int, wait_s: float, timeout_s: float, sleep: Callable[[float], None]
) -> bytes:
    """Body of a whole JSON answer that holds `key`, after as many attempts as it takes or are allowed."""
    host = urllib.parse.urlsplit(url).netloc
    problem = "no attempt was made"
    for attempt in range(attempts):
        pause_s = wait_s * 2**attempt
        try:
            body = body_of(url, timeout_s)
            content = json.loads(body)
            if isinstance(content, dict) and key in content:
                return body
            raise WeatherError(f"{host}: the answer holds no '{key}': {body[:200].decode(errors='replace')}")
        except urllib.error.HTTPError as error:
            reason = reason_of(error)
            if error.code != 429 and error.code < 500:
                raise WeatherError(f"{host}: refused the request ({error.code}: {reason}); correct it") from error
            problem = f"busy or broken ({error.code}: {reason})"
            pause_s = _retry_after_s(error) or pause_s
        except (http.client.IncompleteRead, EOFError):
            problem = "the answer broke off"
        except http.client.HTTPException as error:
            problem = f"the answer is no HTTP ({type(error).__name__})"
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
            problem = f"the answer is no whole JSON ({error})"
        except OSError as error:  # URLError, timeouts, resets: no connection
            problem = f"cannot be reached ({getattr(error, 'reason', error)})"
        if attempt < attempts - 1:
            sleep(min(pause_s, LONGEST_WAIT_S))
    raise WeatherError(
        f"{host}: {problem}, after {attempts} attempts; try later, or give a weather file or a synthetic year instead"
    )


def _retry_after_s(error: urllib.error.HTTPError) -> float | None:
    """Seconds a busy service asks to wait, if it says so in seconds."""
    value = error.headers.get("Retry-After", "")
    return float(value[:9]) if value.isdecimal() and value.isascii() else None
