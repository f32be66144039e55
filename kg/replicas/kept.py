"""What a store keeps, and whether a pulled generation may be published over it."""

from __future__ import annotations

import hashlib

from kg.replicas.file_list import LIST_FILE, PULLED_FILE
from kg.store import Store
from ontology.errors import ReplicaError


def is_pulled(store: Store, number: int) -> bool:
    """Return whether a generation was pulled, not made here."""
    return (store.folder(number) / PULLED_FILE).exists()


def holds(store: Store, number: int, list_sha256: str) -> bool:
    """Return whether a generation is here, and the one whose list has this sha256."""
    try:
        raw = (store.folder(number) / LIST_FILE).read_bytes()
    except FileNotFoundError:
        return False
    return hashlib.sha256(raw).hexdigest() == list_sha256


def refuse_loss(store: Store, number: int, list_sha256: str, *, origin: str, force: bool) -> None:
    """Refuse to publish a pulled generation over what cannot be had again, or is in its way.

    Raises
    ------
    ReplicaError
        If the published one was made here, or another one of this number is here, and not
        `force`; and if the published one has this number and is another one.
    """
    published = store.published_number()
    if published is not None and not force and not is_pulled(store, published):
        raise ReplicaError(
            f"{store.path} publishes generation {published}, which was made here, not pulled. "
            f"Pull into a folder of its own; --force publishes generation {number} of {origin} "
            "over it."
        )
    in_the_way = store.folder(number).exists() and not holds(store, number, list_sha256)
    if in_the_way and (published == number or not force):
        remedy = "" if published == number else ", or give --force, which drops it"
        raise ReplicaError(
            f"{store.path} has another generation {number} than {origin}: they come of different "
            f"stores. Pull into an empty folder{remedy}."
        )
