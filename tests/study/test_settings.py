"""Study files: every error at once and before anything runs, designs of experiments, identity of runs."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.study.digest import canonical, parts_of, run_id
from optimizer.study.load import StudyError, load_study, overridden
from optimizer.study.sampling import at_quantiles, sampled
from optimizer.study.settings import Range, Sample, Study
from optimizer.study.task import of_shard, requested_runs, task_of

Written = Callable[[str], Path]


def test_all_mistakes_of_the_file_at_once(written: Written) -> None:
    """Three mistakes, three complaints with line and remedy; stopping at the first would give one."""
    path = written(
        "name: Wrong\nscenario: site.yaml\nmetrics: [cost, peu]\nseconds_per_run: -1\nsample: {count: 4, ranges: {x: {paths: [a], low: 2, high: 1}}}\n"
    )
    with pytest.raises(StudyError) as caught:
        load_study(path)
    assert len(caught.value.problems) == 3
    text = "\n".join(caught.value.problems)
    assert "did you mean 'pue'?" in text
    assert "study.yaml:4" in text
    assert "low 2 is not below high 1" in text


def test_every_scenario_is_checked_before_anything_runs(written: Written) -> None:
    """A value of the grid that no scenario allows and a path that leads nowhere are both told, with the run they are in."""
    path = written(
        """
name: Bad values
scenario: site.yaml
cases:
  fine: {}
  lost: {overrides: {storage.batery.power_mw: 2}}
vary:
  sun: {paths: [solar.field.peak_power_mw], values: [1, -5]}
"""
    )
    with pytest.raises(StudyError, match="did you mean 'battery'"):
        load_study(path)
    path.write_text(path.read_text().replace("  lost: {overrides: {storage.batery.power_mw: 2}}\n", ""))
    with pytest.raises(StudyError, match="sun=-5") as caught:
        load_study(path)
    assert len(caught.value.problems) == 1


def test_a_named_tariff_can_be_reached_into(written: Written) -> None:
    """A scenario names its tariff; a study moves one price inside of it. Without writing it out there would be no such path."""
    path = written(
        "name: T\nscenario: site.yaml\nvary: {fee: {paths: [grid.tie.tariff.funds_per_mwh], values: [1, 2]}}\n"
    )
    site = path.parent / "site.yaml"
    text = site.read_text()
    start, end = text.index("    tariff:"), text.index("    import_limit_mw")
    site.write_text(text[:start] + "    tariff: qinghai\n" + text[end:])
    study = load_study(path)
    assert [study.data_of(row)[0]["grid"]["tie"]["tariff"]["funds_per_mwh"] for row in study.rows] == [1, 2]


def test_a_day_needs_no_quotes(written: Written) -> None:
    """`start: 2025-07-01` of an override or a varied value reaches the task as text, and so the child that is sent it: YAML
    makes a date of it, which no JSON can say. Quoted it is the same run."""
    text = "name: D\nscenario: site.yaml\noverrides: {horizon.start: 2025-07-01}\nvary: {day: {paths: [horizon.start], values: [2025-08-01]}}\n"
    study = load_study(written(text))
    task = task_of(study, 0)
    assert json.loads(json.dumps(task)) == task
    assert task["factors"] == {"day": "2025-08-01"}
    assert study.settings.overrides == {"horizon.start": "2025-07-01"}
    quoted = load_study(written(text.replace("2025-08-01", "'2025-08-01'")))
    assert task_of(quoted, 0)["id"] == task["id"]


def test_rows_share_what_they_do_not_set(written: Written) -> None:
    """What one row sets is in no other row and not in the base; what none sets is one object, so that many rows stay small."""
    text = "name: T\nscenario: site.yaml\nvary: {day: {paths: [horizon.start], values: ['2025-08-01', '2025-09-01']}}\n"
    study = load_study(written(text))
    base, _ = study.bases["base"]
    before = json.dumps(base)
    (first, _), (second, _) = (study.data_of(row) for row in study.rows)
    assert (first["horizon"]["start"], second["horizon"]["start"]) == ("2025-08-01", "2025-09-01")
    assert json.dumps(base) == before
    assert first["planning"] is second["planning"]
    with pytest.raises(StudyError, match="nowhere"):
        overridden(base, {"horizon.nowhere.else": 1})
    assert json.dumps(base) == before


DESIGN = """
name: Parts
scenario: site.yaml
cases: {one: {}, two: {overrides: {grid.tie.carbon_price_per_t: 100}}}
vary: {sun: {paths: [solar.field.peak_power_mw], values: [1, 2, 3]}}
sample:
  count: 4
  ranges: {lease: {paths: [storage.battery.energy_mwh.annual_cost], low: 1000, high: 9000}}
