"""The picture of a run in the README, made from the report's own figures: `python -m tests.report.picture RUN PICTURE.png`.

Needs Chromium and Playwright (extra `test`), as the browser's tests do.
"""

from __future__ import annotations

import html
import shutil
import sys
import tempfile
from pathlib import Path

import plotly.io
import plotly.offline
import xarray as xr
from playwright.sync_api import sync_playwright

from optimizer.plan.results_file import load_results
from optimizer.report import figures
from optimizer.report.page import span_words

WIDTH_PX = 960
PAGE = """<html><meta charset="utf-8"><script>{plotly}</script><style>body {{ margin: 0; padding: 0 10px; width: {width}px; box-sizing: border-box; background: #fff;
font: 13px system-ui, "Noto Sans", sans-serif; color: #52606d; }} p {{ margin: 10px 0; }}</style>
<p>{told}</p>{figures}</html>"""


def write_picture(run: Path, path: Path) -> None:
    """Energy and work of a run as one PNG, with what weather it had. Raises OSError."""
    results = load_results(run / "results.nc")
    baseline = load_results(run / "results.nc", group="baseline").assign_attrs(results.attrs)
    drawn = [figures.energy_stack(results), figures.compute_shift(results, baseline)]
    parts = [
        plotly.io.to_html(figure, include_plotlyjs=False, full_html=False, config={"staticPlot": True})
        for figure in drawn
        if figure is not None
    ]
    page = PAGE.format(
        plotly=plotly.offline.get_plotlyjs(), width=WIDTH_PX, told=html.escape(told(results)), figures="".join(parts)
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "picture.html"
        file.write_text(page, encoding="utf-8")
        screenshot(file, path)


def told(results: xr.Dataset) -> str:
    """Which site, which hours, and whether the weather was made up."""
    return f"{results.attrs['scenario_name']} · {span_words(results)} · weather: {results.attrs['weather']}"


def screenshot(file: Path, path: Path) -> None:
    """A whole page as PNG."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as player:
        running = player.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = running.new_page(viewport={"width": WIDTH_PX, "height": 600})
        page.goto(file.as_uri())
        page.locator(".main-svg").first.wait_for()
        page.screenshot(path=path, full_page=True)
        running.close()


if __name__ == "__main__":
    write_picture(Path(sys.argv[1]), Path(sys.argv[2]))
