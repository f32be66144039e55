"""`WorkerProcess`: a query worker as its parent sees it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ontology.errors import StoreError

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 30.0
_SLOW_NICENESS = 10
"""A process of niceness 0 gets nine times the processor's time of one of 10."""
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE")


class WorkerProcess:
    """One worker process and the pipes to it; used by one thread at a time.

    Parameters
    ----------
    graph_path : Path
    memory_bytes : int

    Attributes
    ----------
    slowed : bool
        Whether it gives way to others since it ran a slow query; better replace it.

    Raises
    ------
    StoreError
        If the graph cannot be opened.
    """

    def __init__(self, graph_path: Path, memory_bytes: int):
        python_path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        # A worker runs strangers' queries, so it is told no more of the environment than it needs.
        known = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "kg.sparql.worker", str(graph_path), str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=known
            | {
                "PYTHONPATH": python_path,
                "PYTHONDONTWRITEBYTECODE": "1",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
            },
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        # Not select(), which takes no file number above 1,023: a busy server has more.
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN)
        self._buffer = bytearray()
        self.slowed = False
        try:
            ready = json.loads(self._read_line(time.monotonic() + _START_SECONDS))
        except (TimeoutError, EOFError) as error:
            self.stop()
            raise StoreError(
                f"The graph in {graph_path} cannot be opened; build it again."
            ) from error
        except BaseException:
            self.stop()
            raise
        if not any(ready["guards"].values()):
            _log.warning(
                "this system keeps query workers neither in a network namespace nor from making "
                "sockets; only the query policy stands before SERVICE"
            )

    @property
    def ended(self) -> bool:
        """Whether the process is no more, as when the system wanted its memory."""
        return self._process.poll() is not None

    def run(
        self, request: dict[str, Any], *, slow_s: float, deadline_s: float
    ) -> tuple[dict[str, Any], bytes]:
        """Send a request and return what comes back.

        Parameters
        ----------
        request : dict
        slow_s : float
            After so long the process gives way to others, for good: `slowed` is then true.
        deadline_s : float

        Raises
        ------
        TimeoutError
            If there is no answer at the deadline.
        EOFError, BrokenPipeError
            If the process has ended.
        """
        started = time.monotonic()
        deadline = started + deadline_s
        self._in.write(json.dumps(request).encode() + b"\n")
        self._in.flush()
        try:
            line = self._read_line(started + min(slow_s, deadline_s))
        except TimeoutError:
            # Only its own thread computes, and only root may take this back.
            os.setpriority(os.PRIO_PROCESS, self._process.pid, _SLOW_NICENESS)
            self.slowed = True
            line = self._read_line(deadline)
        said = json.loads(line)
        return said, self._read(said["bytes"], deadline)

    def kill(self) -> None:
        """End the process; a thread that is in `run` gets an EOFError and calls `stop`."""
        self._process.kill()

    def stop(self) -> None:
        """Kill the process, whatever it does."""
        self._process.kill()
        with contextlib.suppress(BrokenPipeError):  # of what was written in vain
            self._in.close()
        self._out.close()
        self._process.wait()

    def _read_line(self, deadline: float) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            self._fill(deadline)
        return self._take(end + 1)

    def _read(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            self._fill(deadline)
        return self._take(size)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _fill(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0 or not self._poll.poll(left * 1000):
            raise TimeoutError
        chunk = os.read(self._out.fileno(), 1 << 20)
        if not chunk:
            raise EOFError
        self._buffer += chunk
