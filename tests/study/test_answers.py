"""Fronts, near-optimal ranges, sensitivities, claims and money, on runs of the tiny site and on hand-made tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from study_sites import SITE

from optimizer.plan.results import violations
from optimizer.plan.results_file import load_results
from optimizer.scenario.file import scenario_from
from optimizer.study.answers import chosen, front, keeps, near_optimal, tornado, verdicts
from optimizer.study.catalogue import CatalogueError, hourly, rebuild, select, write_rows
from optimizer.study.digest import parts_of, run_id
from optimizer.study.frame import frame_of
from optimizer.study.load import LoadedStudy, load_study
from optimizer.study.money import money_of, running_cost
from optimizer.study.money_settings import Claim, Money
from optimizer.study.reporting import finish
from optimizer.study.run import perform
from optimizer.study.settings import Limit, Pareto
from optimizer.study.store import run_folder
from optimizer.study.task import requested_runs, tasks

QUESTIONS = """
name: Questions
scenario: site.yaml
sensitivity: {lease: {paths: [storage.battery.energy_mwh.annual_cost], low: 5000, high: 40000}}
weather_years: [2024, 2025]
pareto:
  - {measure: green_share, at_least: [0.76, 0.8, 0.85]}
  - {measure: carbon_location_t, at_most: [0.28, 0.27, 0.25]}
  - {measure: waiting_card_h_h, at_most: [300, 50]}
near_optimal: {slacks: [0.05, 0.01, 0.03]}
overrides: {solar.field.peak_power_mw: 2}
metrics: [cost, green_share, carbon_location_t, size.battery.energy_mwh]
constraints: {green_share: {at_least: 0.5}}
money:
  years: 10
  source: assumption
  revenue_per_card_hour: 2
  buy: {battery: {amount: battery.energy_mwh, unit_cost: 1000000, life_years: 10, source: assumption}}
  claims: [{says: "Mostly green", metric: green_share, cases: [base], kind: above, value: 0.5}]
"""


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> tuple[LoadedStudy, Path]:
    """The study above, run in this process."""
    folder = tmp_path_factory.mktemp("questions")
    (folder / "site.yaml").write_text(SITE, encoding="utf-8")
    (folder / "study.yaml").write_text(QUESTIONS, encoding="utf-8")
    study, root = load_study(folder / "study.yaml"), folder / "out"
    for task in tasks(study, requested_runs(study)):
        perform(root, task)
    return study, root


@pytest.mark.parametrize(("number", "points"), [(0, 3), (1, 3), (2, 2)])
def test_fronts_are_monotone_and_verified(questions: tuple[LoadedStudy, Path], number: int, points: int) -> None:
    """Tighter limits never cost less, each point keeps its limit, breaks no law when recomputed from its file, and costs at
    least its bound; the tightest costs more than the free plan (a limit without effect would cost the same)."""
    study, root = questions
    runs, asked = frame_of(study, root), study.settings.pareto[number]
    found = front(runs, asked, "base")
    assert len(found) >= points
    assert (np.diff(found["cost"]) >= -1e-9).all()
    assert (found["bound"] <= found["cost"] * (1 + 1e-9)).all()
    assert found["cost"].iloc[-1] > found["cost"].iloc[0] * 1.00002  # waiting is cheap here
    assert (np.diff(found["value"]) > 0).all() if asked.at_least else (np.diff(found["value"]) < 0).all()
    for name in found["id"]:
        results = load_results(run_folder(root, name) / "series.nc")
        assert violations(results, scenario_from(results.attrs["scenario"], folder=root).assets()) == []


def test_near_optimal_ranges_are_nested(questions: tuple[LoadedStudy, Path]) -> None:
    """A wider slack holds the narrower range, and every range holds the plan's own capacity."""
    study, root = questions
    found = near_optimal(frame_of(study, root)).sort_values("slack")
    assert list(found["slack"]) == [0.01, 0.03, 0.05]
    assert (np.diff(found["least"]) <= 1e-6).all()  # simplex tolerance 1e-7 on capacities of some MWh
    assert (np.diff(found["most"]) >= -1e-6).all()
    assert (found["least"] <= found["best"] + 1e-6).all()
    assert (found["most"] >= found["best"] - 1e-6).all()
    assert found["most"].iloc[-1] > found["least"].iloc[-1] + 0.01  # a range, not the plan again


