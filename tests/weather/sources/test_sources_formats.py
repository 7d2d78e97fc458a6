"""Every provider's file of the same weather reads as that weather: units, labels, clocks and missing codes undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib
import pytest
import xarray as xr

from tests.weather.fixtures import provider_files as files
from weather import sources
from weather.canonical import UNITS, WeatherError, problems_of
from weather.sources import era5, open_meteo
from weather.sun.position import cosine_of_zenith, fine_cosines, haurwitz_ghi_w_per_m2

ROUNDING = 1e-9  # the files hold the very digits of the truth; only unit factors round


def assert_same(weather: xr.Dataset, truth: xr.Dataset, *, leave: tuple[str, ...] = (), atol: float = ROUNDING) -> None:
    """Equal stamps and equal values of every variable but those in `leave`."""
    assert list(weather.indexes["time"]) == list(truth.indexes["time"])
    for name in UNITS:
        if name not in leave:
            np.testing.assert_allclose(weather[name], truth[name], rtol=1e-12, atol=atol, err_msg=name)
    assert weather.attrs["latitude"] == pytest.approx(files.LATITUDE)
    assert weather.attrs["longitude"] == pytest.approx(files.LONGITUDE)
    assert weather.attrs["elevation_m"] == pytest.approx(files.ELEVATION_M)


@pytest.fixture(scope="module")
def year() -> xr.Dataset:
    return files.truth_year()


@pytest.fixture(scope="module")
def days() -> xr.Dataset:
    return files.truth()


@pytest.mark.parametrize(
    ("kind", "write"), [("epw", files.write_epw), ("tmy3", files.write_tmy3), ("tmy2", files.write_tmy2)]
)
def test_typical_years_begin_at_local_midnight_in_utc(
    kind: str, write: Callable[[Path, xr.Dataset], Path], year: xr.Dataset, tmp_path: Path
) -> None:
    """Hour 1 in UTC+8 is 16:00 UTC of the day before; read as hour-beginning it would be 17:00, as UTC 00:00."""
    path = write(tmp_path / "made", year)
    weather = sources.read(path)
    assert weather.indexes["time"][0] == pd.Timestamp("2024-12-31 16:00")
    assert_same(weather, year)
    assert weather.attrs["typical"] == 1
    assert problems_of(weather) == []
    assert sources.read(path, kind=kind).identical(weather)


def test_a_leap_year_repeats_28_february(year: xr.Dataset, tmp_path: Path) -> None:
    """2024 has 8,784 hours; a reader that shifts March by a day would put 1 March where 29 February belongs."""
    weather = sources.read(files.write_epw(tmp_path / "a.epw", year), year=2024)
    local = weather.assign_coords(time=files.local_clock(weather))
    assert weather.sizes["time"] == 8784
    np.testing.assert_array_equal(
        local["dry_bulb_c"].sel(time="2024-02-29"), local["dry_bulb_c"].sel(time="2024-02-28")
    )
    march = year.assign_coords(time=files.local_clock(year))["dry_bulb_c"].sel(time="2025-03-01")
    np.testing.assert_array_equal(local["dry_bulb_c"].sel(time="2024-03-01"), march)
    assert "29 February 2024" in weather.attrs["repairs"][0]


def test_missing_codes_stay_missing(year: xr.Dataset, tmp_path: Path) -> None:
    """EPW 99.9, 999 and 9999 are gaps; read as numbers they would be a 99.9 °C hour, and 0 would hide them."""
    path = files.write_epw(tmp_path / "a.epw", year)
    lines = path.read_text().splitlines()
    cells = lines[20].split(",")
    cells[6], cells[8], cells[13], cells[21] = "99.9", "999", "9999", "999"
    lines[20] = ",".join(cells)
    path.write_text("\n".join(lines))
    hour = sources.read(path).isel(time=12)
    missing = {str(name) for name in hour.data_vars if np.isnan(hour[name])}
    assert missing == {"dry_bulb_c", "relative_humidity", "ghi_w_per_m2", "wind_speed_m_per_s"}


def test_nsrdb_half_hour_stamps_are_the_middle_of_their_hour(days: xr.Dataset, tmp_path: Path) -> None:
    """10:30 stands for 10:00-11:00; taken as a start the sun would be 30 minutes late."""
    assert_same(sources.read(files.write_psm4(tmp_path / "psm.csv", days)), days)


@pytest.mark.parametrize("standard", ["UTC", "LST"])
@pytest.mark.parametrize("form", ["json", "csv"])
def test_nasa_power_in_both_forms_and_clocks(form: str, standard: str, days: xr.Dataset, tmp_path: Path) -> None:
    """LST at 94.9 E is UTC+6; taken as UTC the sun would stand 6 hours off. PS in kPa times 1,000, else 72.5 Pa."""
    path = tmp_path / f"power.{form}"
    if form == "json":
        files.write_json(path, files.nasa_power_content(days, standard=standard))
    else:
        files.write_nasa_csv(path, days, standard=standard)
    weather = sources.read(path)
    assert_same(weather, days)
    np.testing.assert_allclose(weather["wind_speed_high_m_per_s"], days["wind_speed_m_per_s"] * 1.3)
    assert weather.attrs["wind_height_high_m"] == 50.0


def test_nasa_fill_value_is_a_gap(days: xr.Dataset, tmp_path: Path) -> None:
    """-999 kPa would be -999,000 Pa; it must be NaN in that hour alone."""
    content = files.nasa_power_content(days, standard="UTC")
    content["properties"]["parameter"]["PS"]["2022060105"] = -999.0  # type: ignore[index]
    weather = sources.read(files.write_json(tmp_path / "power.json", content))
    assert np.flatnonzero(np.isnan(weather["pressure_pa"])).tolist() == [5]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_pvgis_hourly_of_reanalysis_is_an_hourly_mean(form: str, days: xr.Dataset, tmp_path: Path) -> None:
    """Minute 30 means the hour around it: GHI and DHI come back whole; taken as an instant they would be reshaped."""
    content = files.pvgis_hourly_content(days, minute=30)
    path = tmp_path / f"pvgis.{form}"
    if form == "json":
        files.write_json(path, content)
    else:
        files.write_pvgis_hourly_csv(path, content)
    weather = sources.read(path)
    assert_same(weather, days, leave=("dni_w_per_m2", "relative_humidity", "pressure_pa"))
    # Standard atmosphere at 2,800 m (ISO 2533): 719.1 hPa.
    np.testing.assert_allclose(weather["pressure_pa"], 71_910, atol=50)
    assert any("pressure" in note for note in weather.attrs["repairs"])
    assert any("humidity" in note for note in weather.attrs["repairs"])


def test_pvgis_scan_minutes_are_made_hourly_means(days: xr.Dataset, tmp_path: Path) -> None:
    """Instants of a clear sky at minute 10 must come back as its hourly means; left alone they are off by 20 min.

    Bound 4 W/m²: two-minute rounding of nothing but the truth's own rounding to 1 W/m². Untouched: about 40.
    """
    index = pd.DatetimeIndex(days.indexes["time"])
    place = {"latitude": files.LATITUDE, "longitude": files.LONGITUDE}
    clear = haurwitz_ghi_w_per_m2(fine_cosines(index, step_h=1.0, **place)).mean(axis=1)
    at_scan = haurwitz_ghi_w_per_m2(cosine_of_zenith(index + pd.Timedelta(minutes=10), **place))
    instants = days.copy()
    instants["ghi_w_per_m2"] = ("time", at_scan)
    instants["dhi_w_per_m2"] = ("time", 0.2 * at_scan)
    path = files.write_json(tmp_path / "pvgis.json", files.pvgis_hourly_content(instants, minute=10))
    weather = sources.read(path)
    assert np.sqrt(np.mean((at_scan - clear) ** 2)) > 30
    assert np.abs(weather["ghi_w_per_m2"].values - clear).max() < 4


@pytest.mark.parametrize("form", ["json", "csv"])
def test_pvgis_typical_year_is_rolled_to_the_solar_zone(form: str, tmp_path: Path) -> None:
    """At 94.9 E the year begins 18:00 UTC of 31 December: the file's last six UTC hours come first."""
    utc_year = files.truth(start_utc="2025-01-01", hours=8760)
    content = files.pvgis_tmy_content(utc_year, offset_h=0.5)
    path = tmp_path / f"tmy.{form}"
    if form == "json":
        files.write_json(path, content)
    else:
        files.write_pvgis_tmy_csv(path, content)
    weather = sources.read(path)
    assert weather.indexes["time"][0] == pd.Timestamp("2024-12-31 18:00")
    np.testing.assert_allclose(weather["dry_bulb_c"][6:], utc_year["dry_bulb_c"][:-6])
    np.testing.assert_allclose(weather["dry_bulb_c"][:6], utc_year["dry_bulb_c"][-6:])
    np.testing.assert_allclose(weather["ghi_w_per_m2"][6:], utc_year["ghi_w_per_m2"][:-6])


