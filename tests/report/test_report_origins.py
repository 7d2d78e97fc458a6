"""The streams from sources to uses: energy of the plan, order of the palette, colours of the other figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from optimizer.accounts.provenance import provenance_of
from optimizer.report import figures
from optimizer.report.origins import STORED, streams
from optimizer.report.palette import asset_colours
from optimizer.technologies.flows import Role

SOURCES = ["wind farm", "fixed field", "tracker field", "grid"]


@pytest.fixture(scope="module")
def week(plan):
    """Up to one o'clock of the seventh day, when the stores are filling."""
    return plan.isel(time=slice(0, 157))


@pytest.fixture(scope="module")
def trace(week):
    return figures.provenance_flow(week).data[0]


def energies(trace, ends):
    """Energy of the links by the label of their source (`ends="source"`) or target, MWh."""
    names = [label.rpartition(",")[0] for label in trace.node.label]
    sums = {}
    for end, value in zip(trace.link[ends], trace.link.value, strict=True):
        sums[names[end]] = sums.get(names[end], 0.0) + value
    return sums


def test_streams_carry_all_energy_that_was_fed_in(week, trace):
    """Sun, wind and import of the week go into links; a source left out, or power taken for energy, misses MWh.
    Streams below 0.05 % each are not drawn: a dozen of them make less than 1 %."""
    flow = week["flow"]
    fed = {}
    for number in range(flow.sizes["series"]):
        at = flow.isel(series=number).coords
        if at["bus"] == "electricity" and str(at["series_flow"].values) in ("output", "import"):
            name = str(at["asset"].values).replace("_", " ")
            fed[name] = fed.get(name, 0.0) + float(flow.values[:, number].sum())
    drawn = energies(trace, "source")
    assert {name for name in drawn if not name.startswith("opening")} == set(fed)
    assert drawn == {**drawn, **{name: pytest.approx(mwh, rel=0.01) for name, mwh in fed.items()}}


def test_sources_stand_in_the_order_of_the_stack_uses_by_size(trace):
    """Wind, sun, grid from the top, as in the other figures; uses from the largest down, none above another's middle."""
    names = [label.rpartition(",")[0] for label in trace.node.label]
    sources = [name for name in names if name in SOURCES]
    assert sources == SOURCES
    uses = energies(trace, "target")
    places = dict(zip(names, trace.node.y, strict=True))
    by_size = sorted(uses, key=lambda use: -uses[use])
    assert [places[use] for use in by_size] == sorted(places[use] for use in uses)
    assert sorted(set(trace.node.x)) == [0.001, 0.999]


def test_what_is_left_in_stores_is_a_use(week):
    """Generated = used + stored at the end, for every source: without the last column the sums miss the content."""
    found = provenance_of(week)
    mwh = streams(found)
    np.testing.assert_allclose(mwh.sum(axis=1), found.generated_mwh.sum(axis=0), atol=1e-6)
    assert mwh[:, -1].sum() == pytest.approx(found.stored_mwh[-1].sum())


def test_colours_are_those_of_the_assets(week, trace):
    """The wind farm is as blue here as in the stack; a pool has its cluster's colour."""
    colours = asset_colours(week)
    named = {label.rpartition(",")[0]: shade for label, shade in zip(trace.node.label, trace.node.color, strict=True)}
    assert named["wind farm"] == colours["wind_farm"]
    assert named["ascend"] == colours["ascend"]


def test_the_table_has_every_source_and_what_is_stored(week):
    """Small streams that no eye could see are in the table all the same."""
    table = figures.provenance_flow(week).layout.meta["table"]
    assert {"grid", "wind farm"} <= {row[0] for row in table["rows"]}
    assert STORED in table["columns"]


def test_a_site_of_many_has_its_own_streams():
    """Two sites, each with 1 MW of its own field to its own hall for three hours: the figure of the south shows its 6 MWh
    of 2 MW, not the north's 3."""
    rows = [("north", "sun_n", 1.0), ("south", "sun_s", 2.0)]
    flows = [(site, name, role, sign * power) for site, name, power in rows
             for role, sign, name in (("output", 1.0, name), ("use", -1.0, f"hall_{site}"))]  # fmt: skip
    labels = {
        "site": [row[0] for row in flows], "asset": [row[1] for row in flows], "series_flow": [row[2] for row in flows],
        "technology": ["solar" if row[2] == "output" else "load" for row in flows],
        "role": [Role.GREEN_GENERATION if row[2] == "output" else Role.LOAD for row in flows],
        "bus": ["electricity"] * len(flows), "member": [0] * len(flows),
    }  # fmt: skip
    none = {f"store_{name}": ("store", np.array([], dtype=object)) for name in ("site", "asset", "quantity", "member")}
    none |= {
        f"exogenous_{name}": ("exogenous", np.array([], dtype=object))
        for name in ("site", "asset", "quantity", "member")
    }
    results = xr.Dataset(
        {
            "flow": (("time", "series"), np.tile([row[3] for row in flows], (3, 1))),
            "stored": (("time", "store"), np.zeros((3, 0))),
            "input": (("time", "exogenous"), np.zeros((3, 0))),
        },
        coords={name: ("series", values) for name, values in labels.items()} | none
        | {"time": pd.date_range("2025-06-01 16:00", periods=3, freq="h").to_numpy()},
        attrs={"step_h": 1.0, "timezone": "Asia/Shanghai", "holidays": []},
    )  # fmt: skip
    assert figures.provenance_flow(results, "south").data[0].node.label == ("sun s, 6 MWh", "use hall south, 6 MWh")
    assert len(figures.provenance_flow(results).data[0].link.value) == 2
