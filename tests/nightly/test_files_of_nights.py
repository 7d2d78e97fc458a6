"""Files a scenario names (prices, tariff courses, weather) that are spoiled or gone the night after."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from optimizer.nightly.publish import published
from optimizer.nightly.recheck import faults_of_folder, faults_of_night
from optimizer.scenario.kept_files import with_files_kept
from tests.nightly.random_nights import BASE
from tests.nightly.test_hard_times import nightly, quickly

ROWS = "\n".join(
    f"2025-06-{day:02d} {hour:02d}:00,{100 + hour},{90 + hour}" for day in range(1, 8) for hour in range(24)
)
PRICES = f"time,price,load\n{ROWS}\n"
FORMS: dict[str, dict[str, object]] = {
    "price file": {"prices": "market.csv", "unit": "CNY/MWh"},
    "column": {"file": "market.csv", "column": "price"},
}
SPOILED: dict[str, tuple[str, bytes | None]] = {
    "gone": ("price file", None), "a word": ("price file", PRICES.replace(",105,", ",many,").encode()),
    "one day": ("price file", PRICES[:500].encode()), "binary": ("column", b"\x00\xff" * 500),
    "another table": ("column", b"a,b\n1,2\n"),
}  # fmt: skip


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of a site whose prices stand in a file, and its first two nights by rule, by the form of the file."""
    return {form: _two_nights(form, tmp_path_factory.mktemp("files")) for form in FORMS}


def _two_nights(form: str, folder: Path) -> Path:
    site = copy.deepcopy(BASE)
    for name in ("queue", "service", "cluster", "power_train", "cooling"):
        site.pop(name)
    tariff = {"name": "market", "currency": "CNY", "energy_price_per_mwh": FORMS[form]}
    tie = {"tariff": tariff, "import_limit_mw": 2}
    site |= {"grid": {"tie": tie}, "load": {"halls": {"power_mw": 0.5}}}
    (folder / "site.yaml").write_text(json.dumps(site))
    (folder / "market.csv").write_text(PRICES)
    with pytest.MonkeyPatch.context() as patch:
        quickly(patch)
        assert nightly(folder, 1) == 10
        assert nightly(folder, 2) == 10
    return folder


@pytest.fixture
def copied(two_nights: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A copy of such a folder by its form, in which nights are planned by rule."""
    quickly(monkeypatch)
    return lambda form: shutil.copytree(two_nights[form], tmp_path / "site", symlinks=True)


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_file_is_taken_as_the_last_plan_kept_it(
    how: str, copied: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """A new plan with the reason, made with the same prices; before, that night had the last plan's second day at best."""
    form, content = SPOILED[how]
    folder = copied(form)
    (folder / "market.csv").unlink()
    if content is not None:
        (folder / "market.csv").write_bytes(content)
    assert nightly(folder, 3) == 10
    told = capsys.readouterr().out
    assert "noted: scenario:" in told
    assert "market.csv" in told
    tonight = (folder / "plans" / "latest").resolve()
    assert tonight.name.startswith("2025-06-04")
    assert [path.read_text() for path in tonight.glob("file-grid-tie-*.csv")] == [PRICES]
    assert faults_of_folder(tonight) == []


@pytest.mark.parametrize("form", FORMS)
def test_files_that_end_before_the_plan_does_are_lengthened_by_their_last_day(
    form: str, copied: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Prices end on 7 June, tonight's and every kept copy: 10 June is planned with those of the 7th, and that is said. Before,
    such a night had no plan of its own."""
    folder = copied(form)
    assert nightly(folder, 9) == 10
    assert "market.csv ends before the plan does; its last day is repeated" in capsys.readouterr().out
    tonight = (folder / "plans" / "latest").resolve()
    assert tonight.name.startswith("2025-06-10")
    assert faults_of_folder(tonight) == []


def test_kept_files_are_one_on_the_disk_and_stand_for_the_checks(two_nights: dict[str, Path], tmp_path: Path) -> None:
    """Two nights with the same prices keep one copy, and both are sound without the file that they were read from."""
    folder = two_nights["price file"]
    shutil.move(folder / "market.csv", tmp_path / "market.csv")
    nights = [night for night, _ in published(folder / "plans")]
    copies = [path for night in nights for path in night.glob("file-grid-tie-*.csv")]
    assert len({path.stat().st_ino for path in copies}) == 1
    assert len(copies) == len(nights) == 2
    assert [faults_of_night(night) for night in nights] == [[], []]
    shutil.move(tmp_path / "market.csv", folder / "market.csv")


def test_names_in_a_scenario_lead_nowhere(tmp_path: Path) -> None:
    """Weather members are named as a user likes: with slashes, alike but for a sign, a thousand letters long; and a name that
    happens to be a path is no file to be copied."""
    (tmp_path / "plan").mkdir()
    routes = ("../../evil", "a b", "a/b", "a-b", "x" * 1000, "\N{SNOWMAN}", "..")
    data: dict[str, object] = {"name": "/etc/hostname", "site": {"name": str(tmp_path / "0.csv")}}
    for number, name in enumerate(routes):
        (tmp_path / f"{number}.csv").write_text(str(number))
        data[name] = {"file": str(tmp_path / f"{number}.csv"), "column": "a"}
    kept = with_files_kept(data, tmp_path / "plan")
    assert len(list((tmp_path / "plan").iterdir())) == len(routes)
    assert (kept["name"], kept["site"]) == (data["name"], data["site"])
    for number, name in enumerate(routes):
        assert (tmp_path / "plan" / kept[name]["file"]).read_text() == str(number)  # type: ignore[index]
