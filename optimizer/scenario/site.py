"""Site, horizon and weather of a scenario: no assets."""

from __future__ import annotations

import datetime
import difflib
from pathlib import Path
from typing import Annotated

import pydantic
from pydantic import Field, StringConstraints, field_validator, model_validator

from optimizer.quantities import calendar
from optimizer.technologies.base import Settings, Site
from weather.synthetic.climate_table import SITES

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
"""What a user may call a thing."""


class SiteSettings(Settings):
    """Site of the center."""

    name: Name = "site"
    """Short name for tables and files."""
    latitude: float = Field(ge=-66, le=66)
    """Degrees north."""
    longitude: float = Field(ge=-180, le=180)
    """Degrees east."""
    elevation_m: float = Field(ge=-430, le=5500)
    """Metres above sea level."""
    timezone: str = "Asia/Shanghai"
    """IANA name of the clock that tariffs and people use."""

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        calendar.zone(name)
        return name

    def place(self) -> Site:
        """Site as the technologies see it."""
        return Site(self.latitude, self.longitude, self.elevation_m, self.timezone)


def a_day(date: str) -> str:
    """Valid date, YYYY-MM-DD. Raises ValueError if there is no such day."""
    try:
        year = datetime.datetime.strptime(date, "%Y-%m-%d").year
    except ValueError as error:
        raise ValueError(f"'{date}' is not a date; give a day that exists as YYYY-MM-DD") from error
    if not 1950 <= year <= 2100:
        raise ValueError(f"'{date}' lies outside the years 1950 to 2100; give a day within")
    return date


class Horizon(Settings):
    """Time a plan covers."""

    start: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] = "2025-01-01"
    """First local day, YYYY-MM-DD."""
    days: float = Field(default=365, gt=0, le=366 * 3)
    """Length in days."""
    step_h: float = Field(default=1.0, gt=0, le=24)
    """Length of a step in hours; must divide a day into equal steps. Weather is laid on steps of up to one hour."""

    @model_validator(mode="after")
    def _has_a_step(self) -> Horizon:
        if round(self.days * 24 / self.step_h) < 1:
            raise ValueError(f"{self.days:g} days are less than one step of {self.step_h:g} h; plan at least one step")
        return self

    @model_validator(mode="before")
    @classmethod
    def _date_as_text(cls, data: object) -> object:
        if isinstance(data, dict) and hasattr(data.get("start"), "isoformat"):
            return {**data, "start": data["start"].isoformat()[:10]}
        return data

    @field_validator("step_h")
    @classmethod
    def _divides_a_day(cls, step_h: float) -> float:
        if abs(24 / step_h - round(24 / step_h)) > 1e-9 or step_h < 1 / 12 - 1e-9:
            raise ValueError("must divide a day into equal steps of at least 5 minutes, e.g. 1, 0.5, 0.25")
        return step_h

    @field_validator("start")
    @classmethod
    def _is_a_day(cls, start: str) -> str:
        return a_day(start)


class WeatherChoice(Settings):
    """Weather source, unless the command line says otherwise."""

    synthetic: str | None = None
    """Site of scenarios/climates whose statistics make a synthetic year."""
    stand_in: bool = False
    """Whether the synthetic climate may stand in for a place it does not belong to: the site's own sun, height and clock, the
    climate's clouds and seasons, told as a warning; for a first plan without a weather file.
    """
    file: Path | None = None
    """Weather file (EPW, TMY3, CSV, ...), relative to the scenario file."""
    year: int = Field(default=2025, ge=1950, le=2100)
    """Year of the synthetic weather, which is also its seed; a file is of its own year, or typical of any."""
    measured_beam: bool = False
    """Whether the file's direct and diffuse radiation were measured: then they are kept even where they do not close."""

    @model_validator(mode="before")
    @classmethod
    def _beside_the_scenario(cls, data: object, info: pydantic.ValidationInfo) -> object:
        folder = (info.context or {}).get("folder")
        if folder is not None and isinstance(data, dict) and isinstance(data.get("file"), str):
            return {**data, "file": str((Path(folder) / data["file"]).resolve())}
        return data

    @field_validator("synthetic")
    @classmethod
    def _is_known(cls, site: str | None) -> str | None:
        if site is not None and site not in SITES:
            near = difflib.get_close_matches(site.lower(), SITES, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "take one of them, or set weather > file"
            raise ValueError(f"no synthetic climate '{site}'; known are {', '.join(SITES)}; {hint}")
        return site

    @field_validator("file")
    @classmethod
    def _is_there(cls, file: Path | None) -> Path | None:
        if file is not None and not file.is_file():
            raise ValueError(f"{file}: no such file; give its path relative to the scenario file")
        return file

    @model_validator(mode="after")
    def _one_source(self) -> WeatherChoice:
        if self.synthetic is not None and self.file is not None:
            raise ValueError("give either synthetic or file, not both")
        return self