def test_within_the_slack_is_what_it_says(questions: tuple[LoadedStudy, Path]) -> None:
    """Held just outside its 5 % range the battery costs more than 5 % on top; held at the plan's own size it costs nothing."""
    study, root = questions
    widest = near_optimal(frame_of(study, root)).sort_values("slack").iloc[-1]
    row = next(row for row in study.rows if row.part == "centre")
    base = float(frame_of(study, root).query("part == 'centre'")["cost"].iloc[0])
    task = next(iter(tasks(study, [one for one in requested_runs(study) if study.rows.index(row) in one.rows])))
    costs = []
    for energy in (widest["best"], widest["most"] + 0.05):
        data = json.loads(json.dumps(task["scenario"]))
        data["storage"]["battery"]["energy_mwh"] = {"min": energy, "max": energy, "annual_cost": 20000}
        scenario = scenario_from(data, folder=Path(task["folder"])).model_dump(mode="json")
        held = task | {"scenario": data, "id": run_id(parts_of(scenario, task["question"], task["with_baseline"]))}
        assert perform(root / "held", held) == "done"
        costs.append(
            json.loads((run_folder(root / "held", held["id"]) / "manifest.json").read_text())["metrics"]["cost"]
        )
    assert costs[0] == pytest.approx(base, rel=2e-4)  # two plans, each within the gap of 1e-4
    assert costs[1] > base * 1.05


def test_tornado_and_page(questions: tuple[LoadedStudy, Path]) -> None:
    """A dearer lease costs more; the page holds every part, and the catalogue every run."""
    study, root = questions
    found = tornado(frame_of(study, root), "cost", "base")
    assert found["factor"].tolist() == ["lease"]
    assert found["at_low"].iloc[0] < found["base"].iloc[0] < found["at_high"].iloc[0]
    page = finish(study, root)
    assert page is not None
    text = page.read_text(encoding="utf-8")
    for part in (
        "The study",
        "What a limit costs",
        "Capacities that cost nearly the same",
        "What moves the result",
        "Weather years",
        "Claims put",
    ):
        assert part in text
    assert len(select(root, '"cost" > 0')) == rebuild(root) == len(requested_runs(study))
    names = select(root, columns=["id"])["id"].tolist()
    imported = hourly(root, names, "flow", asset="tie", flow="import")
    assert imported.shape == (len(names), 24)
    metered = select(root, columns=["import_mwh"])["import_mwh"].to_numpy()
    assert imported.sum(axis=1) == pytest.approx(metered, abs=1e-6)  # overload is nil here
    with pytest.raises(CatalogueError, match="no column"):
        hourly(root, names[:1], "flow", asset="tie", flow="nothing")


def hand_made() -> pd.DataFrame:
    """Two cases in two weathers."""
    rows = [("a", "1", 10.0, 1.1), ("a", "2", 12.0, 1.3), ("b", "1", 20.0, 1.4), ("b", "2", 15.0, 1.5)]
    return pd.DataFrame(
        [{"part": "grid", "case": c, "weather": w, "cost": cost, "pue": pue, "id": c + w} for c, w, cost, pue in rows]
    )


def test_claims_by_hand() -> None:
    """PUE below 1.2 for a: 1.1 and 1.3, one of two. Cost 20 % lower than b: 50 % and 20 %: holds. Below 1.2 for b: no."""
    claims = [
        Claim(says="low", metric="pue", cases=["a", "b"], kind="below", value=1.2),
        Claim(says="cheap", metric="cost", cases=["a"], against=["b"], kind="lower_by_share", value=0.2 - 1e-9),
        Claim(says="soon", metric="cost", cases=["a"], against=["b"], kind="earlier_by", value=5),
        Claim(says="gone", metric="payback_years", cases=["a"], kind="below", value=5),
    ]
    assert [one.holds for one in verdicts(claims, hand_made())] == [
        "holds in 1 of 2 weathers", "does not hold", "holds", "holds in 1 of 2 weathers", "not known",
    ]  # fmt: skip


