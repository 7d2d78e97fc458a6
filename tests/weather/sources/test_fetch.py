"""Fetching asks once, waits when told, never keeps half an answer: against a small server on loopback."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.weather.fixtures import provider_files as files
from tests.weather.fixtures.made_service import PLACE, Service
from weather import sources
from weather.canonical import WeatherError, problems_of
from weather.quality.repair import repair
from weather.sources import open_meteo
from weather.sources.fetch import SERVICES, fetch


def a_year_of(provider: str) -> dict[str, object]:
    """What the service would answer about 2022, with the margins that a local year needs."""
    weather = files.truth(start_utc="2021-12-31", hours=24 * 367)
    if provider == "nasa-power":
        return files.nasa_power_content(weather, standard="UTC")
    if provider == "pvgis-hourly":
        return files.pvgis_hourly_content(weather, minute=30)
    return files.open_meteo_content(weather, wind_unit="m/s")


@pytest.mark.parametrize("provider", ["nasa-power", "pvgis-hourly", "open-meteo-archive"])
def test_a_year_arrives_whole_and_is_asked_once(provider: str, service: Service, ask: Callable[..., object]) -> None:
    """Fetch, read year 2022, repair: 8,760 good hours; the second fetch asks nobody."""
    service.will(a_year_of(provider))
    path, _ = ask(provider, year=2022)
    weather = repair(sources.read(path, year=2022))
    assert weather.sizes["time"] == 8760
    assert problems_of(weather) == []
    assert ask(provider, year=2022)[0] == path
    assert len(service.asked) == 1
    ask(provider, year=2021)
    assert len(service.asked) == 2


def test_queries_name_the_place_and_the_whole_local_year(service: Service, ask: Callable[..., object]) -> None:
    """East of Greenwich a local year begins in the UTC year before: asked from there; UTC and m/s always asked."""
    service.will({"properties": {}, "outputs": {}, "hourly": {}})
    for provider, year in [("nasa-power", 2022), ("pvgis-hourly", 2022), ("open-meteo-archive", 2022),
                           ("open-meteo-forecast", None)]:  # fmt: skip
        ask(provider, year=year)
    nasa, pvgis, archive, forecast = service.asked
    assert (nasa["start"], nasa["end"], nasa["time-standard"]) == ("20211231", "20230101", "UTC")
    assert (pvgis["startyear"], pvgis["endyear"], pvgis["angle"], pvgis["components"]) == ("2021", "2022", "0", "1")
    assert (archive["start_date"], archive["wind_speed_unit"]) == ("2021-12-31", "ms")
    assert forecast["latitude"] == "36.4000"
    assert "shortwave_radiation" in forecast["hourly"].split(",")


def test_forecasts_grow_old_and_the_past_does_not(service: Service, ask: Callable[..., object]) -> None:
    """A forecast of two hours ago is fetched again; an archive file of years ago is not."""
    service.will(files.open_meteo_content(files.truth(hours=72)))
    forecast, _ = ask("open-meteo-forecast")
    archive, _ = ask("open-meteo-archive", year=2022)
    ask("open-meteo-forecast")
    assert len(service.asked) == 2
    for path in (forecast, archive):
        os.utime(path, (0, 0))
    ask("open-meteo-forecast")
    ask("open-meteo-archive", year=2022)
    assert len(service.asked) == 3


def test_an_ensemble_reads_as_members(service: Service, ask: Callable[..., object]) -> None:
    """Options reach the query and the cache's name, so two models never share a file."""
    service.will(files.open_meteo_content(files.truth(hours=72), members=2))
    path, _ = ask("open-meteo-ensemble", options={"models": "icon_seamless"})
    assert service.asked[0]["models"] == "icon_seamless"
    assert open_meteo.read_ensemble(path).sizes["member"] == 3
    ask("open-meteo-ensemble")
    assert service.asked[1]["models"] == "gfs_seamless"


def test_two_failures_then_success(service: Service, ask: Callable[..., object]) -> None:
    """500, 503, then the answer: three questions, pauses of 2 and 4 s."""
    service.will(500, 503, files.open_meteo_content(files.truth(hours=72)))
    path, pauses = ask("open-meteo-forecast")
    assert path.exists()
    assert len(service.asked) == 3
    assert pauses == [2.0, 4.0]


