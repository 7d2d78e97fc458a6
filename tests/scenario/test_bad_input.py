"""What a user gets who wrote something wrong: each case with its exact words and exit code, through the command line.

The number that betrays a bug is the text itself: file and line, YAML path, value, rule, remedy. No case may end in a
traceback, and none may leave a folder behind.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from spoiled_scenarios import BYTES, OPTIONS, SPOILED

from optimizer.cli import main

SOUND = Path(__file__).parents[1] / "cases" / "sound.yaml"


def error_lines(result: Result) -> list[str]:
    """What the user sees, without click's usage lines. Fails on a traceback."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return [line for line in result.output.splitlines() if line and not line.startswith(("Usage:", "Try "))]


def qaidam(*arguments: object) -> Result:
    """The command line, run here."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def scenario(tmp_path: Path) -> Callable[[str, str], Path]:
    """The sound scenario with one thing spoiled, as s.yaml in a folder of its own."""

    def write(old: str = "", new: str = "") -> Path:
        text = SOUND.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "s.yaml"
        path.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
        return path

    return write


def test_the_sound_scenario_is_sound(scenario: Callable[..., Path]) -> None:
    """What the cases spoil is sound before: otherwise they would prove nothing."""
    result = qaidam("check", scenario())
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("case", SPOILED)
def test_a_spoiled_scenario_is_reported(case: str, scenario: Callable[..., Path]) -> None:
    """One complaint, in these words, exit code 2."""
    old, new, words = SPOILED[case]
    path = scenario(old, new)
    result = qaidam("check", path)
    assert error_lines(result) == [words.replace("{folder}", str(path.parent))]
    assert result.exit_code == 2


@pytest.mark.parametrize("case", BYTES)
def test_a_file_that_is_no_scenario_is_reported(case: str, tmp_path: Path) -> None:
    """One complaint, in these words, exit code 2."""
    data, words = BYTES[case]
    (tmp_path / "s.yaml").write_bytes(data)
    result = qaidam("check", tmp_path / "s.yaml")
    assert error_lines(result) == [words]
    assert result.exit_code == 2


def test_a_path_that_is_no_file_is_reported(tmp_path: Path) -> None:
    """A missing file and a folder, exit code 2."""
    missing = qaidam("check", tmp_path / "no.yaml")
    assert (missing.exit_code, error_lines(missing)) == (2, [f"{tmp_path}/no.yaml: no such file; check the path"])
    folder = qaidam("check", tmp_path)
    assert (folder.exit_code, error_lines(folder)) == (
        2,
        [f"{tmp_path}: is a folder; give the path of a file"],
    )


def test_all_errors_are_reported_at_once_in_the_order_of_the_file(scenario: Callable[..., Path]) -> None:
    """Four wrong lines, four complaints and their count; a check that stopped at the first would tell one."""
    path = scenario()
    text = (
        path.read_text(encoding="utf-8")
        .replace("peak_power_mw: 1", "peak_power_mw: -1")
        .replace("storage:", "storrage:")
    )
    path.write_text(
        text.replace("design_it_mw: 0.5", "design_it_mw: 0").replace("deadline_h: 12", "deadline_h: soon"),
        encoding="utf-8",
    )
    lines = error_lines(qaidam("check", path))
    assert [line.partition(" ")[0] for line in lines[:-1]] == ["s.yaml:7", "s.yaml:10", "s.yaml:15", "s.yaml:23"]
    assert lines[-1] == "4 problems"


@pytest.mark.parametrize("case", OPTIONS)
def test_a_wrong_option_is_reported_and_leaves_nothing(
    case: str, scenario: Callable[..., Path], tmp_path: Path
) -> None:
    """These words, exit code 2, before any planning; no folder made, and nobody's files touched."""
    path = scenario()
    (tmp_path / "taken").write_text("mine")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    options, words = OPTIONS[case]
    out = [] if "--out" in options else ["--out", str(tmp_path / "run")]
    result = qaidam("run", path, *out, *[option.replace("{folder}", str(tmp_path)) for option in options])
    assert error_lines(result) == [words.replace("{folder}", str(tmp_path))]
    assert result.exit_code == 2
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["mine", "s.yaml", "taken"]
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_a_wrong_command_is_reported() -> None:
    """The command that was meant is named, exit code 2."""
    result = qaidam("rnu")
    assert (result.exit_code, error_lines(result)) == (2, ["Error: No such command 'rnu'. Did you mean 'run'?"])


def test_machines_read_complaints_as_json(tmp_path: Path) -> None:
    """The same words under `--json`, with the exit code, in one line."""
    result = qaidam("check", tmp_path / "no.yaml", "--json")
    assert error_lines(result) == [
        f'{{"exit_code": 2, "problems": ["{tmp_path}/no.yaml: no such file; check the path"]}}'
    ]
    assert result.exit_code == 2


@pytest.mark.parametrize("name", ["missing", "broken"])
def test_a_run_that_cannot_be_read_is_reported(name: str, tmp_path: Path) -> None:
    """A report of no run, and of one whose results are cut off: the file is named, exit code 3."""
    words = "no such results file"
    if name == "broken":
        words = "not a results file, or a broken one"
        (tmp_path / "results.nc").write_text("cut off")
    result = qaidam("report", tmp_path)
    assert error_lines(result) == [
        f"{tmp_path}/results.nc: {words}; check the path, its permissions and the free space"
    ]
    assert result.exit_code == 3


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("cards: 100}", "cards: -5}", "here > inference > demand_cards: is -5 at 2025-03-01 00:00:00 local time; give at least 0"),
        (
            "peak_power_mw: 1", "peak_power_mw: 1, capacity_factor: -0.5",
            "here > field > capacity_factor: is -0.5 at 2025-03-01 00:00:00 local time; give at least 0",
        ),
    ],
)  # fmt: skip
def test_a_series_below_zero_is_reported(
    old: str, new: str, words: str, scenario: Callable[..., Path], tmp_path: Path
) -> None:
    """A demand of −5 cards was once taken for none without a word; exit code 3, no folder."""
    result = qaidam("run", scenario(old, new), "--out", tmp_path / "run")
    assert error_lines(result) == [words]
    assert result.exit_code == 3
    assert not (tmp_path / "run").exists()