@pytest.mark.parametrize("new_layout", [True, False])
@pytest.mark.parametrize("versions", [True, False])
def test_era5_radiation_ends_at_the_stamp(new_layout: bool, versions: bool, days: xr.Dataset, tmp_path: Path) -> None:
    """J/m² of the hour before 06:00 is the mean from 05:00; read at the stamp the sun is an hour late.

    Tolerance: DNI is fdir over the mean cosine of the hour, so it and DHI only return where the truth closes.
    """
    path = files.write_era5(tmp_path / "era5.nc", days, new_layout=new_layout, versions=versions)
    weather = sources.read(path)
    assert_same(weather, days, leave=("dhi_w_per_m2", "dni_w_per_m2"), atol=1e-6)
    high = days["dni_w_per_m2"].values > 0
    np.testing.assert_allclose(weather["dni_w_per_m2"].values[high], days["dni_w_per_m2"].values[high], rtol=1e-6)
    np.testing.assert_allclose(weather["wind_speed_high_m_per_s"], 1.5 * days["wind_speed_m_per_s"])


def test_era5_grid_asks_for_a_point_and_finds_it(days: xr.Dataset, tmp_path: Path) -> None:
    """Nine cells are no site: the first cell (zeros) must never be taken silently."""
    path = files.write_era5(tmp_path / "era5.nc", days, new_layout=True, grid=True)
    with pytest.raises(WeatherError, match="3 x 3 grid points"):
        sources.read(path)
    weather = era5.read_point(path, latitude=36.45, longitude=94.85)
    np.testing.assert_allclose(weather["ghi_w_per_m2"], days["ghi_w_per_m2"], atol=1e-6)
    with pytest.raises(WeatherError, match="degrees outside"):
        era5.read_point(path, latitude=30.0, longitude=94.85)


