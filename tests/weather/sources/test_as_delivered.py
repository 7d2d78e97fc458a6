"""Weather files as providers deliver them today: zips, half hours, leap years, lost rows, old encodings, dew points."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from tests.weather.fixtures import provider_files as files
from weather import sources
from weather.canonical import WeatherError
from weather.quality.inspect import inspect
from weather.quality.repair import repair
from weather.sources import era5
from weather.sun.position import cosine_of_zenith

HEAD = "Source,Location ID,City,State,Country,Latitude,Longitude,Time Zone,Elevation,Local Time Zone\n"


def half_hours(
    path: Path, *, first: str = "2023-06-01", days: int = 4, skip: str = "", zenith_late_min: float = 0
) -> Path:
    """A cloudless NSRDB file of half hours whose sun is that of the stamps, with a dew point and no humidity."""
    stamps = pd.date_range(first, periods=48 * days, freq="30min")
    stamps = stamps[stamps.strftime("%Y-%m-%d") != skip] if skip else stamps
    sun = {"latitude": files.LATITUDE, "longitude": files.LONGITUDE}
    cosines = np.maximum(cosine_of_zenith(stamps - pd.Timedelta(hours=8), **sun), 0.0)
    told = cosine_of_zenith(stamps - pd.Timedelta(hours=8) + pd.Timedelta(minutes=zenith_late_min), **sun)
    rows = [
        f"{t.year},{t.month},{t.day},{t.hour},{t.minute},{100 + 800 * c if c else 0:.2f},{800 if c else 0},{100 if c else 0},"
        f"20,{np.degrees(np.arccos(z)):.3f},725,5,3"
        for t, c, z in zip(stamps, cosines, told, strict=True)
    ]
    facts = f"NSRDB,1,-,-,-,{files.LATITUDE},{files.LONGITUDE},8,2800,8\n"
    columns = "Year,Month,Day,Hour,Minute,GHI,DNI,DHI,Temperature,Solar Zenith Angle,Pressure,Dew Point,Wind Speed\n"
    path.write_text(HEAD + facts + columns + "\n".join(rows) + "\n")
    return path


def test_half_hour_stamps_are_the_middle_of_their_step(tmp_path: Path) -> None:
    """The sun of the stamps closes GHI to rounding (0.01); a quarter of an hour off it would be some 20 W/m²."""
    weather = sources.read(half_hours(tmp_path / "a.csv"))
    assert weather.indexes["time"][0] == pd.Timestamp("2023-05-31 15:45")
    assert inspect(weather).closure_w_per_m2 < 0.05
    assert not [note for note in weather.attrs["repairs"] if "zenith" in note]
    wrong = sources.read(half_hours(tmp_path / "b.csv", zenith_late_min=30))
    assert any("the file's own zenith differs" in note for note in wrong.attrs["repairs"])


def test_the_dew_point_is_humidity(tmp_path: Path) -> None:
    """20 °C with a dew point of 5 °C: vapour pressures 8.72 over 23.4 hPa (WMO tables) are 0.373."""
    weather = sources.read(half_hours(tmp_path / "a.csv"))
    np.testing.assert_allclose(weather["relative_humidity"], 0.373, atol=0.001)


def test_an_epw_without_humidity_has_its_dew_point(tmp_path: Path) -> None:
    """The missing code 999 in one row: from the dew point of -5 °C, 0.42 over vapour at that hour's temperature."""
    path = files.write_epw(tmp_path / "a.epw", files.truth_year())
    lines = path.read_text().splitlines()
    cells = lines[20].split(",")
    lines[20] = ",".join([*cells[:8], "999", *cells[9:]])
    path.write_text("\n".join(lines) + "\n")
    dry_bulb_c, humidity = (sources.read(path)[name].values[12] for name in ("dry_bulb_c", "relative_humidity"))
    vapour = {
        temperature: 6.112 * np.exp(17.62 * temperature / (243.12 + temperature)) for temperature in (-5.0, dry_bulb_c)
    }
    assert humidity == pytest.approx(
        vapour[-5.0] / vapour[dry_bulb_c], abs=0.003
    )  # Magnus after Sonntag (WMO), another fit


def test_a_leap_year_without_29_february(tmp_path: Path) -> None:
    """The day becomes a gap, is repaired from its neighbours, and both are told."""
    weather = sources.read(half_hours(tmp_path / "a.csv", first="2024-02-27", skip="2024-02-29"))
    assert weather.sizes["time"] == 4 * 48
    whole = repair(weather)
    assert not np.isnan(whole["ghi_w_per_m2"].values).any()
    assert any(
        "48 missing rows taken as gaps, first at 2024-02-28 15:45:00 UTC" in note for note in whole.attrs["repairs"]
    )
    noon = whole["ghi_w_per_m2"].sel(time="2024-02-29 04:45").item()
    assert noon == pytest.approx(whole["ghi_w_per_m2"].sel(time="2024-02-28 04:45").item(), rel=0.03)


