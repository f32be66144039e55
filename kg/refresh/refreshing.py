"""`refresh`: keep a store in step with the registry, unattended."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kg.cell_facts.corrections import Corrections
from kg.disk_failures import disk_failures
from kg.generation import Generation
from kg.manifest import write_manifest
from kg.progress import NoProgress, Progress
from kg.refresh.asking import Asking, Question, pending_ids
from kg.refresh.changes import Changes
from kg.refresh.failures import check_failures, check_shapes
from kg.refresh.state import read_state, write_state
from kg.registry.client import RegistryClient
from kg.registry.scope import Scope
from kg.runs import RUN_FILE, RUNS_FOLDER, Run, write_run
from kg.stamps import stage_digests, stage_stamps, stale_stages
from kg.store import KEPT, Store
from kg.stored_corrections import changed_corrections, read_stored_corrections, write_corrections
from ontology.errors import RefreshError, TrialKinError

if TYPE_CHECKING:
    from similarity.encoders import Encoder

_log = logging.getLogger(__name__)

WORK_FOLDER = "work"
"""Pages that were fetched and are not yet published."""
_TOLD = ("fetched_records", "added_trials", "changed_trials", "removed_trials", "failed_records")
"""Counts of a run that the manifest of its generation tells too."""
MAX_FAILED = 0.1
"""Share of records that may fail before nothing is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshOptions:
    """How to refresh.

    Attributes
    ----------
    scope : Scope, optional
        What to follow; that of the last refresh by default.
    since : str, optional
        From which day on (ISO 8601); a day before the watermark by default.
    full : bool
        Whether to fetch the whole scope, whatever was fetched before.
    verify : int
        Stored records to look up by their ids besides, in turn from run to run.
    keep : int
        Published generations to keep besides the new one.
    max_failed : float
        Share of records that may fail before nothing is published.
    corrections : Corrections, optional
        In place of those that the store remembers.
    command : str
        What the run record says it was called with.
    """

    scope: Scope | None = None
    since: str | None = None
    full: bool = False
    verify: int = 0
    keep: int = KEPT
    max_failed: float = MAX_FAILED
    corrections: Corrections | None = None
    command: str = ""