@pytest.mark.parametrize("wind_unit", ["km/h", "m/s"])
@pytest.mark.parametrize("zone_h", [0, 8])
def test_open_meteo_forecast(wind_unit: str, zone_h: int, days: xr.Dataset, tmp_path: Path) -> None:
    """Radiation precedes its stamp, wind is km/h unless said; wrong by an hour or by 3.6 otherwise."""
    content = files.open_meteo_content(days, wind_unit=wind_unit, zone_h=zone_h)
    weather = sources.read(files.write_json(tmp_path / "om.json", content))
    assert_same(weather, days)
    np.testing.assert_allclose(weather["wind_speed_high_m_per_s"], 1.4 * days["wind_speed_m_per_s"])
    assert weather.attrs["wind_height_high_m"] == 120.0


def test_open_meteo_nulls_at_the_end_are_left_out(days: xr.Dataset, tmp_path: Path) -> None:
    """A forecast that ends in 10 nulls is 10 hours shorter, not 10 hours of NaN."""
    content = files.open_meteo_content(days)
    for name, series in content["hourly"].items():  # type: ignore[attr-defined]
        if name != "time":
            series[-10:] = [None] * 10
    weather = sources.read(files.write_json(tmp_path / "om.json", content))
    assert weather.sizes["time"] == days.sizes["time"] - 10
    assert problems_of(weather) == []


def test_open_meteo_model_suffix(days: xr.Dataset, tmp_path: Path) -> None:
    """An answer of one named model among several carries its name in every key; the source must say which."""
    content = files.open_meteo_content(days, model="_ecmwf_ifs025")
    weather = sources.read(files.write_json(tmp_path / "om.json", content))
    assert_same(weather, days)
    assert "ecmwf_ifs025" in weather.attrs["source"]


