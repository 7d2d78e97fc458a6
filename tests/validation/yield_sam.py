"""Sun and wind energy of a year against NREL's System Advisor Model (PySAM) on the same typical years."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pvlib
import xarray as xr

from weather import sources
from weather.quality.repair import repair
from weather.solar import field
from weather.wind import farm
from weather.wind.hub import hub_density_kg_per_m3, hub_wind_m_per_s
from weather.wind.turbines import power_curve_of

SOURCE = "NREL PySAM, PVWatts v8 and Windpower"
GREENSBORO = Path(pvlib.__file__).parent / "data" / "723170TYA.CSV"
GOLMUD = "data/weather/CHN_Qinghai.Golmud.528180_CSWD.epw"
LEADVILLE = "data/weather/USA_CO_Leadville-Lake.County.AP.724673_TMY3.epw"
PVWATTS_CHAIN = {"reflection_b0": 0.05, "inverter_efficiency": 0.96, "temperature_coefficient_per_k": -0.0037}
"""What PVWatts takes for a standard module (glass, -.37 %/K), a 96 % inverter, losses of 14 %, DC/AC 1.2."""
FIXED, BACKTRACKING = 0, 3
HUB_M, SHEAR, TURBINE, RATED_KW = 110.0, 0.14, "N131/3000", 3000.0


def local_order(weather: xr.Dataset) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """Local standard stamps, and the order that puts a year from 1 January first, as SAM wants it."""
    offset = pd.Timedelta(hours=float(weather.attrs["timezone"].removeprefix("UTC").replace(":", ".")))
    local = pd.DatetimeIndex(weather.indexes["time"]) + offset
    order = np.lexsort((local.hour, local.day, local.month))
    return local[order], order


def pvwatts_kwh_per_kwp(weather: xr.Dataset, *, array_type: int, tilt_deg: float) -> float:
    """Yearly yield by PVWatts [kWh/kWp]; mid-hour sun as in the weather's own hourly means."""
    local, order = local_order(weather)
    resource: dict[str, Any] = {
        "lat": weather.attrs["latitude"], "lon": weather.attrs["longitude"], "elev": weather.attrs["elevation_m"],
        "tz": float(weather.attrs["timezone"].removeprefix("UTC").replace(":", ".")), "minute": [30] * len(local),
        "year": local.year.tolist(), "month": local.month.tolist(), "day": local.day.tolist(),
        "hour": local.hour.tolist(),
    }  # fmt: skip
    names = {"dn": "dni_w_per_m2", "df": "dhi_w_per_m2", "tdry": "dry_bulb_c", "wspd": "wind_speed_m_per_s"}
    resource |= {short: weather[name].values[order].tolist() for short, name in names.items()}
    model = importlib.import_module("PySAM.Pvwattsv8").new()
    model.SolarResource.solar_resource_data = resource
    model.SolarResource.albedo = (0.2,) * 12
    design = {"system_capacity": 1.0, "dc_ac_ratio": 1.2, "tilt": tilt_deg, "azimuth": 180.0, "inv_eff": 96.0,
              "losses": 14.0, "array_type": array_type, "gcr": 0.35, "module_type": 0}  # fmt: skip
    for name, value in design.items():
        setattr(model.SystemDesign, name, value)
    model.execute(0)
    return float(model.Outputs.annual_energy)


def windpower_full_load_hours(weather: xr.Dataset) -> float:
    """Yearly full-load hours of one turbine by SAM Windpower, on hub wind, temperature and pressure of ours."""
    curve = power_curve_of(TURBINE)
    speed = hub_wind_m_per_s(weather, hub_height_m=HUB_M, shear_exponent=SHEAR, roughness_length_m=None)
    air_c = weather["dry_bulb_c"].values - 0.0065 * (HUB_M - 2.0)
    pressure_atm = hub_density_kg_per_m3(weather, hub_height_m=HUB_M) * 287.058 * (air_c + 273.15) / 101_325.0
    rows_of_data = np.stack([air_c, pressure_atm, np.zeros(len(speed)), speed], axis=1).tolist()
    model = importlib.import_module("PySAM.Windpower").new()
    model.Resource.wind_resource_model_choice = 0
    model.Resource.wind_resource_data = {
        "heights": [HUB_M] * 4, "fields": [1, 2, 4, 3], "data": rows_of_data, "lat": weather.attrs["latitude"],
        "lon": weather.attrs["longitude"], "elev": weather.attrs["elevation_m"], "year": 2025,
    }  # fmt: skip
    turbine = {"wind_turbine_powercurve_windspeeds": curve.wind_speed_m_per_s.tolist(),
               "wind_turbine_powercurve_powerout": (RATED_KW * curve.power).tolist(),
               "wind_turbine_rotor_diameter": 131.0, "wind_turbine_hub_ht": HUB_M, "wind_resource_shear": SHEAR,
               "wind_turbine_max_cp": 0.45}  # fmt: skip
    farm = {"system_capacity": RATED_KW, "wind_farm_wake_model": 0, "wind_resource_turbulence_coeff": 0.1,
            "wind_farm_xCoordinates": [0.0], "wind_farm_yCoordinates": [0.0], "max_turbine_override": 1}  # fmt: skip
    losses = {name: 0.0 for name in dir(model.Losses) if name.endswith("_loss") and not name.startswith("_")}
    for group, values in ((model.Turbine, turbine), (model.Farm, farm), (model.Losses, losses)):
        for name, value in values.items():
            setattr(group, name, value)
    model.execute(0)
    return float(model.Outputs.annual_energy) / RATED_KW


def lines_of(name: str, weather: xr.Dataset) -> list[tuple[str, str, str, str]]:
    """The comparisons of one typical year."""
    tilt_deg = round(float(weather.attrs["latitude"]))
    pairs = {
        "fixed tilt, kWh/kWp": (
            float(field.fixed_tilt_capacity_factor(weather, tilt_deg=tilt_deg, **PVWATTS_CHAIN).sum()),
            pvwatts_kwh_per_kwp(weather, array_type=FIXED, tilt_deg=tilt_deg),
        ),
        "backtracking tracker, kWh/kWp": (
            float(field.tracker_capacity_factor(weather, **PVWATTS_CHAIN).sum()),
            pvwatts_kwh_per_kwp(weather, array_type=BACKTRACKING, tilt_deg=0.0),
        ),
        "N131/3000 at 110 m, full-load hours": (
            float(farm.capacity_factor(weather, turbine=TURBINE, hub_height_m=HUB_M, shear_exponent=SHEAR).sum()),
            windpower_full_load_hours(weather),
        ),
    }
    return [
        (name, metric, f"{ours:.0f} ({ours / theirs - 1:+.1%})", f"{theirs:.0f} ± 3 %")
        for metric, (ours, theirs) in pairs.items()
    ]


def rows(shared: Path) -> list[dict[str, str]]:
    """The comparisons as rows of the validation table. Raises ImportError where PySAM is not installed."""
    lines = lines_of("Greensboro TMY3 (pvlib's own file)", sources.read(GREENSBORO))
    lines += lines_of("Leadville TMY3, 3,026 m", sources.read(shared / LEADVILLE))
    lines += lines_of("Golmud CSWD, repaired, 2,808 m", repair(sources.read(shared / GOLMUD)))
    names = ("data", "metric", "ours", "bar", "source")
    return [dict(zip(names, (*line, SOURCE), strict=True)) for line in lines]