def test_limits_choose() -> None:
    """The cheapest run is a1; with cost at least 11 it is a2; with PUE at most 1.0 there is none, and a metric nobody has fits nobody."""
    runs = hand_made()
    assert chosen(runs, {}) == "a1"
    assert chosen(runs, {"cost": Limit(at_least=11)}) == "a2"
    assert chosen(runs, {"pue": Limit(at_most=1.0)}) is None
    assert not keeps(runs, {"green_share": Limit(at_least=0)}).any()


def test_front_drops_what_the_gap_left_too_dear() -> None:
    """Limits 0.5, 0.6, 0.7 with costs 100, 103, 102: the plan for 0.7 keeps 0.6 too, so 103 goes; bounds rise to the tighter."""
    rows = [
        {"part": "pareto", "case": "base", "id": str(level), "cost": cost, "bound": bound,
         "question": json.dumps({"kind": "limit", "measure": "green_share", "at_least": level}),
         "limited": json.dumps({"value": level})}
        for level, cost, bound in ((0.6, 103.0, 101.5), (0.7, 102.0, 101.0), (0.5, 100.0, 99.0))
    ]  # fmt: skip
    found = front(pd.DataFrame(rows), Pareto(measure="green_share", at_least=[0.5, 0.6, 0.7]), "base")
    assert found["cost"].tolist() == [100.0, 102.0]
    assert found["bound"].tolist() == [99.0, 101.5]


def test_annuities_are_not_paid_twice() -> None:
    """A bought battery's annuity is in the bill; the running cost leaves it out: 1000 − 400 + 50 a year. With it: 1,050."""
    money = Money.model_validate(
        {"years": 1, "discount_rate": 0.0, "source": "assumption", "fixed_cost_per_year": 50,
         "buy": {"b": {"amount": "battery.energy_mwh", "unit_cost": 10, "life_years": 1, "source": "assumption"}}}
    )  # fmt: skip
    metrics = {"cost": 1000.0, "bill.battery: capacity energy_mwh": 400.0, "size.battery.energy_mwh": 40.0, "hours": 8760.0,
               "card_hours": 1050.0, "it_mwh": 1.0}  # fmt: skip
    assert running_cost(money, metrics) == pytest.approx(650.0)
    assert money_of(money, "base", metrics, {})["cost_per_card_hour"] == pytest.approx((400 + 650) / 1050)


def test_ten_thousand_rows(tmp_path: Path) -> None:
    """10,000 synthetic runs with 60 columns: a filter finds the right ones; names with dots are columns; SQL that is none is told."""
    rng = np.random.default_rng(6)
    rows = [
        {
            "id": f"{number:05d}",
            **{f"m.{column}": float(value) for column, value in enumerate(rng.random(60))},
            "cost": float(number),
        }
        for number in range(10_000)
    ]
    assert write_rows(tmp_path, rows) == 10_000
    found = select(tmp_path, '"cost" < 100 AND "m.0" > 0.5', order="cost")
    assert len(found) == sum(row["m.0"] > 0.5 for row in rows[:100])  # type: ignore[operator]
    with pytest.raises(CatalogueError, match="double quotes"):
        select(tmp_path, "m.0 >")
    with pytest.raises(CatalogueError, match="qaidam study index"):
        select(tmp_path / "nowhere")


def test_a_filter_cannot_change_the_catalogue(tmp_path: Path) -> None:
    """The catalogue is opened for reading: a condition that writes is refused, and the row is still there."""
    write_rows(tmp_path, [{"id": "a", "cost": 1.0}])
    with pytest.raises(CatalogueError):
        select(tmp_path, "1; DELETE FROM runs")
    assert len(select(tmp_path)) == 1


def test_a_damaged_manifest_is_left_out(tmp_path: Path) -> None:
    """A manifest that is no JSON does not stop the rebuilding of the rest."""
    folder = run_folder(tmp_path, "abcd")
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{")
    assert rebuild(tmp_path) == 0
