"""Schedules of the utility rate database (month × hour, weekday and weekend) as rows of months, days and hours."""

from __future__ import annotations

from collections.abc import Sequence

Grid = list[list[int]]
"""Number of the period, by month and hour."""
Row = dict[str, object]
DAYS = ([0, 1, 2, 3, 4], [5, 6])
"""Working days and weekends."""
ALL_DAYS = [*DAYS[0], *DAYS[1]]
HOURS = 24


def used_periods(grids: Sequence[Grid]) -> list[int]:
    """Periods that hold in any hour."""
    return sorted({period for grid in grids for row in grid for period in row})


def schedule_rows(grids: tuple[Grid, Grid], period: int) -> list[Row]:
    """Rows in which a period holds: months of the same hours together, weekdays and weekends in one row where they agree."""
    alike: dict[tuple[tuple[tuple[int, int], ...], int], list[int]] = {}
    for month in range(12):
        spans = [_hours_of(grid[month], period) for grid in grids]
        for kind in (0, 1):
            if spans[kind] and not (kind and spans[0] == spans[1]):
                whole_week = spans[0] == spans[1]
                alike.setdefault((spans[kind], 2 if whole_week else kind), []).append(month + 1)
    days = [*DAYS, ALL_DAYS]
    return [
        {"months": months, "days": days[kind], "hours": [list(span) for span in spans]}
        for (spans, kind), months in alike.items()
    ]


def _hours_of(row: Sequence[int], period: int) -> tuple[tuple[int, int], ...]:
    """Spans of hours [from, to) in which a period holds."""
    edges = [hour for hour in range(HOURS + 1) if _holds(row, hour, period) != _holds(row, hour - 1, period)]
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _holds(row: Sequence[int], hour: int, period: int) -> bool:
    return 0 <= hour < HOURS and row[hour] == period


def month_groups(numbers: Sequence[int]) -> dict[int, list[int]]:
    """Months (1 to 12) by the number they have."""
    return {number: [m + 1 for m, own in enumerate(numbers) if own == number] for number in sorted(set(numbers))}
