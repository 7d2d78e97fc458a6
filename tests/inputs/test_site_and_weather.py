"""Site and weather belong together: climates move with the site or are refused, files of elsewhere are told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from optimizer.inputs.weather import weather_for
from optimizer.quantities.calendar import Calendar
from optimizer.technologies.base import Outside, Site
from optimizer.technologies.energy.solar import Solar
from tests.weather.fixtures import provider_files as files
from weather import sources
from weather.canonical import WeatherError
from weather.quality.inspect import inspect
from weather.quality.place import distance_km, impossible_for_the_place, place_flags
from weather.quality.repair import is_of_weak_wind
from weather.sources import tidy
from weather.synthetic.year import synthetic_year

GOLMUD = Site(36.42, 94.90, 2808.0, "Asia/Shanghai")
SUMMER = Calendar.at_local_midnight("2025-06-20", 5, 1.0, "Asia/Shanghai")


def sky(site: Site, needed: bool = True) -> xr.Dataset:
    """Golmud's climate for a plan of that site."""
    return weather_for(synthetic="golmud", file=None, year=2025, calendar=SUMMER, site=site, needed=needed)


def test_a_site_at_its_climate_keeps_its_weather() -> None:
    """To the last digit, also within 60 km and 150 m, as the shipped scenarios stand."""
    own = synthetic_year("golmud", 2025, seed=2025).sel(time=slice(SUMMER.time[0], SUMMER.time[-1]))
    for site in (GOLMUD, Site(36.8, 94.6, 2700.0, "Asia/Shanghai")):
        np.testing.assert_array_equal(sky(site)["ghi_w_per_m2"], own["ghi_w_per_m2"])


def test_a_climate_moves_with_its_site() -> None:
    """1,000 m lower: 6.5 K warmer. Two degrees east: the sun 8 minutes earlier, so mornings brighter. North: a longer day."""
    own, low = sky(GOLMUD), sky(Site(36.42, 94.90, 1808.0, "Asia/Shanghai"))
    assert float((low["dry_bulb_c"] - own["dry_bulb_c"]).mean()) == pytest.approx(6.5, abs=0.01)
    assert float(low["pressure_pa"].mean()) == pytest.approx(float(own["pressure_pa"].mean()) + 9_200, abs=600)
    east = sky(Site(36.42, 96.9, 2808.0, "Asia/Shanghai"))
    morning = SUMMER.hour < 12
    assert float(east["ghi_w_per_m2"].values[morning].sum()) > 1.02 * float(own["ghi_w_per_m2"].values[morning].sum())
    north = sky(Site(38.9, 94.9, 2808.0, "Asia/Shanghai"))
    assert int((north["ghi_w_per_m2"] > 0).sum()) >= int((own["ghi_w_per_m2"] > 0).sum())


@pytest.mark.parametrize(
    ("site", "said"),
    [
        (Site(36.42, 94.90, 0.0, "Asia/Shanghai"), "2,808 m lower"),
        (Site(-36.42, 94.90, 2808.0, "Asia/Shanghai"), "8,099 km away"),
        (Site(36.42, 0.0, 2808.0, "Europe/London"), "8,085 km away"),
        (Site(36.42, -179.9, 2808.0, "Pacific/Fiji"), "km away"),
    ],
)
def test_a_climate_of_elsewhere_is_refused(site: Site, said: str) -> None:
    """With the distance and the remedy; where nothing depends on the sky it does not matter."""
    with pytest.raises(WeatherError, match=said):
        sky(site)
    assert sky(site, needed=False).sizes["time"] == 120


def test_three_years_have_three_years_of_weather() -> None:
    """The year in the middle too."""
    long = Calendar.at_local_midnight("2024-12-31", 367, 1.0, "Asia/Shanghai")
    found = weather_for(synthetic="golmud", file=None, year=2025, calendar=long, site=GOLMUD)
    assert found.sizes["time"] == 367 * 24


