"""The pages of nights and studies in Chinese: no English sentence left."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from chinese import ALLOWED, latin_words, texts_of_html
from made_up_results import made_up_bill, made_up_members, made_up_results, made_up_summary

from optimizer.language.speech import spoken
from optimizer.report.night_index import index_html
from optimizer.report.night_page import write_night_page
from optimizer.report.study_page import StudyTables, write_study_page

NAMES = ("Qaidam green microgrid compute center", "ascend cambricon sugon training inference", "wind_farm fixed_field tracker_field",
         "haixi_share own_battery hall_cooling liquid_cooling", "qaidam golmud base lease", "a1b2 file")  # fmt: skip
NIGHT = {
    "day": "2025-01-01", "level": 4, "level_name": "rule-based", "gap": None, "forecast_level": "tail", "members": 2,
    "forecast_issued_utc": "2024-12-31T10:00", "shortfalls": {"ascend_training: late_card_h": 320.0}, "plan_id": "a1b2",
    "notes": ["state: no telemetry given", "plan: gap 1.80%, more than the 0.50% requested"], "forecast_source": "file",
    "state_sources": {}, "kept_until_utc": "2025-01-02T00:00", "valid_until_utc": "2025-01-03T00:00", "previous": None,
}  # fmt: skip


def without_scenario_words(summary: dict[str, object]) -> dict[str, object]:
    """A summary whose weather and repairs, a maker's own English words, are left out."""
    return summary | {"weather": "golmud", "repairs": []}


@pytest.fixture(scope="module")
def two_days() -> tuple:
    """Results of two days, their baseline and the same hours with two members."""
    plan = made_up_results(days=2, synthetic=False).assign_attrs(weather="golmud")
    return plan, made_up_results(days=2, planned=False).assign_attrs(weather="golmud"), made_up_members(plan)


def test_no_english_is_left_on_a_night_s_page(two_days, tmp_path: Path):
    """The banner, what changed since last night, promises at risk, notes, the fan of the forecast."""
    plan, baseline, members = two_days
    times = pd.DatetimeIndex(plan.indexes["time"]).strftime("%Y-%m-%dT%H:%MZ")
    before = pd.DataFrame({"time_utc": times, "workload": "ascend_training", "planned_cards": 10.0})
    path, summary = tmp_path / "night.html", without_scenario_words(made_up_summary())
    with spoken("zh"):
        write_night_page(
            path, members, plan, baseline, [made_up_bill(plan), made_up_bill(baseline)], summary, NIGHT, before
        )
    assert latin_words(path, NAMES) == []
    html = path.read_text(encoding="utf-8")
    assert "2025-01-01运行计划：未经优化，有约定存在风险。" in html
    assert "4级，规则方案（间隙未知）" in html
    assert "<li>方案：间隙1.80%，高于设定的0.50%</li>" in html


def test_no_english_is_left_on_the_page_of_all_nights():
    """Headings, levels and forecasts; numbers without commas."""
    night = NIGHT | {"start_utc": "1", "published_utc": "1", "exit_code": 10, "folder": "x", "cost": 123456.0, "baseline_cost": 2e5,
                     "seconds": {"solve": 3.0}}  # fmt: skip
    with spoken("zh"):
        html = index_html([night])
    words = {
        word
        for text in texts_of_html(html)
        for word in text.replace("——", " ").split()
        if word.isascii() and word.isalpha()
    }
    assert words - ALLOWED == set()
    assert "<td>123456</td>" in html
    assert 'lang="zh-CN"' in html


def made_up_study() -> StudyTables:
    """Sixteen runs over two factors and two weather years, a front, a tornado, ranges and a claim."""
    runs = pd.DataFrame(
        {
            "label": f"lease {price:g}", "part": "grid", "case": "base", "weather": year, "factor.lease": price, "factor.share": share,
            "cost": price * share + int(year), "pue": 1.1 + share / 100,
        }
        for price in (1.0, 2.0) for share in (3.0, 4.0) for year in ("2023", "2024")
    )  # fmt: skip
    front = pd.DataFrame({"value": [1.0, 2.0], "cost": [3.0, 4.0], "bound": [2.9, 3.9]})
    tornado = pd.DataFrame(
        {"factor": ["lease"], "low": [1.0], "high": [2.0], "at_low": [3.0], "at_high": [5.0], "base": [4.0]}
    )
    ranges = pd.DataFrame(
        {
            "case": ["base"],
            "slack": [0.01],
            "size": ["size.haixi_share.energy_mwh"],
            "least": [1.0],
            "most": [2.0],
            "best": [1.5],
        }
    )
    verdicts = pd.DataFrame({"claim": ["论断"], "found": ["1"], "holds": [True], "conditions": [""]})
    return StudyTables(
        "Qaidam", "", "CNY", runs, ["cost", "pue"], fronts={("carbon_location_t", "base"): front},
        tornadoes={("cost", "base"): tornado}, ranges=ranges, verdicts=verdicts, failed={"a1b2": "no such results file"}, chosen="base",
    )  # fmt: skip


def test_no_english_is_left_on_a_study_s_page(two_days, tmp_path: Path):
    """Every kind of figure of a study, its leads and its failed runs."""
    plan = two_days[0]
    path, summary = tmp_path / "report.html", without_scenario_words(made_up_summary())
    with spoken("zh"):
        write_study_page(path, made_up_study(), plan, made_up_bill(plan), summary)
    assert latin_words(path, NAMES) == []
    assert "没有该结果文件" in path.read_text(encoding="utf-8")
