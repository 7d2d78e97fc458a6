"""States and settings from last night's plan: states it expects, settings it was made with. Nothing here raises."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from optimizer.files.processes import problems_of, readable
from optimizer.nightly.expected import load_states
from optimizer.nightly.fitting import LastSettings, changes_since
from optimizer.nightly.folder import MOST_BYTES, STATES
from optimizer.scenario.kept_files import SCENARIO
from optimizer.scenario.single_site import Scenario, technologies_of
from optimizer.technologies.base import Technology

KINDS = frozenset(technologies_of(Scenario))


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
            for kind, assets in document.items()
            if kind in KINDS and isinstance(assets, dict)
            for asset, settings in assets.items()
            if isinstance(settings, dict)
        }
    except Exception as error:  # whatever is in the file
        notes.append(f"state: {last.name}/{SCENARIO} cannot be read ({problems_of(error)[0]})")
        return LastSettings(None, {})
    return LastSettings(step_h, named)


def changes_since_last(last: Path | None, assets: Mapping[tuple[str, str], Technology]) -> list[str]:
    """A sentence on what of the assets changed since the last plan."""
    before = made_with(last, [])
    return [] if last is None or before is None else changes_since(last.name, before, assets)
