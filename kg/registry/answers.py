"""Answers of the registry, and how a request can go wrong."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import msgspec

from kg.patience import PassingFailure
from ontology.errors import RegistryError

_SHOWN = 200


class RefusedRequestError(RegistryError):
    """The registry refuses a request (4xx): repeating it is of no use."""

    def __init__(self, message: str, status: int):
        super().__init__(message)
        self.status = status


class PassingError(PassingFailure, RegistryError):
    """A request failed in a way that may pass."""


class RegistryPage(NamedTuple):
    """One page of records: its raw bytes, their ids, and the token of the next page.

    An id is None where a record does not tell its own. `total`, the number of records on all
    pages, comes with the first page only.
    """

    raw: bytes
    nct_ids: list[str | None]
    next_token: str | None
    total: int | None


class RegistryStudy(NamedTuple):
    """One record as raw bytes, and the id that it has now, which may not be the one asked for."""

    nct_id: str
    raw: bytes


class MovedError(RegistryError):
    """A record stands under another id now."""

    def __init__(self, nct_id: str):
        super().__init__(f"moved to {nct_id}")
        self.nct_id = nct_id


def decoded(body: bytes) -> Any:
    """Decode JSON; raises ValueError."""
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:  # it refuses halves of surrogate pairs, which readers mend
        return json.loads(body)


def stated_nct_id(study: Any) -> str | None:
    """Return the NCT id that a record tells, None if it tells none."""
    try:
        return str(study["protocolSection"]["identificationModule"]["nctId"])
    except (KeyError, TypeError):
        return None


def start_of(body: bytes) -> str:
    """Return how an answer begins, in one line, for messages."""
    shown = body[:_SHOWN].decode("utf-8", "replace")
    return "".join(char if char.isprintable() else " " for char in shown).strip()
