"""The project's own table: what is written is what is read, to the last bit; people may write it by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.weather.fixtures import provider_files as files
from weather import sources
from weather.canonical import WeatherError, with_repair
from weather.sources import tidy

HAND_WRITTEN = """# qaidam weather 1
# latitude: 36.42
# longitude: 94.9
# elevation_m: 2807.6
# timezone: Asia/Shanghai
time,ghi_w_per_m2,dni_w_per_m2,dhi_w_per_m2,dry_bulb_c,relative_humidity,pressure_pa,wind_speed_m_per_s
2025-01-01T12:00,500,700,90,-5,0.4,72500,3
2025-01-01T13:00,510,710,91,,0.4,72500,3
"""


def test_a_year_returns_to_the_last_bit(tmp_path: Path) -> None:
    """A repaired, typical, awkwardly rounded year: values, stamps and every attribute identical after a round trip."""
    weather = with_repair(files.truth_year() * (1 / 3), "first: with, commas") * 1.0
    weather.attrs = {**files.truth_year().attrs, "repairs": ["first: with, commas", "second # sign"], "note": "12"}
    tidy.write(weather, tmp_path / "year.csv")
    back = sources.read(tmp_path / "year.csv")
    for name in weather.data_vars:
        np.testing.assert_array_equal(back[name], weather[name])
    assert list(back.indexes["time"]) == list(weather.indexes["time"])
    assert back.attrs == weather.attrs
    assert not list(tmp_path.glob("*.part"))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=False, width=64), min_size=3, max_size=3))
def test_any_number_survives(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    """Any float, NaN included, comes back as the same bits: shortest decimal form, no rounding."""
    weather = files.truth(hours=3)
    weather["dry_bulb_c"].values[:] = numbers
    path = tmp_path_factory.mktemp("any") / "x.csv"
    tidy.write(weather, path)
    np.testing.assert_array_equal(sources.read(path)["dry_bulb_c"].values, np.array(numbers))


def test_naive_stamps_are_local_standard_time(tmp_path: Path) -> None:
    """12:00 in Asia/Shanghai is 04:00 UTC; taken as UTC the sun would be eight hours off. An empty cell is a gap."""
    path = tmp_path / "hand.csv"
    path.write_text(HAND_WRITTEN)
    weather = sources.read(path)
    assert weather.indexes["time"][0] == pd.Timestamp("2025-01-01 04:00")
    assert np.isnan(weather["dry_bulb_c"].values).tolist() == [False, True]
    assert weather.attrs["wind_height_m"] == 10
    assert weather.attrs["typical"] == 0


def test_windows_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    """A table saved by a spreadsheet reads the same."""
    path = tmp_path / "hand.csv"
    path.write_bytes(b"\xef\xbb\xbf" + HAND_WRITTEN.replace("\n", "\r\n").encode())
    assert sources.read(path)["ghi_w_per_m2"].values.tolist() == [500, 510]


def test_one_year_is_picked_from_several(tmp_path: Path) -> None:
    """Of 2021-12-31..2023-01-01 the local year 2022 has 8,760 hours and begins at 16:00 UTC."""
    path = tmp_path / "long.csv"
    tidy.write(files.truth(start_utc="2021-12-31", hours=24 * 367), path)
    weather = sources.read(path, year=2022)
    assert weather.sizes["time"] == 8760
    assert weather.indexes["time"][0] == pd.Timestamp("2021-12-31 16:00")


def test_an_ensemble_is_no_table(tmp_path: Path) -> None:
    """Two members cannot be one column: refused, and no file is left."""
    weather = files.truth(hours=5)
    both = xr.concat([weather, weather], dim=pd.Index([0, 1], name="member"))
    with pytest.raises(WeatherError, match="select one member first"):
        tidy.write(both, tmp_path / "x.csv")
    assert not list(tmp_path.iterdir())


def test_parquet_without_pyarrow_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyarrow is no dependency: its absence is one sentence, not an ImportError."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "fastparquet", None)
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PAR1....")
    with pytest.raises(WeatherError, match="pip install pyarrow"):
        sources.read(path)


def test_parquet_with_facts_in_columns(tmp_path: Path) -> None:
    """Where pyarrow is installed, columns that hold one value are the facts of the place."""
    pytest.importorskip("pyarrow", reason="pyarrow is not installed: Parquet is optional")
    weather = files.truth(hours=24)
    frame = weather.to_dataframe().reset_index()
    frame["time"] = frame["time"].dt.tz_localize("UTC")
    for key in ("latitude", "longitude", "elevation_m", "timezone"):
        frame[key] = weather.attrs[key]
    frame.to_parquet(tmp_path / "x.parquet")
    back = sources.read(tmp_path / "x.parquet")
    np.testing.assert_array_equal(back["ghi_w_per_m2"], weather["ghi_w_per_m2"])
    assert back.attrs["elevation_m"] == files.ELEVATION_M
