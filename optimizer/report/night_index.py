"""The page of all nights: one row a night, the newest first, each with a link to its own page. Plain HTML, no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from optimizer.files.single import write_into

TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Nights – Qaidam</title>
<style>
body { margin: 0 auto; max-width: 1120px; padding: 20px; font: 16px/1.5 system-ui, "Noto Sans", sans-serif; color: #1f2933; }
h1 { margin: 0 0 4px; font-size: 1.7rem; }
p { color: #52606d; margin: 0 0 12px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid #e3e7eb; text-align: right; white-space: nowrap; }
th:first-child, td.words { text-align: left; }
thead th { vertical-align: bottom; }
a { color: #0b4f8a; }
.fallback td.level { background: #fff4d6; font-weight: 600; }
:focus-visible { outline: 3px solid #d97706; outline-offset: 2px; }
</style>
</head>
<body>
<h1>Nights</h1>
<p>{{ nights | length }} plans, the newest first. A marked level is a fallback: the page of that night says why.</p>
<div class="scroll" tabindex="0" role="region" aria-label="All nights">
<table>
<thead><tr><th scope="col">Day</th><th scope="col">Plan</th><th scope="col">Forecast</th><th scope="col">Expected cost</th>
<th scope="col">Without a plan</th><th scope="col">Gap</th><th scope="col">Promises at risk</th><th scope="col">Solved in</th></tr></thead>
<tbody>
{% for night in nights %}
<tr{% if night.exit_code %} class="fallback"{% endif %}>
<th scope="row"><a href="{{ night.folder }}/night.html">{{ night.day }}</a></th>
<td class="words level">{{ night.level_name }}</td><td class="words">{{ night.forecast_level }}</td>
<td>{{ "{:,.0f}".format(night.cost) }}</td><td>{{ "{:,.0f}".format(night.baseline_cost) }}</td>
<td>{{ "not known" if night.gap is none else "{:.2%}".format(night.gap) }}</td><td>{{ night.shortfalls | length }}</td>
<td>{{ "{:.0f} s".format(night.seconds.get("solve", 0)) }}</td>
</tr>
{% endfor %}
</tbody>
</table>
</div>
</body>
</html>
"""


def index_html(nights: Sequence[Mapping[str, Any]]) -> str:
    """Page as text. Each night is a run record with its `folder`, in any order."""
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    newest = sorted(nights, key=lambda night: (night["start_utc"], night["published_utc"]), reverse=True)
    return environment.from_string(TEMPLATE).render(nights=newest)


def write_index(plans: Path, nights: Sequence[Mapping[str, Any]]) -> None:
    """Replace `index.html` of a plans folder. Raises OSError."""
    page = index_html(nights)
    write_into(plans, "index.html", lambda aside: aside.write_text(page, encoding="utf-8"))
