"""A process that forks refreshes for others to kill, or to let run into a full disk.

Reads a line of JSON a run (store, url, and what shall go wrong), forks, and writes the child's
process id, then its exit code. It opens no store itself, so that the forks begin clean.
"""

from __future__ import annotations

import builtins
import errno
import importlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kg.cell_facts.corrections import Corrections
from kg.derivation import derive_trial
from kg.refresh import refresh
from kg.registry import RegistryClient
from kg.store import Store
from kg.study import parse_study
from ontology.errors import TrialKinError
from tests.conftest import WordEncoder
from tests.kg.refresh.conftest import HURRY, golden_records

_WRITERS = ("fsync", "replace", "rename", "link", "mkdir", "fchmod")
REFUSED, FAILED = 3, 4
"""Exit codes: given up with an error that says why; or with some other one."""


def run(store: str, url: str, limit_bytes: int, fail_at: int, code: int) -> int:
    """Refresh a store while something goes wrong."""
    if limit_bytes:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
    if fail_at:
        _fail_at(fail_at, code)
    try:
        with RegistryClient(url, patience=HURRY) as client:
            refresh(Store(Path(store)), client, encoder=WordEncoder())
    except TrialKinError:
        return REFUSED
    except BaseException:
        return FAILED
    return 0


def _fail_at(number: int, code: int) -> None:
    """Let the so many-th writing call into the file system, and all after it, fail."""
    calls = 0

    def failing(call: Callable[..., Any], writes: Callable[..., bool]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            if writes(*args, **kwargs):
                calls += 1
                if calls >= number:
                    raise OSError(code, os.strerror(code), str(args[0]))
            return call(*args, **kwargs)

        return called

    def is_for_writing(path: Any, mode: str = "r", *args: Any, **kwargs: Any) -> bool:
        return any(letter in mode for letter in "wax+")

    for name in _WRITERS:
        setattr(os, name, failing(getattr(os, name), lambda *args, **kwargs: True))
    builtins.open = failing(builtins.open, is_for_writing)


def warm() -> None:
    """Load what every run needs, once: threads are not begun by it, which no fork would have."""
    derive_trial(parse_study(golden_records()[0]), "", Corrections())
    for name in ("kg.validation", "pyshacl", "rdflib", "similarity.index", "similarity.kin_lists"):
        importlib.import_module(name)


def main() -> None:
    warm()
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(
                run(
                    asked["store"],
                    asked["url"],
                    asked.get("limit_bytes", 0),
                    asked.get("fail_at", 0),
                    asked.get("code", errno.ENOSPC),
                )
            )
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
