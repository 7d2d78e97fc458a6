"""What readers must work out because the file does not say it: hourly means of instants, humidity without a column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from tests.weather.fixtures import provider_files as files
from weather import sources
from weather.quality.clock import clock_error_min
from weather.site import saturation_pressure_pa
from weather.sources.assumed import humidity_from_daily_minimum
from weather.sun.position import cosine_of_zenith, fine_cosines, haurwitz_ghi_w_per_m2


def test_pvgis_typical_year_uses_its_irradiance_time_offset(tmp_path: Path) -> None:
    """Instants of a cloudless sky 0.1761 h after each stamp come back as its hourly means, mean error below 1 W/m².

    Taken as instants at the stamp itself (offset ignored) the mean error is above 10.
    """
    utc_year = files.truth(start_utc="2025-01-01", hours=8760)
    index = pd.DatetimeIndex(utc_year.indexes["time"])
    place = {"latitude": files.LATITUDE, "longitude": files.LONGITUDE}
    scan = haurwitz_ghi_w_per_m2(cosine_of_zenith(index + pd.Timedelta(hours=0.1761), **place))
    utc_year["ghi_w_per_m2"] = ("time", scan)
    content = files.pvgis_tmy_content(utc_year, offset_h=0.1761)
    weather = sources.read(files.write_json(tmp_path / "tmy.json", content))
    clear = haurwitz_ghi_w_per_m2(fine_cosines(pd.DatetimeIndex(weather.indexes["time"]), step_h=1.0, **place))
    error = weather["ghi_w_per_m2"].values - clear.mean(axis=1)
    assert float(np.abs(error[6:]).mean()) < 1.0  # the first six hours belong to the end of the file's UTC year


def test_pvgis_epw_stands_under_the_sun(shared_file: Callable[[str], Path]) -> None:
    """Zone and scan time of PVGIS's EPW are undone by the reader alone: error under 5 min; untreated it is 39."""
    weather = sources.read(shared_file("data/yield/pvlib_testdata/tmy_45.000_8.000_2005_2023.epw"))
    assert abs(clock_error_min(weather)) < 5


def test_humidity_from_the_coldest_hour() -> None:
    """Dew point = the day's minimum: saturated there, vapour pressure constant over the day, drier when warmer."""
    dry_bulb_c = np.concatenate([np.linspace(0, 20, 24), np.linspace(-10, 5, 24)])
    humidity = humidity_from_daily_minimum(dry_bulb_c, steps_a_day=24)
    assert humidity[0] == humidity[24] == 1.0
    vapour_pa = humidity * saturation_pressure_pa(dry_bulb_c)
    np.testing.assert_allclose(vapour_pa[:24], saturation_pressure_pa(np.array([0.0]))[0])
    assert humidity[23] < 0.3
