"""`ServerAnswer`: what a graph server answered, before anybody has looked whether it is good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

_SAID = 300


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What a server answered, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> str:
        """The beginning of the body in one line, as errors tell it."""
        return " ".join(self.body[: 4 * _SAID].decode("utf-8", "replace").split())[:_SAID]


class _Term(msgspec.Struct):
    value: str


class _Bindings(msgspec.Struct):
    bindings: list[dict[str, _Term]]


class _Rows(msgspec.Struct):
    results: _Bindings


def values_of(answer: ServerAnswer) -> list[dict[str, str]]:
    """Return the rows of an answer in JSON, without the types of their values.

    Raises
    ------
    msgspec.MsgspecError
        If it is none.
    """
    read = msgspec.json.decode(answer.body, type=_Rows)
    return [{name: term.value for name, term in row.items()} for row in read.results.bindings]