def test_open_meteo_ensemble_has_a_member_dimension(days: xr.Dataset, tmp_path: Path) -> None:
    """Member n of the made file is n °C colder: members in the wrong order or the control lost would show."""
    path = files.write_json(tmp_path / "ens.json", files.open_meteo_content(days, members=3))
    ensemble = open_meteo.read_ensemble(path)
    assert ensemble["dry_bulb_c"].dims == ("member", "time")
    colder = (ensemble["dry_bulb_c"] - days["dry_bulb_c"]).mean("time").values
    np.testing.assert_allclose(colder, [0, -1, -2, -3], atol=1e-9)
    with pytest.raises(WeatherError, match="no ensemble"):
        open_meteo.read_ensemble(files.write_json(tmp_path / "f.json", files.open_meteo_content(days)))


@pytest.mark.parametrize("name", ["723170TYA.CSV", "703165TY.csv", "12839.tm2"])
def test_real_files_of_pvlib_are_complete(name: str) -> None:
    """NREL's own TMY2 and TMY3: 8,760 complete, possible hours; a wrong column or unit would be out of its limits."""
    weather = sources.read(Path(pvlib.__file__).parent / "data" / name)
    assert weather.sizes["time"] == 8760
    assert problems_of(weather) == []


@pytest.mark.parametrize(
    ("name", "ghi", "dni", "mean_c", "mean_hpa", "wind"),
    [
        ("CHN_Qinghai.Golmud.528180_CSWD.epw", 1956, 1596, 5.8, 725.3, 2.32),
        ("CHN_Qinghai.Daqaidam.527130_CSWD.epw", 1980, 2195, 2.4, 691.9, 2.01),
        ("CHN_Yunnan.Kunming.567780_CSWD.epw", 1530, 1109, 15.5, 810.8, 1.45),
        ("USA_CO_Leadville-Lake.County.AP.724673_TMY3.epw", 1673, 1958, 2.7, 706.3, 3.37),
    ],
)
def test_real_epw_sums(
    name: str, ghi: float, dni: float, mean_c: float, mean_hpa: float, wind: float, shared_file: Callable[[str], Path]
) -> None:
    """Published annual facts of real EPW files, each to its last printed digit."""
    weather = sources.read(shared_file(f"data/weather/{name}"))
    assert float(weather["ghi_w_per_m2"].sum()) / 1000 == pytest.approx(ghi, abs=0.5)
    assert float(weather["dni_w_per_m2"].sum()) / 1000 == pytest.approx(dni, abs=0.5)
    assert float(weather["dry_bulb_c"].mean()) == pytest.approx(mean_c, abs=0.05)
    assert float(weather["pressure_pa"].mean()) / 100 == pytest.approx(mean_hpa, abs=0.05)
    assert float(weather["wind_speed_m_per_s"].mean()) == pytest.approx(wind, abs=0.005)


def test_pvgis_epw_is_utc_under_a_local_header(shared_file: Callable[[str], Path]) -> None:
    """PVGIS's EPW of 45 N 8 E says UTC+1 but holds UTC rows: first hour 2.04 °C is 00:00 UTC, now the second one."""
    weather = sources.read(shared_file("data/yield/pvlib_testdata/tmy_45.000_8.000_2005_2023.epw"))
    assert float(weather["dry_bulb_c"].sel(time="2025-01-01 00:00")) == 2.04
    assert "satellite" in weather.attrs["repairs"][0] or "after each stamp" in weather.attrs["repairs"][0]


def test_real_pvgis_samples_say_what_they_lack(shared_file: Callable[[str], Path]) -> None:
    """Tilted and tracked planes are no GHI: refused by name, not read as horizontal."""
    folder = "data/yield/pvlib_testdata/"
    tilted = folder + "pvgis_hourly_Timeseries_45.000_8.000_SA_30deg_0deg_2016_2016.csv"
    tracked = folder + "pvgis_hourly_Timeseries_45.000_8.000_SA2_10kWp_CIS_5_2a_2013_2014.json"
    with pytest.raises(WeatherError, match="slope 30 deg"):
        sources.read(shared_file(tilted))
    with pytest.raises(WeatherError, match="slope not fixed"):
        sources.read(shared_file(tracked))
    with pytest.raises(WeatherError, match="keep the head PVGIS writes"):
        sources.read(shared_file(folder + "pvgis_tmy_test.csv"))
