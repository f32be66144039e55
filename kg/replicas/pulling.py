"""`pull`: make a store publish what another one offers."""

from __future__ import annotations

import hashlib
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kg.disk_failures import disk_failures
from kg.generation import Generation
from kg.manifest import MANIFEST_FILE
from kg.progress import NoProgress, Progress
from kg.replicas.failures import DamagedFileError, MissingFileError
from kg.replicas.fetching import Fetcher
from kg.replicas.file_list import LIST_FILE, PULLED_FILE, FileList
from kg.replicas.kept import holds, is_pulled, refuse_loss
from kg.replicas.linking import Here, link
from kg.replicas.offering import keep_offered
from kg.replicas.origin import Origin
from kg.replicas.places import Place
from kg.replicas.replica_state import ReplicaState, write_replica_state
from kg.replicas.told_runs import keep_told_runs, read_told_runs
from kg.store import KEPT, Store
from ontology.errors import ReplicaError

WORK_FOLDER = "pulling"
"""What was fetched and is not yet published, in the folder of the store."""
_ROUNDS = 5
_SPARE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PullReport:
    """What a pull did.

    Attributes
    ----------
    outcome : str
        ``published``, ``unchanged``, or ``planned`` if nothing was to be done.
    origin : str
    generation : int
        The published one now; with ``planned`` the one that would be.
    before : int or None
        The published one before.
    files, bytes : int
        Of the generation.
    fetched_files, fetched_bytes : int
        That came from the origin, less what was there of an earlier pull.
    current_as_of : str
        When the origin's data were last known to be current.
    seconds : float
    """

    outcome: str
    origin: str
    generation: int
    before: int | None
    files: int
    bytes: int
    fetched_files: int = 0
    fetched_bytes: int = 0
    current_as_of: str
    seconds: float