def test_distances() -> None:
    """A degree of latitude is 111.2 km; across the date line the short way; Paris to London 344 km."""
    assert distance_km(0, 0, 1, 0) == pytest.approx(111.2, abs=0.1)
    assert distance_km(0, 179.5, 0, -179.5) == pytest.approx(111.2, abs=0.1)
    assert distance_km(48.857, 2.352, 51.507, -0.128) == pytest.approx(344, abs=2)


def test_a_file_of_another_place_is_told(tmp_path: Path) -> None:
    """The sign of the longitude forgotten: 10,000 km; the hemisphere named; 60 km are near."""
    weather = files.truth()
    assert place_flags(weather, latitude=36.6, longitude=94.9) == []
    far = place_flags(weather, latitude=36.4, longitude=-94.9)[0]
    assert "the site at 36.40 N -94.90 E" in far
    assert "another climate" in far
    assert "in the other hemisphere" in place_flags(weather, latitude=-36.4, longitude=94.9)[0]
    tidy.write(files.truth_year(), tmp_path / "w.csv")
    site = Site(36.4, -94.9, 2800.0, "America/Chicago")
    told = weather_for(synthetic=None, file=tmp_path / "w.csv", year=2025, calendar=SUMMER, site=site)
    assert any("another climate" in note for note in told.attrs["repairs"])


def test_weak_wind_is_no_warning_of_a_plan(tmp_path: Path) -> None:
    """The wind of a town (1.5 m/s): `weather inspect` warns; a plan, whose farms map it onto their hub's wind, does not repeat it."""
    weather = files.truth_year()
    tidy.write(weather.assign(wind_speed_m_per_s=weather["wind_speed_m_per_s"] * 0 + 1.5), tmp_path / "w.csv")
    assert any(is_of_weak_wind(note) for note in inspect(sources.read(tmp_path / "w.csv")).warnings)
    site = Site(36.4, 94.9, 2800.0, "Asia/Shanghai")
    of_plan = weather_for(synthetic=None, file=tmp_path / "w.csv", year=2025, calendar=SUMMER, site=site)
    assert [note for note in of_plan.attrs["repairs"] if "wind" in note] == []


def test_pressure_and_sun_that_cannot_be_there() -> None:
    """Pressure reduced to sea level; twice the sun; a summer's sun in the other hemisphere's winter."""
    year = files.truth_year()
    assert impossible_for_the_place(year) == []
    sea_level = year.assign(pressure_pa=year["pressure_pa"] * 0 + 101_325)
    assert "looks reduced to sea level" in impossible_for_the_place(sea_level)[0]
    bright = year.assign(ghi_w_per_m2=year["ghi_w_per_m2"] * 2)
    assert "more sun than there is above the air" in impossible_for_the_place(bright)[0]
    south = year.assign_attrs(latitude=-year.attrs["latitude"])
    assert "more sun than there is above the air" in impossible_for_the_place(south)[0]


@pytest.mark.parametrize("latitude", [-33.9, 33.9])
def test_a_field_faces_the_equator(latitude: float) -> None:
    """In its winter a field that faces the equator beats the flat one, and one that faces the pole is beaten by far."""
    month = "2025-06" if latitude < 0 else "2025-12"
    time = pd.date_range(f"{month}-10", periods=72, freq="h")
    weather = files.truth(start_utc=str(time[0]), hours=72)
    weather.attrs |= {"latitude": latitude, "longitude": 0.0}
    calendar = Calendar(time[0], 72, 1.0, "UTC")
    outside = Outside(Site(latitude, 0.0, 100.0, "UTC"), calendar, weather)

    def energy(**mount: object) -> float:
        field = Solar.model_validate({"peak_power_mw": 1, "mount": {"kind": "fixed", **mount}})
        return float(field.weather_capacity_factor(outside).sum())

    pole = 180.0 if latitude < 0 else 0.0
    assert energy(tilt_deg=34) > energy(tilt_deg=0) > energy(tilt_deg=34, azimuth_deg=pole)
    assert json.loads(Solar.model_validate({"peak_power_mw": 1}).model_dump_json())["mount"]["azimuth_deg"] is None
