"""Figure of a notebook: live in an editor, live or still in an export, without the network.

A notebook keeps three forms of each figure. Editors draw the first, Plotly's own. `jupyter nbconvert --to html` and --to webpdf
take the second: the figure with Plotly's library, and a still image for print and wherever no script runs. Exports
without scripts (LaTeX, Markdown, previews of repositories) take the third, that image alone. Images need the extra
`notebooks` and Chromium or Chrome; without them the live forms remain.
"""

from __future__ import annotations

import base64
import html
import json
import os

import plotly.graph_objects as go
import plotly.io
import plotly.offline

from optimizer.language.speech import say
from optimizer.report.still_images import Drawer

WIDTH_PX = 900
HEIGHT_PX = 450
"""Plotly's own, of a figure that says none."""
SCALE = 2
"""Pixels of an image for one of the page, so that print is sharp."""
EDITOR, PAGE, IMAGE = "application/vnd.plotly.v1+json", "text/html", "image/png"
STYLE = (
    "<style>.qaidam-still{max-width:100%}.qaidam-drawn .qaidam-still{display:none}"
    "@media print{.qaidam-drawn .qaidam-still{display:block}.qaidam-live{display:none}}</style>"
)
_state = {"library_shown": False}
"""Of this kernel: whether a figure has brought the library (4.8 MB, once a notebook)."""
DRAWER = Drawer()


class NotebookFigure(go.Figure):  # type: ignore[misc]  # Plotly ships no types
    """Plotly figure that an exported notebook still shows."""

    _ipython_display_ = (
        None  # Plotly's own way shows a figure in an editor only; None lets IPython ask for the forms below
    )

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        """Every form of the figure, by media type."""
        still = still_image(self)
        forms: dict[str, object] = {EDITOR: json.loads(self.to_json()), PAGE: page_form(self, still, library=_once())}
        if still is not None:
            forms[IMAGE] = base64.b64encode(still).decode()
        return forms


def page_form(figure: go.Figure, still: bytes | None, *, library: bool) -> str:
    """HTML of a figure: its image, or a sentence, until the script has drawn it."""
    meta = figure.layout.meta
    alt = html.escape(str(meta["alt"]) if isinstance(meta, dict) and "alt" in meta else say("figure"), quote=True)
    if still is None:
        instead = f'<p class="qaidam-still">{alt}</p>'
    else:
        source = "data:image/png;base64," + base64.b64encode(still).decode()
        instead = f'<img class="qaidam-still" width="{WIDTH_PX}" alt="{alt}" src="{source}">'
    script = f"<script>{plotly.offline.get_plotlyjs()}</script>" if library else ""
    live = plotly.io.to_html(figure, include_plotlyjs=False, full_html=False, config={"responsive": True})
    mark = 'if(window.Plotly)document.currentScript.parentElement.classList.add("qaidam-drawn")'
    return f'<div>{STYLE}{instead}{script}<div class="qaidam-live">{live}</div><script>{mark}</script></div>'


def _once() -> bool:
    """Whether this figure brings the library: the first of the kernel does."""
    first, _state["library_shown"] = not _state["library_shown"], True
    return first


def still_image(figure: go.Figure) -> bytes | None:
    """Image of a figure as PNG; None where Kaleido or a browser is missing, or where QAIDAM_STILL_IMAGES is 0."""
    if os.environ.get("QAIDAM_STILL_IMAGES") == "0":
        return None
    height_px = int(figure.layout.height or HEIGHT_PX)
    return DRAWER.png(json.loads(figure.to_json()), width_px=WIDTH_PX, height_px=height_px, scale=SCALE)
