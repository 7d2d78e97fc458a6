"""The page as text: self-contained, honest about its weather, with tables beside figures, never half written."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from made_up_results import made_up_results, made_up_summary

from optimizer.plan.ladder import NAMES
from optimizer.report.figures import energy_stack, pue_by_hour_and_month
from optimizer.report.headline import cards, facts, headline
from optimizer.report.page import write_report
from optimizer.report.tables import broken_hours, promises_table, table_of

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Outline(HTMLParser):
    """Tags in order with their attributes, and whatever is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def outline(path: Path) -> Outline:
    parser = Outline()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser


def without_scripts(path: Path) -> str:
    return re.sub(r"<script.*?</script>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_a_year_stays_below_8_mb_with_plotly_embedded_once(year_page):
    """4.8 MB of it is plotly.js; embedded with each figure the page would weigh above 100 MB."""
    assert year_page.stat().st_size < 8e6
    assert year_page.read_text(encoding="utf-8").count("plotly.js v") == 1


def test_nothing_is_loaded_from_elsewhere(year_page):
    """No src, no stylesheet link, no address outside the embedded library, and a policy that forbids the rest."""
    tags = outline(year_page).tags
    assert not [attrs for tag, attrs in tags if tag in ("link", "img", "iframe") or "src" in attrs]
    assert "://" not in without_scripts(year_page)
    policy = next(attrs["content"] for tag, attrs in tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy


def test_tags_close_and_landmarks_and_headings_are_in_order(year_page):
    """One h1, no level skipped, header/nav/main/footer there: what a screen reader walks by."""
    parser = outline(year_page)
    tags = [tag for tag, _ in parser.tags]
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert parser.open == []
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert max(np.diff(levels)) <= 1
    assert [tags.count(name) for name in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]


def test_every_reference_inside_the_page_leads_somewhere(year_page):
    """Links of the contents, tabs to panels, data to figures: each id exists, and once."""
    tags = outline(year_page).tags
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    wanted = {attrs["href"][1:] for tag, attrs in tags if tag == "a"}
    wanted |= {
        attrs[name] for _, attrs in tags for name in ("aria-controls", "aria-labelledby", "data-for") if name in attrs
    }
    assert len(ids) == len(set(ids))
    assert wanted <= set(ids)
    assert len(wanted) > 25


def test_every_figure_has_words_and_a_table(year_page):
    """A figure without an aria-label is silence, one without a table has no numbers without JavaScript."""
    html = year_page.read_text(encoding="utf-8")
    tags = outline(year_page).tags
    plots = [attrs for _, attrs in tags if attrs.get("class") == "plot"]
    assert len(plots) == 40  # one at a glance, 6 in each of 5 weeks, 7 of the year, the streams, the bill
    assert all(attrs["role"] == "img" and len(attrs["aria-label"]) > 40 for attrs in plots)
    assert html.count("as a table</summary>") == len(plots)


def test_figure_data_cannot_end_its_script(tmp_path):
    """An asset named "</script><b>" stays text: in JSON "<" is escaped, in the page "&lt;"."""
    results = made_up_results(days=2)
    results = results.assign_coords(
        asset=("series", np.where(results["asset"] == "wind_farm", "</script><b>", results["asset"]))
    )
    path = tmp_path / "report.html"
    write_report(path, results, None, None, None, made_up_summary())
    assert outline(path).open == []
    assert "</script><b>" not in path.read_text(encoding="utf-8")
    blocks = re.findall(
        r'<script type="application/json"[^>]*>(.*?)</script>', path.read_text(encoding="utf-8"), re.DOTALL
    )
    assert any(trace["name"] == "</script><b>" for block in blocks for trace in json.loads(block)["data"])


def test_synthetic_weather_is_said_measured_weather_is_not_called_so(year_page, two_days_page):
    """The banner stands at the top of a synthetic run and nowhere else."""
    assert "Synthetic weather." in without_scripts(year_page).split("<main")[0]
    assert "Synthetic weather." not in two_days_page.read_text(encoding="utf-8")


def test_a_page_without_baseline_bill_and_weeks(two_days_page):
    """48 h without baseline and bill: no tabs, no bill, no saving, and no repairs were needed."""
    html = without_scripts(two_days_page)
    assert 'role="tab"' not in html
    assert "The bill" not in html
    assert "would cost" not in html
    assert "The weather data needed no repair." in html


def test_repairs_and_all_summary_keys_are_shown(year_page):
    """Every number of summary.json is on the page, and each repair of the weather."""
    html = without_scripts(year_page)
    summary = made_up_summary()
    assert all(repair in html for repair in summary["repairs"])
    names = {name for name, _ in facts(summary)}
    flat = sum(len(value) if isinstance(value, dict) else 1 for key, value in summary.items() if key != "repairs")
    assert len(names) == flat
    assert all(f'<th scope="row">{name}</th>' in html for name in names)


def test_a_failed_write_leaves_the_old_page_and_no_rest(tmp_path, monkeypatch):
    """A full disk at fsync: the reader still has yesterday's page, and no part file stays."""
    path = tmp_path / "report.html"
    path.write_text("yesterday")

    def full_disk(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="no space left"):
        write_report(path, made_up_results(days=2), None, None, None, made_up_summary())
    assert path.read_text() == "yesterday"
    assert list(tmp_path.iterdir()) == [path]


def test_promises_by_name_and_hour(plan):
    """12 late hours of 40 card-h: the stock grew once, by 40; a sum over the hours would say 480."""
    rows = promises_table(plan).rows
    assert rows == [
        ["ascend training: late", "40 card-h", "12 h", "2025-05-06 00:00", "40 card-h"],
        ["grid: overload", "kept", "", "", ""],
    ]
    hours = broken_hours(plan)
    assert len(hours.rows) == 12
    assert hours.rows[0] == ["2025-05-06 00:00", "ascend training: late", "40 card-h"]


def test_broken_rates_are_summed_over_time_and_long_lists_are_cut(plan):
    """Overload of 2 MW in 300 hours is 600 MWh; 200 hours are listed and the note counts the other 112."""
    broken = plan.copy(deep=True)
    broken["shortfall"].values[:300, 1] = 2.0
    assert promises_table(broken).rows[1][1:3] == ["600 MWh", "300 h"]
    listed = broken_hours(broken)
    assert len(listed.rows) == 200
    assert listed.note == "112 more hours are in results.nc."


def test_tables_hold_what_the_figures_show(plan):
    """A week's table has its seven daily means; the map's table its 12 x 24 values."""
    week = plan.isel(time=slice(0, 168))
    table = table_of(energy_stack(week))
    column = table.columns.index("wind farm output [MW]")
    wind = plan["flow"].values[:24, plan["asset"].values == "wind_farm"].mean()
    assert [row[0] for row in table.rows] == [f"2025-01-0{day}" for day in range(1, 8)]
    assert float(table.rows[0][column]) == pytest.approx(wind, rel=0.005)  # three digits are printed
    heat = table_of(pue_by_hour_and_month(plan))
    assert (len(heat.rows), len(heat.columns)) == (12, 25)


def test_headline_states_cost_saving_and_bound():
    """24.9 to 21.4 million is 14.1 % saved; taken of the plan's cost it would read 16.4 %."""
    text = headline(made_up_summary())
    assert "CNY 21.4 million" in text
    assert "14.1 % saved" in text
    assert "within 0.93 % of the best" in text


def test_cards_leave_out_what_is_not_known():
    """No baseline, no card for a saving; a key with None is not shown as nan."""
    labels = [card.label for card in cards(made_up_summary(saving=None, pue=None))]
    assert "Saved" not in labels
    assert "PUE" not in labels
    assert "Cost of the plan" in labels


def test_the_headline_says_where_the_gap_is() -> None:
    """January and December make 70 of 100: both are named, in order; evenly spread gaps are not."""
    from optimizer.report.headline import where_the_gap_is

    uneven = {"2025-12": 30.0, "2025-01": 40.0, **{f"2025-{month:02d}": 3.0 for month in range(2, 12)}}
    told = where_the_gap_is({"gap_by_month": uneven})
    assert told == " More than half of what is not proven lies in 2025-01, 2025-12."
    assert where_the_gap_is({"gap_by_month": {f"2025-{month:02d}": 3.0 for month in range(1, 13)}}) == ""
    assert where_the_gap_is({"gap_by_month": None}) == ""


def test_a_plan_dearer_than_none_says_so_first() -> None:
    """Without a store 9.0 million, with it 9.5 planned and 9.2 with work that moves: nothing is called saved but what moving saves."""
    money = {"no_store": 9.0e6, "by_rule": 9.9e6, "unmoved": 9.5e6, "plan": 9.2e6}
    rungs = [{"rung": rung, "name": NAMES[rung], "cost": total, "total": total} for rung, total in money.items()]
    costs = {"total": 9.2e6, "capital": 0.0}
    summary = {"cost": 9.2e6, "saving": -0.2e6, "currency": "CNY", "costs": costs, "ladder": {"rungs": rungs}}
    text = headline(summary)
    assert "2.2 % more against CNY 9.00 million for no store, no plan." in text
    assert "Saved by its planning: CNY 400,000, by moving work: CNY 300,000. Lost by the store: CNY 900,000." in text
    assert "The store costs CNY 500,000 more than it saves" in text
    assert ("Dearer by", "200,000") in [(card.label, card.value) for card in cards(summary)]
