"""The known defects of the Chinese standard weather data (CSWD), a to g, each found and repaired on the real files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from weather import sources
from weather.canonical import problems_of
from weather.quality.clock import clock_error_min
from weather.quality.radiation import closure_rmse_w_per_m2, dni_is_capped
from weather.quality.repair import flags, repair
from weather.sun.position import fine_cosines

CSWD = {
    "Golmud": "CHN_Qinghai.Golmud.528180_CSWD.epw",
    "Daqaidam": "CHN_Qinghai.Daqaidam.527130_CSWD.epw",
    "Xining": "CHN_Qinghai.Xining.528660_CSWD.epw",
    "Kunming": "CHN_Yunnan.Kunming.567780_CSWD.epw",
    "Xifengzhen": "CHN_Gansu.Xifengzhen.539230_CSWD.epw",
    "Hohhot": "CHN_Nei.Mongol.Hohhot.534630_CSWD.epw",
}
LEADVILLE = "USA_CO_Leadville-Lake.County.AP.724673_TMY3.epw"


@pytest.fixture(scope="session")
def station(shared_file: Callable[[str], Path]) -> Callable[[str], xr.Dataset]:
    """A real file by the name of its place, read once."""
    read: dict[str, xr.Dataset] = {}

    def find(name: str) -> xr.Dataset:
        if name not in read:
            read[name] = sources.read(shared_file(f"data/weather/{CSWD.get(name, name)}"))
        return read[name]

    return find


@pytest.mark.parametrize(
    ("name", "shift"),
    [("Golmud", -60), ("Daqaidam", 0), ("Xining", 0), ("Kunming", -30), ("Xifengzhen", 0), ("Hohhot", 0),
     (LEADVILLE, 40)],
)  # fmt: skip
def test_clock_of_real_files(name: str, shift: float, station: Callable[[str], xr.Dataset]) -> None:
    """The published best shift from the interval start, within 10 min (its grid); a true hourly mean has +30."""
    assert 30 - clock_error_min(station(name)) == pytest.approx(shift, abs=10)


def test_leadville_radiation_is_left_alone(station: Callable[[str], xr.Dataset]) -> None:
    """TMY3 at 3,000 m with afternoon clouds: neither its clock (+40 in a plain estimate) nor its DNI is touched."""
    repaired = repair(station(LEADVILLE))
    assert float(repaired["ghi_w_per_m2"].sum()) == pytest.approx(1_673_321, abs=500)
    assert float(repaired["dni_w_per_m2"].max()) == 1090
    assert not any("moved" in note or "modelled" in note for note in repaired.attrs["repairs"])


@pytest.mark.parametrize(
    ("name", "closure"),
    [("Golmud", 95.8), ("Daqaidam", 88.9), ("Xining", 47.2), ("Kunming", 45.2), ("Xifengzhen", 35.9), ("Hohhot", 41.7),
     (LEADVILLE, 0.7)],
)  # fmt: skip
def test_closure_of_real_files(name: str, closure: float, station: Callable[[str], xr.Dataset]) -> None:
    """Published RMSE of GHI - (DHI + DNI cos z), sun at mid-hour; 0.3 W/m² lies between two solar position models."""
    assert closure_rmse_w_per_m2(station(name)) == pytest.approx(closure, abs=0.3)


@pytest.mark.parametrize("name", list(CSWD))
def test_defect_a_capped_dni_is_found(name: str, station: Callable[[str], xr.Dataset]) -> None:
    """Every CSWD file stops at 782-801 W/m²; Leadville (1,090) must not count as capped."""
    assert float(station(name)["dni_w_per_m2"].max()) < 810
    assert dni_is_capped(station(name))
    assert not dni_is_capped(station(LEADVILLE))


@pytest.mark.parametrize(
    ("name", "dni"),
    [("Golmud", 2296), ("Daqaidam", 2456), ("Xining", 1515), ("Kunming", 1244), ("Xifengzhen", 1326),
     ("Hohhot", 1516)],
)  # fmt: skip
def test_defects_a_and_b_repaired(name: str, dni: float, station: Callable[[str], xr.Dataset]) -> None:
    """The whole repair: DNI sum within 2 % of the published re-decomposition (the file's own is 5-44 % off), GHI kept
    within 0.5 %, clock within 5 min of the sun, closure below 1 W/m², nothing at night, nothing impossible."""
    before = station(name)
    after = repair(before)
    assert float(after["dni_w_per_m2"].sum()) / 1000 == pytest.approx(dni, rel=0.02)
    assert float(after["dni_w_per_m2"].max()) <= 1200
    assert float(after["ghi_w_per_m2"].sum()) == pytest.approx(float(before["ghi_w_per_m2"].sum()), rel=0.005)
    assert abs(clock_error_min(after)) < 5
    assert closure_rmse_w_per_m2(after) < 1
    assert problems_of(after) == []
    cosines = fine_cosines(
        pd.DatetimeIndex(after.indexes["time"]), step_h=1.0, latitude=after.attrs["latitude"],
        longitude=after.attrs["longitude"],
    )  # fmt: skip
    night = cosines.max(axis=1) < -0.02
    assert float(after["ghi_w_per_m2"].values[night].max()) == 0.0
    text = " | ".join(after.attrs["repairs"])
    assert "Erbs-Driesse" in text
    assert "late against the sun" in text


def test_defect_b_night_hours_of_golmud(station: Callable[[str], xr.Dataset]) -> None:
    """Golmud's file holds more than 152 wholly dark hours above 5 W/m² (152 published, 416 here); repaired none."""
    dark = []
    for weather in (station("Golmud"), repair(station("Golmud"))):
        index, attrs = pd.DatetimeIndex(weather.indexes["time"]), weather.attrs
        cosines = fine_cosines(index, step_h=1.0, latitude=attrs["latitude"], longitude=attrs["longitude"])
        dark.append(int(((cosines.max(axis=1) < 0) & (weather["ghi_w_per_m2"].values > 5)).sum()))
    assert dark[0] >= 152
    assert dark[1] == 0


@pytest.mark.parametrize("name", ["Golmud", "Daqaidam", "Xining", "Kunming", "Hohhot"])
def test_defect_c_weak_wind_is_flagged(name: str, station: Callable[[str], xr.Dataset]) -> None:
    """A town's 1-2 m/s must never pass as a wind farm's without a warning; the wind itself is not changed."""
    repaired = repair(station(name))
    assert any(note.startswith("warning: wind at 10 m") for note in repaired.attrs["repairs"])
    np.testing.assert_array_equal(repaired["wind_speed_m_per_s"], station(name)["wind_speed_m_per_s"])


def test_defect_c_a_windy_station_is_not_flagged(station: Callable[[str], xr.Dataset]) -> None:
    """Xifengzhen, 2.64 m/s and 5 % calm, stays unflagged: a flag on everything would say nothing."""
    assert not any("wind at" in note for note in flags(station("Xifengzhen")))


@pytest.mark.parametrize(
    ("name", "low", "high"), [("Golmud", 0.87, 0.92), ("Daqaidam", 0.87, 0.92), ("Hohhot", 1.11, 1.13)]
)
def test_defects_d_and_f_pressure_is_the_stations(
    name: str, low: float, high: float, station: Callable[[str], xr.Dataset]
) -> None:
    """Air density [kg/m³] from pressure and temperature: .87-.91 in Qaidam; sea-level pressure would give 1.25."""
    weather = repair(station(name))
    density = (weather["pressure_pa"] / (287.05 * (weather["dry_bulb_c"] + 273.15))).mean()
    assert low < float(density) < high


@pytest.mark.parametrize(("name", "jump_k"), [("Golmud", "4.6 K"), ("Xifengzhen", "7.8 K")])
def test_defect_e_splice_is_flagged_not_smoothed(name: str, jump_k: str, station: Callable[[str], xr.Dataset]) -> None:
    """The jump after the first hour is named with its size and stays in the data."""
    repaired = repair(station(name))
    flag = next(note for note in repaired.attrs["repairs"] if "spliced" in note)
    assert jump_k in flag
    np.testing.assert_array_equal(repaired["dry_bulb_c"], station(name)["dry_bulb_c"])


def test_defect_g_other_defects_gap_and_spike(station: Callable[[str], xr.Dataset]) -> None:
    """A file with further holes and one 85 °C hour comes out whole: 5.8 °C yearly mean unmoved by 0.02 K."""
    broken = station("Golmud").copy(deep=True)
    broken["dry_bulb_c"].values[4000] = 85.0
    broken["ghi_w_per_m2"].values[4100:4104] = np.nan
    repaired = repair(broken)
    assert problems_of(repaired) == []
    assert float(repaired["dry_bulb_c"].mean()) == pytest.approx(
        float(station("Golmud")["dry_bulb_c"].mean()), abs=0.02
    )
    text = " | ".join(repaired.attrs["repairs"])
    assert "1 impossible values taken as missing, first 85" in text
    assert "ghi_w_per_m2: 4 missing steps in 1 gaps filled" in text


def test_repair_twice_changes_nothing_more(station: Callable[[str], xr.Dataset]) -> None:
    """A repaired file is a good file: values equal and no new sentence."""
    once = repair(station("Golmud"))
    twice = repair(once)
    assert twice.attrs["repairs"] == once.attrs["repairs"]
    for name in once.data_vars:
        np.testing.assert_array_equal(twice[name], once[name])


def test_repair_leaves_its_input(station: Callable[[str], xr.Dataset]) -> None:
    """The caller's Dataset is the same before and after, attributes too."""
    weather = station("Golmud")
    kept = weather.copy(deep=True)
    repair(weather)
    assert weather.identical(kept)
