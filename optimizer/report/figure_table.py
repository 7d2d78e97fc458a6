"""Table below a figure that says the same in numbers."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from optimizer.language.recognition import words_of_value
from optimizer.language.speech import say
from optimizer.report.study_names import name_of
from optimizer.report.style import big

LISTED = 200
"""Most rows of a table below a figure."""


def tabled(figure: go.Figure, table: pd.DataFrame) -> go.Figure:
    """Figure with the table that says the same."""
    rows = [
        [words_of_value(str(row[0])), *(_text(value) for value in row[1:])]
        for row in table.head(LISTED).itertuples(index=False, name=None)
    ]
    more = len(table) - len(rows)
    note = say("The first {listed} of {all} rows.", listed=LISTED, all=len(table)) if more > 0 else ""
    meta = {
        **figure.layout.meta,
        "table": {"columns": [name_of(str(name)) for name in table.columns], "rows": rows, "note": note},
    }
    return figure.update_layout(meta=meta)


def _text(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return big(float(value))
    return words_of_value(str(value))
