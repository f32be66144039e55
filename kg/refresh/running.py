"""`Refreshing`: one run of a refresh, from its question to what it publishes."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kg.generation import Generation
from kg.manifest import write_manifest
from kg.progress import Progress
from kg.refresh.asking import Asking, Question, is_day, until
from kg.refresh.changes import Changes
from kg.refresh.failures import check_failures, check_shapes
from kg.refresh.options import RefreshOptions
from kg.refresh.rows import Rows
from kg.refresh.state import promise_state, read_state, write_state
from kg.refresh.unfinished import EMPTY_FOLDER
from kg.registry.client import RegistryClient
from kg.runs import RUN_FILE, Run, write_run
from kg.stamps import stage_digests, stage_stamps, stale_stages
from kg.store import Store
from kg.stored_corrections import changed_corrections, read_stored_corrections, write_corrections
from ontology.errors import RefreshError

if TYPE_CHECKING:
    from collections import Counter

    from kg.stages import Tally
    from similarity.encoders import Encoder

    _Made = tuple[Tally, Counter[str], list[str]]

_log = logging.getLogger(__name__)

TOLD = ("fetched_records", "added_trials", "changed_trials", "removed_trials", "failed_records")
"""Counts of a run that the manifest of its generation tells too."""
_SHAPES_FILE = "changed.json"
_FEW = 500
_FEW_SHARE = 0.25
"""So many changes, or so large a share of the store, are applied one by one; above, a full build
from the stored records is quicker, and needs less memory."""


class Refreshing:
    """One run of a refresh.

    Parameters
    ----------
    store : Store
        To publish, its lock is held.
    client : RegistryClient or None
    work : Path
        Folder for what is not yet published.
    options : RefreshOptions
    run : Run
        Is told everything.
    encoder : Encoder or None
        The one that the store was built with, if None.
    progress : Progress
    timestamp : str or None
        Of the registry's data, just asked for.
    """

    def __init__(
        self,
        store: Store,
        client: RegistryClient | None,
        work: Path,
        options: RefreshOptions,
        run: Run,
        encoder: Encoder | None,
        progress: Progress,
        *,
        timestamp: str | None,
    ):
        self._timestamp = timestamp
        self._store, self._client, self._options, self._run = store, client, options, run
        self._progress, self._work = progress, work
        self._is_first = store.published_number() is None
        self._previous = self._empty_generation() if self._is_first else store.published()
        self._given_encoder = encoder
        self._state = read_state(store.path, self._previous.manifest.run)
        self._stored_corrections = read_stored_corrections(self._previous.path)
        self._corrections = options.corrections or self._stored_corrections
        self._asking: Asking | None = None
        self._question: Question | None = None
        known = self._previous.manifest.graph_kin
        self._graph_kin = known if options.graph_kin is None else options.graph_kin
        self._digests = stage_digests(self._previous.manifest.digests)

    def _empty_generation(self) -> Generation:
        from kg.refresh.beginning import empty_generation  # it loads all that derives

        return empty_generation(self._work / EMPTY_FOLDER)

    def find(self) -> Changes:
        """Ask the registry what has changed, and see what has become stale."""
        run, previous, timestamp = self._run, self._previous, self._timestamp
        run.encoder = {"name": self._encoder.name, "fingerprint": self._encoder.fingerprint}
        run.stamps = stage_stamps(self._encoder, self._digests)
        if not self._is_first:
            run.redone = stale_stages(previous.manifest.stamps, run.stamps)
            if self._graph_kin != previous.manifest.graph_kin and "kin" not in run.redone:
                run.redone.append("kin")
        run.watermark = previous.manifest.watermark
        if self._client is None or timestamp is None:
            return Changes(Rows(self._work))
        options = self._options
        latest = timestamp[:10]
        question = self._question = Question.of(
            previous.records.watermark(latest) if is_day(latest) else run.watermark,
            self._state,
            self._client.base_url,
            scope=options.scope,
            since=options.since,
            full=options.full,
        )
        run.scope, run.since, run.registry = (
            str(question.scope), question.since, self._client.base_url,
        )  # fmt: skip
        with self._timed("fetch"):
            how = (run, self._work, self._progress)
            asking = Asking(self._client, previous.records, *how, max_failed=options.max_failed)
            self._asking = asking
            asking.ask(question, self._state, timestamp)
            if options.verify:
                self._state.verified = asking.verify(options.verify, self._state)
        run.counts |= {"requests": self._client.requests} | asking.changes.counts()
        return asking.changes

    def publish(self) -> None:
        """Go all the way; afterwards the run tells its outcome."""
        run, store = self._run, self._store
        changes = self.find()
        check_failures(run, self._options.max_failed)
        if self._is_first and not changes:
            raise RefreshError(f"The registry has no record of this scope: {run.scope}.")
        corrected = changed_corrections(self._stored_corrections, self._corrections)
        try:
            if not (changes or run.redone or corrected or changes.moved):
                raise _NothingToPublishError
            with store.next_generation(keep=self._options.keep) as folder:
                self._make(folder, changes, corrected)
        except _NothingToPublishError:
            run.generation = self._previous.manifest.generation
            run.counts["trials"] = self._previous.manifest.counts["trials"]
            run.end("unchanged")
            self._note_followed()
        write_state(self._state, store.path)
        if self._asking is not None:
            self._asking.forget()

    def _make(self, folder: Path, changes: Changes, corrected: set[str]) -> None:
        # What derives and links takes longer to load than it takes to see that nothing changed.
        from kg.refresh.checks import check_generation
        from kg.refresh.redoing import index_folder

        run, previous = self._run, self._previous
        few = max(_FEW, _FEW_SHARE * previous.manifest.counts["trials"])
        if (
            self._is_first
            or "records" in run.redone
            or len(changes) > few
            or index_folder(previous) is None
        ):
            tally, formats, derived = self._make_all(folder, changes)
        else:
            tally, formats, derived = self._apply(folder, changes, corrected)
        if not (derived or run.redone or corrected or changes.moved):
            raise _NothingToPublishError
        run.counts |= changes.counts()
        for name in TOLD:
            tally.counts[name] = run.counts.get(name, 0)
        run.seconds |= tally.seconds
        write_corrections(self._corrections, folder)
        tally.seconds = dict(run.seconds)
        manifest = write_manifest(
            folder,
            run,
            tally,
            source_formats=+formats,
            digests=self._digests,
            graph_kin=self._graph_kin,
        )
        with self._timed("check"):
            made = Generation(folder, manifest)
            check_generation(made, previous, derived)
            made.records.close()
        run.generation = manifest.generation
        run.end("published")
        write_run(run, folder / RUN_FILE)
        self._note_followed()
        promise_state(self._state, self._store.path, previous.manifest.run)

    def _make_all(self, folder: Path, changes: Changes) -> _Made:
        from kg.refresh.redoing import checked_trials, redo_all
        from kg.shape_checks import ShapeChecks

        args = (self._previous, folder, self._run, self._encoder, self._progress)
        tally, formats = redo_all(
            *args,
            changes=changes,
            corrections=self._corrections,
            graph_kin=self._graph_kin,
        )
        check_failures(self._run, self._options.max_failed)
        changed = sorted(changes.rows)
        with ShapeChecks(folder / _SHAPES_FILE) as shapes:
            shapes.begin(list(checked_trials(folder, self._previous, changed)))
            broken = shapes.broken()
        check_shapes(broken, shapes.checked, self._run, self._options.max_failed)
        return tally, formats, changed

    def _apply(self, folder: Path, changes: Changes, corrected: set[str]) -> _Made:
        from kg.refresh.applying import Applying
        from kg.shape_checks import ShapeChecks

        run, most = self._run, self._options.max_failed
        applying = Applying(
            self._previous,
            folder,
            run,
            self._encoder,
            self._progress,
            graph_kin=self._graph_kin,
        )
        with ShapeChecks(folder / _SHAPES_FILE) as shapes:
            derived = applying.apply(changes, self._corrections, corrected, run.redone, shapes)
            check_failures(run, most)
            check_shapes(shapes.broken(), shapes.checked, run, most)
        return applying.tally, applying.source_formats, derived

    def _note_followed(self) -> None:
        """Note what is followed, and how far."""
        run, state, question = self._run, self._state, self._question
        if run.outcome == "published":
            state.run = run.id
        if self._asking is None or question is None:
            return
        before, state.scope = state.scope, question.scope if question.is_explicit else None
        if before is not None and before != question.scope:
            # Somebody who only looked something up would find out when data have grown old.
            _log.warning(
                "from now on this is followed: %s; before it was: %s", question.scope, before
            )
        day = until(run.watermark, run.data_timestamp or "")
        if day is not None and self._options.since is None:
            state.followed[question.name] = day
        state.pending = self._asking.changes.pending_ids()

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


class _NothingToPublishError(Exception):
    """Nothing has changed, or only records that cannot be derived."""
