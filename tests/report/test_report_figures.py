"""Figures say what the Dataset says: sums, local hours, units, and nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
import xarray as xr
from made_up_results import made_up_bill, made_up_jobs, made_up_members, made_up_results

from optimizer.report import figures
from optimizer.report.palette import asset_colours
from optimizer.report.strands import local_time, of_site, sites, strands
from optimizer.report.style import big, colour
from optimizer.report.windows import windows
from optimizer.technologies.flows import Role

WEEK = slice(0, 168)


def traces(figure: go.Figure, **where: object) -> list[go.Scatter]:
    return [trace for trace in figure.data if all(getattr(trace, key) == value for key, value in where.items())]


@pytest.fixture
def tiny() -> xr.Dataset:
    """Three hours from 02:00 UTC (10:00 local): sun feeds 4, 5, 6 MW, a store takes 1 MW of it, the rest is used."""
    rows = [
        ("field", "output", "solar", [4.0, 5.0, 6.0]),
        ("store", "charge", "storage", [-1.0, -1.0, -1.0]),
        ("train", "draw", "powertrain", [-3.0, -4.0, -5.0]),
    ]
    names = ("asset", "series_flow", "technology")
    labels = {name: ("series", [row[place] for row in rows]) for place, name in enumerate(names)}
    coords = {
        **labels,
        "role": ("series", [Role.GREEN_GENERATION, Role.CHARGE, Role.SUPPLY]),
        "site": ("series", ["a"] * 3),
        "bus": ("series", ["electricity"] * 3),
        "member": ("series", [-1] * 3),
    }
    time = pd.date_range("2025-03-01 02:00", periods=3, freq="h").to_numpy()
    flow = xr.DataArray(np.array([row[3] for row in rows]).T, dims=("time", "series"), coords=coords)
    return xr.Dataset({"flow": flow}, coords={"time": time}, attrs={"step_h": 1.0, "timezone": "Asia/Shanghai"})


def test_stack_shows_feeds_above_and_draws_below_in_local_time(tiny):
    """10:00 local, not 02:00 UTC, and charging below zero: a lost sign would draw the store as a source."""
    figure = figures.energy_stack(tiny)
    (field,) = traces(figure, stackgroup="feed")
    draws = traces(figure, stackgroup="draw")
    assert field.x[0] == "2025-03-01 10:00"
    assert list(field.y) == [4, 5, 6, 6]  # the last hour has its length too
    assert [trace.name for trace in draws] == ["train", "store"]  # what is used up stands nearest to zero
    assert list(draws[1].y) == [-1, -1, -1, -1]


def test_stack_layers_of_a_year_balance_each_day(plan):
    """Feeds and draws of each drawn day cancel: a series dropped or drawn twice leaves megawatts."""
    figure = figures.energy_stack(plan)
    assert len(figure.data[0].x) == 366
    total = np.sum([np.asarray(trace.y, dtype=float) for trace in figure.data], axis=0)
    assert np.abs(total).max() < 1e-4  # float32 of some 10 MW: 1e-6 each, 12 layers


def test_stored_energy_is_drawn_at_the_end_of_its_step(plan):
    """The level after the step from 00:00 to 01:00 stands at 01:00; at 00:00 it would precede its own charging."""
    assert figures.storage_level(plan.isel(time=WEEK)).data[0].x[0] == "2025-01-01 01:00"


def test_long_spans_keep_each_days_extremes(plan):
    """Daily means alone would hide that the store runs empty and full: the ends of the band are the hourly ones."""
    figure = figures.storage_level(plan)
    hourly = strands(plan, "stored", like="energy_mwh")[0].values
    low, high = (next(t for t in figure.data if t.name == f"haixi share, {word}") for word in ("lowest", "highest"))
    assert min(low.y) == pytest.approx(hourly.min(), abs=1e-5)  # float32
    assert max(high.y) == pytest.approx(hourly.max(), rel=1e-6)


def test_duration_curve_keeps_peak_and_energy(plan):
    """Sorted power starts at the year's peak and encloses its energy; ranks thinned unevenly would shift the area."""
    solar = next(trace for trace in figures.duration_curves(plan).data if trace.name == "solar output")
    hourly = sum(strand.values for strand in strands(plan, "flow", technology="solar"))
    assert solar.y[0] == pytest.approx(hourly.max(), rel=1e-6)
    assert list(solar.y) == sorted(solar.y, reverse=True)
    area_mwh = np.trapezoid(np.asarray(solar.y, dtype=float), np.asarray(solar.x, dtype=float))
    assert area_mwh == pytest.approx(hourly.sum(), rel=0.005)  # 300 of 8,760 ranks