def test_too_many_questions_wait_as_told(service: Service, ask: Callable[..., object]) -> None:
    """429 with Retry-After 17 waits 17 s, with 9999 no longer than two minutes; without, the usual 8 s."""
    busy = [(429, {"Retry-After": "17"}, b"{}"), (429, {"Retry-After": "9999"}, b"{}"), (429, {}, b"{}")]
    service.will(*busy, files.open_meteo_content(files.truth(hours=72)))
    _, pauses = ask("open-meteo-forecast")
    assert pauses == [17.0, 120.0, 8.0]


@pytest.mark.parametrize("length", [None, "100000"])
def test_truncated_answers_are_asked_again_and_never_kept(
    length: str | None, service: Service, ask: Callable[..., object], tmp_path: Path
) -> None:
    """Half a JSON, with or without its announced length: after three times an error and an empty cache."""
    body = json.dumps(files.open_meteo_content(files.truth(hours=72))).encode()[:5000]
    service.will((200, {} if length is None else {"Content-Length": length}, body))
    with pytest.raises(WeatherError, match=r"broke off|no whole JSON") as caught:
        ask("open-meteo-forecast", attempts=3)
    assert "after 3 attempts" in str(caught.value)
    assert len(service.asked) == 3
    assert not list(tmp_path.rglob("*.*"))


def test_a_refusal_is_told_at_once(service: Service, ask: Callable[..., object]) -> None:
    """400 is not tried again, and the service's own reason reaches the user."""
    service.will((400, {}, b'{"error": true, "reason": "Latitude must be in range"}'))
    with pytest.raises(WeatherError, match=r"refused the request \(400: Latitude must be in range\)"):
        ask("open-meteo-forecast")
    assert len(service.asked) == 1


def test_an_answer_without_its_content_is_refused(service: Service, ask: Callable[..., object]) -> None:
    """A portal's login page as JSON is no weather: shown, not cached."""
    service.will({"message": "please log in"})
    with pytest.raises(WeatherError, match=r"holds no 'hourly'.*please log in"):
        ask("open-meteo-forecast")


def test_offline_says_so_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens on the port: a WeatherError with the host and the ways out, no traceback of urllib."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(WeatherError, match=r"cannot be reached .* after 2 attempts; .* a synthetic year instead"):
        fetch(
            "nasa-power", **PLACE, year=2022, cache_dir=tmp_path, base_url=f"http://127.0.0.1:{port}", attempts=2,
            sleep=lambda _: None,
        )  # fmt: skip


def test_wrong_requests_list_all_that_is_wrong(tmp_path: Path) -> None:
    """Unknown provider, impossible place and a missing year, each on its line, before anyone is asked."""
    with pytest.raises(WeatherError) as caught:
        fetch("nasa-power", latitude=95.0, longitude=200.0, cache_dir=tmp_path)
    assert len(caught.value.problems) == 3
    with pytest.raises(WeatherError, match="known are pvgis-hourly, pvgis-tmy, nasa-power"):
        fetch("weather-channel", **PLACE, cache_dir=tmp_path)


def test_typical_years_need_no_year(service: Service, ask: Callable[..., object]) -> None:
    """PVGIS tmy: one file a place; its 8,760 hours read back with the truth's temperatures."""
    truth = files.truth(start_utc="2025-01-01", hours=8760)
    service.will(files.pvgis_tmy_content(truth, offset_h=0.5))
    path, _ = ask("pvgis-tmy")
    weather = sources.read(path, year=2025)
    np.testing.assert_allclose(
        weather["dry_bulb_c"].sel(time="2025-06-01 12:00"), truth["dry_bulb_c"].sel(time="2025-06-01 12:00")
    )
    assert weather.indexes["time"][0] == pd.Timestamp("2024-12-31 18:00")


def test_services_speak_https() -> None:
    """Every shipped address is encrypted; a plain one would show sites to the network."""
    assert all(service.url.startswith("https://") for service in SERVICES.values())
