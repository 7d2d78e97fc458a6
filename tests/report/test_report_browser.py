"""The page in a real browser: every figure drawn, tabs and hover work, nothing leaves the page, phone and paper fit."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

BROWSER = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="chromium not found: the report was not tried in a browser")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright not found: no browser tried the report")

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
WIDTHS = """() => [...document.querySelectorAll('.plot')].filter(p => !p.closest('[hidden]'))
    .map(p => [p.clientWidth, p.querySelector('.main-svg') ? p.querySelector('.main-svg').clientWidth : 0])"""


class Seen:
    """What a page said and asked for while it was open."""

    def __init__(self, page: playwright.Page):
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))


def becomes(page: playwright.Page, expression: str, *, tries: int = 100) -> None:
    """Wait until a JavaScript expression holds (the page's policy forbids the browser to poll it by itself)."""
    for _ in range(tries):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never became true: {expression}")


def scrolled(page: playwright.Page) -> None:
    """Every figure of the page that is not hidden brought to the screen, where it is drawn."""
    for plot in page.locator(".plot:visible").all():
        plot.scroll_into_view_if_needed()
        plot.locator(".main-svg").first.wait_for()


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as player:
        running = player.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def opened(browser: playwright.Browser) -> Iterator[Callable[..., tuple[playwright.Page, Seen]]]:
    """`opened(path, width=1200)` gives the page and what it said; a narrow one behaves as a phone."""
    contexts = []

    def open_page(path: Path, width: int = 1200) -> tuple[playwright.Page, Seen]:
        phone = width < 600
        context = browser.new_context(viewport={"width": width, "height": 900}, is_mobile=phone, has_touch=phone)
        contexts.append(context)
        page = context.new_page()
        seen = Seen(page)
        page.goto(path.as_uri())
        page.locator(".plot .main-svg").first.wait_for()
        return page, seen

    yield open_page
    for context in contexts:
        context.close()


def test_every_figure_is_drawn_without_a_word_in_the_console(opened, year_page):
    """A few figures are drawn at first, 16 once the page was read to its end, 40 once each tab was opened; none empty,
    no error, one request (the file)."""
    page, seen = opened(year_page)
    drawn = "document.querySelectorAll('[data-drawn]').length"
    assert 1 <= page.evaluate(drawn) < 8
    scrolled(page)
    assert page.evaluate(drawn) == 16
    for tab in page.get_by_role("tab").all():
        tab.click()
        scrolled(page)
    marks = "() => [...document.querySelectorAll('.plot')].map(p => p.querySelectorAll('.trace, .bars, .hm, .sankey-link').length)"
    drawn = page.evaluate(marks)
    assert len(drawn) == 40
    assert min(drawn) > 0
    assert seen.complaints == []
    assert seen.requests == [year_page.as_uri()]


def test_tabs_show_one_week_at_a_time_by_mouse_and_by_keys(opened, year_page):
    """A click shows the second week and hides the first; End goes to the last, ArrowRight round to the first."""
    page, _ = opened(year_page)
    tabs, panels = page.get_by_role("tab"), page.locator('[role="tabpanel"]')

    def shown() -> list[bool]:
        return [panel.is_visible() for panel in panels.all()]

    assert shown() == [True, False, False, False, False]
    tabs.nth(1).click()
    assert shown() == [False, True, False, False, False]
    page.keyboard.press("End")
    assert shown() == [False, False, False, False, True]
    page.keyboard.press("ArrowRight")
    assert shown() == [True, False, False, False, False]
    assert tabs.first.get_attribute("aria-selected") == "true"
    assert page.evaluate("document.activeElement.id") == tabs.first.get_attribute("id")


def test_hover_tells_the_local_hour_and_every_layer(opened, two_days_page):
    """At the middle of the stack a label names the day and each asset with MW."""
    page, _ = opened(two_days_page)
    plot = page.locator("#part-0 .plot").first
    plot.scroll_into_view_if_needed()
    plot.locator(".main-svg").first.wait_for()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    plot.locator(".hoverlayer .legend").wait_for()
    said = plot.locator(".hoverlayer").text_content()
    assert "fixed field output:" in said
    assert "MW" in said
    assert "2025," in said


def test_a_click_in_the_legend_hides_an_asset(opened, two_days_page):
    """ "grid" feeds and draws: one click takes both of its layers out of the figure."""
    page, _ = opened(two_days_page)
    layers = "() => document.querySelector('#part-0 .plot')._fullData.filter(t => t.visible === true).length"
    before = page.evaluate(layers)
    page.locator("#part-0 .plot").first.locator(".legendtoggle").nth(0).click()
    becomes(page, f"({layers})() < {before}")
    hidden = page.evaluate(
        "() => document.querySelector('#part-0 .plot')._fullData.filter(t => t.visible !== true).map(t => t.name)"
    )
    assert len(set(hidden)) == 1


def test_nothing_can_be_sent_away(opened, two_days_page):
    """The buttons over a figure save, zoom, move and reset; the library's button that uploads a chart is not there."""
    page, _ = opened(two_days_page)
    names = {button.get_attribute("data-title") for button in page.locator(".plot").first.locator(".modebar-btn").all()}
    assert names == {"Download plot as a PNG", "Zoom", "Pan", "Reset axes"}


@pytest.mark.parametrize("width", [390, 820, 1400])
def test_figures_fit_the_width(opened, year_page, width):
    """No figure is wider than its place and the page does not scroll sideways, on a phone, a tablet, a screen."""
    page, seen = opened(year_page, width)
    scrolled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    widths = page.evaluate(WIDTHS)
    assert len(widths) == 16
    assert all(abs(place - drawn) <= 1 for place, drawn in widths)  # whole pixels
    assert seen.complaints == []


def test_print_draws_every_week_on_paper_width_and_the_screen_comes_back(opened, year_page):
    """A PDF has the figures of hidden tabs too (more than 12 pages); afterwards the figures have their screen width."""
    page, seen = opened(year_page)
    pdf = page.pdf(format="A4")
    assert pdf.count(b"/Type /Page\n") > 12
    becomes(page, f"({WIDTHS})().every(([place, drawn]) => Math.abs(place - drawn) <= 1)")
    assert page.evaluate("[...document.querySelectorAll('.plot')].every(p => p.dataset.drawn)")
    assert seen.complaints == []


def test_streams_are_on_the_paper_at_once(opened, two_days_page):
    """Streams glide to a new width on the screen; on paper (690 px) their uses must stand in place when printing begins.
    Left to glide, they would stand beyond the edge, as on the screen of 1200 px."""
    page, _ = opened(two_days_page)
    scrolled(page)
    right = page.evaluate("""() => {
        window.dispatchEvent(new Event('beforeprint'));
        const plot = [...document.querySelectorAll('.plot')].find(p => p.querySelector('.sankey-node'));
        const left = plot.getBoundingClientRect().left;
        return Math.max(...[...plot.querySelectorAll('.node-rect')].map(n => n.getBoundingClientRect().right - left));
    }""")
    assert 600 < right <= 690


def test_keyboard_reaches_tabs_and_tables(opened, two_days_page):
    """Tab from the top: first the skip link, which leads to the results; a table that scrolls can be focused."""
    page, _ = opened(two_days_page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    assert page.locator(".scroll").first.get_attribute("tabindex") == "0"


def test_tables_open(opened, two_days_page):
    """Opening "as a table" shows rows by hour for two days: 48 and a heading."""
    page, _ = opened(two_days_page)
    details = page.locator("figure details").first
    details.locator("summary").click()
    assert details.locator("tr").count() == 49
    assert details.locator("caption").is_visible()
