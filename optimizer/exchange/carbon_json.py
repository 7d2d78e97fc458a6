"""Carbon intensity by hour as carbon services answer it (JSON of Electricity Maps and WattTime), as a CSV file a tie reads.

Average and marginal are different quantities and become different columns: the mean of all plants, for accounts; that of the
plants that follow one more MWh, for what a shift changes. Units become t CO2 a MWh.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.quantities.documents import DocumentError
from optimizer.technologies.linear import Floats
from weather.files.plain import UnusableFileError, plain_bytes, text_of

T_PER_MWH_OF = {
    "gco2eq/kwh": 1e-3, "gco2/kwh": 1e-3, "lbs_co2_per_mwh": 0.45359237e-3, "lbs/mwh": 0.45359237e-3,
    "kgco2/mwh": 1e-3, "t/mwh": 1.0,
}  # fmt: skip
"""Tonnes a MWh of one unit; a pound is 0.45359237 kg."""
AVERAGE, MARGINAL = "average_t_per_mwh", "marginal_t_per_mwh"
KEY_OF = {AVERAGE: "carbon_t_per_mwh", MARGINAL: "marginal_t_per_mwh"}
"""Key of the tie that reads a column."""
SIGNALS = {"co2_moer": MARGINAL, "co2_aoer": AVERAGE}
FILE, KEYS = "carbon.csv", "tie.yaml"
MOST_MB = 50.0
LISTS = ("history", "data", "forecast")
Point = Mapping[str, object]


@dataclass(frozen=True)
class _Answer:
    """Points of an answer and how they are read."""

    points: list[Point]
    column: str
    factor: float
    stamp: str
    value: str
    said: list[str]


def carbon_of_json(path: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """Texts of the CSV file and of the tie's keys, and what must be known. Raises DocumentError."""
    answer = _answer(path, _json(path))
    times, values = _points(path, answer)
    table = pd.DataFrame({"time_utc": times.strftime("%Y-%m-%dT%H:%M:%SZ"), answer.column: values})
    keys = f"# under grid > the tie's name\n{KEY_OF[answer.column]}: {{file: {FILE}, column: {answer.column}}}\n"
    kind = "average" if answer.column == AVERAGE else "marginal"
    other = (
        "It is the mean of all plants, for accounts; what a shifted MWh changes is the marginal factor, which is not in this file."
        if kind == "average"
        else "It is of the plants that follow one more MWh; accounts by location need the average, which is not in this file."
    )
    first, last = (f"{moment:%Y-%m-%d %H:%M}" for moment in (times[0], times[-1]))
    notes = (f"{len(times)} points of {kind} carbon intensity, {first} to {last} UTC.", other, *answer.said)
    return {FILE: table.to_csv(index=False), KEYS: keys}, notes


def _json(path: Path) -> Mapping[str, object]:
    try:
        data = json.loads(text_of(plain_bytes(str(path), most_mb=MOST_MB)))
    except (UnusableFileError, ValueError, RecursionError) as error:
        raise DocumentError(
            [f"{path}: is no JSON ({str(error)[:80]}); give the answer of the service as it came"]
        ) from error
    except OSError as error:
        raise DocumentError([f"{path}: no such file; check the path"]) from error
    if not isinstance(data, dict):
        raise DocumentError(
            [f"{path}: is no answer of Electricity Maps or WattTime; give one with its head, not the list alone"]
        )
    return data


def _answer(path: Path, data: Mapping[str, object]) -> _Answer:
    """Answer of the service whose form it has. Raises DocumentError."""
    points = next((value for name in LISTS if isinstance(value := data.get(name), list) and value), [])
    known: list[Point] = [point for point in points if isinstance(point, dict)]
    if known and len(known) == len(points):
        meta = data.get("meta")
        if isinstance(meta, dict) and "point_time" in known[0]:
            return _watttime(path, known, meta)
        if "datetime" in known[0]:
            return _electricity_maps(path, known, data)
    raise DocumentError(
        [
            f"{path}: has no points of Electricity Maps (datetime, carbonIntensity) or WattTime (point_time, value, with meta)"
        ]
    )


def _watttime(path: Path, points: list[Point], meta: Mapping[str, object]) -> _Answer:
    signal, units = str(meta.get("signal_type", "")), str(meta.get("units", "")).lower()
    if signal not in SIGNALS:
        raise DocumentError([f"{path}: meta > signal_type is '{signal}'; known are {', '.join(SIGNALS)}"])
    if units not in T_PER_MWH_OF:
        raise DocumentError([f"{path}: meta > units is '{units}'; known are {', '.join(T_PER_MWH_OF)}"])
    said = [f"WattTime, region {meta.get('region', 'unknown')}, signal {signal}."]
    return _Answer(points, SIGNALS[signal], T_PER_MWH_OF[units], "point_time", "value", said)


def _electricity_maps(path: Path, points: list[Point], data: Mapping[str, object]) -> _Answer:
    value = "marginalCarbonIntensity" if "marginalCarbonIntensity" in points[0] else "carbonIntensity"
    if value not in points[0]:
        raise DocumentError([f"{path}: its points have no carbonIntensity; give an answer on carbon intensity"])
    kinds = sorted({str(point["emissionFactorType"]) for point in points if point.get("emissionFactorType")})
    if len(kinds) > 1:
        raise DocumentError([f"{path}: mixes emission factors ({', '.join(kinds)}); give points of one kind"])
    said = [
        f"Electricity Maps, zone {data.get('zone', 'unknown')}, {kinds[0] if kinds else 'unstated'} emission factors."
    ]
    if estimated := sum(point.get("isEstimated") is True for point in points):
        said.append(f"{estimated} points are estimates of the service, not yet measured.")
    column = MARGINAL if value == "marginalCarbonIntensity" else AVERAGE
    return _Answer(points, column, T_PER_MWH_OF["gco2eq/kwh"], "datetime", value, said)


def _points(path: Path, answer: _Answer) -> tuple[pd.DatetimeIndex, Floats]:
    """Times (UTC, in order) and factors. Raises DocumentError for a point without a number, or missing hours."""
    for number, point in enumerate(answer.points):
        value = point.get(answer.value)
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise DocumentError(
                [f"{path}: point {number + 1} ({point.get(answer.stamp)}) has the value {value}; give every hour one"]
            )
    stamps = pd.to_datetime([str(point.get(answer.stamp)) for point in answer.points], utc=True, errors="coerce")
    if stamps.isna().any():
        number = int(np.argmax(stamps.isna()))
        raise DocumentError([f"{path}: point {number + 1} has no time that can be read; give it in UTC with Z"])
    order = np.argsort(stamps.to_numpy(), kind="stable")
    times = pd.DatetimeIndex(stamps[order]).tz_localize(None)
    gaps = np.diff(times.to_numpy()) / np.timedelta64(1, "m")
    if len(gaps) and (gaps != np.median(gaps)).any():
        at = int(np.argmax(gaps != np.median(gaps)))
        raise DocumentError(
            [
                f"{path}: {times[at + 1]:%Y-%m-%d %H:%M} follows {times[at]:%Y-%m-%d %H:%M}, other points are {np.median(gaps):g} "
                "minutes apart; fetch the missing hours, or remove what is there twice"
            ]
        )
    values = np.array([point[answer.value] for point in answer.points], dtype=float)[order] * answer.factor
    return times, values
