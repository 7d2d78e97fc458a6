"""HTTP answer of bounded size within a bounded total time, over connections that are never led from https to plain text."""

from __future__ import annotations

import http.client
import io
import json
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from functools import partial
from http.client import HTTPMessage
from typing import IO, Final

from weather.canonical import WeatherError

MOST_BYTES: Final = 100_000_000
MOST_REASON_BYTES: Final = 20_000
"""Of the page that comes with a refusal."""
CHUNK_BYTES: Final = 65_536
LEAST_S: Final = 0.001


class _Bytes(io.RawIOBase):
    """Bytes of a socket up to a moment (time.monotonic): a byte a second keeps nobody longer, in headers neither."""

    def __init__(self, raw: io.RawIOBase, connection: socket.socket, until: float):
        self._raw, self._connection, self._until = raw, connection, until

    def readable(self) -> bool:
        """Only for reading."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any buffer will do
        """Bytes received. Raises TimeoutError once the time is up."""
        self._connection.settimeout(max(self._until - time.monotonic(), LEAST_S))
        return self._raw.readinto(buffer) or 0

    def close(self) -> None:
        """Give the socket back."""
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """HTTP response that is read within a time, its status line and headers included."""

    def __init__(self, sock: socket.socket, *arguments: object, until: float, **options: object):
        super().__init__(sock, *arguments, **options)  # type: ignore[arg-type]  # passed on as they come
        self.fp = io.BufferedReader(_Bytes(self.fp.detach(), sock, until))


class _Bounded(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    """Connections up to a moment, plain or encrypted; certificates checked as by default."""

    def __init__(self, until: float):
        super().__init__()
        self._until = until

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Open a plain connection."""
        return self.do_open(partial(_connection, http.client.HTTPConnection, self._until), req)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Open an encrypted connection."""
        return self.do_open(partial(_connection, http.client.HTTPSConnection, self._until), req)


def _connection(
    kind: type[http.client.HTTPConnection], until: float, host: str, *, timeout: float
) -> http.client.HTTPConnection:
    connection = kind(host, timeout=min(timeout, max(until - time.monotonic(), LEAST_S)))
    connection.response_class = partial(_Answer, until=until)  # type: ignore[assignment]  # called as the class is
    return connection


class _NoPlainText(urllib.request.HTTPRedirectHandler):
    """Redirects as they come, except from https to anything that others can read or change on the way."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if req.full_url.startswith("https:") and not newurl.startswith("https:"):
            raise WeatherError(
                f"{urllib.parse.urlsplit(req.full_url).netloc}: sends on to plain text ({newurl[:80]}); not followed"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def body_of(url: str, timeout_s: float) -> bytes:
    """Whole answer of an address, within a total time [s] however slowly its bytes come.

    Raises WeatherError where it is too large or leads to plain text; urllib's and http.client's own errors else.
    """
    until = time.monotonic() + timeout_s
    opener = urllib.request.build_opener(_NoPlainText, _Bounded(until))
    parts: list[bytes] = []
    size = 0
    with opener.open(url, timeout=timeout_s) as answer:
        expected = answer.headers.get("Content-Length") or ""
        while part := answer.read1(CHUNK_BYTES):
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                raise WeatherError(
                    f"{urllib.parse.urlsplit(url).netloc}: the answer has over {MOST_BYTES / 1e6:,.0f} MB; ask for less"
                )
    if expected.isdigit() and size < int(expected):
        raise http.client.IncompleteRead(b"".join(parts), int(expected) - size)
    return b"".join(parts)


def reason_of(error: urllib.error.HTTPError) -> str:
    """Reason of a service's refusal: its JSON message where there is one."""
    try:
        with error:
            content = json.loads(error.read(MOST_REASON_BYTES))
        reason = content.get("reason") or content.get("message") or content.get("detail") or error.reason
    except (ValueError, AttributeError, OSError, RecursionError, http.client.HTTPException):
        reason = error.reason
    return str(reason)[:300]