def test_shift_by_hour_moves_work_to_midday_and_creates_none(plan):
    """In the made-up year plan and baseline differ by a bell around 13 h local; read as UTC it would stand at 5 h."""
    flat = plan.copy(deep=True)
    for pool in ("ascend", "cambricon", "sugon"):
        number = int(np.flatnonzero(flat["asset"].values == f"{pool}_training")[0])
        flat["flow"].values[:, number] = flat["flow"].values[:, number].mean()
    figure = figures.shift_by_hour(plan, flat)
    moved = np.sum([np.asarray(trace.y, dtype=float) for trace in figure.data if trace.type == "bar"], axis=0)
    assert int(np.argmax(moved)) == 13
    assert moved.sum() == pytest.approx(0, abs=0.01)  # of thousands of cards, in float32


def test_compute_shift_stacks_work_by_pool_and_shows_the_baseline(plan, baseline):
    """One row a pool; layers add up to the cards the cluster feeds, and the dotted line is the other Dataset's sum."""
    week, baseline_week = plan.isel(time=WEEK), baseline.isel(time=WEEK)
    figure = figures.compute_shift(week, baseline_week)
    layers = traces(figure, stackgroup="compute.ascend")
    busy = strands(week, "flow", bus="compute.ascend", technology="cluster")[0].values
    stacked = np.sum([np.asarray(trace.y[:-1], dtype=float) for trace in layers], axis=0)
    np.testing.assert_allclose(stacked, busy, rtol=1e-6)  # float32
    dotted = next(trace for trace in figure.data if trace.line.dash == "dot")
    before = strands(baseline_week, "flow", bus="compute.ascend", technology="cluster")[0].values
    np.testing.assert_allclose(np.asarray(dotted.y[:-1], dtype=float), before, rtol=1e-6)


def test_pue_is_energy_over_energy(plan):
    """A cell of the map is site energy over IT energy of its hours; a mean of ratios would weigh idle hours alike."""
    heat = figures.pue_by_hour_and_month(plan).data[0]
    pick = (local_time(plan).month == 7) & (local_time(plan).hour == 14)
    draws = [strand for strand in strands(plan, "flow", bus="electricity") if strand.quantity == "draw"]
    it = strands(plan, "flow", bus="it", technology="powertrain")[0].values
    expected = -sum(strand.values[pick].sum() for strand in draws) / it[pick].sum()
    assert heat.z[list(heat.y).index("2025-07")][14] == pytest.approx(expected, rel=1e-6)
    assert heat.z.shape == (12, 24)


def test_pue_leaves_charging_and_export_out(tiny):
    """Facility load of the three hours is 3, 4, 5 MW; with charging it would be 4, 5, 6 and PUE too high."""
    curve = next(trace for trace in figures.duration_curves(tiny).data if trace.name == "load of the whole site")
    assert list(curve.y) == [5, 4, 3]


def test_bill_bars_add_up_to_the_bill(plan, baseline):
    """Small items become one, none is lost: the bars of plan and of baseline add up to their bills, month by month."""
    bills = {"plan": made_up_bill(plan), "baseline": made_up_bill(baseline)}
    figure = figures.monthly_bill(bills["plan"], bills["baseline"])
    for whose, bill in bills.items():
        drawn = np.sum([trace.y for trace in traces(figure, offsetgroup=whose)], axis=0)
        np.testing.assert_allclose(drawn, bill.sum(axis=1), rtol=1e-9)
    assert figure.layout.yaxis.title.text == "cost [CNY]"
    assert figure.data[0].x[0] == "2025-01"


def test_bill_of_the_baseline_may_lack_an_item(plan):
    """A baseline without storage has no lease: its bar is zero there, not an error."""
    bill = made_up_bill(plan)
    figure = figures.monthly_bill(bill, bill.drop(columns="haixi_share: lease"))
    lease = next(t for t in figure.data if t.meta["label"] == "haixi share: lease, baseline")
    assert not np.any(lease.y)