def refresh(
    store: Store,
    client: RegistryClient | None,
    *,
    options: RefreshOptions | None = None,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Run:
    """Fetch what has changed, and publish a generation with it, or say that nothing has.

    Parameters
    ----------
    store : Store
        Holds a published generation.
    client : RegistryClient or None
        None asks nobody: only what has become stale is redone, from the stored records.
    options : RefreshOptions, optional
    encoder : Encoder, optional
        The one that the store was built with, by default.
    progress : Progress, optional

    Returns
    -------
    Run
        Its outcome is ``published`` or ``unchanged``.

    Raises
    ------
    RegistryError
        If the registry cannot be read.
    RefreshError
        If a check fails, or the disk does.
    StoreLockedError
        If another process writes the store.
    StoreError
        If nothing is built, or the store cannot be read.

    Notes
    -----
    Whatever is raised, the generation published before stays published, and what was fetched
    is kept for the next run. Every run but a refused one leaves a record, see `kg.runs`.
    """
    chosen = options or RefreshOptions()
    run = Run.begin("refresh", command=chosen.command)
    with disk_failures(RefreshError, "refresh"), store.lock():
        try:
            _Refresh(store, client, chosen, run, encoder, progress or NoProgress()).publish()
        except BaseException as error:  # also what is a mistake of ours: it must be told
            kind = "" if isinstance(error, TrialKinError) else f"{type(error).__name__}: "
            run.end("failed", error=f"{kind}{error}")
            raise
        finally:
            _keep(run, store)
    return run


def plan_refresh(
    store: Store,
    client: RegistryClient | None,
    *,
    options: RefreshOptions | None = None,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> tuple[Run, Changes]:
    """Find out what `refresh` would do, and write nothing.

    The registry is asked; pages go to a temporary folder, and the store is not locked.
    """
    chosen = options or RefreshOptions()
    run = Run.begin("refresh", command=chosen.command)
    with tempfile.TemporaryDirectory() as folder:
        planned = _Refresh(store, client, chosen, run, encoder, progress or NoProgress())
        planned.work = Path(folder)
        changes = planned.find()
    run.end("planned")
    return run, changes


class _Refresh:
    """One run."""

    def __init__(
        self,
        store: Store,
        client: RegistryClient | None,
        options: RefreshOptions,
        run: Run,
        encoder: Encoder | None,
        progress: Progress,
    ):
        self._store, self._client, self._options, self._run = store, client, options, run
        self._progress = progress
        self.work = store.path / WORK_FOLDER
        self._previous = store.published()
        self._given_encoder = encoder
        self._state = read_state(store.path)
        self._stored_corrections = read_stored_corrections(self._previous.path)
        self._corrections = options.corrections or self._stored_corrections
        self._asking: Asking | None = None
        self._digests = stage_digests(self._previous.manifest.digests)

    def find(self) -> Changes:
        """Ask the registry what has changed, and see what has become stale."""
        run, previous = self._run, self._previous
        # While the registry may not be asked again there is time to load the encoder.
        timestamp = None if self._client is None else self._client.data_timestamp()
        run.encoder = {"name": self._encoder.name, "fingerprint": self._encoder.fingerprint}
        known = previous.manifest.stamps
        run.stamps = stage_stamps(self._encoder, self._digests)
        run.redone = stale_stages(known, run.stamps)
        run.watermark = previous.manifest.watermark
        if self._client is None:
            return Changes()
        options = self._options
        question = Question.of(
            previous, self._state, scope=options.scope, since=options.since, full=options.full
        )
        run.scope, run.since, run.registry = (
            str(question.scope), question.since, self._client.base_url,
        )  # fmt: skip
        with self._timed("fetch"):
            asking = Asking(self._client, previous.records, run, self.work, self._progress)
            self._asking = asking
            asking.ask(question, self._state, previous, timestamp)
            if options.verify:
                self._state.verified = asking.verify(options.verify, self._state)
        run.counts |= {"requests": self._client.requests} | asking.changes.counts()
        self._state.scope = question.scope if question.is_explicit else None
        return asking.changes

    def publish(self) -> None:
        """Go all the way; afterwards the run tells its outcome."""
        run, store = self._run, self._store
        changes = self.find()
        check_failures(run, self._options.max_failed)
        corrected = changed_corrections(self._stored_corrections, self._corrections)
        if changes or run.redone or corrected or changes.moved:
            with store.next_generation(keep=self._options.keep) as folder:
                self._make(folder, changes, corrected)
        else:
            run.generation = self._previous.manifest.generation
            run.counts["trials"] = self._previous.manifest.counts["trials"]
            run.end("unchanged")
        self._follow()

    def _make(self, folder: Path, changes: Changes, corrected: set[str]) -> None:
        # What derives and links takes longer to load than it takes to see that nothing changed.
        from kg.refresh.applying import Applying
        from kg.refresh.checks import check_generation
        from kg.refresh.redoing import redo_all
        from kg.shape_checks import ShapeChecks

        run, previous = self._run, self._previous
        args = (previous, folder, run, self._encoder, self._progress)
        if "records" in run.redone:
            derived = sorted(changes.rows)
            tally, formats = redo_all(*args, changes=changes, corrections=self._corrections)
        else:
            applying = Applying(*args)
            with ShapeChecks(folder / "changed.json") as shapes:
                derived = applying.apply(changes, self._corrections, corrected, run.redone, shapes)
                check_shapes(shapes.broken(), len(derived), run, self._options.max_failed)
            tally, formats = applying.tally, applying.source_formats
        for name in _TOLD:
            tally.counts[name] = run.counts.get(name, 0)
        run.seconds |= tally.seconds
        write_corrections(self._corrections, folder)
        tally.seconds = dict(run.seconds)
        manifest = write_manifest(
            folder, run, tally, source_formats=+formats, digests=self._digests
        )
        with self._timed("check"):
            made = Generation(folder, manifest)
            check_generation(made, previous, derived)
            made.records.close()
        run.generation = manifest.generation
        run.end("published")
        write_run(run, folder / RUN_FILE)

    def _follow(self) -> None:
        """Note how far the scope is followed; only now, when everything is published."""
        run, state = self._run, self._state
        if self._asking is not None:
            if run.scope is not None and run.generation is not None and self._options.since is None:
                state.completed[run.scope] = run.generation
            state.pending = pending_ids(run)
            write_state(state, self._store.path)
            self._asking.forget()

    @cached_property
    def _encoder(self) -> Encoder:
        if self._given_encoder is not None:
            return self._given_encoder
        from similarity.encoders import load_encoder

        return load_encoder(self._previous.manifest.encoder["name"])

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self._run.seconds[stage] = round(time.perf_counter() - started, 3)


def _keep(run: Run, store: Store) -> None:
    """Keep the record of a run; a disk that is full must not hide why it failed."""
    try:
        write_run(run, store.path / RUNS_FOLDER / f"{run.id}.json")
    except OSError as error:
        _log.error("the record of run %s cannot be kept: %s", run.id, error)
