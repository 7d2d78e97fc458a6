"""A figure stays in a notebook that is exported, without the network: live where scripts run, as an image elsewhere."""

from __future__ import annotations

import base64
import shutil

import plotly.express as px
import plotly.graph_objects as go
import pytest

from optimizer.report import notebook_figure
from optimizer.report.notebook_figure import EDITOR, IMAGE, PAGE, NotebookFigure, still_image
from optimizer.report.still_images import Drawer
from optimizer.report.style import framed

PNG = b"\x89PNG made up for this test"
ALT = 'Cost "falls" <over> size'


def bars() -> go.Figure:
    return framed(px.bar(x=["a", "b"], y=[3, 1]), title="Cost", alt=ALT)


@pytest.fixture(autouse=True)
def _fresh_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a kernel that has shown no figure, where images can be drawn."""
    monkeypatch.setattr(notebook_figure, "_state", {"library_shown": False})


def test_a_framed_figure_has_every_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """For editors, for pages and as an image; Plotly's library, 4.8 MB, comes once and not from the network."""
    monkeypatch.setattr(notebook_figure, "still_image", lambda _: PNG)
    first, second = bars()._repr_mimebundle_(), bars()._repr_mimebundle_()
    assert set(first) == set(second) == {EDITOR, PAGE, IMAGE}
    assert base64.b64decode(str(first[IMAGE])) == PNG
    assert len(str(first[PAGE])) > 4e6 > 1e5 > len(str(second[PAGE]))
    assert "src=" not in str(second[PAGE]).replace('src="data:image/png;base64,', "")
    assert "Cost &quot;falls&quot; &lt;over&gt; size" in str(second[PAGE])


def test_without_a_browser_the_live_figure_remains(monkeypatch: pytest.MonkeyPatch) -> None:
    """No image then, and no error; what it shows is said until a script has drawn it. Nothing is asked twice."""
    monkeypatch.setattr(notebook_figure, "DRAWER", drawer := Drawer())
    begun: list[object] = []
    monkeypatch.setattr(Drawer, "_answer", lambda *_: begun.append(1) or "\n")
    forms = [bars()._repr_mimebundle_() for _ in range(2)][1]
    assert (len(begun), drawer.png({}, width_px=1, height_px=1, scale=1)) == (1, None)
    assert set(forms) == {EDITOR, PAGE}
    assert '<p class="qaidam-still">Cost &quot;falls&quot;' in str(forms[PAGE])


def test_an_exported_page_holds_the_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """`jupyter nbconvert --to html` of two figures: both images stand in the page."""
    nbconvert = pytest.importorskip("nbconvert", reason="nbconvert not installed (extra `notebooks`)")
    nbformat = pytest.importorskip("nbformat", reason="nbformat not installed (extra `notebooks`)")
    monkeypatch.setattr(notebook_figure, "still_image", lambda _: PNG)
    v4 = nbformat.v4
    outputs = [v4.new_output("execute_result", data=bars()._repr_mimebundle_(), execution_count=1) for _ in range(2)]
    notebook = v4.new_notebook(cells=[v4.new_code_cell("figure", outputs=[output]) for output in outputs])
    page, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    image = base64.b64encode(PNG).decode()
    assert page.count(f'src="data:image/png;base64,{image}"') == 2
    notes, resources = nbconvert.MarkdownExporter().from_notebook_node(notebook)
    assert list(resources["outputs"].values()) == [PNG, PNG] or image in notes


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium not found: no image was drawn")
def test_an_image_is_drawn() -> None:
    """By the real browser: a PNG of the figure's width, at two pixels for one."""
    pytest.importorskip("kaleido", reason="kaleido not installed (extra `notebooks`)")
    try:
        png = still_image(bars())
    finally:
        notebook_figure.DRAWER.close()
    assert png is not None
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == notebook_figure.SCALE * notebook_figure.WIDTH_PX


def test_a_browser_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that never answers is ended after its time, and the notebook goes on without an image."""
    monkeypatch.setattr("optimizer.report.still_images.SECONDS", 0.2)
    monkeypatch.setattr("optimizer.report.still_images.COMMAND", ("sleep", "600"))
    drawer = Drawer()
    assert drawer.png({}, width_px=1, height_px=1, scale=1) is None
    assert drawer._process is None


def test_a_framed_figure_is_the_same_figure() -> None:
    """Framing works in place: who frames a figure and goes on with it has the one that exports."""
    figure = go.Figure(go.Bar(y=[1]))
    assert framed(figure, title="t", alt="a") is figure
    assert isinstance(figure, NotebookFigure)
