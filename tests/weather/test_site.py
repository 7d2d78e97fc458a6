"""Station weather at the height of the site: the standard atmosphere, and humidity that stays possible."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.weather.fixtures import provider_files as files
from weather.canonical import problems_of
from weather.site import saturation_pressure_pa, standard_pressure_pa, to_site_elevation


@pytest.mark.parametrize(("height_m", "pressure_pa"), [(0, 101_325), (1000, 89_875), (2800, 71_921), (3000, 70_109)])
def test_standard_atmosphere(height_m: float, pressure_pa: float) -> None:
    """Tabled values of ISO 2533 within 30 Pa (its exponent is rounded); a sea-level value would be 30 kPa off."""
    assert standard_pressure_pa(height_m) == pytest.approx(pressure_pa, abs=30)


@pytest.mark.parametrize(("dry_bulb_c", "pressure_pa"), [(0, 611.2), (20, 2339), (40, 7385)])
def test_saturation_pressure(dry_bulb_c: float, pressure_pa: float) -> None:
    """Steam-table values within 0.4 %, the formula's own claim."""
    assert saturation_pressure_pa(np.array([dry_bulb_c]))[0] == pytest.approx(pressure_pa, rel=0.004)


def test_500_m_higher_is_colder_thinner_and_as_moist() -> None:
    """500 m: -3.25 K; about -6 % pressure; the mixing ratio stays, so relative humidity rises; sun and wind stay."""
    station = files.truth()
    site = to_site_elevation(station, 3300.0)
    np.testing.assert_allclose(site["dry_bulb_c"], station["dry_bulb_c"] - 3.25)
    ratio = float((site["pressure_pa"] / station["pressure_pa"]).mean())
    # Hypsometric equation, 281 K mean layer: exp(-9.80665 * 500 / (287.05 * 281)) = 0.941.
    assert ratio == pytest.approx(0.941, abs=0.002)
    vapour = [w["relative_humidity"].values * saturation_pressure_pa(w["dry_bulb_c"].values) / w["pressure_pa"].values
              for w in (station, site)]  # fmt: skip
    np.testing.assert_allclose(vapour[1], vapour[0], rtol=1e-12)
    np.testing.assert_array_equal(site["ghi_w_per_m2"], station["ghi_w_per_m2"])
    assert site.attrs["elevation_m"] == 3300.0
    assert "moved from 2800 m to 3300 m: -3.2 K" in site.attrs["repairs"][0]
    assert station.attrs["elevation_m"] == 2800.0


@given(st.floats(min_value=0, max_value=5000))
def test_any_height_gives_possible_weather_and_the_way_back(height_m: float) -> None:
    """Between 0 and 5,000 m nothing leaves its limits; down again temperature and pressure return."""
    station = files.truth(hours=48)
    site = to_site_elevation(station, height_m)
    assert problems_of(site) == []
    back = to_site_elevation(site, 2800.0)
    np.testing.assert_allclose(back["dry_bulb_c"], station["dry_bulb_c"], atol=1e-9)
    np.testing.assert_allclose(back["pressure_pa"], station["pressure_pa"], rtol=1e-9)
