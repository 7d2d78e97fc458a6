"""Equipment in thin air against quoted tables, and servers seen from the cooling side."""

from __future__ import annotations

import pytest

from weather.cooling import altitude
from weather.cooling.servers import ServerCurves, it_power_in_thin_air_mw, server_power_and_flow


@pytest.mark.parametrize(
    ("elevation_m", "limits"),
    [
        (0, (32.0, 35.0, 40.0, 45.0)), (1063, (31.5, 34.5, 39.1, 43.7)), (1421, (30.3, 33.3, 37.0, 40.8)),
        (1892, (28.7, 31.7, 34.3, 37.1)), (2295, (27.4, 30.4, 32.0, 33.8)), (2808, (25.6, 28.6, 29.1, 29.7)),
    ],
)  # fmt: skip
def test_inlet_limits(elevation_m, limits):
    """Classes A1 to A4 from sea level to Golmud; without derating A1 stays at 32 °C, 6 K too warm."""
    classes = (altitude.CLASS_A1, altitude.CLASS_A2, altitude.CLASS_A3, altitude.CLASS_A4)
    ours = [altitude.warmest_inlet_c(elevation_m, thermal_class=thermal_class) for thermal_class in classes]
    assert ours == pytest.approx(limits, abs=0.06)  # quoted to 0.1 K


def test_classes_end():
    """Daqaidam, 3,173 m, lies outside the classes: an error, not a number."""
    with pytest.raises(ValueError, match="3173 m: ASHRAE classes end"):
        altitude.warmest_inlet_c(3173, thermal_class=altitude.CLASS_A1)


def test_capacity_tables_and_exchanger():
    """Golmud: dry coolers keep .82, fan coils .73; the exchanger relation gives .74..76, in accord with the table."""
    assert altitude.capacity_at_elevation([0, 2808], table=altitude.AIR_COOLED_CONDENSER) == pytest.approx([1, 0.82])
    assert altitude.capacity_at_elevation(2808, table=altitude.FAN_COIL_SENSIBLE) == pytest.approx(0.73)
    for exponent in (0.4, 0.5, 0.6):
        kept = altitude.exchanger_capacity_in_thin_air(0.709, effectiveness=0.65, transfer_exponent=exponent)
        assert 0.735 < kept < 0.765
    assert altitude.exchanger_capacity_in_thin_air(1.0, effectiveness=0.65) == pytest.approx(1.0)


def test_electrical_ratings():
    """Golmud: converters .82, dry transformers .946; both full at 1,000 m. Diesel 1 % a 100 m above 1,250 m."""
    assert altitude.power_electronics_rating([1000, 2808]) == pytest.approx([1.0, 0.8192])
    assert altitude.dry_transformer_rating([1000, 2808]) == pytest.approx([1.0, 0.94576])
    assert altitude.turbo_diesel_rating([1000, 2250]) == pytest.approx([1.0, 0.9])


def test_server_fans_hide_in_it_power():
    """8 % of fans double at Golmud (1/s² = 1.99): IT power rises by 7.9 %, and PUE looks better for it."""
    assert it_power_in_thin_air_mw(10.0, 71_800.0, it_fan_share=0.08) == pytest.approx(10.793, abs=0.001)
    assert it_power_in_thin_air_mw(10.0, 71_800.0, it_fan_share=0.0) == 10.0
    with pytest.raises(ValueError, match="share of server fans"):
        it_power_in_thin_air_mw(10.0, 71_800.0, it_fan_share=8)


def test_warm_inlet_costs_server_power():
    """The example curves meet their design point (full load, 15 °C) at 1, and rise with inlet temperature."""
    power, flow = server_power_and_flow([1.0, 1.0], [15.0, 16.0], curves=ServerCurves())
    assert power[0] == pytest.approx(1.0, abs=1e-4)  # the published coefficient is 1/15 to five digits
    assert flow.tolist() == pytest.approx([1.0, 1.1])
    assert power[1] > power[0]
    with pytest.raises(ValueError, match="negative air flow"):
        server_power_and_flow(0.1, 5.0, curves=ServerCurves())
