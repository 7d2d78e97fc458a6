"""The night's page and the page of all nights: what they say, and that a browser shows them without a complaint."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from optimizer.nightly.metrics import metrics_text
from optimizer.nightly.night import Published, plan_night
from optimizer.nightly.solving import in_this_process
from optimizer.report.night_index import index_html
from tests.nightly.nights import DAY, EVENING, QUICK, good, run_night, small_site
from tests.nightly.test_publish import made_up_record


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Published]:
    """Two nights; the second draws its page."""
    folder = tmp_path_factory.mktemp("nights")
    run_night(folder / "plans", sources=good(folder))
    done = plan_night(small_site(), folder / "plans", EVENING + DAY, settings=QUICK, solver=in_this_process)
    return folder / "plans", done


def test_the_page_tells_level_forecast_and_changes(nights: tuple[Path, Published]) -> None:
    """In words: the plan's level, the tail of last night's forecast, what moved since last night, promises."""
    page = (nights[1].folder / "night.html").read_text(encoding="utf-8")
    for text in (
        "Plan for 2025-06-03",
        "the rest of last night&#39;s, issued 2025-06-01 12:00 UTC",
        "since last night",
        "no promise",
        "no store, no plan",
        "moving work",
        "Forecast of sun and wind, with its spread",
    ):
        assert text in page, text
    assert "Cards at work: this plan and last night" in page
    assert 0 < page.index('class="banner warn"') < page.index('class="answer"') < page.index('class="cards')


def test_a_page_that_cannot_be_drawn_keeps_no_plan_back(tmp_path: Path) -> None:
    """The page raises: the plan is published all the same, and its record says so."""

    def broken(*_: object) -> None:
        raise KeyError("colour")

    done = plan_night(small_site(), tmp_path, EVENING, settings=QUICK, solver=in_this_process, draw_page=broken)
    assert (tmp_path / "latest" / "schedule.csv").is_file()
    from optimizer.nightly.record import RECORD, read_record

    record = read_record(done.folder / RECORD)
    assert record is not None
    assert any(note.startswith("page: cannot be drawn") for note in record.notes)


def test_the_index_lists_all_nights_the_newest_first() -> None:
    """Two made-up nights: order, links, a fallback marked."""
    nights = [
        made_up_record("2025-06-01").model_dump(),
        made_up_record("2025-06-02", 1).model_dump() | {"exit_code": 10},
    ]
    page = index_html([night | {"folder": f"{night['day']}-x"} for night in nights])
    assert page.index("2025-06-02-x/night.html") < page.index("2025-06-01-x/night.html")
    assert page.count('class="fallback"') == 1


def test_the_index_marks_the_cell_that_is_wrong_and_says_the_currency() -> None:
    """The forecast of one night, the promises of another: no other cell is marked."""
    plain = made_up_record("2025-06-01").model_dump() | {"folder": "x", "currency": "CNY"}
    tail = plain | {"day": "2025-06-02", "exit_code": 10, "forecast_level": "tail"}
    risk = plain | {"day": "2025-06-03", "exit_code": 10, "shortfalls": {"a > late_card_h": 3.0}}
    page = index_html([plain, tail, risk])
    assert sorted(re.findall(r'<td class="([^"]*(?:warn|bad))">', page)) == ["bad", "words warn"]
    assert "Expected cost [CNY]" in page


def test_metrics_are_in_prometheus_form() -> None:
    """Every line is a comment or `name{labels} number`; level and end of the plan are there, names are unique."""
    text = metrics_text(made_up_record("2025-06-01"))
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r'qaidam_[a-z_]+(\{source="[a-z]+"\})? (NaN|-?[\d.e+]+)', line) for line in samples)
    assert "qaidam_plan_level 0" in samples
    assert "qaidam_plan_valid_until_timestamp_seconds 1748908800" in samples
    assert len({line.split(" ")[0] for line in samples}) == len(samples)


@pytest.mark.parametrize("name", ["night.html", "index.html"])
def test_a_browser_shows_the_pages(name: str, nights: tuple[Path, Published], tmp_path: Path) -> None:
    """Headless chromium: figures drawn (an svg each) on the night's page, a row a night on the index; no script error."""
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("chromium not found")
    path = nights[0] / name if name == "index.html" else nights[1].folder / name
    said = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--enable-logging=stderr",
         f"--user-data-dir={tmp_path}", "--virtual-time-budget=6000", "--dump-dom", path.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "Uncaught" not in said.stderr
    if name == "index.html":
        assert said.stdout.count("night.html") == 2
    else:
        assert "main-svg" in said.stdout  # the first figure; the others when they come near the screen
