"""PyPSA networks out and in: the same optimum on both sides, and nothing that cannot be said is dropped in silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optimizer.exchange.from_pypsa import plain_site_of_network
from optimizer.exchange.network_tables import Network, csv_files, read_network
from optimizer.exchange.plain_scenario import write_scenario
from optimizer.exchange.plain_site import Found, PlainSite, objective_constant
from optimizer.exchange.to_pypsa import network_of
from optimizer.plan.optimize import plan_scenario
from optimizer.quantities.documents import DocumentError
from optimizer.scenario.file import load_scenario
from tests.exchange.plain_sites import made_site

PYPSA_OBJECTIVE = 3314.386441862577
"""Objective of the made-up site's network as PyPSA 1.4.0 with HiGHS 1.15 gave it."""
TO_THE_LAST = 1e-6
"""Relative; HiGHS holds rows to 1e-7."""


def written(network: Network, folder: Path) -> Path:
    """The network's CSV folder."""
    folder.mkdir()
    for name, text in csv_files(network).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def cost_of(site: PlainSite, folder: Path) -> float:
    """Cost of the optimum that Qaidam finds for the scenario of a plain site."""
    folder.mkdir()
    write_scenario(site, folder)
    return plan_scenario(load_scenario(folder / "scenario.yaml"), workers=1).cost


def pypsa_objective(folder: Path) -> float:
    """Optimum that PyPSA finds for a CSV folder; skips where PyPSA is not installed."""
    pypsa = pytest.importorskip("pypsa", reason="pypsa is not installed; it comes with the extra `bench`")
    network = pypsa.Network()
    network.import_from_csv_folder(str(folder))
    network.optimize(solver_name="highs", log_to_console=False, threads=1)
    return float(network.objective)


def test_the_optimum_is_that_of_pypsa(tmp_path: Path) -> None:
    """A day with every part: Qaidam's cost is the objective PyPSA found once, plus what all unused sun would cost and what the battery opens with."""
    site = made_site()
    expected = PYPSA_OBJECTIVE + objective_constant(site)
    assert cost_of(site, tmp_path / "out") == pytest.approx(expected, rel=TO_THE_LAST)


@pytest.mark.filterwarnings("default")
def test_pypsa_finds_it_anew(tmp_path: Path) -> None:
    """The network as it is written now has the objective that is pinned."""
    folder = written(network_of(made_site()), tmp_path / "network")
    assert pypsa_objective(folder) == pytest.approx(PYPSA_OBJECTIVE, rel=TO_THE_LAST)


def test_out_and_in_again_is_the_same_site(tmp_path: Path) -> None:
    """Every part comes back with its numbers; a lost loss, price or share of an hour would show."""
    site = made_site()
    folder = written(network_of(site), tmp_path / "network")
    back = plain_site_of_network(read_network(folder), folder)
    assert (back.step_h, back.timezone, back.currency) == (site.step_h, site.timezone, site.currency)
    assert (back.time == site.time).all()
    for kind in ("sources", "stores", "ties", "consumers"):
        for given, found in zip(getattr(site, kind), getattr(back, kind), strict=True):
            for name, value in vars(given).items():
                assert np.all(pd.Series(value) == pd.Series(getattr(found, name))) or np.allclose(
                    value, getattr(found, name), rtol=1e-12
                ), (kind, given.name, name)


def one_bus(**components: pd.DataFrame) -> Network:
    """A network of one bus with a load of 1 MW and what is given."""
    time = pd.date_range("2025-01-01", periods=4, freq="h")
    static = {"buses": pd.DataFrame(index=["AC bus"]), "loads": pd.DataFrame({"bus": "AC bus", "p_set": 1.0}, ["load"])}
    return Network("small", time, 1.0, static | components)


def test_a_storage_unit_and_a_line_to_a_leaf(tmp_path: Path) -> None:
    """1 MW for 4 h: 1.2 MWh stored give 1.08 (0.9 out), the line lets 0.6 MW of coal in at 30, gas at 80 gives the rest.

    4 − 1.08 − 2.4 = 0.52 MWh of gas; 0.52 · 80 + 2.4 · 30 = 113.6. Without the line's limit 87.6.
    """
    network = one_bus(
        storage_units=pd.DataFrame(
            {"bus": "AC bus", "p_nom": 0.4, "max_hours": 3.0, "efficiency_dispatch": 0.9, "state_of_charge_initial": 1.2}, ["pump"]
        ),
        generators=pd.DataFrame(
            {"bus": ["far", "AC bus"], "p_nom": [5.0, 5.0], "marginal_cost": [30.0, 80.0], "carrier": ["coal", "gas"]},
            ["Coal 1", "Gas 1"],
        ),
        lines=pd.DataFrame({"bus0": "far", "bus1": "AC bus", "s_nom": 0.6, "x": 0.1}, ["line"]),
    )  # fmt: skip
    folder = written(network, tmp_path / "network")
    site = plain_site_of_network(read_network(folder), folder)
    assert [source.name for source in site.sources] == ["coal_1", "gas_1"]
    assert cost_of(site, tmp_path / "scenario") == pytest.approx(113.6, rel=TO_THE_LAST)


