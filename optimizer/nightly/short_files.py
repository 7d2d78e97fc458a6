"""Files a scenario names (prices, loads) that end before the coming plan does: their last day is repeated, and that is noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from optimizer.nightly.hours import Night
from optimizer.quantities.price_file import PriceFile
from optimizer.quantities.series import FileColumn, SeriesError
from optimizer.scenario.file import site_from
from optimizer.scenario.kept_files import Route, replaced_at
from optimizer.scenario.single_site import Scenario

FORMS: tuple[tuple[str, type[FileColumn] | type[PriceFile]], ...] = (("column", FileColumn), ("prices", PriceFile))
"""Key by which a series that stands in a file is known, and the series."""


def with_last_days_repeated(scenario: Scenario, night: Night) -> tuple[Scenario, list[str]]:
    """Scenario whose files reach the end of the night's plan, and which do so by their last day; as it is where all do."""
    data: dict[str, object] = scenario.model_dump(mode="json")
    notes = []
    for route, series in list(_series_of_files(data)):
        try:
            series.on(night.calendar)
        except SeriesError:
            path = series.prices if isinstance(series, PriceFile) else series.file
            data = replaced_at(data, (*route, "beyond_end"), "last_day")
            notes.append(
                f"scenario: {' > '.join(route)}: {path.name} ends before the plan does; its last day is repeated"
            )
    return (site_from(data), notes) if notes else (scenario, [])


def _series_of_files(data: object, route: Route = ()) -> Iterator[tuple[Route, FileColumn | PriceFile]]:
    """Way to every series that stands in a file, and the series."""
    if not isinstance(data, Mapping):
        return
    for key, form in FORMS:
        if isinstance(data.get(key), str | Path) and "beyond_end" in data:
            try:
                yield route, form.model_validate(data)
            except ValidationError:
                return  # a file that cannot be read any more is not short
            return
    for key, value in data.items():
        yield from _series_of_files(value, (*route, str(key)))
