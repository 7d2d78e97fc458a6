"""`qaidam nightly` on the command line: exit codes, and a scenario that was broken since last night."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from filelock import FileLock

from optimizer.cli import main
from optimizer.nightly import attempt as attempt_module
from optimizer.nightly import night as night_module
from optimizer.nightly.solving import in_this_process
from optimizer.nightly.sources import scenario_for_tonight
from tests.nightly.nights import SITE, file_of, sky


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small site as a file (JSON is YAML), solved in this process: children have their own tests."""
    monkeypatch.setattr(attempt_module, "children", lambda *_: in_this_process)
    path = tmp_path / "site.yaml"
    path.write_text(json.dumps(SITE))
    return path


def nightly(scenario: Path, *more: str) -> tuple[int, str, str]:
    plans = scenario.parent / "plans"
    words = [
        "nightly",
        str(scenario),
        "--plans",
        str(plans),
        "--now",
        "2025-06-01T22:00+08:00",
        "--members",
        "2",
        *more,
    ]
    said = CliRunner().invoke(main, words)
    assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
    return said.exit_code, said.stdout, said.stderr


def test_a_good_night_and_the_same_again(scenario: Path) -> None:
    """0 and published, then 0 and already published; the record as JSON."""
    forecast = str(file_of(scenario.parent, sky()))
    code, out, _ = nightly(scenario, "--forecast", forecast)
    assert (code, "published:" in out, "already" in out) == (0, True, False)
    code, out, _ = nightly(scenario, "--forecast", forecast, "--json")
    assert (code, json.loads(out)["level"]) == (0, 0)


def test_exit_codes(scenario: Path) -> None:
    """75 while locked, 2 for a broken scenario without an earlier plan or a wrong clock, or where the plans cannot go."""
    plans = scenario.parent / "plans"
    plans.mkdir()
    with FileLock(plans / night_module.LOCK):
        assert nightly(scenario)[0] == 75
    shutil.rmtree(plans)
    assert nightly(scenario, "--now", "tomorrow evening")[0] == 2
    scenario.write_text("name: [")
    code, _, err = nightly(scenario)
    assert (code, "not YAML" in err) == (2, True)
    scenario.write_text(json.dumps(SITE))
    plans.write_text("in the way")
    assert nightly(scenario)[0] == 2


def test_a_scenario_broken_since_last_night_is_done_without(scenario: Path) -> None:
    """Last night's own copy is planned with; exit code 10, and the record names the fault of the file."""
    nightly(scenario)
    scenario.write_text(json.dumps(SITE).replace('"energy_mwh": 1.0', '"energy_mwh": -1.0'))
    code, out, _ = nightly(scenario, "--now", "2025-06-02T22:00+08:00")
    assert code == 10
    assert "must be at least 0" in out or "must be above 0" in out
    assert "2025-06-03" in out


def test_a_job_table_nobody_can_use_is_noted(scenario: Path) -> None:
    """The site has no jobs: typical days are planned, and the night is a fallback."""
    code, out, _ = nightly(
        scenario, "--jobs", str(scenario.parent / "absent.csv"), "--forecast", str(file_of(scenario.parent, sky()))
    )
    assert code == 10
    assert "no jobs that absent.csv could be for" in out


NO_JOBS = {
    "tidy.csv": "id,arrival,cards,hours,deadline\n",
    "comments.csv": "# nothing tonight\n",
    "sacct.txt": "JobIDRaw|JobName|Submit|ElapsedRaw|State|AllocTRES\n",
    "pods.json": '{"kind": "List", "items": []}',
}


@pytest.mark.parametrize("name", NO_JOBS)
def test_a_night_without_jobs_plans_none(name: str, scenario: Path) -> None:
    """A table of tonight that lists nothing, in each form: no job of the scenario's sample table is planned, and that is
    no fault. Planned, they would be 500 cards for four hours that nobody asked for."""
    (scenario.parent / "sample.csv").write_text(
        "id,arrival,cards,hours,deadline\nsample,2025-06-02 08:00,500,4,2025-06-03 00:00\n"
    )
    (scenario.parent / name).write_text(NO_JOBS[name])
    site = {key: value for key, value in SITE.items() if key != "queue"}
    site["jobs"] = {"train": {"pools": ["pool"], "table": {"file": "sample.csv", "form": "tidy"}}}
    scenario.write_text(json.dumps(site))
    loaded, begun = scenario_for_tonight(scenario, scenario.parent / "plans", scenario.parent / name)
    assert ([key for key in loaded.assets() if "train" in key], begun.notes) == ([], ())
    assert begun.remarks == (f"work: {name} lists no job: none of train is planned",)
    assert [key for key in scenario_for_tonight(scenario, scenario.parent / "plans")[0].assets() if "train" in key]
