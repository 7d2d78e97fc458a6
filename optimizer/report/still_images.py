"""Still images of figures, drawn by Kaleido in a process of its own: a browser that hangs or crashes does not hang a notebook.

The process draws figure after figure, since a browser takes 3 s to start: a line of JSON in, a line of base64 out.
"""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import json
import os
import select
import subprocess
import sys

COMMAND = (sys.executable, "-m", f"{__package__}.still_images")
SECONDS = 40.0
"""Longest for an image, with the start of the browser; it draws one in 0.3 s once it runs."""


class Drawer:
    """Process that draws; once it fails it is not asked again."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._works = importlib.util.find_spec("kaleido") is not None

    def png(self, figure: dict[str, object], *, width_px: int, height_px: int, scale: int) -> bytes | None:
        """Image of a figure; None where Kaleido or a browser is missing, or does not answer in time."""
        if not self._works:
            return None
        options = {"format": "png", "width": width_px, "height": height_px, "scale": scale}
        try:
            answer = self._answer(json.dumps({"figure": figure, "options": options}))
        except OSError:
            answer = ""
        if not answer.strip():
            self.close()
            self._works = False
            return None
        return base64.b64decode(answer)

    def _answer(self, line: str) -> str:
        """Answer of the process; empty where none comes in time."""
        if self._process is None:
            self._process = subprocess.Popen(
                COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True, start_new_session=True,
            )  # fmt: skip
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line + "\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], SECONDS)
        return process.stdout.readline() if ready else ""

    def close(self) -> None:
        """End the process and its browser; also what hangs, since its whole session ends."""
        if self._process is None:
            return
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, 15)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, 9)
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._process = None


def main() -> None:
    """Draw every figure of stdin until it ends; an empty line for one that cannot be drawn."""
    import kaleido  # optional, of the extra `notebooks`

    kaleido.start_sync_server(silence_warnings=True)
    try:
        for line in sys.stdin:
            request = json.loads(line)
            try:
                image = base64.b64encode(kaleido.calc_fig_sync(request["figure"], opts=request["options"])).decode()
            except Exception:  # no browser, or one that breaks: whatever it is, there is no image
                image = ""
            print(image, flush=True)
    finally:
        kaleido.stop_sync_server(silence_warnings=True)


if __name__ == "__main__":
    main()
