"""Market prices from a plain CSV: units, zones, quarter-hours, negative prices, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.price_file import PriceFile
from optimizer.quantities.series import Monthly, SeriesError, values_on

HEAD = "time,price,unit,zone\n"
TWO_HOURS = Calendar.at_local_midnight("2026-03-01", 2 / 24, 1.0, "Asia/Shanghai")


def prices(folder: Path, text: str, **settings: Any) -> PriceFile:
    """A file beside a scenario."""
    (folder / "spot.csv").write_text(text, encoding="utf-8")
    return PriceFile.model_validate({"prices": "spot.csv", **settings}, context={"folder": folder})


def quarters(values: list[float], unit: str = "yuan/MWh", zone: str = "east") -> str:
    """Rows of quarter-hours from midnight."""
    return "".join(
        f"2026-03-01 {k // 4:02d}:{k % 4 * 15:02d},{value},{unit},{zone}\n" for k, value in enumerate(values)
    )


def test_quarters_are_averaged_over_the_step_and_may_be_negative(tmp_path: Path) -> None:
    """100, 200, -300, 40 are 10 an hour; steps of a quarter read them one by one."""
    file = prices(tmp_path, HEAD + quarters([100, 200, -300, 40, 80, 80, 80, 80]))
    assert values_on(file, TWO_HOURS) == pytest.approx([10.0, 80.0])
    fine = Calendar.at_local_midnight("2026-03-01", 1 / 24, 0.25, "Asia/Shanghai")
    assert values_on(file, fine) == pytest.approx([100.0, 200.0, -300.0, 40.0])


@pytest.mark.parametrize(("unit", "value"), [("yuan/kWh", 0.25), ("CNY/MWh", 250.0), ("fen/kWh", 25.0)])
def test_units_are_brought_to_a_megawatt_hour(tmp_path: Path, unit: str, value: float) -> None:
    """A quarter of a yuan a kWh is 250 yuan a MWh, by the file's column or by the key."""
    with_unit = prices(tmp_path, HEAD + quarters([value] * 8, unit))
    assert values_on(with_unit, TWO_HOURS) == pytest.approx([250.0] * 2)
    bare = f"time,price\n2026-03-01 00:00,{value}\n2026-03-01 01:00,{value}\n"
    assert values_on(prices(tmp_path, bare, unit=unit), TWO_HOURS) == pytest.approx([250.0] * 2)


def test_a_zone_is_chosen_among_several(tmp_path: Path) -> None:
    """Rows of two zones in turn; the scenario names one, and the file is no other series by mistake."""
    both = HEAD + quarters([100.0] * 8) + quarters([300.0] * 8, zone="west")
    assert values_on(prices(tmp_path, both, zone="west"), TWO_HOURS) == pytest.approx([300.0] * 2)
    for settings, words in (({}, "several zones; give one of east, west"), ({"zone": "north"}, "no zone 'north'")):
        with pytest.raises(ValueError, match=words):
            prices(tmp_path, both, **settings)


@pytest.mark.parametrize(("text", "words"), [
    ("time,cost\n2026-03-01 00:00,1\n", "no column price"),
    (HEAD + "2026-03-01 00:00,abc,yuan/MWh,east\n", "row 2: 'abc' is not a number"),
    (HEAD + "2026-03-01 00:00,1,yuan,east\n", "unit 'yuan'; give money per energy"),
    (HEAD + quarters([1.0]) + quarters([1.0], "yuan/kWh"), "several units"),
    ("time,price\n2026-03-01 00:00,1\n", "unit ''; give money per energy"),
])  # fmt: skip
def test_what_is_unclear_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """A price without its unit would be wrong by a thousand."""
    with pytest.raises(ValueError, match=words):
        prices(tmp_path, text)


def test_a_file_that_ends_early_or_has_a_hole_is_told(tmp_path: Path) -> None:
    """One hour of two; and a quarter left out."""
    with pytest.raises(SeriesError, match="its stamps run from"):
        values_on(prices(tmp_path, HEAD + quarters([1.0] * 4)), TWO_HOURS)
    rows = quarters([1.0] * 8).splitlines(keepends=True)
    with pytest.raises(SeriesError, match="restore the missing rows"):
        values_on(prices(tmp_path, HEAD + "".join(rows[:3] + rows[4:])), TWO_HOURS)


def test_other_forms_stay_what_they_are() -> None:
    """A monthly series is no price file."""
    assert isinstance(Monthly(monthly=[1.0] * 12), Monthly)
