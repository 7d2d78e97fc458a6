"""The fault table: whatever breaks, the night ends with a sound plan and says how good it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from optimizer.nightly.night import Sources
from optimizer.nightly.recheck import faults_of_folder
from tests.nightly.nights import DAY, EVENING, file_of, from_file, good, run_night, sky, telemetry, with_values


def assert_sound(plans: Path) -> None:
    """`latest` leads to a whole plan that breaks no law when it is read back from its files."""
    assert faults_of_folder(plans / "latest") == []


def text_file(name: str, content: bytes) -> Callable[[Path], Sources]:
    def arrange(folder: Path) -> Sources:
        (folder / name).write_bytes(content)
        return from_file(folder / name)

    return arrange


def changed(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Path], Sources]:
    return lambda folder: from_file(file_of(folder, with_values(sky(), name, change)))


def holes(values: np.ndarray) -> np.ndarray:
    values[10:13] = np.nan
    return values


def service_down() -> None:
    raise OSError("network is unreachable")


def shuffled(folder: Path) -> Sources:
    path = file_of(folder, sky())
    *head, last = path.read_text().splitlines()
    path.write_text("\n".join([*head[:-3], last, *head[-3:]]) + "\n")
    return from_file(path)


FRESH, SEASON = "fresh", "climatology"
FORECASTS = {
    "sound": (good, FRESH, 0, ""),
    "none": (lambda _: Sources(), SEASON, 10, "fresh: none given"),
    "missing file": (lambda folder: from_file(folder / "absent.csv"), SEASON, 10, "absent.csv"),
    "empty file": (text_file("f.csv", b""), SEASON, 10, "fresh:"),
    "not weather": (text_file("f.csv", b"hello, world\n1,2\n"), SEASON, 10, "fresh:"),
    "binary": (text_file("f.csv", bytes(range(256)) * 9), SEASON, 10, "fresh:"),
    "truncated netCDF": (text_file("f.nc", b"\x89HDF\r\n\x1a\n" + bytes(99)), SEASON, 10, "fresh:"),
    "a folder": (from_file, SEASON, 10, "fresh:"),
    "three hours of NaN": (changed("dry_bulb_c", holes), FRESH, 0, "dry_bulb_c"),
    "all NaN": (changed("ghi_w_per_m2", lambda v: v * np.nan), SEASON, 10, "ghi_w_per_m2"),
    "wrong unit": (changed("pressure_pa", lambda v: v / 100), SEASON, 10, "pressure_pa"),
    "impossible heat": (changed("dry_bulb_c", lambda v: v + 273.15), SEASON, 10, "dry_bulb_c"),
    "half a forecast": (lambda folder: from_file(file_of(folder, sky(hours=16))), SEASON, 10, "24 h are needed"),
    "ends after the first day": (lambda folder: from_file(file_of(folder, sky(hours=40))), FRESH, 0, "repeated"),
    "begins too late": (lambda folder: from_file(file_of(folder, sky(EVENING + DAY))), SEASON, 10, "24 h are needed"),
    "of last year": (lambda folder: from_file(file_of(folder, sky(EVENING - 365 * DAY))), SEASON, 10, "covers"),
    "days old": (lambda folder: from_file(file_of(folder, sky(EVENING - 4 * DAY, 240))), SEASON, 10, "old"),
    "rows out of order": (shuffled, SEASON, 10, "fresh:"),
    "no network": (lambda _: Sources(forecast=service_down), SEASON, 10, "unreachable"),
    "service answers nothing": (lambda _: Sources(forecast=lambda: None), SEASON, 10, "fresh:"),
    "a typical year": (lambda _: Sources(forecast=lambda: sky().assign_attrs(typical=1)), SEASON, 10, "typical"),
    "issued in the future": (
        lambda _: Sources(forecast=lambda: sky().assign_attrs(issue_time="2025-06-02T09:00")), SEASON, 10, "future",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORECASTS)
def test_a_bad_forecast_ends_in_a_sound_plan(name: str, tmp_path: Path) -> None:
    """Level of the forecast, exit code and the note that names the fault; a plan from a bad file would be `fresh` and 0."""
    arrange, level, code, note = FORECASTS[name]
    done = run_night(tmp_path / "plans", sources=arrange(tmp_path))
    assert (done.record.forecast_level, done.record.exit_code) == (level, code), done.record.notes
    assert note in " ".join(done.record.notes)
    assert_sound(tmp_path / "plans")


def test_telemetry_full_of_faults(tmp_path: Path) -> None:
    """Every wrong entry is named and left out, the right one opens the plan; no first plan makes it no fallback."""
    assets = {
        "battery": {"energy_mwh": 0.2, "charge": 3},
        "flywheel": {"energy_mwh": 1},
        "training": {"backlog_card_h": -1e9},
        "pool": {"blocks_on": "all"},
    }
    done = run_night(tmp_path / "plans", sources=telemetry(tmp_path, assets)(good(tmp_path)))
    assert done.record.exit_code == 0
    assert sum("not used" in note for note in done.record.notes) == 4
    assert opening(done.folder) == {"small battery": {"energy_mwh": 0.2}}
    assert_sound(tmp_path / "plans")


def opening(folder: Path) -> dict[str, dict[str, float]]:
    import json

    return json.loads((folder / "states.json").read_text())["opening"]


def test_telemetry_that_is_no_json(tmp_path: Path) -> None:
    """Half a file: the night goes on and says so."""
    (tmp_path / "telemetry.json").write_text('{"time": "2025-06-01T22:00+08:00", "assets": {"batt')
    done = run_night(tmp_path / "plans", sources=Sources(good(tmp_path).forecast, tmp_path / "telemetry.json"))
    assert any("telemetry.json cannot be used" in note for note in done.record.notes)
    assert_sound(tmp_path / "plans")
