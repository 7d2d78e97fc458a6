"""Real wind forecasts of past evenings, as they were at hand: an archive of issues with leads, and the power that came.

The file has the form of GEFCom2012: a row an issue and lead with `issue` (UTC), `hors` (lead, h), `ws` (forecast wind
speed, m/s), `wp` (power that came at issue + lead, fraction of capacity). Its dates are laid on the plan's year by month,
day and hour. What turns speed into power, and what it errs by, is learned from issues outside the hours that are replayed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.quantities.columns import positions, rows_of
from optimizer.solve.highs import Floats
from weather.canonical import WeatherError
from weather.forecast.archive import measured_series, read_archive
from weather.forecast.blend import fit_blend, predict_out_of_fold, predict_power
from weather.forecast.default_errors import default_error_model
from weather.forecast.error_model import ErrorModel, fit_error_model

WIND_POWER = "wind_power"
"""Variable of a forecast: power of the wind farms, fraction of capacity."""
COLUMNS = {"ws": "wind_speed_m_per_s", "wp": WIND_POWER}
LONGEST_LEAD = pd.Timedelta(hours=48)
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class WindArchive:
    """Forecast power by issue and lead, what came, what the forecasts err by; times as in the plan."""

    forecasts: xr.DataArray
    """Fraction of capacity, dims (issue, lead_h)."""
    measured: pd.Series
    """Fraction of capacity by hour."""
    errors: ErrorModel
    """Of wind power as learned, of sun, wind and temperature as assumed."""

    @staticmethod
    def read(path: Path, start: pd.Timestamp, end: pd.Timestamp) -> WindArchive:
        """Archive for replaying the hours from `start` to `end` (UTC). Raises WeatherError where it does not cover them."""
        archive = read_archive(
            path, issue_column="issue", lead_column="hors", columns=COLUMNS,
            units={"wind_speed_m_per_s": "m/s", WIND_POWER: "1"},
        )  # fmt: skip
        shift = _years_apart(archive, start, end, path.name)
        archive = archive.assign_coords(issue=pd.DatetimeIndex(archive.indexes["issue"]) - shift)
        speed, measured = archive["wind_speed_m_per_s"], measured_series(archive, WIND_POWER)
        issues = archive.indexes["issue"]
        apart = np.asarray((issues < start - 2 * LONGEST_LEAD) | (issues > end + LONGEST_LEAD))
        past = predict_out_of_fold(speed.isel(issue=apart), measured).to_dataset(name=WIND_POWER)
        learned = fit_error_model(past, archive[[WIND_POWER]].isel(issue=apart))
        blend = fit_blend(speed.isel(issue=apart), measured)
        forecasts = predict_power(blend, speed, measured)
        return WindArchive(forecasts, measured.to_series(), _with_wind_power(learned))

    def came(self, time: pd.DatetimeIndex) -> Floats:
        """Power that came in these hours, a short gap bridged. Raises WeatherError outside the archive. Shape (time,)."""
        power = self.measured.reindex(time).interpolate(limit=6, limit_direction="both")
        if power.isna().any():
            raise WeatherError(
                f"wind archive: nothing measured at {power.index[power.isna()][0]} UTC of the plan's year"
            )
        return np.asarray(power.to_numpy(dtype=float))

    def issued(self, now: pd.Timestamp) -> pd.Timestamp:
        """Issue time of the last forecast available at `now`."""
        return pd.Timestamp(self.forecasts.indexes["issue"][self.forecasts.indexes["issue"] <= now][-1])

    def forecast(self, now: pd.Timestamp, time: pd.DatetimeIndex) -> Floats:
        """Wind power forecast last issued before `now`; hours behind its end repeat its last day. Shape (time,)."""
        issued = self.issued(now)
        last_issue = self.forecasts.sel(issue=issued)
        valid = issued + pd.to_timedelta(last_issue["lead_h"].values, unit="h")
        behind = np.maximum(np.ceil((time - valid[-1]) / DAY), 0)
        place = pd.DatetimeIndex(valid).get_indexer(time - pd.to_timedelta(behind, unit="D"))
        return np.asarray(last_issue.values[place], dtype=float)


def _years_apart(archive: xr.Dataset, start: pd.Timestamp, end: pd.Timestamp, name: str) -> pd.Timedelta:
    """Offset between the archive's dates and the plan's. Raises WeatherError where no year of the archive covers them."""
    issues = archive.indexes["issue"]
    for year in range(issues[0].year, issues[-1].year + 1):
        shift = start.replace(year=year) - start
        if issues[0] <= start + shift - LONGEST_LEAD and end + shift <= issues[-1] + LONGEST_LEAD:
            return pd.Timedelta(shift)
    raise WeatherError(
        f"{name}: has forecasts from {issues[0]} to {issues[-1]} UTC, none for {start:%d %B} to {end:%d %B}; give another start"
    )


def _with_wind_power(learned: ErrorModel) -> ErrorModel:
    """Assumed errors of weather with those learned of wind power."""
    assumed = default_error_model(wind_power=[WIND_POWER])
    return replace(
        assumed,
        errors={**assumed.errors, WIND_POWER: learned.errors[WIND_POWER]},
        correlations={**assumed.correlations, WIND_POWER: learned.correlations[WIND_POWER]},
        source=f"wind power {learned.source}, the rest assumed",
    )


def with_power(inputs: xr.Dataset, farms: set[str], weather_by_member: list[xr.Dataset]) -> xr.Dataset:
    """Inputs in which the farms (by asset name) yield the wind power of each member's weather, where it has any."""
    if WIND_POWER not in weather_by_member[0]:
        return inputs
    table = inputs["input"].copy(deep=True)
    members = [int(member) for (member,) in rows_of(table, "member")]
    for number in positions(table, quantity="capacity_factor", asset=farms):
        table.values[:, number] = weather_by_member[members[number]][WIND_POWER].values
    return inputs.assign(input=table)
