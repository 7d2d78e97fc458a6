"""Tables of a plan for spreadsheets: hours with one column a flow, jobs with the clock of the site and those that do not run."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import xarray as xr

from optimizer.inputs.assemble import calendar_of
from optimizer.plan.results import records_of, views_of
from optimizer.plan.schedule import stamped
from optimizer.quantities.calendar import zone
from optimizer.quantities.columns import expected, labels_of, weights_of
from optimizer.technologies.base import Technology

UTC_FORM, LOCAL_FORM = "%Y-%m-%dT%H:%MZ", "%Y-%m-%d %H:%M"
NOT_RUN = " does not run: "
DIGITS = 6
"""A watt, where flows are MW."""


def hours_table(results: xr.Dataset) -> pd.DataFrame:
    """Hours of a plan: `time_local`, `time_utc`, then every flow as `asset.flow [unit]`; plus adds to its bus.

    Expected values where the plan has several weathers. `site:` stands in front where there are several sites, the bus behind
    where an asset's flow of one name goes to several.
    """
    calendar = calendar_of(results)
    table = expected(results["flow"], weights_of(results))
    columns = {"time_local": calendar.local.strftime(LOCAL_FORM), "time_utc": calendar.time.strftime(UTC_FORM)}
    values = pd.DataFrame(table.values.round(DIGITS) + 0.0, columns=_names(labels_of(table)))
    return pd.concat([pd.DataFrame(columns), values], axis=1)


def _names(labels: pd.DataFrame) -> list[str]:
    """Column names of flows, each once."""
    names = labels["asset"].astype(str) + "." + labels["quantity"].astype(str)
    if labels["site"].nunique() > 1:
        names = labels["site"].astype(str) + ":" + names
    several = names.duplicated(keep=False)
    names = names.where(~several, names + " (" + labels["bus"].astype(str) + ")")
    return list(names + " [" + labels["units"].astype(str) + "]")


def jobs_table(results: xr.Dataset, assets: Mapping[tuple[str, str], Technology], jobs: pd.DataFrame) -> pd.DataFrame:
    """Runs of named work with times in UTC and on the site's clock; then the work that does not run, with its reason.

    `jobs`: the plan's timetable.
    """
    table = stamped(jobs)
    for name in ("arrival", "start", "end", "deadline"):
        local = pd.DatetimeIndex(jobs[name]).tz_localize("UTC").tz_convert(zone(str(results.attrs["timezone"])))
        table[f"{name}_local"] = local.strftime(LOCAL_FORM)
    table["not_run_because"] = ""
    idle = not_run(results, assets)
    return table if idle.empty else pd.concat([table, idle], ignore_index=True).fillna("")


def not_run(results: xr.Dataset, assets: Mapping[tuple[str, str], Technology]) -> pd.DataFrame:
    """Work with a name that had to run within the plan and does not: site, workload, job, not_run_because."""
    records = records_of(results)
    views, rows = views_of(results, records), []
    for (site, asset, member), record in records.items():
        technology = assets[site, asset]
        for text in technology.unserved(record, views[site, asset, member], technology.opening_state()):
            name, _, why = text.partition(NOT_RUN)
            rows.append((site, asset, name.removeprefix("job "), why))
    return pd.DataFrame(rows, columns=["site", "workload", "job", "not_run_because"]).drop_duplicates()
