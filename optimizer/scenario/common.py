"""Common parts of a scenario of one site and of several sites."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from optimizer.scenario.notebook_view import glance, scenario_rows
from optimizer.scenario.planning_settings import Planning
from optimizer.scenario.renamed_keys import FORMAT
from optimizer.scenario.site import Horizon, SiteSettings, WeatherChoice, a_day
from optimizer.technologies.base import Settings, Technology


class ScenarioBase(Settings, ABC):
    """Name, money, hours and planning settings; the assets come from the forms of one site and of several."""

    format: Literal[1] = FORMAT
    """Format of the scenario file; keys of an earlier one are still read."""
    name: str = Field(min_length=1, max_length=80)
    """What the scenario is called in reports."""
    description: str = ""
    """A sentence on what it shows."""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "CNY"
    """Three letters, for all money in the scenario."""
    horizon: Horizon = Horizon()
    """Time a plan covers."""
    planning: Planning = Planning()
    """Planning settings: gap, time limit, rolling horizon."""
    holidays: list[str] = []
    """Local dates (YYYY-MM-DD) that tariffs treat as holidays."""

    @field_validator("holidays", mode="before")
    @classmethod
    def _dates_as_text(cls, days: object) -> object:
        if not isinstance(days, list):
            return days
        return [day.isoformat()[:10] if hasattr(day, "isoformat") else day for day in days]

    @field_validator("holidays")
    @classmethod
    def _are_days(cls, days: list[str]) -> list[str]:
        return [a_day(day) for day in days]

    @abstractmethod
    def assets(self) -> dict[tuple[str, str], Technology]:
        """Assets by (site, asset)."""

    @abstractmethod
    def assets_alone(self) -> dict[tuple[str, str], Technology]:
        """Assets without any link between sites: what the do-nothing baseline is made of."""

    @abstractmethod
    def places(self) -> dict[str, tuple[SiteSettings, WeatherChoice]]:
        """Sites that assets stand at: where it is and which weather it has."""

    def _repr_html_(self) -> str:
        return glance(self.name, scenario_rows(self.horizon, self.places(), self.assets()), self.description)