def test_a_size_to_be_found_costs_its_capital(tmp_path: Path) -> None:
    """Sun at 10 for a MW over the four hours, 1 MW asked for in one of them, gas at 80 in the others: 1 MW of sun is built."""
    network = one_bus(
        generators=pd.DataFrame(
            {
                "bus": "AC bus", "p_nom": [0.0, 5.0], "p_nom_extendable": [True, False], "p_nom_max": [3.0, np.inf],
                "capital_cost": [10.0, 0.0], "marginal_cost": [0.0, 80.0], "carrier": ["solar", "gas"],
            },
            ["sun", "gas"],
        )
    )  # fmt: skip
    network.series["generators", "p_max_pu"] = pd.DataFrame({"sun": [0.0, 1.0, 0.0, 0.0]})
    folder = written(network, tmp_path / "network")
    site = plain_site_of_network(read_network(folder), folder)
    assert site.sources[0].power_mw == Found(0.0, 3.0, 10.0)
    assert cost_of(site, tmp_path / "scenario") == pytest.approx(10.0 + 3 * 80.0, rel=TO_THE_LAST)


def test_what_cannot_be_said_is_told_all_at_once(tmp_path: Path) -> None:
    """Cyclic units, unit commitment, a carbon cap, a third bus of a link: four lines, each with file, place and remedy."""
    network = one_bus(
        storage_units=pd.DataFrame({"bus": "AC bus", "p_nom": 1.0, "cyclic_state_of_charge": True}, ["pump"]),
        generators=pd.DataFrame({"bus": "AC bus", "p_nom": 5.0, "committable": True}, ["gas"]),
        global_constraints=pd.DataFrame({"constant": 5.0}, ["cap"]),
    )
    folder = written(network, tmp_path / "network")
    with pytest.raises(DocumentError) as caught:
        plain_site_of_network(read_network(folder), folder)
    problems = caught.value.problems
    assert len(problems) == 3
    assert all(str(folder) in problem for problem in problems)
    for said in (
        "cyclic_state_of_charge: is 1, which is not read; set",
        "gas > committable",
        "global_constraints > cap",
    ):
        assert any(said in problem for problem in problems), said


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda network: network.static.pop("loads"), "has no load"),
        (lambda network: setattr(network, "time", network.time[[0, 1, 3, 2]]), "give equal steps"),
        (lambda network: setattr(network, "step_h", 24.0), "weighted snapshots"),
        (lambda network: setattr(network, "time", network.time[:0]), "has 0 snapshots"),
    ],
)
def test_no_hours_or_no_load_is_an_error(spoil: object, said: str, tmp_path: Path) -> None:
    """Unordered or weighted hours would stand for others than a plan has."""
    network = one_bus()
    spoil(network)  # type: ignore[operator]
    folder = written(network, tmp_path / "network")
    with pytest.raises(DocumentError, match=said):
        plain_site_of_network(read_network(folder), folder)


def test_a_plan_begins_at_local_midnight(tmp_path: Path) -> None:
    """07:00 UTC is midnight in Denver, not in UTC."""
    with pytest.raises(DocumentError, match="begins at local midnight"):
        write_scenario(replace(made_site(), timezone="UTC"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_full_leaky_store_is_refused(tmp_path: Path) -> None:
    """PyPSA lets the energy inside at the start lose nothing in the first step, Qaidam does: 2 MWh full would need 2.02 before."""
    network = one_bus(storage_units=pd.DataFrame(
        {"bus": "AC bus", "p_nom": 1.0, "max_hours": 2.0, "state_of_charge_initial": 2.0, "standing_loss": 0.01}, ["pump"]
    ))  # fmt: skip
    folder = written(network, tmp_path / "network")
    with pytest.raises(DocumentError, match=r"set at most 1\.98"):
        plain_site_of_network(read_network(folder), folder)
