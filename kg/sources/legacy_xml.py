"""Legacy ``<clinical_study>`` XML, read record by record.

Nothing outside the file is ever touched (no external entities, no DTD, no network), and a
document that declares entities of its own is refused: the registry's records have none, and
bombs are made of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from kg.sources.legacy_study import legacy_study_to_api_v2, stated_nct_id
from kg.sources.limits import SourceLimits
from kg.sources.records import Found, Refusal
from kg.sources.streams import CHUNK_BYTES, PeekStream, StreamError
from ontology.errors import RecordError

_RECORD = "clinical_study"


def read_legacy_studies(stream: PeekStream, limits: SourceLimits) -> Iterator[Found | Refusal]:
    """Yield every ``<clinical_study>`` of an XML document, in API v2 shape.

    Parameters
    ----------
    stream : PeekStream
        The document, in the encoding that it declares.
    limits : SourceLimits

    Yields
    ------
    Found or Refusal
        With an empty locator if the record is the whole document. Damage comes last.
    """
    stream.skip_space()
    yield from _LegacyReader(stream, limits).read()


class _LegacyReader:
    def __init__(self, stream: PeekStream, limits: SourceLimits) -> None:
        self._stream = stream
        self._limits = limits
        # Events of other elements are not asked for: each would keep its element alive.
        self._parser = etree.XMLPullParser(
            events=("start", "end"),
            tag=_RECORD,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        self._is_started = False
        self._is_wrapped = False
        self._is_stopped = False
        self._count = 0
        self._open_records = 0

    def read(self) -> Iterator[Found | Refusal]:
        limits = self._limits
        pending_bytes = pending_parts = 0
        root: etree._Element | None = None
        is_ended = False
        while not is_ended:
            trouble: str | None = None
            try:
                data = self._stream.read(CHUNK_BYTES)
                is_ended = not data
                if is_ended:
                    root = self._parser.close()
                else:
                    self._parser.feed(data)
            except StreamError as fault:
                trouble = f"{fault} The records before this place were read."
            except etree.XMLSyntaxError as error:
                trouble = _trouble(error)
            before = self._count
            yield from self._items()
            if self._is_stopped:
                return
            if trouble is not None:
                yield Refusal(trouble, self._place())
                return
            if self._count > before:
                # A chunk in which a record ended is not counted: the limits are no finer.
                pending_bytes = pending_parts = 0
            else:
                pending_bytes += len(data)
                pending_parts += data.count(b"<")
            if pending_bytes > limits.max_record_bytes:
                yield self._too_large(f"{limits.max_record_bytes:,} bytes (max_record_bytes)")
                return
            if pending_parts > limits.max_record_parts:
                yield self._too_large(f"{limits.max_record_parts:,} tags (max_record_parts)")
                return
        if root is not None and not self._is_started:
            yield Refusal(
                f"is XML without <{_RECORD}>: its root is <{root.tag!s}>. Only legacy records of "
                "ClinicalTrials.gov are read."
            )

    def _items(self) -> Iterator[Found | Refusal]:
        for event, element in self._parser.read_events():
            if not isinstance(element, etree._Element):
                continue
            if not self._is_started:
                self._is_started = True
                self._is_wrapped = element.getparent() is not None
                if _declares_entities(element):
                    self._is_stopped = True
                    yield Refusal(
                        "declares entities of its own, which records of the registry never do; "
                        "it was not read."
                    )
                    return
            if event == "start":
                self._open_records += 1
                continue
            self._open_records -= 1
            if self._open_records == 0:
                yield self._record(element)
                self._count += 1
                _let_go(element)

    def _too_large(self, limit: str) -> Refusal:
        return Refusal(
            f"the record has more than {limit}; the rest of the document was not read.",
            self._place(),
        )

    def _record(self, element: etree._Element) -> Found | Refusal:
        try:
            return Found(legacy_study_to_api_v2(element), self._place(), "legacy-xml")
        except RecordError as error:
            nct_id = error.nct_id or stated_nct_id(element)
            return Refusal(str(error), self._place(), nct_id, error.field)

    def _place(self) -> str:
        return f"{_RECORD}[{self._count}]" if self._is_wrapped else ""


def _trouble(error: etree.XMLSyntaxError) -> str:
    if "XML_PARSE_HUGE" in str(error.msg):
        return f"goes past a limit of the XML parser ({error.msg}); it was left out."
    return f"is no well-formed XML: {error.msg}. Fetch the file again."


def _declares_entities(root: etree._Element) -> bool:
    dtd = root.getroottree().docinfo.internalDTD
    return dtd is not None and next(dtd.iterentities(), None) is not None


def _let_go(element: etree._Element) -> None:
    """Free a record that was read, and what stands before it in the document."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while (before := element.getprevious()) is not None:
            parent.remove(before)
