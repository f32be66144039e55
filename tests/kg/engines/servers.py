"""Real graph servers for tests: started on free ports of 127.0.0.1, each in a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

KINDS = ["oxigraph", pytest.param("virtuoso", marks=pytest.mark.slow)]
"""Virtuoso takes seconds to start, and tens of milliseconds for what takes others one."""
ROW_CAP = 2_000
"""Rows after which the Virtuoso of the tests cuts an answer; 10,000 as it comes."""
_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
DisableUnixSocket = 1
MaxClientConnections = 20
CheckpointInterval = 0
DirsAllowed = .
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = .
ServerThreads = 20
MaxKeepAlives = 20
KeepAliveTimeout = 10
Charset = UTF-8
[SPARQL]
ResultSetMaxRows = {row_cap}
MaxQueryExecutionTime = 6
"""


@dataclass
class RunningServer:
    """A server that tests may stop and start again.

    Attributes
    ----------
    kind : str
    url : str
        With name and password where the server wants them for writing.
    """

    kind: str
    url: str
    folder: Path
    command: list[str]
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        with open(self.folder / "out.txt", "ab") as out:
            self._process = subprocess.Popen(
                self.command, cwd=self.folder, stdout=out, stderr=subprocess.STDOUT
            )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self._process.poll() is None, (self.folder / "out.txt").read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"{self.kind} did not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=30)
            self._process = None
            (self.folder / "virtuoso.lck").unlink(missing_ok=True)


def _program(name: str, variable: str) -> str:
    """Return where a server's program is; skip, or fail where it is required, if nowhere."""
    beside = str(Path(sys.executable).parent)
    found = os.environ.get(variable) or shutil.which(
        name, path=os.pathsep.join([beside, os.environ.get("PATH", "")])
    )
    if found is None:
        reason = f"{name} is not here: no such graph server to test with ({variable} may name it)"
        if os.environ.get("TRIALKIN_REQUIRE_SERVERS"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@contextmanager
def running(kind: str, folder: Path, *, seconds: float = 6) -> Iterator[RunningServer]:
    """Start a server of a kind; it is stopped, whatever happens."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    if kind == "oxigraph":
        program = _program("oxigraph", "TRIALKIN_OXIGRAPH")
        command = [program, "serve", "--location", "db", "--bind", f"127.0.0.1:{port}"]
        command += ["--timeout-s", f"{seconds:g}"]
    else:
        program = _program("virtuoso-t", "TRIALKIN_VIRTUOSO")
        ini = _INI.format(port=port, sql_port=_free_port(), row_cap=ROW_CAP)
        (folder / "virtuoso.ini").write_text(ini, "utf-8")
        command = [program, "+foreground", "+configfile", "virtuoso.ini"]
        url = url.replace("//", "//dba:dba@")
    server = RunningServer(kind, url, folder, command, port)
    try:
        server.start()
        yield server
    finally:
        server.stop()
