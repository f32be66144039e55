"""A real server in a process of its own, for tests that speak HTTP to it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.store import Store

ROOT = Path(__file__).resolve().parents[2]
# The encoder of tests has no name that a server could load it by.
_CODE = """
import json, sys
from pathlib import Path
from kg import asking
from kg.store import Store
from tests.web.conftest import WordEncoder
from web.logs import set_up_logs
from web.server import run_server
asking.encoder_of = lambda generation: WordEncoder()
options = json.loads(sys.argv[2])
log_format = options.pop("log_format", "text")
set_up_logs(log_format=log_format, access_log=options.get("access_log", False))
usual = {"host": "127.0.0.1", "port": 0, "query_workers": 1}
run_server(Store(Path(sys.argv[1])), **usual | options)
"""


class Running:
    """A server that runs.

    Attributes
    ----------
    url : str
        Without a slash at its end.
    process : Popen
        Its standard error is a pipe, read up to the line with the address.
    """

    def __init__(self, url: str, process: subprocess.Popen[str]):
        self.url = url
        self.process = process

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rpartition(":")[2])

    def stop(self, number: int = signal.SIGTERM) -> str:
        """Tell it to stop, wait, and return what it said meanwhile."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        assert self.process.stderr is not None
        said = self.process.stderr.read()
        self.process.wait(timeout=40)
        return said


@contextmanager
def running(store: Store, **options: object) -> Iterator[Running]:
    """Serve a store, with options of `web.server.run_server` and ``log_format``."""
    process = subprocess.Popen(
        [sys.executable, "-c", _CODE, str(store.path), json.dumps(options)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process.stderr:
        line = process.stderr.readline()
        found = re.fullmatch(r"Serving on (http://127\.0\.0\.1:\d+)/ \(stop with Ctrl-C\)\n", line)
        if found is None:
            process.kill()
            raise AssertionError(line + process.stderr.read())
        server = Running(found[1], process)
        try:
            yield server
        finally:
            server.stop()
