"""A real browser plays a file or shows a page: Chromium without a window, with a server on the loopback."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

SECONDS = 60  # a cold start on a busy machine takes ten
_BLOCK = 1 << 16
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
# Told once: at the first error, at the end, or after half a second of play, whichever comes first.
_PAGE = """<!doctype html><title>film</title><video id=film muted autoplay src="/film"></video><script>
let told = false
const tell = () => {
  if (told) return
  told = true
  fetch("/told", {method: "POST", body: JSON.stringify({
    time: film.currentTime, duration: film.duration, width: film.videoWidth, height: film.videoHeight,
    frames: film.getVideoPlaybackQuality().totalVideoFrames, sound: film.webkitAudioDecodedByteCount,
    error: film.error && (film.error.message || String(film.error.code))})})
}
film.onerror = film.onended = tell
film.ontimeupdate = () => { if (film.currentTime >= 0.5) tell() }
</script>"""


def found() -> str:
    """The browser; skips the test where there is none. Where CI is set, there has to be one."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None and not os.environ.get("CI"):
        pytest.skip("no chromium is installed")
    assert path, "no chromium is installed"
    return path


def played(path: Path, mime: str) -> dict[str, Any]:
    """What the player tells after half a second of it: time, duration (seconds), width, height, frames and bytes of
    sound that were decoded, error (None or a text)."""
    return _told(path, mime, _PAGE)


def told(page: str) -> dict[str, Any]:
    """What a page posts to `/told` as JSON."""
    return _told(Path(), "", page)


def _told(path: Path, mime: str, page: str) -> dict[str, Any]:
    answers: queue.Queue[dict[str, Any]] = queue.Queue()
    with _served(path, mime, page, answers) as url, _browser(found(), url):
        try:
            return answers.get(timeout=SECONDS)
        except queue.Empty:
            raise AssertionError(f"the browser told nothing in {SECONDS} s") from None


@contextmanager
def _served(path: Path, mime: str, page: str, answers: queue.Queue[dict[str, Any]]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Server, path, mime, page, answers))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def _browser(program: str, url: str) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as profile:
        words = [program, *_FLAGS, f"--user-data-dir={profile}", url]
        quiet = subprocess.DEVNULL
        child = subprocess.Popen(words, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
        try:
            yield
        finally:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


class _Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, path: Path, mime: str, page: str, answers: queue.Queue[dict[str, Any]], *arguments: Any) -> None:
        self.film, self.mime, self.page, self.answers = path, mime, page, answers
        super().__init__(*arguments)

    def do_GET(self) -> None:
        if self.path == "/":
            self._send(200, "text/html; charset=utf-8", self.page.encode())
        elif self.path == "/film":
            self._send_film()
        else:
            self._send(404, "text/plain", b"")

    def do_POST(self) -> None:
        self.answers.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._send(204, "text/plain", b"")

    def _send(self, status: int, mime: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", mime)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_film(self) -> None:
        """The range that is asked for, as players do to seek."""
        size = self.film.stat().st_size
        first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last or size), size - 1)
        self.send_response(206)
        self.send_header("Content-Type", self.mime)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Range", f"bytes {start}-{end}/{size}")
        self.send_header("Content-Length", str(end - start + 1))
        self.end_headers()
        with self.film.open("rb") as file:
            file.seek(start)
            left = end - start + 1
            while left and (block := file.read(min(_BLOCK, left))):
                left -= len(block)
                try:
                    self.wfile.write(block)
                except ConnectionError:  # the player has what it wants
                    self.close_connection = True
                    return

    def log_message(self, format: str, *arguments: Any) -> None:
        pass