def test_price_figure_names_tariff_value_and_carbon_with_units(plan):
    """CNY/MWh and t/MWh from the names; a price read per kWh would have another unit on its axis."""
    figure = figures.price_and_carbon(plan.isel(time=WEEK))
    assert [trace.name for trace in figure.data] == ["import price", "export price", "value of one more MWh", "carbon"]
    assert figure.layout.yaxis.title.text == "price<br>[CNY/MWh]"
    assert figure.layout.yaxis2.title.text == "carbon<br>[t/MWh]"
    assert figure.data[0].y[9] == 201  # the Qinghai valley begins at 9 h local


def test_nothing_to_show_gives_no_figure(tiny):
    """No storage, no IT, no prices, no work, no bill: None each, so that a page leaves the place out."""
    absent = [
        figures.storage_level(tiny), figures.price_and_carbon(tiny), figures.compute_shift(tiny), figures.backlog(tiny),
        figures.powered_on(tiny), figures.pue_over_time(tiny), figures.pue_by_hour_and_month(tiny),
        figures.water_by_day(tiny), figures.shift_by_hour(tiny, tiny), figures.shift_by_hour(tiny, None),
        figures.job_gantt(tiny, None), figures.monthly_bill(None), figures.monthly_bill(pd.DataFrame()),
    ]  # fmt: skip
    assert absent == [None] * len(absent)


LOOK = {"COLOURS", "framed", "move_bars", "words"}
"""What lends a figure of one's own the same look, and bars of a table instead of results."""


@pytest.mark.parametrize("name", [name for name in figures.__all__ if name not in LOOK])
def test_every_figure_has_title_alternative_text_and_units(plan, baseline, name):
    """Each y axis carries a unit in brackets or counts named things; each figure can be read aloud."""
    arguments = {
        "compute_shift": (plan, baseline), "shift_by_hour": (plan, baseline), "backlog": (plan, baseline),
        "monthly_bill": (made_up_bill(plan),), "job_gantt": (plan, made_up_jobs()), "forecast_fan": (made_up_members(plan),),
    }.get(name, (plan,))  # fmt: skip
    figure = getattr(figures, name)(*arguments)
    assert figure.layout.title.text
    assert len(figure.layout.meta["alt"]) > 30
    axes = [figure.layout[key].title.text for key in figure.layout if str(key).startswith("yaxis")]
    counted = ("busy cards", "number on", None)  # a row of a map or of jobs has a name, no unit
    assert all(title in counted or "[" in title for title in axes)
    assert "local" in str(figure.layout) or name in ("duration_curves", "provenance_flow")


def test_members_are_averaged_by_their_weights(tiny):
    """Two weather members of 4 and 8 MW at weights 3:1 are 5 MW expected; unweighted 6, stacked 12."""
    pair = xr.concat([tiny.isel(series=[0]), tiny.isel(series=[0])], dim="series")
    pair = pair.assign_coords(member=("series", [0, 1])).assign_attrs(weights=[0.75, 0.25])
    pair["flow"].values[:] = [[4.0, 8.0]] * 3
    (only,) = figures.energy_stack(pair).data
    assert list(only.y) == [5, 5, 5, 5]


def test_a_site_is_cut_out_of_many():
    """Two sites in one Dataset: each page part gets its own series only, in every variable."""
    both = of_two_sites()
    assert sites(both) == ["north", "south"]
    south = of_site(both, "south")
    assert set(south["site"].values) == {"south"}
    assert set(south["store_site"].values) == {"south"}
    assert south.sizes["series"] * 2 == both.sizes["series"]


def of_two_sites() -> xr.Dataset:
    """Two made-up sites of two days, one after the other along every second dimension."""
    north, south = (made_up_results(days=2, site=name) for name in ("north", "south"))
    joined = {name: xr.concat([north[name], south[name]], dim=north[name].dims[1]) for name in north.data_vars}
    return xr.Dataset(joined, attrs=north.attrs)


