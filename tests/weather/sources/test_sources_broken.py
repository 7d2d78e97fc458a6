"""Broken files are refused with every problem at once: file, place, value, rule, remedy; never another exception."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

from tests.weather.fixtures import provider_files as files
from weather import sources
from weather.canonical import WeatherError
from weather.sources import tidy

Edit = Callable[[list[str]], list[str]]


@pytest.fixture(scope="module")
def year() -> xr.Dataset:
    return files.truth_year()


def with_cell(line: int, cell: int, value: str) -> Edit:
    """Set one comma-separated cell; `line` counts from 1."""

    def edit(lines: list[str]) -> list[str]:
        cells = lines[line - 1].split(",")
        cells[cell] = value
        return [*lines[: line - 1], ",".join(cells), *lines[line:]]

    return edit


def without_line(line: int) -> Edit:
    return lambda lines: lines[: line - 1] + lines[line:]


def with_twin(line: int) -> Edit:
    return lambda lines: [*lines[:line], lines[line - 1], *lines[line:-1]]


def swapped(line: int) -> Edit:
    return lambda lines: [*lines[: line - 1], lines[line], lines[line - 1], *lines[line + 1 :]]


def message(path: Path, kind: str | None = None) -> str:
    """The text of the WeatherError; the path shortened to FILE."""
    with pytest.raises(WeatherError) as caught:
        sources.read(path, kind=kind)
    return str(caught.value).replace(str(path), "FILE")


EPW_CASES = {
    "half a year": (lambda lines: lines[:4388], [
        "FILE: 4,380 rows; a year has 8,760 hours. Restore or remove hours",
    ]),
    "doubled hour": (with_twin(100), [
        "FILE: line 101: 1/4 hour 20 where 1/4 hour 21 was due; an hour is missing, doubled or out of order"
    ]),
    "unsorted": (swapped(200), [
        "FILE: line 200: 1/9 hour 1 where 1/8 hour 24 was due; an hour is missing, doubled or out of order"
    ]),
    "words for numbers": (with_cell(50, 6, "warm"), [
        "FILE: line 50, dry bulb: 'warm' is not a number; correct the cell or leave it empty"
    ]),
    "latitude of 95": (with_cell(1, 6, "95"), ["FILE: line 1, latitude: '95' must lie in -90..90; correct the header"]),
    "time zone word": (with_cell(1, 8, "CST"), [
        "FILE: line 1, time zone: 'CST' must lie in -12..14; correct the header"
    ]),
    "half-hourly": (with_cell(8, 2, "2"), [
        "FILE: DATA PERIODS: 2 records an hour; only 1 is read, convert to hourly rows"
    ]),
    "column cut off": (lambda lines: [*lines[:8], *(",".join(line.split(",")[:15]) for line in lines[8:])], [
        "FILE: line 9 has 15 cells, an EPW row has 35; export the file again"
    ]),
    "header only": (lambda lines: lines[:8], ["FILE: no rows below line 8; the file breaks off, download it again"]),
}  # fmt: skip


@pytest.mark.parametrize("case", EPW_CASES)
def test_broken_epw(case: str, year: xr.Dataset, tmp_path: Path) -> None:
    """Each wrong EPW has its exact message; a reader that takes the file anyway would shift or invent hours."""
    edit, expected = EPW_CASES[case]
    path = files.write_epw(tmp_path / "a.epw", year)
    path.write_text("\n".join(edit(path.read_text().splitlines())) + "\n")
    assert message(path).splitlines() == expected


def test_all_problems_come_at_once(year: xr.Dataset, tmp_path: Path) -> None:
    """A wrong header and two wrong cells are three lines of one error, not three runs of the program."""
    path = files.write_epw(tmp_path / "a.epw", year)
    lines = path.read_text().splitlines()
    for edit in (with_cell(1, 9, "high"), with_cell(20, 21, "calm"), with_cell(3000, 13, "n/k")):
        lines = edit(lines)
    path.write_text("\n".join(lines))
    text = message(path)
    assert len(text.splitlines()) == 3
    for words in ("elevation: 'high'", "line 20, wind speed: 'calm'", "line 3000, global horizontal radiation: 'n/k'"):
        assert words in text


def test_many_wrong_cells_are_counted(year: xr.Dataset, tmp_path: Path) -> None:
    """8,760 wrong cells are five lines and a count, not 8,760 lines."""
    path = files.write_epw(tmp_path / "a.epw", year)
    lines = path.read_text().splitlines()
    for line in range(9, len(lines) + 1):
        lines = with_cell(line, 9, "?")(lines) if line < 60 else lines
    path.write_text("\n".join(lines))
    shown = message(path).splitlines()
    assert len(shown) == 6
    assert shown[-1] == "FILE: pressure: 46 more cells are not numbers; correct the column"


TIDY = (
    "# qaidam weather 1\n# latitude: 36.4\n# longitude: 94.9\n# elevation_m: 2800\n# timezone: UTC+08:00\n"
    "time,ghi_w_per_m2,dni_w_per_m2,dhi_w_per_m2,dry_bulb_c,relative_humidity,pressure_pa,wind_speed_m_per_s\n"
    "2025-01-01T10:00+08:00,100,200,50,-5,0.4,72500,3\n2025-01-01T11:00+08:00,200,300,60,-4,0.4,72500,3\n"
    "2025-01-01T12:00+08:00,300,400,70,-3,0.4,72500,3\n"
)
TIDY_CASES = {
    "two time zones": ("T11:00+08:00", "T03:00Z", [
        "FILE: line 8: two time zones in one file, +08:00 and +00:00; write all rows in one"
    ]),
    "zone on some rows": ("T11:00+08:00", "T11:00", [
        "FILE: line 8: two time zones in one file, +08:00 and no offset; write all rows in one"
    ]),
    "no such day": ("01-01T11", "02-30T11", [
        "FILE: line 8, time: '2025-02-30T11:00+08:00' is not ISO 8601; write it as 2025-01-31T13:00+08:00"
    ]),
    "twice": ("T11:00", "T10:00", ["FILE: line 8: 2025-01-01 02:00:00 appears twice (1 in all); keep one row for each "
                                   "step"]),
    "backwards": ("T12:00", "T09:00", ["FILE: line 9: 2025-01-01 01:00:00 comes after 2025-01-01 03:00:00; sort the "
                                       "rows by time"]),
    "hole": ("T12:00", "T14:00", ["FILE: line 9: 2025-01-01 06:00:00 follows 2025-01-01 03:00:00; all steps must be "
                                  "equal, restore the missing rows"]),
    "no pressure": ("pressure_pa", "pressure_hpa", [
        "FILE: column 'pressure_pa' is missing; export the file with it",
        "FILE: column 'pressure_hpa' is no weather variable; rename or remove it",
    ]),
    "no latitude": ("# latitude: 36.4\n", "", ["FILE: '# latitude: ...' is missing; add the line above the table"]),
    "latitude in words": ("36.4", "north", ["FILE: # latitude: 'north' is not a number; correct it"]),
    "no number": ("-4,", "cold,", [
        "FILE: line 8, dry_bulb_c: 'cold' is not a number; correct the cell or leave it empty"
    ]),
}  # fmt: skip


@pytest.mark.parametrize("case", TIDY_CASES)
def test_broken_tidy_tables(case: str, tmp_path: Path) -> None:
    """Each wrong table has its exact message, with the line a text editor shows."""
    old, new, expected = TIDY_CASES[case]
    path = tmp_path / "t.csv"
    path.write_text(TIDY.replace(old, new, 1))
    problems = message(path).splitlines()
    assert problems == expected


def test_unknown_zone_of_naive_stamps(tmp_path: Path) -> None:
    """Stamps without offset need a zone that exists."""
    path = tmp_path / "t.csv"
    path.write_text(TIDY.replace("+08:00,", ",").replace("UTC+08:00", "Mars"))
    assert "FILE: # timezone: 'Mars' is unknown" in message(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "FILE: the file is empty; download or export it again"),
        (b"  \n ", "FILE: the file is empty; download or export it again"),
        (b"hello, world\n1,2\n", "FILE: no known weather format; known are epw, tmy3"),
        (b'{"hourly": {"time": ["2025-01-', "FILE: JSON that breaks off or is damaged"),
        (b"\x89HDF\r\n\x1a\nnonsense", "FILE: cannot be opened as netCDF"),
        (b"CDF\x01 old netCDF", "FILE: cannot be opened as netCDF"),
        (b"[1, 2]", "FILE: no known weather format"),
        (b'{"error": true, "reason": "out of range", "hourly": {}}', "the service answered 'out of range'"),
    ],
)
def test_no_weather_at_all(content: bytes, words: str, tmp_path: Path) -> None:
    """Empty, foreign, torn and refused answers: one WeatherError each, whatever the first bytes are."""
    path = tmp_path / "file"
    path.write_bytes(content)
    assert words in message(path)


def test_missing_file_folder_and_kind(tmp_path: Path) -> None:
    """No such file, a folder, an unknown kind: said in words of the user."""
    assert "cannot be read (No such file or directory)" in message(tmp_path / "none.epw")
    assert "is a folder, a pipe or a device" in message(tmp_path)
    assert "kind 'met' is unknown; known are epw" in message(tmp_path / "x", kind="met")


@pytest.mark.parametrize("kind", ["epw", "tmy3", "tmy2", "pvgis-hourly", "pvgis-tmy", "nasa-power", "era5",
                                  "open-meteo", "nsrdb-psm4", "tidy"])  # fmt: skip
@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"{}", b"\x00\x01\x02", "größe;1\n".encode("latin-1"), b"#\n"])
def test_a_wrong_kind_never_escapes_as_another_exception(kind: str, content: bytes, tmp_path: Path) -> None:
    """Whatever is forced on whatever reader: a WeatherError that begins with the file, no traceback."""
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(WeatherError) as caught:
        sources.read(path, kind=kind)
    assert str(caught.value).startswith(str(path))


JSON_CASES = {
    "NASA without pressure": (
        lambda content: content["properties"]["parameter"].pop("PS"), "nasa", "FILE: column 'PS' is missing"),
    "NASA with a word": (
        lambda content: content["properties"]["parameter"]["T2M"].update({"2022060103": "cold"}), "nasa",
        "T2M: ''cold'' is not a number"),
    "NASA with a bad hour": (
        lambda content: content["properties"]["parameter"]["T2M"].update({"2022-06-01": 1.0}), "nasa",
        "FILE: '2022-06-01' is no hour YYYYMMDDHH"),
    "Open-Meteo without radiation": (
        lambda content: content["hourly"].pop("shortwave_radiation"), "meteo",
        "FILE: hourly 'shortwave_radiation' is missing; request it"),
    "Open-Meteo in Fahrenheit": (
        lambda content: content["hourly_units"].update(temperature_2m="°F"), "meteo",
        "unit '°F' of temperature_2m is unknown"),
    "Open-Meteo without a unit": (
        lambda content: content["hourly_units"].pop("temperature_2m"), "meteo",
        "temperature_2m has no unit in hourly_units"),
    "Open-Meteo torn list": (
        lambda content: content["hourly"]["wind_speed_10m"].pop(), "meteo", "wind_speed_10m: 240 values for 241 hours"),
    "Open-Meteo with a word": (
        lambda content: content["hourly"]["temperature_2m"].__setitem__(0, "cold"), "meteo",
        "every value must be a number or null"),
    "Open-Meteo doubled hour": (
        lambda content: content["hourly"]["time"].__setitem__(1, content["hourly"]["time"][0]), "meteo",
        "appears twice"),
    "Open-Meteo without data": (
        lambda content: content["hourly"].update(temperature_2m=[None] * 241), "meteo", "are null in all hours"),
}  # fmt: skip


@pytest.mark.parametrize("case", JSON_CASES)
def test_broken_answers_of_services(case: str, tmp_path: Path) -> None:
    """A service that changes a unit, drops a variable or sends words is found out by name."""
    spoil, service, words = JSON_CASES[case]
    weather = files.truth()
    made = files.nasa_power_content(weather, standard="UTC") if service == "nasa" else files.open_meteo_content(weather)
    content = json.loads(json.dumps(made))
    spoil(content)
    assert words in message(files.write_json(tmp_path / "answer.json", content))


def test_a_series_without_the_whole_year(tmp_path: Path) -> None:
    """Ten days of 2022 cannot serve as the year 2022: the periods are told."""
    path = tmp_path / "t.csv"
    tidy.write(files.truth(), path)
    with pytest.raises(WeatherError, match=r"holds 2022-06-01 .* not all of 2022"):
        sources.read(path, year=2022)


def test_cells_beyond_the_header_are_no_loss(tmp_path: Path) -> None:
    """A number too many in every row is refused, whatever becomes of warnings: its row lost the last one in silence. Empty
    cells that a spreadsheet added are none."""
    path = tmp_path / "a.csv"
    tidy.write(files.truth(), path)
    lines = path.read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if not line.startswith("#")) + 1
    path.write_text("\n".join([*lines[:first], *(f"{line},7" for line in lines[first:])]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(WeatherError, match="rows of different length"):
            sources.read(path)
    path.write_text("\n".join([*lines[:first], *(f"{line},," for line in lines[first:])]))
    assert sources.read(path).sizes["time"] == files.truth().sizes["time"]