weather_years: [2024, 2025]
sensitivity: {tie: {paths: [grid.tie.import_limit_mw], low: 2, high: 4}}
pareto: [{measure: green_share, at_least: [0.5, 0.6]}]
near_optimal: {slacks: [0.05]}
"""


def test_counts_of_a_design(written: Written) -> None:
    """Two cases × (2 years × 3 × 4 grid points, 2 swings, 2 limits, 1 centre, 1 near-optimal) = 2 × 30 rows, all different runs."""
    study = load_study(written(DESIGN))
    parts = [row.part for row in study.rows]
    assert {part: parts.count(part) for part in dict.fromkeys(parts)} == {
        "grid": 48, "sensitivity": 4, "pareto": 4, "centre": 2, "near_optimal": 2,
    }  # fmt: skip
    assert len(requested_runs(study)) == 60


def test_rows_that_ask_the_same_are_one_run(written: Written) -> None:
    """A swing to the base value is the centre: three rows of one case, two runs. Names made of labels would give three."""
    text = "name: S\nscenario: site.yaml\nsensitivity: {sun: {paths: [solar.field.peak_power_mw], low: 1, high: 2}}\n"
    study = load_study(written(text))
    wanted = requested_runs(study)
    assert len(study.rows) == 4
    assert sorted(len(one.rows) for one in wanted) == [1, 3]


def test_shards_are_a_partition(written: Written) -> None:
    """Every run lies in exactly one of five shards, whoever asks."""
    wanted = requested_runs(load_study(written(DESIGN)))
    shards = [{one.id for one in of_shard(wanted, (number, 5))} for number in range(5)]
    assert sum(map(len, shards)) == len(wanted) == len(set().union(*shards))


def test_identity_rests_on_content_alone(tmp_path: Path) -> None:
    """A file's path, the order of keys and the description do not change a run's name; its content, a value and the question do."""
    here, there = tmp_path / "a.csv", tmp_path / "b.csv"
    here.write_text("x\n1\n")
    there.write_text("x\n1\n")
    scenario = {
        "name": "n",
        "description": "d",
        "load": {"file": str(here), "column": "x"},
        "planning": {"gap": 0.01},
        "weather": {},
    }
    moved = copy.deepcopy(scenario) | {"description": "other", "load": {"column": "x", "file": str(there)}}
    plan = {"kind": "plan"}
    name = run_id(parts_of(scenario, plan, False))
    assert run_id(parts_of(moved, plan, False)) == name
    assert run_id(parts_of(scenario | {"planning": {"gap": 0.02}}, plan, False)) != name
    assert run_id(parts_of(scenario, {"kind": "limit", "measure": "pue", "at_most": 1.2}, False)) != name
    there.write_text("x\n2\n")
    assert run_id(parts_of(moved, plan, False)) != name


@settings(max_examples=50, derandomize=True, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=5), st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5), max_size=6
    )
)
def test_canonical_text_does_not_know_the_order(data: dict[str, float | str]) -> None:
    """The same mapping in reverse order has the same text."""
    assert canonical(dict(reversed(list(data.items())))) == canonical(data)


def test_sobol_is_even_and_repeatable() -> None:
    """16 Sobol points put exactly one into each sixteenth of every range; 16 random ones almost never do."""
    sample = Sample(
        count=16, seed=3, ranges={"a": Range(paths=["x"], low=0, high=16), "b": Range(paths=["y"], low=-8, high=8)}
    )
    points = sampled(sample)
    assert sorted(int(point["a"]) for point in points) == list(range(16))
    assert sorted(int(np.floor(point["b"])) for point in points) == list(range(-8, 8))
    assert sampled(sample) == points


def test_latin_hypercube_is_even() -> None:
    """Ten points, one in each tenth."""
    sample = Sample(method="latin-hypercube", count=10, ranges={"a": Range(paths=["x"], low=0, high=10)})
    assert sorted(int(point["a"]) for point in sampled(sample)) == list(range(10))


def test_distributions_by_their_quantiles() -> None:
    """Medians by hand: uniform 15, log-uniform √200 = 14.142, triangular with mode 10: 20 − 10·√½ = 12.929, normal 15."""
    middle = np.array([0.5])

    def median(**more: object) -> float:
        return float(at_quantiles(Range.model_validate({"paths": ["x"], "low": 10, "high": 20, **more}), middle)[0])

    assert median() == 15
    assert median(distribution="log-uniform") == pytest.approx(200**0.5)
    assert median(distribution="triangular", mode=10) == pytest.approx(20 - 10 * 0.5**0.5)
    assert median(distribution="normal") == pytest.approx(15)
    ends = at_quantiles(Range(paths=["x"], low=10, high=20, distribution="normal"), np.array([0.0, 1.0]))
    assert ends.tolist() == pytest.approx([10, 20])  # cut there: a price cannot become absurd


def test_shipped_studies_are_sound(project: Path) -> None:
    """Every study in scenarios/studies loads with all its runs; the sizing study has its 64."""
    found = {path.stem: load_study(path) for path in sorted((project / "scenarios" / "studies").glob("*.yaml"))}
    assert len(requested_runs(found["qaidam-sizing"])) == 64
    assert {"plateau-claims", "horinger-green-share", "sites"} <= set(found)


def test_claims_must_name_known_cases() -> None:
    """A claim about a case that is not there is refused, with the known ones."""
    claim = {"says": "s", "metric": "pue", "cases": ["mars"], "kind": "below", "value": 1.2}
    with pytest.raises(ValueError, match="'mars', which is none of: earth"):
        Study.model_validate(
            {
                "name": "n",
                "scenario": "s.yaml",
                "cases": {"earth": {}},
                "money": {"source": "assumption", "claims": [claim]},
            }
        )


FEW = """
name: Asked of one case
scenario: site.yaml
cases: {sunny: {}, windy: {}}
sensitivity: {sun: {paths: [solar.field.peak_power_mw], low: 0.5, high: 2, cases: [sunny]}}
pareto: [{measure: green_share, at_least: [0.5], cases: [windy]}]
"""


def test_a_factor_and_a_front_are_asked_of_the_cases_they_name(written: Written) -> None:
    """The sun moves in one case, the front stands in the other; a case that is none is refused by its name."""
    path = written(FEW)
    asked = [(row.part, row.case) for row in load_study(path).rows if row.part != "grid"]
    assert asked == [("sensitivity", "sunny")] * 2 + [("centre", "sunny"), ("pareto", "windy"), ("centre", "windy")]
    path.write_text(FEW.replace("cases: [sunny]", "cases: [suny]"))
    with pytest.raises(StudyError, match="name the case 'suny', which is none of: sunny, windy"):
        load_study(path)
