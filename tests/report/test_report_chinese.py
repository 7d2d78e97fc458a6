"""The pages in Chinese: no English sentence left, the language said, numbers by ten thousands."""

from __future__ import annotations

from pathlib import Path

import pytest
from chinese import latin_words
from made_up_results import made_up_bill, made_up_jobs, made_up_members, made_up_results, made_up_summary

from optimizer.language.speech import spoken
from optimizer.plan.ladder import NAMES
from optimizer.report.forecast import forecast_fan
from optimizer.report.page import write_report

OWN = ("Qaidam green microgrid compute center", "ascend cambricon sugon", "wind_farm fixed_field tracker_field haixi_share own_battery",
       "hall_cooling liquid_cooling", "qaidam golmud", "ascend_training ascend_inference research")  # fmt: skip
"""Names the made-up site's owner gave."""
LAW = {
    "site": "qaidam", "book": "b", "document": "发改能源〔2025〕650号", "date": "2025-05-30", "clause": "self_use",
    "kind": "self_use", "asks": "at least 60 % of what own sun and wind could give in a year is used on the site",
    "limit": 0.6, "one_of": [], "value": 0.55, "margin": -0.05, "point_costs_a_year": 1.2e6, "hours": 960.0,
    "holds": False, "confidence": "official", "source": "650号",
}  # fmt: skip


def ladder() -> dict[str, object]:
    """A ladder of three rungs whose store does not pay."""
    totals = {"no_store": 26e6, "by_rule": 27e6, "unmoved": 26.5e6, "plan": 22e6}
    return {
        "rungs": [
            {"rung": rung, "name": NAMES[rung], "cost": total, "capital": 0.0, "total": total, "reason": ""}
            for rung, total in totals.items()
        ]
    }


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty-three days: figures by the day and by the hour, jobs, a bill, a ladder, a law that is broken, members and costs."""
    path = tmp_path_factory.mktemp("zh") / "report.html"
    plan, baseline = made_up_results(days=33), made_up_results(days=33, planned=False)
    summary = made_up_summary(
        law=[LAW], ladder=ladder(), members=3, repairs=[], weather="",
        costs={"total": 22e6, "capital": 3e6, "running": 19e6, "per_it_kwh": {"total": 0.43}},
        mean_wait_h=5.0, wait_95_h=12.0, baseline={"mean_wait_h": 0.1}, gap_by_month={},
    )  # fmt: skip
    with spoken("zh"):
        plan = plan.assign_attrs(weather="golmud", synthetic=1)
        fan = forecast_fan(made_up_members(plan))
        first = [("今夜", "", [("", [fan])])] if fan is not None else []
        bills = made_up_bill(plan), made_up_bill(baseline)
        write_report(path, plan, baseline, *bills, summary, first, made_up_jobs())
    return path


def test_no_english_is_left_on_a_run_s_page(page):
    """Every word of Latin letters is a name, a unit's symbol or an abbreviation; the list names the others."""
    assert latin_words(page, OWN) == []


def test_the_page_says_its_language_and_has_fonts_for_it(page):
    """A screen reader reads Chinese, a browser takes Chinese shapes of signs, charts write dates as they are written."""
    html = page.read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in html
    assert "Noto Sans CJK SC" in html
    assert "locale: 'zh-CN'" in html


def test_money_is_in_ten_thousands(page):
    """22 million yuan of 26 are 2200.00万元, and 15.4 % saved."""
    html = page.read_text(encoding="utf-8")
    assert "2200.00万元" in html
    assert "节省15.4%" in html
    assert "million" not in html.split("<script>")[0]


def test_english_pages_have_no_word_of_it(two_days_page):
    """The locale of charts is not in an English page."""
    html = two_days_page.read_text(encoding="utf-8")
    assert '<html lang="en">' in html
    assert "zh-CN" not in html.replace("plotly.js", "").split("Plotly.newPlot")[-1]
