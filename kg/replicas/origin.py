"""`Origin`: what a place offers, read and checked."""

from __future__ import annotations

import hashlib

from kg.manifest import FORMAT_VERSION
from kg.patience import patiently
from kg.replicas.failures import DamagedFileError, MissingFileError
from kg.replicas.file_list import LIST_FILE, MAX_LIST_BYTES, FileList, parse_list
from kg.replicas.offering import MAX_OFFER_BYTES, OFFER_FILE, Offer, parse_offer
from kg.replicas.places import Place
from ontology.errors import ReplicaError


class Origin:
    """A store that is offered somewhere.

    Parameters
    ----------
    place : Place
    wanted : int or None
        The generation to ask for; the one that is offered, if None.

    Attributes
    ----------
    offer : Offer
        As it was last read.

    Raises
    ------
    ReplicaError
        If the place offers nothing, or cannot be read.
    """

    def __init__(self, place: Place, wanted: int | None = None):
        self.place, self._wanted = place, wanted
        self.offer = self._read_offer()

    @property
    def number(self) -> int:
        """The number of the generation that is asked for."""
        return self.offer.generation if self._wanted is None else self._wanted

    def has_changed(self) -> bool:
        """Ask again, and return whether another generation is asked for than before."""
        before, self.offer = self.offer, self._read_offer()
        return self._wanted is None and before.list_sha256 != self.offer.list_sha256

    def read_list(self) -> tuple[bytes, FileList]:
        """Return the list of the files, as it came and as it reads.

        Raises
        ------
        MissingFileError
            If the generation is there no more.
        DamagedFileError
            If the list is not the one of the offer.
        ReplicaError
            If it is not allowed, of another format, or cannot be read.
        """
        shown, number = self.place.shown, self.number
        name = f"generations/{number}/{LIST_FILE}"
        raw = self._read(name, MAX_LIST_BYTES)
        found = hashlib.sha256(raw).hexdigest()
        if number == self.offer.generation and found != self.offer.list_sha256:
            raise DamagedFileError(
                f"{shown}/{name} has sha256 {found}; {OFFER_FILE} says {self.offer.list_sha256}."
            )
        try:
            listed = parse_list(raw, number)
        except ReplicaError as error:
            raise ReplicaError(f"{shown}/{name}: {error}") from error
        if listed.format_version != FORMAT_VERSION:
            newer = listed.format_version > FORMAT_VERSION
            raise ReplicaError(
                f"Generation {number} of {shown} has format {listed.format_version} (trialkin "
                f"{listed.software_version[:40]}), this version of trialkin reads "
                f"{FORMAT_VERSION}: "
                + ("install that version here." if newer else "have it built again there.")
            )
        return raw, listed

    def _read_offer(self) -> Offer:
        shown = self.place.shown
        try:
            raw = self._read(OFFER_FILE, MAX_OFFER_BYTES)
        except MissingFileError as error:
            raise ReplicaError(
                f"{error} Is it the folder of a store, and was `trialkin offer` called there?"
            ) from error
        try:
            return parse_offer(raw)
        except ReplicaError as error:
            raise ReplicaError(f"{shown}/{OFFER_FILE}: {error}") from error

    def _read(self, name: str, limit: int) -> bytes:
        return patiently(lambda: self.place.read(name, limit), self.place.patience, ReplicaError)