@pytest.mark.parametrize(("zone", "first"), [
    ("UTC+08:00", "2025-01-01 00:00"), ("Asia/Shanghai", "2025-01-01 00:00"), ("UTC", "2024-12-31 16:00"),
    ("UTC-07:00", "2024-12-31 09:00"), ("America/Denver", "2024-12-31 09:00"), ("UTC+05:30", "2024-12-31 21:30"),
])  # fmt: skip
def test_local_time_by_zone(zone, first):
    """16:00 UTC is midnight in Qinghai; a sign turned round would give 08:00."""
    results = made_up_results(days=1).assign_attrs(timezone=zone)
    assert f"{local_time(results)[0]:%Y-%m-%d %H:%M}" == first


def test_windows_of_a_year_are_whole_local_weeks_in_their_season(plan):
    """Each starts at a local midnight and has 168 h; the first hardest is the one with the late work (hours 3000 to 3011)."""
    found = windows(plan)
    starts = local_time(plan)[[window.start for window in found]]
    assert [window.stop - window.start for window in found] == [168] * len(found)
    assert all(starts.hour == 0)
    assert starts[0].month in (6, 7, 8)
    assert starts[1].month in (12, 1, 2)
    assert found[2].name == "Hardest week: most broken promises"
    assert found[2].start <= 3000 < found[2].stop


def test_hardest_weeks_are_named_by_their_measures():
    """All promises kept: the weeks of most import and of least own supply, found by hand among 52 sums; one that is both has both names."""
    plan = made_up_results(broken=False)
    named = {window.name: window.start for window in windows(plan)[2:]}

    def sums(*quantities: str) -> np.ndarray:
        series = [s.values for s in strands(plan, "flow", bus="electricity") if s.quantity in quantities]
        return sum(series)[: 52 * 168].reshape(52, 168).sum(axis=1)

    imported, own = int(np.argmax(sums("import"))) * 168, int(np.argmin(sums("output"))) * 168
    assert [start for name, start in named.items() if "most import" in name] == [imported]
    assert [start for name, start in named.items() if "least own sun and wind" in name] == [own]
    assert len(set(named.values())) == len(named)


def test_short_horizons_are_shown_whole():
    """48 h have no week to choose from; a month in winter has no summer week."""
    assert [(w.start, w.stop) for w in windows(made_up_results(days=2))] == [(0, 48)]
    assert [w.name for w in windows(made_up_results(days=31))] == [
        "Typical week, December to February",
        "Hardest week: most import, least own sun and wind",
    ]


@pytest.mark.parametrize(("value", "text"), [
    (38_214_550, "38.2 million"), (3_500_000, "3.50 million"), (17_400.4, "17,400"), (99.97, "100"), (12.06, "12.1"),
    (0.1796, "0.18"), (0.0, "0"), (-0.0, "0"), (1e-9, "0"), (-1234.0, "-1,234"), (float("nan"), "not known"),
])  # fmt: skip
def test_numbers_for_readers(value, text):
    """About three digits; 99.97 once printed as "1e+02"."""
    assert big(value) == text


def test_an_asset_has_one_colour_in_every_figure(plan, baseline):
    """Work that waits and work that runs wear the same shade; pools that do the same work share it."""
    running, waits = figures.compute_shift(plan, baseline), figures.backlog(plan, baseline)
    shade = {trace.meta["label"]: trace.line.color for trace in running.data}
    line = {trace.name: trace.line.color for trace in waits.data}
    assert line["ascend training"] == line["sugon training"] == shade["ascend training"]
    assert shade["ascend inference"] != shade["ascend training"]


def test_several_queues_in_one_dataset_are_told_apart():
    """Three queues of other names once had one pink between them, three times in the legend."""
    results = made_up_results(days=2)
    names = {
        "ascend_training": "model_training",
        "cambricon_training": "nightly_batch",
        "sugon_training": "fine_tuning",
    }
    renamed = [names.get(asset, asset) for asset in results["asset"].values.tolist()]
    colours = asset_colours(results.assign_coords(asset=("series", renamed)))
    assert len({colours[name] for name in names.values()}) == 3


def test_an_unknown_technology_has_a_colour_of_its_own():
    """A fuel cell needs no change in the report; two runs give it the same colour (no salted hash)."""
    assert colour("fuelcell") == colour("fuel_cell")
    assert colour("fuelcell") not in {colour("solar"), colour("wind"), colour("grid"), colour("storage")}
    assert colour("solar", 1) != colour("solar")
