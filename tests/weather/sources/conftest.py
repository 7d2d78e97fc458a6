"""Fetching from a small service on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.weather.fixtures.made_service import PLACE, Service
from weather.sources.fetch import fetch


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    made = Service()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def ask(service: Service, tmp_path: Path) -> Callable[..., tuple[Path, list[float]]]:
    """fetch against the made service; gives the path and the pauses it would have slept."""

    def asked(provider: str, **more: object) -> tuple[Path, list[float]]:
        pauses: list[float] = []
        path = fetch(provider, **PLACE, cache_dir=tmp_path / "cache", base_url=service.url, sleep=pauses.append, **more)  # type: ignore[arg-type]
        return path, pauses

    return asked
