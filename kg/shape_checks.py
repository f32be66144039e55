"""`ShapeChecks`: changed trials against the shapes, in a process beside the refresh.

Loading a SHACL processor and checking a trial take about as long as linking its kin does, so
both are done at once. The process ends with its parent: it reads from a pipe.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import pyoxigraph as ox

from kg.validation import validate_graph, warm_up
from ontology.errors import RefreshError

_MOST_CHECKED = 500
"""Changed trials whose shapes are checked, at least; of twice as many, every second one."""


def every_so_many(changed: int) -> int:
    """Return which of so many changed trials are checked: 1 for all, 2 for every second one."""
    return max(1, changed // _MOST_CHECKED)


class CheckedTrial(msgspec.Struct, frozen=True):
    """A trial to check: its NCT id, and its quads now and before as lines of N-Quads."""

    nct_id: str
    now: str
    before: str


class ShapeChecks:
    """A process that checks trials; it warms up while others work.

    Parameters
    ----------
    path : Path
        A file that does not exist, for handing trials over.

    Attributes
    ----------
    checked : int
        Trials that were handed over.
    """

    def __init__(self, path: Path):
        self._path = path
        self.checked = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kg.shape_checks"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._process.wait()
        self._path.unlink(missing_ok=True)

    def begin(self, trials: Sequence[CheckedTrial]) -> None:
        """Hand trials over: the process begins with them as soon as it is warm."""
        self.checked = len(trials)
        self._path.write_bytes(msgspec.json.encode(trials))
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):  # `broken` tells
                self._process.stdin.write(str(self._path).encode())
                self._process.stdin.close()

    def broken(self) -> dict[str, str]:
        """Return the trials that break a shape and did not before, and what is wrong with each.

        Raises
        ------
        RefreshError
            If the process failed.
        """
        raw = b"" if self._process.stdout is None else self._process.stdout.read()
        try:
            return msgspec.json.decode(raw, type=dict[str, str])
        except msgspec.DecodeError as error:
            code = self._process.wait()
            raise RefreshError(f"The check of shapes ended with code {code}.") from error


def newly_broken(trials: Sequence[CheckedTrial]) -> dict[str, str]:
    """Return the trials that break a shape and did not before, and what is wrong with each."""
    now = _violations({trial.nct_id: trial.now for trial in trials})
    known = {trial.nct_id: trial.before for trial in trials if trial.nct_id in now}
    before = _violations({nct_id: quads for nct_id, quads in known.items() if quads})
    return {nct_id: now[nct_id] for nct_id in sorted(now.keys() - before.keys())}


def _violations(trials: Mapping[str, str]) -> dict[str, str]:
    store = ox.Store()
    for quads in trials.values():
        store.bulk_load(quads.encode(), format=ox.RdfFormat.N_QUADS)
    return {
        finding.nct_id: finding.message
        for batch in validate_graph(store, trials)
        for finding in batch
        if finding.severity == "Violation"
    }


def main() -> None:
    """Answer the one question that comes by the standard input: a file of trials."""
    warm_up()
    path = sys.stdin.read()
    trials = msgspec.json.decode(Path(path).read_bytes(), type=list[CheckedTrial])
    sys.stdout.buffer.write(msgspec.json.encode(newly_broken(trials)))


if __name__ == "__main__":
    main()
