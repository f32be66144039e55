"""`ServerAnswer`: what a graph server answered, before anybody has looked whether it is good."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

_SAID = 300
_TAGS = re.compile(r"<(style|script|title)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What a server answered, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> str:
        """The beginning of the body in one line, as errors tell it."""
        text = self.body[: 4 * _SAID].decode("utf-8", "replace")
        if self.is_page:
            text = _TAGS.sub(" ", text)
        # A server's words go to terminals and logs: nothing that steers these.
        return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))[:_SAID]

    @property
    def is_page(self) -> bool:
        """Whether it is a page for people, as proxies and forms to sign in at send it."""
        return self.headers.get("content-type", "").lower().startswith("text/html")

    @property
    def is_measured(self) -> bool:
        """Whether HTTP tells its end, so that one that broke off is none."""
        return "content-length" in self.headers or "transfer-encoding" in self.headers


class JsonTerm(msgspec.Struct, omit_defaults=True):
    """A term in the JSON of results; Virtuoso has a type of its own for typed literals."""

    type: str
    value: str
    datatype: str | None = None
    lang: str | None = msgspec.field(default=None, name="xml:lang")


class _Head(msgspec.Struct):
    vars: list[str] = []


class _Bindings(msgspec.Struct):
    bindings: list[dict[str, JsonTerm]]


class JsonResults(msgspec.Struct):
    """SPARQL 1.1 Query Results JSON Format, W3C Recommendation, 2013: rows, or yes and no."""

    head: _Head = msgspec.field(default_factory=_Head)
    results: _Bindings | None = None
    boolean: bool | None = None


def read_json(answer: ServerAnswer) -> JsonResults:
    """Return the rows of an answer, or its yes or no.

    Raises
    ------
    ValueError
        If it has none, or breaks off.
    """
    return msgspec.json.decode(answer.body, type=JsonResults)
