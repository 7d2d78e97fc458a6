"""Two days of shipped sites as PyPSA networks: the optimum of PyPSA against that of Qaidam, and again after the network was read back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

SITES = ("qaidam", "golmud-three-users", "examples/leadville")
DAYS = 2.0
BAR = 1e-6
"""Relative; HiGHS holds rows to 1e-7 on both sides."""
ROW = tuple[str, str, str]


def rows(timed: Callable[..., dict[str, Any]]) -> list[ROW]:
    """Relative difference of the optima of every site, on the way out and after the way back."""
    made = []
    for site in SITES:
        found = timed("pypsa-trip", site)
        if "failed" in found:
            made.append(("pypsa", f"{site}: not compared", str(found["failed"])))
            continue
        for way in ("out", "back"):
            difference = abs(found[way] / (found["pypsa"] + found["constant"]) - 1)
            verdict = "within 1e-6" if difference <= BAR else "MISSED: above 1e-6"
            made.append(("pypsa", f"{site}: optimum {way} / PyPSA's, less 1", f"{difference:.1e}, {verdict}"))
    return made


def trip(site: str) -> dict[str, Any]:
    """Optima of a site's network by PyPSA, by Qaidam as it is exported, and by Qaidam after PyPSA's folder was read back."""
    import pypsa

    from optimizer.exchange.from_pypsa import plain_site_of_network
    from optimizer.exchange.network_tables import csv_files, read_network
    from optimizer.exchange.of_run import plain_site_of_run
    from optimizer.exchange.plain_scenario import write_scenario
    from optimizer.exchange.plain_site import PlainSite, objective_constant
    from optimizer.exchange.to_pypsa import network_of
    from optimizer.plan.optimize import optimize, plan_scenario
    from optimizer.scenario.file import load_scenario

    scenario = load_scenario(f"scenarios/{site}.yaml")
    results = optimize(scenario, days=DAYS, workers=1).plan.results

    def cost_of(plain: PlainSite, folder: Path) -> float:
        folder.mkdir()
        write_scenario(plain, folder)
        return plan_scenario(load_scenario(folder / "scenario.yaml"), workers=1, gap=1e-9).cost

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exported = plain_site_of_run(results, scenario)
        (folder / "network").mkdir()
        for file, text in csv_files(network_of(exported)).items():
            (folder / "network" / file).write_text(text, encoding="utf-8")
        network = pypsa.Network()
        network.import_from_csv_folder(str(folder / "network"))
        network.optimize(solver_name="highs", log_to_console=False, threads=1)
        network.export_to_csv_folder(str(folder / "solved"))
        back = plain_site_of_network(read_network(folder / "solved"), folder / "solved")
        return {
            "pypsa": float(network.objective),
            "constant": objective_constant(exported),
            "out": cost_of(exported, folder / "out"),
            "back": cost_of(back, folder / "back"),
        }
