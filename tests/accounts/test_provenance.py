"""The ledger of sources and uses: hand-worked sharing, storage that carries its mix, closing sums, a past that cannot
be changed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.accounts import ledger
from optimizer.accounts.green_statement import hourly_matched_share, monthly_statement
from optimizer.accounts.provenance import Provenance, provenance_of
from optimizer.plan.optimize import calendar_for, inputs_for, plan_assets
from optimizer.scenario.file import load_scenario
from optimizer.solve.certified import Effort
from optimizer.technologies.flows import Role

CLOSES_MWH = 1e-9
"""Sums of some dozen doubles of up to 100 MWh: 1e-12; the bar is 1e-9."""


def made_up(flows: dict[tuple[str, str, str], list[float]], stored: dict[tuple[str, str], list[float]]) -> xr.Dataset:
    """A results Dataset of electricity flows {(site, asset, flow): MW} and contents {(site, asset): MWh}; `sun…`
    assets are green.
    """
    steps = len(next(iter(flows.values())))
    time = pd.date_range("2025-01-31 14:00", periods=steps, freq="h")
    names = ("site", "asset", "series_flow")
    labels = {name: ("series", np.array([key[at] for key in flows], dtype=object)) for at, name in enumerate(names)}
    roles = {"draw": Role.COOLING, "output": Role.GREEN_GENERATION}
    labels |= {
        "role": ("series", np.array([roles.get(name) or Role(name) for _, _, name in flows], dtype=object)),
        "member": ("series", np.zeros(len(flows), dtype=int)),
        "bus": ("series", np.array(["electricity"] * len(flows), dtype=object)),
    }
    stores = {
        f"store_{name}": ("store", np.array([key[at] for key in stored], dtype=object))
        for at, name in enumerate(("site", "asset"))
    }
    stores |= {
        "store_quantity": ("store", np.array(["energy_mwh"] * len(stored), dtype=object)),
        "store_member": ("store", np.zeros(len(stored), dtype=int)),
    }
    given_for = [
        (site, asset, "capacity_factor" if asset.startswith("sun") else "carbon_t_per_mwh")
        for site, asset, _ in flows
        if asset[:3] in ("sun", "tie")
    ]
    outside = {
        f"exogenous_{name}": ("exogenous", np.array([key[at] for key in given_for], dtype=object))
        for at, name in enumerate(("site", "asset", "quantity"))
    }
    outside |= {"exogenous_member": ("exogenous", np.zeros(len(given_for), dtype=int))}
    results = xr.Dataset(
        {
            "flow": (("time", "series"), np.array(list(flows.values()), dtype=float).T),
            "stored": (("time", "store"), np.array(list(stored.values()), dtype=float).reshape(len(stored), steps).T),
            "input": (("time", "exogenous"), np.full((steps, len(given_for)), 0.5)),
        },
        coords={"time": time, **labels, **stores, **outside},
    )
    return results.assign_attrs(step_h=1.0, timezone="Asia/Shanghai")


def energy(provenance: Provenance, origin: str, use: str) -> np.ndarray:
    """MWh of an origin in a use, by step, whatever the site."""
    rows = [number for number, (_, name) in enumerate(provenance.origins) if name == origin]
    columns = [number for number, (_, name) in enumerate(provenance.uses) if name == use]
    return provenance.mwh[:, rows][:, :, columns].sum(axis=(1, 2))


def test_uses_share_the_sources_in_proportion():
    """6 MW sun and 2 MW grid for a 4 MW hall, a 2 MW plant and 2 MW export: each takes three quarters of sun (3, 1.5,
    1.5).
    """
    provenance = provenance_of(
        made_up(
            {
                ("a", "sun", "output"): [6],
                ("a", "tie", "import"): [2],
                ("a", "hall", "draw"): [-4],
                ("a", "plant", "draw"): [-2],
                ("a", "tie", "export"): [-2],
            },
            {},
        )
    )
    assert [energy(provenance, "sun", use)[0] for use in ("hall", "plant", "export tie")] == pytest.approx(
        [3.0, 1.5, 1.5]
    )
    assert energy(provenance, "tie", "hall")[0] == pytest.approx(1.0)


def test_a_store_hands_out_the_mix_it_was_charged_with():
    """Charged with 5 MWh sun and 5 MWh grid of which 1 MWh is lost, it hands out 4.5 MWh, half of it sun (2.25, not 0
    or 4.5).
    """
    flows = {
        ("a", "sun", "output"): [5, 0, 0],
        ("a", "tie", "import"): [5, 0, 0],
        ("a", "box", "charge"): [-10, 0, 0],
        ("a", "box", "discharge"): [0, 4.5, 4.5],
        ("a", "hall", "draw"): [0, -4.5, -4.5],
    }
    results = made_up(flows, {("a", "box"): [9.0, 4.5, 0.0]}).assign_attrs(opening_mwh={"a/box": 0.0})
    provenance = provenance_of(results)
    assert energy(provenance, "sun", "hall") == pytest.approx([0.0, 2.25, 2.25])
    assert energy(provenance, "sun", "loss of box")[0] == pytest.approx(0.5)
    assert provenance.closure_mwh() < CLOSES_MWH


def test_a_station_on_two_buses_mixes_within_the_hour():
    """What one party charges another draws in the same hour: its 3 MW of sun arrive at the neighbour's hall as sun."""
    flows = {
        ("a", "sun", "output"): [3],
        ("a", "station", "charge"): [-3],
        ("b", "station", "discharge"): [3],
        ("b", "hall", "draw"): [-3],
    }
    provenance = provenance_of(made_up(flows, {("shared", "station"): [0.0]}))
    assert energy(provenance, "sun", "hall")[0] == pytest.approx(3.0)
    assert hourly_matched_share(provenance) == pytest.approx(1.0)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12))
