"""An archive of past forecasts: values by issue time and lead, and what was measured at the same times.

An archive is a Dataset with dims (issue, lead_h): `issue` UTC without zone, `lead_h` hours to the START of the step.
It is what the error model and the power blend learn from.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from weather.canonical import WeatherError
from weather.files.plain import UnusableFileError, plain_bytes
from weather.forecast.forecast import issue_time, lead_h

MOST_MB = 2000.0


def read_archive(
    path: Path, *, issue_column: str, lead_column: str, columns: Mapping[str, str], units: Mapping[str, str]
) -> xr.Dataset:
    """Archive from a table with one row an issue and lead.

    Parameters: path: CSV; issue_column: UTC issue stamps; lead_column: lead [h]; columns: name in the file -> name in
    the archive; units: name in the archive -> unit. Pairs of issue and lead that the file lacks are NaN.
    Raises WeatherError if a column is missing or a pair stands there twice.
    """
    try:
        table = pd.read_csv(io.BytesIO(plain_bytes(path, most_mb=MOST_MB)))
    except (UnusableFileError, OSError, ValueError) as error:
        raise WeatherError(f"{path}: cannot be read as a CSV table ({error}); give an archive of forecasts") from error
    absent = [name for name in (issue_column, lead_column, *columns) if name not in table]
    if absent:
        raise WeatherError([f"{path.name}: no column '{name}'; it has {', '.join(table.columns)}" for name in absent])
    issue = pd.DatetimeIndex(pd.to_datetime(table[issue_column], utc=True)).tz_localize(None)
    pairs = pd.MultiIndex.from_arrays([issue, table[lead_column].astype(float)], names=["issue", "lead_h"])
    if pairs.has_duplicates:
        first = pairs[pairs.duplicated()][0]
        raise WeatherError(f"{path.name}: issue {first[0]} lead {first[1]:g} h stands there twice; keep one")
    values = table[list(columns)].rename(columns=dict(columns)).set_index(pairs)
    archive = xr.Dataset.from_dataframe(values).sortby(["issue", "lead_h"])
    for name in columns.values():
        archive[name].attrs["units"] = units[name]
    return archive.assign_attrs(source=path.name)


def archive_of(forecasts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Archive of several forecasts (see weather.forecast); leads that some lack are NaN, attributes of the last.

    Raises WeatherError if none is given or two have the same issue time.
    """
    if not forecasts:
        raise WeatherError("archive: no forecast given")
    rows = [
        forecast.drop_vars("lead_h", errors="ignore")
        .assign_coords(time=lead_h(forecast))
        .rename(time="lead_h")
        .expand_dims(issue=[issue_time(forecast).to_datetime64().astype("datetime64[ns]")])
        for forecast in forecasts
    ]
    issues = pd.DatetimeIndex([row["issue"].values[0] for row in rows])
    if issues.has_duplicates:
        raise WeatherError(f"archive: two forecasts issued {issues[issues.duplicated()][0]} UTC; keep one")
    stacked = xr.concat(rows, dim="issue", join="outer", combine_attrs="override", data_vars="all", coords="minimal")
    return stacked.sortby("issue").assign_attrs(forecasts[-1].attrs)


def valid_times(archive: xr.Dataset | xr.DataArray) -> NDArray[np.datetime64]:
    """Time each value is for, shape (issue, lead), UTC."""
    lead = pd.to_timedelta(archive["lead_h"].values, unit="h").to_numpy()
    return np.asarray(archive["issue"].values[:, None] + lead)


def actual_at(archive: xr.Dataset, actual: xr.Dataset) -> xr.Dataset:
    """Actual values (dim time) at the times of the archive, dims (issue, lead_h); NaN where it is not known.

    Only the variables that both have.
    """
    times = valid_times(archive)
    laid_out = {}
    for name in archive.data_vars:
        if name in actual:
            series = pd.Series(actual[name].values, index=actual.indexes["time"])
            values = np.array(series.reindex(pd.DatetimeIndex(times.ravel())).to_numpy(dtype=float))
            laid_out[name] = (("issue", "lead_h"), values.reshape(times.shape), actual[name].attrs)
    return xr.Dataset(laid_out, coords={"issue": archive["issue"], "lead_h": archive["lead_h"]}, attrs=actual.attrs)


def measured_series(archive: xr.Dataset, name: str) -> xr.DataArray:
    """Measured variable of an archive that repeats it for every issue, as a series; dim time, sorted, no gaps kept.

    Raises WeatherError if two issues give different values for one time: then it is not a measurement.
    """
    values = pd.Series(archive[name].values.ravel(), index=pd.DatetimeIndex(valid_times(archive).ravel())).dropna()
    by_time = values.groupby(level=0)
    spread = by_time.max() - by_time.min()
    if len(spread) and float(spread.max()) > 0:
        raise WeatherError(f"{name}: two values for {spread.idxmax()} UTC; a measured value is one")
    series = by_time.first()
    return xr.DataArray(
        series.to_numpy(dtype=float), coords={"time": series.index}, dims="time", name=name, attrs=archive[name].attrs
    )
