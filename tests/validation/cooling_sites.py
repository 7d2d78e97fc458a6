"""Site presets on typical years: the annual table, and the anchors other people published or measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from tests.validation.cooling_weather import epw, read_air
from weather.cooling.demand import Mode
from weather.cooling.indirect_evaporative import DRY_ONLY, DRY_OR_WET
from weather.cooling.presets import AS_OPERATED, LIQUID_HEAVY, MODERN_IEC, SitePreset
from weather.cooling.site import Facility, facility_power

STATIONS = ("Golmud", "Daqaidam", "Xining", "Kunming", "Xifengzhen", "Hohhot", "Leadville")
PUE_TOLERANCE, WUE_TOLERANCE = 0.0005, 0.005
TABLE_SOURCE = "independent computation from the same equations and files"


@dataclass(frozen=True)
class Case:
    """A column of the annual table: a preset at a constant load, and what was computed for STATIONS independently."""

    name: str
    preset: SitePreset
    load: float
    modes: tuple[Mode, ...]
    expected_pue: tuple[float, ...]
    expected_wue: tuple[float, ...] | None = None


RETROFIT = replace(LIQUID_HEAVY, liquid_share=0.70)
CASES = (
    Case("modern, load 0.7", MODERN_IEC, 0.7, DRY_OR_WET,
         (1.0886, 1.0894, 1.0867, 1.0902, 1.0853, 1.0837, 1.0882), (0.179, 0.087, 0.152, 0.440, 0.322, 0.371, 0.070)),
    Case("as operated, load 0.55", AS_OPERATED, 0.55, DRY_OR_WET,
         (1.1745, 1.1767, 1.1702, 1.1717, 1.1653, 1.1628, 1.1749), (0.053, 0.011, 0.046, 0.078, 0.117, 0.169, 0.003)),
    Case("liquid 70 %, load 0.7", RETROFIT, 0.7, DRY_OR_WET,
         (1.0782, 1.0782, 1.0775, 1.0793, 1.0774, 1.0770, 1.0777), (0.058, 0.028, 0.049, 0.142, 0.104, 0.119, 0.022)),
    Case("liquid 85 %, load 0.7", LIQUID_HEAVY, 0.7, DRY_OR_WET,
         (1.0760, 1.0758, 1.0755, 1.0769, 1.0757, 1.0755, 1.0755)),
    Case("no water, load 0.7", MODERN_IEC, 0.7, DRY_ONLY,
         (1.0942, 1.0915, 1.0912, 1.0994, 1.0949, 1.0965, 1.0896)),
)  # fmt: skip
WET_HOURS = (826, 403, 703, 2031, 1463 + 22, 1664 + 49, 321)  # wet and trim hours of the modern case
TRIM_HOURS = (0, 0, 0, 0, 22, 49, 0)


def year(case: Case, path: Path) -> Facility:
    """The case on all hours of a file."""
    dry_bulb, wet_bulb, pressure = read_air(path)
    return facility_power(case.load, dry_bulb, wet_bulb, pressure, preset=case.preset, air_modes=case.modes)


def mechanical_pue(facility: Facility) -> float:
    """1 + cooling and misc over IT: the boundary of halls metered behind the UPS."""
    return float(1 + np.mean(facility.mechanical_mw / facility.it_mw))


def assisted_days(path: Path, preset: SitePreset, load: float) -> int:
    """Days with at least one hour of evaporative assist or compressor; days of the file's own clock."""
    facility = facility_power(load, *read_air(path), preset=preset)
    assisted = (facility.air.pump_mw > 0) | (facility.air.compressor_mw > 0)
    return int(assisted.reshape(-1, 24).any(axis=1).sum())


def rows(shared: Path) -> list[dict[str, str]]:
    """The comparisons as rows of the validation table."""
    table = []
    for number, station in enumerate(STATIONS):
        for case in CASES:
            facility = year(case, epw(shared, station))
            pue, bar = facility.pue.mean(), f"{case.expected_pue[number]:.4f} ± {PUE_TOLERANCE}"
            table.append((f"{station}, typical year", f"annual PUE, {case.name}", f"{pue:.4f}", bar, TABLE_SOURCE))
            if case.expected_wue:
                wue, bar = facility.wue_l_per_kwh.mean(), f"{case.expected_wue[number]:.3f} ± {WUE_TOLERANCE}"
                table.append((f"{station}, typical year", f"WUE L/kWh, {case.name}", f"{wue:.3f}", bar, TABLE_SOURCE))
    names = ("data", "metric", "ours", "bar", "source")
    return [dict(zip(names, row, strict=True)) for row in [*table, *_anchors(shared)]]


def _anchors(shared: Path) -> list[tuple[str, str, str, str, str]]:
    xining, leadville = epw(shared, "Xining"), epw(shared, "Leadville")
    operated = year(CASES[1], xining).pue.mean()
    mechanical = mechanical_pue(year(CASES[3], leadville))
    measured = pd.read_csv(shared / "data/cooling/nlr_esif/esif_hourly_stats_2016_2025.csv").set_index("stat")
    esif = measured.loc["mean", "pue"]
    days = assisted_days(xining, AS_OPERATED, 0.55)
    unicom = "China Unicom, Xining, operator's statement (the preset was tuned to it: calibration)"
    telecom = "China Telecom, Haidong, operator's statement (51 d)"
    return [
        ("Xining, typical year", "annual PUE, as operated", f"{operated:.3f}", "1.17 ± 0.03", unicom),
        ("Leadville TMY3", "1 + cooling and misc, liquid 85 %", f"{mechanical:.3f}", f"{esif:.3f} ± 0.015",
         "NREL ESIF 2016-2025, measured, doi 10.7799/3015212 (CC BY 4.0)"),
        ("Xining, typical year", "days with evaporative assist, as operated", f"{days}", "30..75", telecom),
    ]  # fmt: skip


def figure(shared: Path) -> go.Figure:
    """Hourly PUE at Golmud against dry bulb, modern preset, at four loads."""
    dry_bulb, wet_bulb, pressure = read_air(epw(shared, "Golmud"))
    plot = go.Figure()
    for load in (0.3, 0.5, 0.7, 1.0):
        pue = facility_power(load, dry_bulb, wet_bulb, pressure, preset=MODERN_IEC).pue
        plot.add_scattergl(x=dry_bulb[::3], y=pue[::3], mode="markers", marker_size=3, name=f"load {load:g}")
    return plot.update_layout(title="Golmud, modern preset", xaxis_title="dry bulb, °C", yaxis_title="hourly PUE")
