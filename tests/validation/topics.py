"""What the validation page holds, in its order: each topic with its comparisons, its figure and its remarks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import plotly.graph_objects as go

from tests.validation import (
    air_psychrolib,
    cooling_lei_masanet,
    cooling_segment_errors,
    cooling_sites,
    cooling_summit,
    forecast_gefcom,
    forecast_members,
    hub_wind_masts,
    quality_cswd,
    yield_climate,
    yield_pvsite,
    yield_sam,
    yield_stations,
)


@dataclass(frozen=True)
class Remark:
    """What a reader must know about one row; `text` may name {ours} and {bar}. Nothing is typed that a row knows."""

    data: str
    metric: str
    text: str


@dataclass(frozen=True)
class Topic:
    """One section of the page."""

    name: str
    title: str
    about: str
    rows: Callable[[Path], list[dict[str, str]]]
    figure: Callable[[Path], go.Figure] | None = None
    caption: str = ""
    remarks: tuple[Remark, ...] = ()
    missing: str = ""
    """What should be compared here and is not, in a sentence."""


LEADS = Remark(
    forecast_gefcom.DATA,
    "central 80 % interval covers, least and most of 48 leads",
    "The central 80 % interval of the forecast keeps its bar over all leads together; at single leads it covers from the "
    "first to the second of {ours}: too little in the first hours, too much a day ahead.",
)
TRACKER = Remark(
    "Golmud, repaired",
    "tracker over fixed tilt",
    "A backtracking tracker gains {ours} over fixed tilt at Golmud after repair. Nobody measured this gain there, so "
    "no bar was set; PVWatts on the same year agrees on both yields (section *Sun and wind against SAM*).",
)
ALL_HOURS = Remark(
    "50 MW plant, fitted 2019, tested 2020, all hours",
    "nRMSE of capacity",
    "The published 8.9 % of the 50 MW plant holds on hours in which every sensor reported. Over all hours our error is "
    "{ours} of capacity, and the bar there is what the published rule reaches on the same hours: {bar}.",
)
SINGLE_YEARS = Remark(
    "synthetic golmud, 95 % of 20 years below",
    "monthly GHI, largest error",
    "A synthetic year is random: the table holds what 19 of 20 years stay below ({ours} for the worst month of GHI at "
    "Golmud, bar {bar}). The twentieth may lie beyond.",
)

TOPICS = (
    Topic(
        "quality", "Repair of weather files", "Clock, closure and direct normal radiation of Chinese typical years; a "
        "good file must come out as it went in.",
        quality_cswd.rows, quality_cswd.figure, "Direct normal irradiation before and after repair.",
    ),
    Topic(
        "climate", "Synthetic years", "Years made from monthly statistics against the typical years behind them.",
        yield_climate.rows, yield_climate.figure, "Monthly sun at Golmud: ten synthetic years and the file.",
        (SINGLE_YEARS,),
    ),
    Topic(
        "stations", "Sun and wind yields of stations", "Yields from the files on the sun's clock against independently "
        "computed ones.",
        yield_stations.rows, yield_stations.figure, "Sun yield of seven stations, ours and computed by others.",
        (TRACKER,),
    ),
    Topic(
        "plant", "A measured sun plant", "50 MW in the desert of Hexi: one factor fitted on 2019, power of 2020 told "
        "from measured light and air.",
        yield_pvsite.rows, yield_pvsite.figure, "Energy of each day of 2020, measured over ours.", (ALL_HOURS,),
    ),
    Topic(
        "sam", "Sun and wind against SAM", "The same typical years through NREL's System Advisor Model.", yield_sam.rows
    ),
    Topic(
        "hub", "Wind at the hub", "Hub wind by its climate, from wind near the ground, against measured Chinese farms.",
        hub_wind_masts.rows, hub_wind_masts.figure, "Daily course of the wind at 80 m: measured, by climate, scaled.",
    ),
    Topic(
        "forecast", "Wind power forecast", "Fitted on nine months, judged on the three after them.",
        forecast_members.rows, forecast_members.figure, "Error by lead: the blend against the curve and persistence.",
        (LEADS,), "The error model has no rival in quantile regression (scikit-learn): that is not built.",
    ),
    Topic("air", "Moist air", "Psychrometrics against an independent package.", air_psychrolib.rows),
    Topic(
        "zones", "Outside-air cooling in 11 climates", "Ends of the bands of PUE and WUE over drawn plants.",
        cooling_lei_masanet.rows, cooling_lei_masanet.figure, "Bands of annual PUE, ours beside the published ones.",
    ),
    Topic(
        "summit", "A measured warm-water plant", "A year of the Summit supercomputer.",
        cooling_summit.rows, cooling_summit.figure, "Weekly PUE over wet bulb, measured and ours.",
    ),
    Topic(
        "sites", "Cooling presets at the sites", "Annual PUE and WUE, and what operators state.",
        cooling_sites.rows, cooling_sites.figure, "Hourly PUE over dry bulb at Golmud, by load.",
    ),
    Topic(
        "segments", "Cooling in the optimization", "The straight segments of the linear program against the full "
        "model, hour by hour.",
        cooling_segment_errors.rows,
    ),
)  # fmt: skip
