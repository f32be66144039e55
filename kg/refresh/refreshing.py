"""`refresh`: keep a store in step with the registry, unattended."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kg.disk_failures import disk_failures
from kg.progress import NoProgress, Progress
from kg.refresh.options import RefreshOptions
from kg.refresh.unfinished import forget_beginning, note_beginning
from kg.registry.client import RegistryClient
from kg.replicas.offering import keep_offered
from kg.run_keeping import kept
from kg.runs import Run
from kg.store import Store
from ontology.errors import RefreshError, StoreError

if TYPE_CHECKING:
    from kg.refresh.changes import Changes
    from kg.refresh.running import Refreshing
    from similarity.encoders import Encoder

WORK_FOLDER = "work"
"""Pages that were fetched and are not yet published."""


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
        Holds a published generation, or nothing yet: then `options` name a scope.
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
        If nothing is built and no scope named, or the store cannot be read.

    Notes
    -----
    Whatever is raised, the generation published before stays published, and what was fetched
    is kept for the next run. Every run but a refused one leaves a record, see `kg.runs`.
    """
    chosen = options or RefreshOptions()
    run = Run.begin("refresh", command=chosen.command)
    work = store.path / WORK_FOLDER
    _require_beginning(store, client, chosen)
    with disk_failures(RefreshError, "refresh"), store.lock():
        try:
            with kept(run, store):
                note_beginning(run, store.path, work)
                how = (chosen, run, encoder, progress or NoProgress())
                _begin(store, client, work, *how).publish()
                store.settle()
        finally:
            forget_beginning(run, store.path, work)
        keep_offered(store)
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
    _require_beginning(store, client, chosen)
    with tempfile.TemporaryDirectory() as folder:
        how = (chosen, run, encoder, progress or NoProgress())
        changes = _begin(store, client, Path(folder), *how).find()
    run.end("planned")
    return run, changes


def _begin(
    store: Store,
    client: RegistryClient | None,
    work: Path,
    options: RefreshOptions,
    run: Run,
    encoder: Encoder | None,
    progress: Progress,
) -> Refreshing:
    # First of all: what follows is loaded while the registry may not be asked again.
    timestamp = None if client is None else client.data_timestamp()
    from kg.refresh.running import Refreshing

    return Refreshing(store, client, work, options, run, encoder, progress, timestamp=timestamp)


def _require_beginning(
    store: Store, client: RegistryClient | None, options: RefreshOptions
) -> None:
    """Refuse a store with nothing in it where nobody says what is to be in it."""
    if store.published_number() is None and (options.scope is None or client is None):
        raise StoreError(
            f"Nothing is built in {store.path}; run `trialkin build`, or name what to fetch "
            "(--condition, --intervention, --term, --ids or --everything)."
        )