def test_energy_closes_whatever_happens(hours: list[tuple[float, float, float, float]]):
    """Generated = used + put into stores for every origin and hour, to 1e-9, and no use is negative: a lost loss would
    break it.
    """
    sun, grid, into, out = np.array(hours).T
    charge, discharge, stored, inside = [], [], [], 2.0
    for given_mw, keep, give in zip(sun + grid, into, out, strict=True):
        charge.append(keep * given_mw)
        discharge.append(give * inside)
        inside = 0.9 * (inside + charge[-1] - discharge[-1])
        stored.append(inside)
    hall = sun + grid - charge + discharge
    flows = {
        ("a", "sun", "output"): sun,
        ("a", "tie", "import"): grid,
        ("a", "box", "charge"): -np.array(charge),
        ("a", "box", "discharge"): np.array(discharge),
        ("a", "hall", "draw"): -hall,
    }
    provenance = provenance_of(
        made_up({key: list(value) for key, value in flows.items()}, {("a", "box"): stored}).assign_attrs(
            opening_mwh={"a/box": 2.0}
        )
    )
    assert provenance.closure_mwh() < CLOSES_MWH
    residue = provenance.uses.index(("a", "residue"))
    assert np.delete(provenance.mwh, residue, axis=2).min() > -CLOSES_MWH


def test_certificates_are_matched_once():
    """10 MWh of sun, 6 used, 4 sold: 10 issued = 6 retired + 4 transferred + 0 waiting. Counting the sold ones too
    gives 100 % green, not 60.
    """
    flows = {
        ("a", "sun", "output"): [10],
        ("a", "tie", "import"): [0],
        ("a", "hall", "draw"): [-6],
        ("a", "tie", "export"): [-4],
    }
    row = monthly_statement(provenance_of(made_up(flows, {}))).loc["total"]
    assert row[
        ["certificates_issued_mwh", "certificates_retired_mwh", "certificates_transferred_mwh"]
    ].tolist() == pytest.approx([10, 6, 4])
    assert row["certificates_waiting_mwh"] == pytest.approx(0.0, abs=1e-12)


def test_bought_certificates_lower_the_market_based_carbon_alone():
    """8 MWh from a grid of 0.5 t/MWh, 20 certificates bought: location-based 4 t, market-based 0, not below; 8 h of
    green in 16 match 50 %.
    """
    flows = {("a", "sun", "output"): [8, 0], ("a", "tie", "import"): [0, 8], ("a", "hall", "draw"): [-8, -8]}
    table = monthly_statement(provenance_of(made_up(flows, {})), {"2025-01": 20.0})
    assert table.loc["total", ["carbon_location_t", "carbon_market_t"]].tolist() == pytest.approx([4.0, 0.0])
    assert table.loc["total", "hourly_matched_share"] == pytest.approx(0.5)


