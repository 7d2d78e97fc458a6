"""A climate that stands in for a far place has that place's sun and clock, and says what it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from weather.sun.extraterrestrial import extraterrestrial_horizontal_w_per_m2
from weather.synthetic.stand_in import stand_in_year


@pytest.mark.parametrize(
    ("place", "offset_h"), [((39.23, -106.32, 3026.0), -7.0), ((-33.4, -70.6, 520.0), -4.0), ((19.1, 72.9, 14.0), 5.5)]
)
def test_the_sun_is_that_of_the_place(place, offset_h):
    """Never more radiation than there is above the air of the place at that hour of UTC (2 % and 5 W/m² for the half hours of
    a step at the horizon), and most of the year's sun within four hours of its noon."""
    year = stand_in_year("golmud", 2025, seed=1, place=place, utc_offset_h=offset_h)
    time = pd.DatetimeIndex(year["time"].values)
    above = extraterrestrial_horizontal_w_per_m2(time, latitude=place[0], longitude=place[1], step_h=1.0)
    ghi = year["ghi_w_per_m2"].values
    assert np.mean(ghi > 1.02 * above + 5) < 0.001
    noon = np.abs((time.hour + time.minute / 60 + 0.5 + place[1] / 15) % 24 - 12) <= 4
    assert ghi[noon].sum() > 0.85 * ghi.sum()  # a cosine over 120 of its 180 degrees holds sin 60° = 0.866
    assert (len(year["time"]), year.attrs["typical"], year.attrs["synthetic"]) == (8760, 1, 1)
    assert any(
        note.startswith("warning: synthetic weather; the statistics of Golmud") for note in year.attrs["repairs"]
    )


def test_seasons_turn_south_of_the_equator():
    """January is warmer than July, by as much as July is warmer than January in the north (to the days of a half year)."""
    place = (33.4, -70.6, 520.0)
    north, south = (
        stand_in_year("golmud", 2025, seed=1, place=(sign * place[0], *place[1:]), utc_offset_h=-4)["dry_bulb_c"]
        for sign in (1, -1)
    )
    rises = [
        float(year[year.time.dt.month == 7].mean() - year[year.time.dt.month == 1].mean()) for year in (north, south)
    ]
    assert rises[0] == pytest.approx(-rises[1], abs=1.0)
    assert rises[0] > 15
