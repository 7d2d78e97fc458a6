"""`qaidam check` reads the data a scenario names: what cannot be planned is refused, what a plan lives with is told."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from optimizer.cli import main

SOUND = (Path(__file__).parents[1] / "cases" / "sound.yaml").read_text(encoding="utf-8")
JOBS = SOUND + "jobs:\n  train: {pools: [pool], table: {file: jobs.csv}}\n"
HEAD = "id,arrival,cards,hours,deadline\n"


def check(folder: Path, scenario: str = JOBS, jobs: str = HEAD, *options: str) -> Result:
    """The command on a scenario with a job table."""
    (folder / "jobs.csv").write_text(jobs, encoding="utf-8")
    (folder / "s.yaml").write_text(scenario, encoding="utf-8")
    result = CliRunner().invoke(main, ["check", str(folder / "s.yaml"), *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_sound_table_is_sound(tmp_path: Path) -> None:
    """No remark, the word of old."""
    result = check(tmp_path, jobs=HEAD + "a,2025-03-01 01:00,64,3,2025-03-01 20:00\n")
    assert (result.exit_code, result.output.count("\n")) == (0, 1)
    assert ": sound. small: " in result.output


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "big,2025-03-01 01:00,400,3,",
            "1 job (big; 1,200.0 card-hours) with more cards than any pool of the class has (256)",
        ),
        ("late,2025-03-02 01:00,4,3,", "none of 1 job falls into the plan"),
        ("old,2024-03-01 01:00,4,3,", "set table > align: start"),
        ("short,2025-03-01 01:00,4,3,2025-03-01 03:00", "too long for the deadline"),
        ("end,2025-03-01 23:00,4,3,", "cannot end within the plan"),
        ("part,2025-03-01 01:00,4,1.5,", "1 job of 6.0 card-hours: 8.0 on steps of 1 h (+33.3%)"),
    ],
)
def test_jobs_that_the_plan_cannot_run_are_told(tmp_path: Path, row: str, said: str) -> None:
    """With names, work and the remedy; exit 0, since a plan can be made."""
    result = check(tmp_path, jobs=HEAD + row + "\n")
    assert result.exit_code == 0
    assert said in result.output
    assert said in " ".join(json.loads(check(tmp_path, JOBS, HEAD + row + "\n", "--json").output)["remarks"])


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("import_limit_mw: 2", "import_limit_mw: true", 2, "import_limit_mw: must be a number, is 'true'"),
        ("import_limit_mw: 2", "import_limit_mw: 1e12", 2, "is 1e+12 MW, more than any site has (1,000,000 MW)"),
        (
            "peak_power_mw: 1,",
            "peak_power_mw: {max: 1e12, annual_cost: 1},",
            2,
            "is 1e+12 MW, more than any site has (1,000,000 MW)",
        ),
        ("import_limit_mw: 2", "import_limit_mw: " + "x" * 9000, 2, "x...'"),
        ("arrival_cards: 50", "arrival_cards: -50", 3, "arrival_cards: is -50"),
        ("arrival_cards: 50", "arrival_cards: {hourly: [" + "true, " * 23 + "1]}", 2, "must be a number"),
        ("synthetic: golmud, year: 2025", "file: jobs.csv", 3, "no known weather format"),
        (
            "supply: {design_it_mw: 0.5}",
            "a: {design_it_mw: 0.5}\n  b: {design_it_mw: 0.5}",
            0,
            "a, b: feed one and the same",
        ),
        ("name: small", "name: &a [*a]", 2, "values"),
        ("name: small", "name: " + "[" * 50 + "]" * 50, 2, "nested more than 40 levels deep"),
        ("name: small", "name: !!bool abc", 2, "not YAML we can read"),
        ("design_it_mw: 0.5", "design_it_mw: 0x" + "f" * 2000, 2, "a whole number of 2,002 characters"),
        ("cards: 256", "cards: 0b1" + "0" * 1200, 2, "a whole number of 1,203 characters"),
        ("cards: 256", "cards: " + "9" * 5000, 2, "a whole number of 5,000 characters"),
        ("name: small", "name: small\n" + "".join(f"{'  ' * k}a:\n" for k in range(200)), 2, "a: unknown key"),
        ("name: small", "name: small\nb:\n" + "".join(f"{' ' * k}- \n" for k in range(401)), 2, "levels deep"),
        ("name: small", "name: small\n" + "k" * 100_000 + ": 1", 2, "not YAML"),
        ("name: small", "name: " + "n" * 200_000, 2, "n...'"),
        ("name: small", "sites: {a: s.yaml}", 2, "sites: lead back to s.yaml"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, old: str, new: str, code: int, said: str) -> None:
    """In words with the place, never longer than a screen."""
    assert old in SOUND
    result = check(tmp_path, SOUND.replace(old, new))
    assert (result.exit_code, said in result.output) == (code, True), result.output
    assert len(result.output) < 5000


def test_twenty_thousand_keys_are_not_parsed(tmp_path: Path) -> None:
    """A parser takes seconds for them: refused by their number, in a line, however they are laid out."""
    for keys in (
        "".join(f"key{k}: 1\n" for k in range(20_000)),
        "x: {" + ", ".join(f"k{k}: 1" for k in range(20_000)) + "}",
    ):
        result = check(tmp_path, SOUND + keys)
        assert result.exit_code == 2
        assert "keys, at most 10,000 are read" in result.output
        assert len(result.output) < 200


def test_thousands_of_problems_are_counted(tmp_path: Path) -> None:
    """Fifty of 3,000 unknown keys are told."""
    result = check(tmp_path, SOUND + "".join(f"key{number}: 1\n" for number in range(3000)))
    assert "and 2,950 more; mend these first" in result.output


PIPES = {
    "a scenario": "check pipe",
    "a scenario to run": "run pipe --out out",
    "a scenario of a night": "nightly pipe --plans plans",
    "a study": "study run pipe --out out",
    "weather beside the scenario": "run sound.yaml --weather pipe --out out",
    "a weather file": "check weather.yaml",
    "a job table": "check jobs.yaml",
    "a series": "check series.yaml",
    "a tariff": "check tariff.yaml",
    "what is extended": "check extends.yaml",
    "weather to look at": "weather inspect pipe",
    "a ledger": "ledger verify pipe",
    "a folder to check": "verify pipe",
    "a folder to export": "export pipe --to csv --out out",
    "a run to report": "report pipe",
    "a folder of rule books": "rules pipe",
    "end values of a run": "run sound.yaml --end-values pipe --out out",
}


@pytest.mark.parametrize("name", PIPES)
def test_a_pipe_is_no_input(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for one who never writes: exit code 2 or 3, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    for file, old, new in (
        ("sound", "name: small", "name: small"),
        ("weather", "synthetic: golmud, year: 2025", "file: pipe"),
        ("series", "arrival_cards: 50", "arrival_cards: {file: pipe, column: a}"),
        ("tariff", "tariff: qinghai", "tariff: pipe"),
        ("extends", "name: small", "name: small\nextends: pipe"),
    ):
        assert old in SOUND
        (tmp_path / f"{file}.yaml").write_text(SOUND.replace(old, new), encoding="utf-8")
    (tmp_path / "jobs.yaml").write_text(JOBS.replace("jobs.csv", "pipe"), encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    before = sorted(path.name for path in tmp_path.iterdir())
    result = CliRunner().invoke(main, PIPES[name].split())
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (2, 3), result.output
    assert "Traceback" not in result.output
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "plans") == before


def test_a_job_that_does_not_run_is_told_by_the_run(tmp_path: Path) -> None:
    """4,000 cards in a pool of 256: the plan is made, the job named in summary and report."""
    (tmp_path / "jobs.csv").write_text(HEAD + "big,2025-03-01 01:00,4000,3,2025-03-01 09:00\n", encoding="utf-8")
    (tmp_path / "s.yaml").write_text(JOBS, encoding="utf-8")
    result = CliRunner().invoke(main, ["run", str(tmp_path / "s.yaml"), "--out", str(tmp_path / "out")])
    notes = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["notes"]
    assert any("job big does not run: 4000 cards for 3 h" in note for note in notes)
    assert any("with more cards than any pool of the class has (256)" in note for note in notes)
    first = result.output.splitlines()[0]
    assert first.startswith(
        "note: train: jobs.csv: 1 job (big; 12,000.0 card-hours) with more cards"
    )  # before the plan is made
    assert result.output.count("with more cards than any pool of the class has") == 1
    for page in (result.output, (tmp_path / "out" / "report.html").read_text(encoding="utf-8")):
        assert "job big does not run" in page


def test_weather_years_have_no_effect_on_a_file(tmp_path: Path) -> None:
    """Three identical runs would be drawn as a spread: refused, with the remedy."""
    from weather.sources import tidy
    from weather.synthetic.year import synthetic_year

    tidy.write(synthetic_year("golmud", 2025), tmp_path / "w.csv")
    (tmp_path / "s.yaml").write_text(SOUND.replace("synthetic: golmud, year: 2025", "file: w.csv"), encoding="utf-8")
    (tmp_path / "study.yaml").write_text(
        "name: years\nscenario: s.yaml\nweather_years: [2023, 2024]\n", encoding="utf-8"
    )
    result = CliRunner().invoke(main, ["study", "run", str(tmp_path / "study.yaml"), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "weather_years: has no effect" in result.output


def test_values_are_set_before_the_check(tmp_path: Path) -> None:
    """`--set` as in `run`: a pool of 32 cards is too small for the job; a value that cannot be is refused."""
    row = "a,2025-03-01 01:00,64,3,2025-03-01 20:00\n"
    told = check(
        tmp_path, JOBS, HEAD + row, "--set", "cluster.pool.cards=32", "--set", "cluster.pool.cards_per_block=32"
    )
    assert "with more cards than any pool of the class has (32)" in told.output
    assert check(tmp_path, JOBS, HEAD + row, "--set", "cluster.pool.cards=-1").exit_code == 2
    sooner = check(tmp_path, JOBS, HEAD + row, "--set", "jobs.train.changes={ids: [b*], deadline_factor: 0.5}")
    assert "no job is named b*, so nothing is changed" in sooner.output
