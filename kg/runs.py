"""`Run`: what one build or refresh did, kept as JSON beside the generations."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

RUN_FILE = "run.json"
"""The run that made a generation, in its folder."""
RUNS_FOLDER = "runs"
"""All runs of a store, also those that published nothing."""
_FAILURES_KEPT = 1000


class RunFailure(msgspec.Struct, frozen=True):
    """One record that a run could not take in: what, at which stage, and why."""

    record: str
    stage: str
    message: str


class Run(msgspec.Struct, kw_only=True):
    """One build or refresh.

    Attributes
    ----------
    id : str
        Made of the time at which it began.
    kind : str
        ``build`` or ``refresh``.
    started, ended : str
        UTC, ISO 8601; `ended` is empty while it runs.
    outcome : str
        ``published``, ``unchanged`` (nothing to do), ``failed``; empty while it runs.
    generation : int or None
        The generation that it published.
    command, software : str
    scope, registry, since : str or None
        What was asked for, of which registry, and from which day on.
    data_timestamp : str or None
        The registry's own time stamp of its data.
    watermark : str or None
        Latest day of a posted update among the records of the graph at the end.
    encoder, stamps : dict
        Of the generation, see `kg.stamps`.
    redone : list of str
        Stages that were done again since what they depend on had changed.
    counts : dict
        In and out by stage.
    seconds : dict
        By stage.
    failures : list of RunFailure
        At most a thousand; `counts` has their number.
    error : str
        Why it failed, or empty.
    """

    id: str
    kind: str
    started: str
    ended: str = ""
    outcome: str = ""
    generation: int | None = None
    command: str = ""
    software: str = msgspec.field(default_factory=lambda: version("trialkin"))
    scope: str | None = None
    registry: str | None = None
    since: str | None = None
    data_timestamp: str | None = None
    watermark: str | None = None
    encoder: dict[str, str] = {}
    stamps: dict[str, str] = {}
    redone: list[str] = []
    counts: dict[str, int] = {}
    seconds: dict[str, float] = {}
    failures: list[RunFailure] = []
    error: str = ""

    @classmethod
    def begin(cls, kind: str, *, command: str = "") -> Run:
        """Begin a run now."""
        now = datetime.now(UTC)
        return cls(
            id=f"{now:%Y%m%dT%H%M%S%fZ}",
            kind=kind,
            started=now.isoformat(timespec="seconds"),
            command=command,
        )

    def end(self, outcome: str, *, error: str = "") -> None:
        """Note how the run ended, and when."""
        self.outcome, self.error = outcome, error
        self.ended = datetime.now(UTC).isoformat(timespec="seconds")

    def fail(self, record: str, stage: str, message: str) -> None:
        """Note one record that could not be taken in."""
        self.counts["failed_records"] = self.counts.get("failed_records", 0) + 1
        if len(self.failures) < _FAILURES_KEPT:
            self.failures.append(RunFailure(record, stage, message))


def write_run(run: Run, path: Path) -> None:
    """Write a run into a file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_suffix(".new")
    with open(waiting, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(waiting, path)


def read_run(path: Path) -> Run | None:
    """Read a run from a file; None if there is none or it is damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Run)
    except (OSError, msgspec.DecodeError):
        return None


def read_runs(store_path: Path) -> Iterator[Run]:
    """Yield the runs of a store, the latest first.

    A run whose generation was published and that died before it could say so is found by its
    generation.
    """
    paths = {path.stem: path for path in (store_path / RUNS_FOLDER).glob("*.json")}
    for path in (store_path / "generations").glob(f"[0-9]*/{RUN_FILE}"):
        run = read_run(path)
        if run is not None:
            paths.setdefault(run.id, path)
    for _, path in sorted(paths.items(), reverse=True):
        run = read_run(path)
        if run is not None:
            yield run
