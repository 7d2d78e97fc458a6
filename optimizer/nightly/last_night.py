"""States and settings from last night's plan: states it expects, settings it was made with. Nothing here raises."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from optimizer.files.processes import problems_of, readable
from optimizer.nightly.expected import load_states
from optimizer.nightly.fitting import LastSettings
from optimizer.nightly.folder import MOST_BYTES, STATES
from optimizer.scenario.kept_files import SCENARIO


def last_states(last: Path | None, notes: list[str]) -> pd.DataFrame | None:
    """States the last plan expects; None where there is none or it cannot be read."""
    if last is None:
        return None
    try:
        return load_states(last / STATES)
    except Exception as error:  # whatever is in the file
        notes.append(f"state: {last.name}/{STATES} cannot be read ({problems_of(error)[0]})")
        return None


def made_with(last: Path | None, notes: list[str]) -> LastSettings | None:
    """Settings the last plan was made with; empty ones where they cannot be read: then no asset is known to be the same."""
    if last is None:
        return None
    try:
        document = json.loads(readable(last / SCENARIO, MOST_BYTES).read_text(encoding="utf-8"))
        site, step_h = str(document["site"]["name"]), float(document["horizon"]["step_h"])
        named = {
            (site, asset): settings
            for assets in document.values()
            if isinstance(assets, dict)
            for asset, settings in assets.items()
            if isinstance(settings, dict)
        }
    except Exception as error:  # whatever is in the file
        notes.append(f"state: {last.name}/{SCENARIO} cannot be read ({problems_of(error)[0]})")
        return LastSettings(None, {})
    return LastSettings(step_h, named)