def test_months_are_the_sites_own():
    """14:00–16:00 UTC on 31 January is 22:00–24:00 in China, the third hour is February: two rows and a total."""
    flows = {("a", "sun", "output"): [1, 1, 1], ("a", "hall", "draw"): [-1, -1, -1]}
    assert monthly_statement(provenance_of(made_up(flows, {})))["use_mwh"].to_dict() == {
        "2025-01": 2.0,
        "2025-02": 1.0,
        "total": 3.0,
    }


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A ledger of three hours."""
    flows = {("a", "sun", "output"): [1, 2, 3], ("a", "tie", "import"): [1, 1, 1], ("a", "hall", "draw"): [-2, -3, -4]}
    ledger.append(tmp_path / "ledger.csv", provenance_of(made_up(flows, {})))
    return tmp_path / "ledger.csv"


@pytest.mark.parametrize("line", range(2, 11))
def test_a_changed_line_is_found(written: Path, line: int):
    """Every line but the header, changed in its last digit, breaks a seal; an untouched file does not."""
    assert ledger.verify(written) == []
    lines = written.read_text().splitlines()
    lines[line - 1] = lines[line - 1][:-1] + ("1" if lines[line - 1][-1] != "1" else "2")
    written.write_text("\n".join(lines) + "\n")
    assert ledger.verify(written)


def test_a_removed_line_and_a_cut_end_are_found(written: Path):
    """A line less breaks its hour's seal; a whole last hour less is found by the seal in summary.json."""
    lines = written.read_text().splitlines()
    written.with_name("summary.json").write_text(f'{{"ledger_sha256": "{lines[-1].split(",")[2]}"}}')
    assert ledger.verify(written) == []
    written.write_text("\n".join(lines[:1] + lines[2:]) + "\n")
    assert "broken" in ledger.verify(written)[0]
    written.write_text("\n".join(lines[:-3]) + "\n")
    assert "cut off" in ledger.verify(written)[0]


def test_a_ledger_is_continued_and_never_overwritten(written: Path):
    """The same hours again are refused; later hours go behind and the seals run on."""
    flows = {("a", "sun", "output"): [1], ("a", "hall", "draw"): [-1]}
    with pytest.raises(ledger.LedgerError, match="already written"):
        ledger.append(written, provenance_of(made_up(flows, {})))
    later = made_up(flows, {}).assign_coords(time=pd.date_range("2025-02-01", periods=1, freq="h"))
    before = written.read_text()
    ledger.append(written, provenance_of(later))
    assert written.read_text().startswith(before)
    assert ledger.verify(written) == []


def test_the_zero_carbon_center_closes(project: Path):
    """Two days of the shipped scenario: every origin closes to 1e-9, and the sums of the uses are the flows of the
    plan.
    """
    scenario = load_scenario(project / "scenarios" / "zero-carbon-center.yaml")
    plan = plan_assets(
        scenario.assets(), inputs_for(scenario, calendar_for(scenario, "2025-03-01", 2)), Effort(gap=0.05, seconds=30)
    )
    provenance = provenance_of(plan.results)
    assert provenance.closure_mwh() < CLOSES_MWH
    imported = plan.results["flow"].values[:, plan.results["series_flow"].values == "import"].sum()
    tie = [name for _, name in provenance.origins].index("tie") if imported > 0 else None
    assert tie is None or provenance.generated_mwh[:, tie].sum() == pytest.approx(imported, abs=1e-9)


def test_the_command_finds_a_changed_past(written: Path):
    """`qaidam ledger verify` leaves with 0 for a sound ledger, by file or by folder, and with 3 and the hour for a
    changed one.
    """
    from click.testing import CliRunner

    from optimizer.cli import main

    assert CliRunner().invoke(main, ["ledger", "verify", str(written)]).exit_code == 0
    assert CliRunner().invoke(main, ["ledger", "verify", str(written.parent)]).exit_code == 0
    written.write_text(written.read_text().replace("sun,hall,", "sun,hill,", 1))
    changed = CliRunner().invoke(main, ["ledger", "verify", str(written)])
    assert changed.exit_code == 3
    assert "the seal of 2025-01-31T14:00Z is broken" in changed.output
