"""First screens in a real browser, on a desk and on a phone, in both languages: sentence, cards and picture in sight, nothing over another."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from chinese import ALLOWED
from made_up_results import made_up_bill, made_up_members, made_up_results, made_up_summary
from test_pages_chinese import NAMES, NIGHT, made_up_study, without_scenario_words

from optimizer.language.speech import spoken
from optimizer.report.comparison_page import RunsBeside, comparison_html
from optimizer.report.night_index import index_html
from optimizer.report.night_page import write_night_page
from optimizer.report.page import write_report
from optimizer.report.study_page import write_study_page

BROWSER = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="chromium not found: no first screen was looked at")
playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright not found: no browser looked at first screens"
)

PAGES = ("run", "study", "night", "index", "compare")
DESK, PHONE = (1400, 900), (390, 844)
SCREENS = {"en": (DESK, PHONE), "zh": (DESK, PHONE) if "QAIDAM_ALL_SCREENS" in os.environ else (PHONE,)}
"""A browser takes seconds for each; with QAIDAM_ALL_SCREENS also a desk in Chinese, whose texts a phone shows too."""
LEAST_SEEN = 40
"""Pixels of the picture that a phone shows at least, below a banner that comes first."""
SEEN = """() => {
    const box = node => { const r = node.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom].map(Math.round); };
    const shown = node => node.checkVisibility() && node.getClientRects().length > 0;
    const all = selector => [...document.querySelectorAll(selector)].filter(shown);
    const blocks = all('h1, header .soft, nav, .banner, .answer, .cards > div, figure, .scroll, h2:not(.hidden), .lead, .plot, footer');
    const over = [];
    for (const a of blocks) for (const b of blocks) {
        if (a === b || a.contains(b) || b.contains(a)) continue;
        const [p, q] = [box(a), box(b)];
        if (Math.min(p[2], q[2]) - Math.max(p[0], q[0]) > 1 && Math.min(p[3], q[3]) - Math.max(p[1], q[1]) > 1)
            over.push(a.className + '|' + a.tagName + ' over ' + b.className + '|' + b.tagName);
    }
    const picture = document.querySelector('.picture');
    const legend = picture.querySelector('.legend'), ticks = [...picture.querySelectorAll('.xtick text')].filter(shown);
    if (legend) for (const tick of ticks) {
        if (tick.getBoundingClientRect().bottom > legend.getBoundingClientRect().top + 1) over.push('legend over ' + tick.textContent);
    }
    const cut = all('.answer, .cards dt, .cards dd, .banner dd').filter(n => n.scrollWidth > n.clientWidth + 1).map(n => n.textContent);
    return {
        over, cut, wide: document.documentElement.scrollWidth, answer: box(document.querySelector('.answer'))[3],
        cards: all('.opening')[0].querySelectorAll('.cards > div').length,
        last_card: box([...all('.opening')[0].querySelectorAll('.cards > div')].pop())[3],
        picture: box(picture.querySelector('.plot, svg')), banner: all('.banner').map(n => box(n)[1]), first_card: box(all('.cards')[0])[1],
        text: document.body.innerText + ' ' + [...document.querySelectorAll('.plot text')].map(t => t.textContent).join(' '),
    };
}"""


COLOURS = """() => ({page: getComputedStyle(document.body).backgroundColor, ink: getComputedStyle(document.body).color,
    picture: getComputedStyle(document.querySelector('.picture .main-svg')).backgroundColor})"""


def write_pages(folder: Path) -> None:
    """One page of each kind, of a made-up day."""
    plan = made_up_results(days=1, synthetic=False).assign_attrs(weather="golmud")
    baseline = made_up_results(days=1, planned=False).assign_attrs(weather="golmud")
    bills = [made_up_bill(plan), made_up_bill(baseline)]
    summary = without_scenario_words(made_up_summary())
    times = pd.DatetimeIndex(plan.indexes["time"]).strftime("%Y-%m-%dT%H:%MZ")
    before = pd.DataFrame({"time_utc": times, "workload": "ascend_training", "planned_cards": 10.0})
    write_report(folder / "run.html", plan, baseline, *bills, summary)
    write_study_page(folder / "study.html", made_up_study(), plan, bills[0], summary)
    write_night_page(folder / "night.html", made_up_members(plan), plan, baseline, bills, summary, NIGHT, before)
    night = NIGHT | {"start_utc": "1", "published_utc": "1", "exit_code": 10, "folder": "x", "cost": 123456.0, "baseline_cost": 2e5,
                     "seconds": {"solve": 3.0}, "currency": "CNY"}  # fmt: skip
    nights = [night | {"start_utc": str(number), "cost": 1e5 + 1e4 * number} for number in range(9)]
    (folder / "index.html").write_text(index_html(nights), encoding="utf-8")
    figures = {"running_cost": (468.0, 435.0), "capital_cost": (64.2, 14.6), "total_cost": (532.2, 449.6), "cost": (532.2, 449.6),
               "import_mwh": (1.55, 1.43), "pue": (1.18, 1.18), "carbon_location_t": (0.31, 0.29), "card_hours": (6000.0, 6000.0)}  # fmt: skip
    table = pd.DataFrame([[name, *values] for name, values in figures.items()], columns=["figure", "base", "lease"])
    hours = pd.DataFrame([["lease", "wind_farm.output [MW]", 7, 0.003, 0.4]], columns=["run", "flow", "hours_that_differ", "mean_difference", "largest_difference"])  # fmt: skip
    page = comparison_html(RunsBeside(["base", "lease"], [], table, hours, "CNY"))
    (folder / "compare.html").write_text(page, encoding="utf-8")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, int], dict]:
    """What a browser measures on each page, by page, language and width: one browser, each page opened once a width."""
    measured = {}
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        for tongue in ("en", "zh"):
            folder = tmp_path_factory.mktemp(tongue)
            with spoken(tongue):
                write_pages(folder)
            for width, height in SCREENS[tongue]:
                context = browser.new_context(viewport={"width": width, "height": height}, is_mobile=width < 600)
                page = context.new_page()
                for name in PAGES:
                    page.goto((folder / f"{name}.html").as_uri())
                    page.locator(".picture .main-svg, .picture > svg").first.wait_for()
                    measured[name, tongue, width] = page.evaluate(SEEN)
                context.close()
        dark = browser.new_page(color_scheme="dark")
        dark.goto((folder / "compare.html").as_uri())
        dark.locator(".picture .main-svg").first.wait_for()
        measured["compare", "dark", 1280] = dark.evaluate(COLOURS)
        browser.close()
    return measured


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("tongue", ["en", "zh"])
def test_the_first_screen_holds_sentence_cards_and_picture(seen, name, tongue):
    """On a desk all of it, on a phone sentence, cards and the beginning of the picture, without scrolling; five cards at most."""
    phone = seen[name, tongue, PHONE[0]]
    if DESK in SCREENS[tongue]:
        desk = seen[name, tongue, DESK[0]]
        assert max(desk["answer"], desk["last_card"], desk["picture"][3]) <= DESK[1]
    assert 2 <= phone["cards"] <= 5
    assert max(phone["answer"], phone["last_card"]) <= PHONE[1]
    assert phone["picture"][1] + LEAST_SEEN <= PHONE[1]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("tongue", "width"), [(tongue, width) for tongue in SCREENS for width, _ in SCREENS[tongue]])
def test_nothing_lies_over_another_and_no_text_is_cut(seen, name, tongue, width):
    """Blocks of the page and the picture's legend keep apart; cards hold their texts; nothing scrolls sideways."""
    screen = seen[name, tongue, width]
    assert (screen["over"], screen["cut"]) == ([], [])
    assert screen["wide"] <= width


@pytest.mark.parametrize("name", PAGES)
def test_no_string_is_left_in_english(seen, name):
    """All that the browser shows of a page in Chinese, its figures included."""
    allowed = ALLOWED | {word for text in NAMES for word in re.split(r"[\W_]+", text)} | {"output", "MW"}
    words = set(re.findall(r"[A-Za-z]{2,}", seen[name, "zh", PHONE[0]]["text"]))
    assert sorted(words - allowed) == []


def test_a_night_s_banner_stands_above_its_cards(seen):
    """A night by rule with a promise at risk: seen first."""
    screen = seen["night", "en", DESK[0]]
    assert screen["banner"][0] < screen["first_card"]
    assert "not optimised, promises at risk" in screen["text"]


def test_a_dark_screen_has_a_dark_page_and_dark_figures(seen):
    """The page's ground is below 30 of 255, its ink above 200, and the figure's ground is the page's."""
    colours = {
        name: [int(part) for part in re.findall(r"\d+", text)[:3]]
        for name, text in seen["compare", "dark", 1280].items()
    }
    assert max(colours["page"]) < 30
    assert min(colours["ink"]) > 200
    assert colours["picture"] == colours["page"]
