"""Whatever a service sends, and however slowly: words within a bounded time, and nothing half in the cache."""

from __future__ import annotations

import io
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPMessage
from pathlib import Path

import pytest

from tests.weather.fixtures.made_service import PLACE, Answer, Service
from weather.canonical import WeatherError
from weather.sources.bounded_http import _NoPlainText
from weather.sources.fetch import fetch


@pytest.mark.parametrize("where", ["status", "headers", "body", "refusal"])
def test_a_byte_at_a_time_ends_at_the_total_time(where: str, tmp_path: Path) -> None:
    """A byte every 50 ms for ever, in whichever part of the answer: given up after 0.4 s, one attempt. By a limit on each
    wait for a byte alone it would never end."""
    begun = {
        "status": b"HTTP/1.1 2",
        "headers": b"HTTP/1.1 200 OK\r\nX-Slow: ",
        "body": b"HTTP/1.1 200 OK\r\n\r\n{",
        "refusal": b"HTTP/1.1 503 Busy\r\n\r\n{",
    }
    with slow_server(begun[where]) as url, pytest.raises(WeatherError, match=r"timed out|busy or broken"):
        fetch("open-meteo-forecast", **PLACE, cache_dir=tmp_path, base_url=url, attempts=1, timeout_s=0.4)
    assert not list(tmp_path.rglob("*.*"))


@contextmanager
def slow_server(begun: bytes) -> Iterator[str]:
    """A server that sends the beginning of an answer, then a space every 50 ms until its client goes away."""

    def serve(listening: socket.socket) -> None:
        client, _ = listening.accept()
        with client, suppress(OSError):
            client.recv(10_000)
            client.sendall(begun)
            while True:
                time.sleep(0.05)
                client.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api"
        thread.join(10)


ANSWERS: dict[str, Answer] = {
    "nothing": (200, {"Content-Length": "0"}, b""),
    "no length but a promise of chunks": (200, {"Transfer-Encoding": "chunked"}, b"zz\r\n"),
    "half a chunk": (200, {"Transfer-Encoding": "chunked"}, b"ff\r\n{"),
    "a length that is none": (200, {"Content-Length": "many"}, b"{"),
    "not modified": (304, {}, b""),
    "a page": (200, {"Content-Type": "text/html"}, b"<html>please log in</html>"),
    "deep": (200, {}, b"[" * 100_000),
    "not text": (200, {}, b"\xff\xfe\x00"),
    "sent in a circle": (302, {"Location": "/api"}, b""),
    "sent nowhere": (302, {}, b""),
    "sent to a file": (302, {"Location": "file:///etc/passwd"}, b""),
    "refused with a page": (404, {}, b"<html>" + b"x" * 100_000),
    "refused in a list": (400, {}, b"[1, 2]"),
    "gone": (410, {}, b""),
    "a teapot": (418, {"Retry-After": "soon"}, b"{}"),
    "broken for ever": (500, {"Retry-After": "-5"}, b"{}"),
    "a code of no meaning": (799, {}, b"{}"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_whatever_a_service_answers_ends_in_words(name: str, service: Service, ask: Callable[..., object]) -> None:
    """One of the project's own errors of bounded length with the host in it, and nothing in the cache."""
    service.will(ANSWERS[name])
    with pytest.raises(WeatherError, match=r"127\.0\.0\.1") as caught:
        ask("open-meteo-forecast", attempts=2)
    assert len(str(caught.value)) < 1_200


def test_encrypted_answers_are_not_sent_on_in_the_clear() -> None:
    """From https to http, ftp or file: refused; from plain to plain (a server of one's own) and to https: followed."""
    asked = urllib.request.Request("https://weather.example/api")
    for place in ("http://weather.example/api", "ftp://weather.example/x", "file:///etc/passwd"):
        with pytest.raises(WeatherError, match="plain text"):
            _NoPlainText().redirect_request(asked, io.BytesIO(), 302, "", HTTPMessage(), place)
    sent_on = _NoPlainText().redirect_request(asked, io.BytesIO(), 302, "", HTTPMessage(), "https://other.example/api")
    assert sent_on is not None
    assert sent_on.full_url == "https://other.example/api"
