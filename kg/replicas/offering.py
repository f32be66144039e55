"""`offer`: let others fetch what a store publishes.

A store that is offered has a small file, `offered.json`, that names its published generation and
the sha256 of the list of its files. Every build, refresh and rollback keeps both up to date.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kg.replicas.file_list import LIST_FILE, FileList, write_list, write_whole
from kg.replicas.told_runs import tell_runs
from kg.times import time_of
from ontology.errors import ReplicaError

if TYPE_CHECKING:
    from kg.store import Store

OFFER_FILE = "offered.json"
"""In the folder of a store that is offered."""
OFFER_VERSION = 1
MAX_OFFER_BYTES = 64 << 10


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What a store offers.

    Attributes
    ----------
    generation : int
        The published one.
    list_sha256 : str
        Of its `files.json`; tells one generation from all others of any store.
    size, files : int
        Bytes and number of its files.
    current_as_of : str
        See `kg.refresh.health.DataAge`; a copy is as old as what it was made of.
    """

    offer_version: int = OFFER_VERSION
    generation: int
    list_sha256: str
    format_version: int
    software_version: str
    built_at: str
    watermark: str | None
    current_as_of: str
    files: int
    size: int


def offer(store: Store) -> Offer:
    """Offer what a store publishes, now and from now on.

    Raises
    ------
    StoreError
        If nothing is published.
    StoreLockedError
        If another process writes the store.
    """
    store.published()  # before the lock, which would make a folder of what is no store
    with store.lock():
        return _announce(store)


def withdraw(store: Store) -> None:
    """Offer nothing any more; copies stay as they are."""
    store.published()
    with store.lock():
        (store.path / OFFER_FILE).unlink(missing_ok=True)


def is_offered(store: Store) -> bool:
    """Return whether a store is offered."""
    return (store.path / OFFER_FILE).exists()


def keep_offered(store: Store) -> None:
    """Tell of the published generation, and how current it is, if the store is offered."""
    if is_offered(store):
        _announce(store)


def list_if_offered(store: Store, folder: Path) -> None:
    """Write the list of a generation that is about to be published, if the store is offered."""
    if is_offered(store):
        _list(store, folder)


def parse_offer(raw: bytes) -> Offer:
    """Read an offer that came from elsewhere.

    Raises
    ------
    ReplicaError
        If it is none.
    """
    try:
        version = msgspec.json.decode(raw).get("offer_version")
        if version != OFFER_VERSION:
            raise ReplicaError(
                f"It is an offer of version {version}, this version of trialkin reads "
                f"{OFFER_VERSION}."
            )
        found = msgspec.json.decode(raw, type=Offer)
        time_of(found.current_as_of)
    except (msgspec.DecodeError, AttributeError, ValueError, RecursionError) as error:
        raise ReplicaError(f"What is there is no offer of a store ({error}).") from error
    if found.generation < 1:
        raise ReplicaError(f"There is no generation {found.generation}.")
    return found


def _announce(store: Store) -> Offer:
    # What asks the registry is loaded only where a store is offered.
    from kg.refresh.health import data_age

    generation = store.published()
    listed = _list(store, generation.path)
    manifest = generation.manifest
    raw = (generation.path / LIST_FILE).read_bytes()
    made = Offer(
        generation=manifest.generation,
        list_sha256=hashlib.sha256(raw).hexdigest(),
        format_version=manifest.format_version,
        software_version=manifest.software_version,
        built_at=manifest.built_at,
        watermark=manifest.watermark,
        current_as_of=data_age(store).current_as_of,
        files=len(listed.files),
        size=listed.size,
    )
    encoded = msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"
    write_whole(store.path / OFFER_FILE, encoded)
    return made


def _list(store: Store, folder: Path) -> FileList:
    """Write the list of a generation's files, and what it is to tell of the runs before it."""
    number = int(folder.name.rpartition("-")[2])
    if not (folder / LIST_FILE).exists():
        tell_runs(store.path, folder, number)
    return write_list(folder, map(store.folder, store.generation_numbers()))