def pull(
    store: Store,
    place: Place,
    *,
    generation: int | None = None,
    keep: int = KEPT,
    force: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> PullReport:
    """Fetch the generation that a place offers, and publish it.

    Parameters
    ----------
    store : Store
        Made if it is not there.
    place : Place
        See `kg.replicas.places.open_place`.
    generation : int, optional
        Another one that the place keeps.
    keep : int
        Published generations to keep besides the new one.
    force : bool
        Whether to publish it also over a generation that was made here.
    dry_run : bool
        Whether only to find out what would be fetched.
    progress : Progress, optional
        Counts bytes.

    Raises
    ------
    ReplicaError
        If the place offers nothing, has another format or damaged files, cannot be read, or the
        disk fails or is too small; if the store publishes what was made here, and not `force`.
    StoreLockedError
        If another process writes the store.

    Notes
    -----
    Whatever is raised, the generation published before stays published, and files that came
    whole are kept for the next pull.
    """
    with disk_failures(ReplicaError, "pull"):
        return _Pull(store, place, generation, keep, force, progress or NoProgress()).run(dry_run)


class _Pull:
    """One pull."""

    def __init__(
        self,
        store: Store,
        place: Place,
        wanted: int | None,
        keep: int,
        force: bool,
        progress: Progress,
    ):
        self._store, self._place, self._wanted = store, place, wanted
        self._origin = Origin(place, wanted)
        self._keep, self._force, self._progress = keep, force, progress
        self._started = time.perf_counter()
        self._before = store.published_number()

    def run(self, dry_run: bool) -> PullReport:
        if self._is_published():
            return self._unchanged()
        if dry_run:
            return self._plan()
        with self._store.lock():
            for _ in range(_ROUNDS):
                try:
                    return self._pull()
                except (MissingFileError, DamagedFileError) as error:
                    # It may have been replaced, and taken away, while we were fetching it.
                    if not self._origin.has_changed():
                        raise self._hinted(error) from error
        raise ReplicaError(f"{self._place.shown} publishes faster than it can be fetched.")

    def _pull(self) -> PullReport:
        raw, listed = self._origin.read_list()
        store, number, digest = self._store, listed.generation, hashlib.sha256(raw).hexdigest()
        is_here = holds(store, number, digest)
        if is_here and number == store.published_number():
            return self._unchanged(listed)
        refuse_loss(store, number, digest, origin=self._place.shown, force=self._force)
        if is_here:
            store.publish(number)
            return self._published(listed)
        known = Here.of(store, without=number)
        missing = known.missing(listed)
        with self._progress.stage("Fetching", sum(file.size for file in missing)) as advance:
            fetcher = Fetcher(self._place, store.path / WORK_FOLDER, advance)
            fetcher.take_over(missing)
            to_fetch = [file for file in missing if not fetcher.has(file)]
            for file in missing:
                advance(file.size if fetcher.has(file) else fetcher.begun_bytes(file))
            self._check_space(sum(file.size - fetcher.begun_bytes(file) for file in to_fetch))
            fetcher.fetch(f"generations/{number}/", to_fetch, known.earlier)
        if store.folder(number).exists():  # in the way, and not worth keeping
            store.discard(number)
        with store.next_generation(keep=self._keep, number=number) as folder:
            for file in listed.files:
                link(known.path(file) or fetcher.path(file), folder / file.path)
            (folder / LIST_FILE).write_bytes(raw)
            self._note_origin(folder)
            _check_made(folder, listed)
            runs = read_told_runs(folder)
        keep_told_runs(runs, store.path)
        shutil.rmtree(store.path / WORK_FOLDER)
        return self._published(listed, len(to_fetch), fetcher.fetched_bytes)

    def _plan(self) -> PullReport:
        raw, listed = self._origin.read_list()
        store, number, digest = self._store, listed.generation, hashlib.sha256(raw).hexdigest()
        is_here = holds(store, number, digest)
        if not (is_here and number == self._before):
            refuse_loss(store, number, digest, origin=self._place.shown, force=self._force)
        if is_here:
            return self._report("planned", listed)
        fetcher = Fetcher(self._place, store.path / WORK_FOLDER)
        files = [
            one for one in Here.of(store, without=number).missing(listed) if not fetcher.has(one)
        ]
        count = sum(file.size - fetcher.begun_bytes(file) for file in files)
        return self._report("planned", listed, len(files), count)

    def _check_space(self, needed: int) -> None:
        free = shutil.disk_usage(self._store.path).free
        if needed + _SPARE_BYTES > free:
            raise ReplicaError(
                f"{self._store.path} has room for {free / 1e6:,.0f} MB; {needed / 1e6:,.0f} MB "
                "are to be fetched. What was published before is unchanged."
            )

    def _hinted(self, error: ReplicaError) -> ReplicaError:
        hint = ""
        if self._wanted is not None and isinstance(error, MissingFileError):
            hint = f" It offers generation {self._origin.offer.generation}."
        return ReplicaError(f"{error}{hint} What was published before is unchanged.")

    def _is_published(self) -> bool:
        """Return whether what is offered is published here, as the offer alone tells."""
        offer = self._origin.offer
        is_asked_for = self._origin.number == offer.generation == self._before
        return is_asked_for and holds(self._store, offer.generation, offer.list_sha256)

    def _unchanged(self, listed: FileList | None = None) -> PullReport:
        self._note_state(self._origin.offer.generation if listed is None else listed.generation)
        return self._report("unchanged", listed)

    def _published(self, listed: FileList, files: int = 0, count: int = 0) -> PullReport:
        self._note_state(listed.generation)
        return self._report("published", listed, files, count)

    def _report(
        self, outcome: str, listed: FileList | None, files: int = 0, count: int = 0
    ) -> PullReport:
        offer = self._origin.offer
        return PullReport(
            outcome=outcome,
            origin=self._place.shown,
            generation=offer.generation if listed is None else listed.generation,
            before=self._before,
            files=offer.files if listed is None else len(listed.files),
            bytes=offer.size if listed is None else listed.size,
            fetched_files=files,
            fetched_bytes=count,
            current_as_of=offer.current_as_of,
            seconds=round(time.perf_counter() - self._started, 3),
        )

    def _note_origin(self, folder: Path) -> None:
        note = {"origin": self._place.shown, "pulled_at": _now()}
        (folder / PULLED_FILE).write_bytes(msgspec.json.encode(note) + b"\n")

    def _note_state(self, number: int) -> None:
        """Note how current the replica is; a store that made its generation knows better."""
        if number == self._origin.offer.generation and is_pulled(self._store, number):
            state = ReplicaState(
                origin=self._place.shown,
                asked_at=_now(),
                generation=number,
                current_as_of=self._origin.offer.current_as_of,
            )
            write_replica_state(state, self._store.path)
            keep_offered(self._store)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _check_made(folder: Path, listed: FileList) -> None:
    """Refuse what is complete and sound, and yet no generation that can be served."""
    made = Generation.open(folder)
    manifest, sums = made.manifest, {file.path: file.sha256 for file in listed.files}
    if manifest.generation != listed.generation:
        raise ReplicaError(f"The {MANIFEST_FILE} is that of generation {manifest.generation}.")
    for path, sha256 in manifest.checksums.items():
        if sums.get(path) != sha256:
            raise ReplicaError(f"{path} is not the one that the {MANIFEST_FILE} tells of.")
    try:
        made.read_graph()
    except OSError as error:
        raise ReplicaError(f"The graph cannot be opened ({error}).") from error
