"""Results of a run as Parquet files in folders `variable=…/month=…`, which DuckDB and others read as one table.

Columns: time_utc, time_local, site, asset, bus, role, quantity, unit, value; the variable and the local month are the names
of the folders. A query that asks for one month of flows opens one file.
"""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from optimizer.files.whole import write_whole
from optimizer.plan.tidy_table import VARIABLES, tidy_table
from optimizer.quantities.columns import expected, weights_of
from optimizer.quantities.documents import DocumentError
from optimizer.runs.tables import opened

EXPORT = "export"
"""Kind of the folder, as its mark says."""
BY_TIME = "time"


def write_parquet(run: Path, out: Path) -> Path:
    """Write a run's results into `out`, in place of an older export. Raises OSError, NotOursError, ImportError without pyarrow."""
    results, _ = opened(run)
    tables = {name: table for name in VARIABLES if (table := _by_time(results, name)) is not None}
    if not tables:
        raise DocumentError([f"{run}: has no results by time; run the scenario again"])

    def fill(part: Path) -> None:
        for name, table in tables.items():
            rows = tidy_table(results, {name: table}).drop(columns="variable")
            for month, of_month in rows.groupby(rows["time_local"].dt.strftime("%Y-%m"), sort=True):
                folder = part / f"variable={name}" / f"month={month}"
                folder.mkdir(parents=True)
                of_month.to_parquet(folder / "part.parquet", index=False)

    return write_whole(out, fill, EXPORT)


def _by_time(results: xr.Dataset, name: str) -> xr.DataArray | None:
    """A variable as expected over the futures; None where the results have no columns of it."""
    if name not in results or results[name].dims[0] != BY_TIME or not results[name].shape[1]:
        return None
    return expected(results[name], weights_of(results))
