"""Weather files that cannot be used: each with its exact words and exit code 3, through the command line, before any plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from optimizer.cli import main

SOUND = Path(__file__).parents[1] / "cases" / "sound.yaml"
HEAD = "# qaidam weather 1\n# latitude: 36.42\n# longitude: 94.9\n# elevation_m: 2808\n# timezone: UTC+08:00\n"
COLUMNS = "time,ghi_w_per_m2,dni_w_per_m2,dhi_w_per_m2,dry_bulb_c,relative_humidity,pressure_pa,wind_speed_m_per_s"
ROWS = 8760


def stamp(row: int) -> str:
    """Local time of an hour of 2025."""
    import datetime

    return (datetime.datetime(2025, 1, 1) + datetime.timedelta(hours=row)).strftime("%Y-%m-%dT%H:%M+08:00")


def table(rows: int = ROWS) -> list[str]:
    """Lines of a year of steady weather: dark, 5 °C, 3 m/s."""
    return [*HEAD.splitlines(), COLUMNS, *(f"{stamp(row)},0,0,0,5,0.3,72500,3" for row in range(rows))]


def without_humidity(lines: list[str]) -> list[str]:
    return [",".join(cells[:5] + cells[6:]) if len(cells := line.split(",")) == 8 else line for line in lines]


def changed(number: int, old: str, new: str) -> Callable[[list[str]], list[str]]:
    """A line (from 1) of the file with something else in it."""

    def change(lines: list[str]) -> list[str]:
        assert old in lines[number - 1]
        return [*lines[: number - 1], lines[number - 1].replace(old, new, 1), *lines[number:]]

    return change


CASES: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "empty": (lambda _: [], "the file is empty; download or export it again"),
    "no rows": (lambda lines: lines[:6], "0 row(s); at least two steps are needed to know the step"),
    "missing column": (without_humidity, "column 'relative_humidity' is missing; export the file with it"),
    "missing latitude": (lambda lines: lines[:1] + lines[2:], "'# latitude: ...' is missing; add the line above the table"),
    "text for a number": (
        changed(9, ",5,", ",warm,"), "line 9, dry_bulb_c: 'warm' is not a number; correct the cell or leave it empty",
    ),
    "two time zones": (
        changed(40, "+08:00", "+00:00"), "line 40: two time zones in one file, +08:00 and +00:00; write all rows in one",
    ),
    "hour twice": (
        lambda lines: [*lines[:30], lines[29], *lines[30:]],
        "line 31: 2025-01-01 15:00:00 appears twice (1 in all); keep one row for each step",
    ),
    "odd step": (
        lambda lines: [*lines[:30], lines[30].replace("T00:00", "T00:40"), *lines[31:]],
        "line 31: 2025-01-01 16:40:00 follows 2025-01-01 15:00:00; all steps must be equal, restore the missing rows",
    ),
    "no date": (
        changed(20, "2025-01-01T13:00", "yesterday"),
        "line 20, time: 'yesterday+08:00' is not ISO 8601; write it as 2025-01-31T13:00+08:00",
    ),
    "unknown column": (
        changed(6, "pressure_pa", "pressure"),
        "column 'pressure_pa' is missing; export the file with it\n"
        "{file}: column 'pressure' is no weather variable; rename or remove it",
    ),
}  # fmt: skip


def planned_with(weather: Path, out: Path) -> Result:
    """`qaidam run` of the small scenario with that weather."""
    return CliRunner().invoke(main, ["run", str(SOUND), "--weather", str(weather), "--out", str(out)])


@pytest.mark.parametrize("case", CASES)
def test_a_broken_weather_file_is_told(case: str, tmp_path: Path) -> None:
    """File, place, value, rule and remedy; exit code 3; no folder of a run."""
    change, words = CASES[case]
    path = tmp_path / "sky.csv"
    path.write_text("\n".join(change(table(100))) + "\n" if change(table(100)) else "", encoding="utf-8")
    result = planned_with(path, tmp_path / "run")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    reported = [line for line in result.output.splitlines() if not line.endswith("problems")]
    assert reported == f"{path}: {words}".replace("{file}", str(path)).splitlines()
    assert result.exit_code == 3
    assert [path_left.name for path_left in tmp_path.iterdir()] == ["sky.csv"]


def epw(rows: int) -> str:
    """An EPW file of so many hours."""
    import datetime

    head = [
        "LOCATION,Golmud,Qinghai,CHN,CSWD,528180,36.42,94.90,8.0,2808.0", "DESIGN CONDITIONS,0", "TYPICAL/EXTREME PERIODS,0",
        "GROUND TEMPERATURES,0", "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0", "COMMENTS 1,made up", "COMMENTS 2,",
        "DATA PERIODS,1,1,Data,Sunday,1/1,12/31",
    ]  # fmt: skip
    lines = []
    for row in range(rows):
        at = datetime.datetime(2025, 1, 1) + datetime.timedelta(hours=row)
        numbers = [
            "5",
            "-10",
            "30",
            "72500",
            "0",
            "0",
            "250",
            "0",
            "0",
            "0",
            "0",
            "0",
            "0",
            "0",
            "180",
            "3",
            "0",
            "0",
            "20",
            "77777",
        ]
        tail = ["9", "999999999", "0", "0.1", "0", "88", "0.2", "0", "0"]
        lines.append(
            ",".join([str(at.year), str(at.month), str(at.day), str(at.hour + 1), "60", "?9", *numbers, *tail])
        )
    return "\r\n".join([*head, *lines]) + "\r\n"


def test_an_epw_of_8759_rows_is_read_and_half_a_year_told(tmp_path: Path) -> None:
    """An hour short of a year is a gap that is filled and told; half a year is refused with the count, exit code 3."""
    path = tmp_path / "short.epw"
    path.write_text(epw(8759), encoding="utf-8")
    result = planned_with(path, tmp_path / "read")
    assert result.exit_code == 0
    assert "1 missing rows taken as gaps" in result.output
    path.write_text(epw(4380), encoding="utf-8")
    result = planned_with(path, tmp_path / "run")
    assert result.output.splitlines() == [f"{path}: 4,380 rows; a year has 8,760 hours. Restore or remove hours"]
    assert result.exit_code == 3
    assert not (tmp_path / "run").exists()


def test_weather_that_names_nothing_is_told(tmp_path: Path) -> None:
    """A misspelt synthetic site is taken for a file that is not there; exit code 3."""
    result = CliRunner().invoke(main, ["run", str(SOUND), "--weather", "golmudd", "--out", str(tmp_path / "run")])
    assert result.output.splitlines() == [
        "golmudd: cannot be read (No such file or directory); give the path of a weather file"
    ]
    assert result.exit_code == 3


def test_hours_without_numbers_are_mended_or_told(tmp_path: Path) -> None:
    """Three empty hours are filled and reported as a repair; a column of a month without numbers is not planned with silently."""
    lines = table(24 * 3)
    short = [line.replace(",5,", ",,") if 30 <= number < 33 else line for number, line in enumerate(lines)]
    path = tmp_path / "sky.csv"
    path.write_text("\n".join(short) + "\n", encoding="utf-8")
    result = CliRunner().invoke(
        main,
        [
            "run",
            str(SOUND),
            "--weather",
            str(path),
            "--start",
            "2025-01-02",
            "--days",
            "1",
            "--out",
            str(tmp_path / "run"),
        ],
    )
    assert result.exit_code == 0, result.output
    assert any("dry_bulb_c" in line and line.startswith("  weather: ") for line in result.output.splitlines()), (
        result.output
    )