@pytest.mark.parametrize("write", [files.write_epw, files.write_tmy3, files.write_tmy2], ids=["epw", "tmy3", "tmy2"])
def test_lost_rows_of_a_typical_year_become_gaps(write: Callable[[Path, xr.Dataset], Path], tmp_path: Path) -> None:
    """Three hours lost: 8,760 steps, the others where they were, and the gap filled."""
    path = write(tmp_path / "a", files.truth_year())
    sound = sources.read(path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:5000] + lines[5003:]))
    weather = sources.read(path)
    missing = np.isnan(weather["dry_bulb_c"].values)
    assert (weather.sizes["time"], int(missing.sum())) == (8760, 3)
    np.testing.assert_array_equal(weather["dry_bulb_c"].values[~missing], sound["dry_bulb_c"].values[~missing])
    assert any("3 missing rows taken as gaps" in note for note in weather.attrs["repairs"])
    assert not np.isnan(repair(weather)["dry_bulb_c"].values).any()


def test_a_name_in_latin_1(tmp_path: Path) -> None:
    """Station names of old files; digits are the same."""
    path = files.write_epw(tmp_path / "a.epw", files.truth_year())
    path.write_bytes(path.read_text().replace("Truth", "Böblingen").encode("latin-1"))
    assert "Böblingen" in sources.read(path).attrs["source"]


@pytest.fixture
def members(tmp_path: Path) -> tuple[Path, Path]:
    """The two files the store delivers: instants and sums, of 3 x 3 points."""
    whole = xr.load_dataset(
        files.write_era5(tmp_path / "all.nc", files.truth(), new_layout=True, grid=True), engine="h5netcdf"
    )
    sums = ["ssrd", "fdir"]
    instant, accum = tmp_path / "oper_stepType-instant.nc", tmp_path / "oper_stepType-accum.nc"
    whole.drop_vars(sums).to_netcdf(instant, engine="h5netcdf")
    whole[sums].to_netcdf(accum, engine="h5netcdf")
    return instant, accum


@pytest.mark.parametrize("form", ["zip", "instant", "accum"])
def test_era5_as_the_store_delivers_it(form: str, members: tuple[Path, Path], tmp_path: Path) -> None:
    """Both members are read from the zip, or either with the other beside it; of the points the nearest to the site."""
    path = members[form == "accum"]
    if form == "zip":
        path = tmp_path / "era5.nc"
        with zipfile.ZipFile(path, "w") as packed:
            for member in members:
                packed.write(member, member.name)
    with pytest.raises(WeatherError, match="3 x 3 grid points"):
        sources.read(path)
    weather = era5.read_nearest(path, latitude=files.LATITUDE + 0.1, longitude=files.LONGITUDE - 0.1)
    np.testing.assert_allclose(weather["ghi_w_per_m2"], files.truth()["ghi_w_per_m2"].values, atol=0.1)
    np.testing.assert_allclose(weather["dry_bulb_c"], files.truth()["dry_bulb_c"].values, atol=0.01)


def test_one_member_alone_says_what_is_missing(members: tuple[Path, Path]) -> None:
    """Not that radiation was forgotten in the request, which it was not."""
    members[1].unlink()
    with pytest.raises(WeatherError, match=r"'ssrd' is missing; .* the zip with all members"):
        sources.read(members[0])


def test_classic_netcdf(tmp_path: Path) -> None:
    """netCDF-3 as older tools write it."""
    path = files.write_era5(tmp_path / "new.nc", files.truth(), new_layout=False)
    xr.load_dataset(path, engine="h5netcdf").to_netcdf(tmp_path / "old.nc", engine="scipy", format="NETCDF3_64BIT")
    assert (tmp_path / "old.nc").read_bytes().startswith(b"CDF")
    np.testing.assert_allclose(
        sources.read(tmp_path / "old.nc")["ghi_w_per_m2"], sources.read(path)["ghi_w_per_m2"], atol=0.01
    )


def test_a_measured_beam_is_kept() -> None:
    """Without closure: modelled anew, unless somebody says that it was measured; then it stays and is warned of."""
    weather = files.truth(hours=2400)
    weather["dni_w_per_m2"] = weather["dni_w_per_m2"] * 0.5
    kept = repair(weather, measured_beam=True)
    np.testing.assert_array_equal(kept["dni_w_per_m2"], weather["dni_w_per_m2"])
    assert any("kept, since they are said to be measured" in note for note in kept.attrs["repairs"])
    assert any("modelled anew" in note for note in repair(weather).attrs["repairs"])
