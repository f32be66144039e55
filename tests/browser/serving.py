"""The real `trialkin serve` in a process of its own, and Debian's Chromium to look at it."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_START_SECONDS = 60.0
_ROOT = Path(__file__).resolve().parents[2]
_SERVING = re.compile(rb"Serving on (http://\S+/)")


@contextmanager
def serving(store: Path) -> Iterator[str]:
    """Serve a store on a free port; give the address, and stop the server at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "trialkin", "serve", "--port", "0", "--store", str(store)],
        cwd=_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        yield _address(process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stderr.close()


def _address(process: subprocess.Popen[bytes]) -> str:
    said, deadline = b"", time.monotonic() + _START_SECONDS
    assert process.stderr is not None
    while (found := _SERVING.search(said)) is None:
        left = deadline - time.monotonic()
        ready = left > 0 and select.select([process.stderr], [], [], left)[0]
        chunk = os.read(process.stderr.fileno(), 4096) if ready else b""
        if not chunk:
            raise RuntimeError(f"The server did not start: {said.decode(errors='replace')}")
        said += chunk
    return found[1].decode()


def launch(playwright: Playwright) -> Browser:
    """Start Chromium without anything that reaches out by itself."""
    return playwright.chromium.launch(executable_path=str(CHROMIUM), args=_FLAGS)
