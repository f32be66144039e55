"""Result formats: their names, media types and how results are written in them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

import msgspec
import pyoxigraph as ox

from ontology.errors import QueryError
from ontology.vocabulary import PREFIXES, XSD

Row = Sequence[Any]

RESULT_TYPES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
}
"""Formats of SELECT and ASK results, with media types."""
GRAPH_TYPES = {
    "turtle": "text/turtle; charset=utf-8",
    "ntriples": "application/n-triples",
    "jsonld": "application/ld+json",
    "xml": "application/rdf+xml",
}
"""Formats of CONSTRUCT and DESCRIBE results, with media types."""

TRUNCATED = "https://w3id.org/trialkin/truncated"
"""What the head of a result links to if rows were left out."""


class Written(NamedTuple):
    """A result, how many rows it holds, and whether it holds all."""

    body: bytes
    rows: int
    truncated: bool


_GRAPH_FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "xml": ox.RdfFormat.RDF_XML,
}
_ENCODER = msgspec.json.Encoder()
_STRING = "http://www.w3.org/2001/XMLSchema#string"
# XML 1.0 (section 2.2) has no place for these, not even escaped.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_XML_HEAD = '<?xml version="1.0"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">\n'


def write_rows(
    format_: str,
    variables: Sequence[str],
    solutions: Iterable[Row],
    *,
    max_rows: int,
    max_bytes: int,
) -> Written:
    """Write a SELECT result, as much of it as is allowed.

    Parameters
    ----------
    format_ : str
        One of `RESULT_TYPES`.
    variables : sequence of str
        Without question marks.
    solutions : iterable of sequences of terms
        A term or None for each variable.
    max_rows, max_bytes : int
        The result is cut before it grows larger. Its head then links to `TRUNCATED`, as the
        standards of JSON [1]_ (section 3.1.2) and XML [2]_ (section 2.2) provide; CSV and TSV
        have no place for it.

    Raises
    ------
    QueryError
        If there is no such format for rows.

    References
    ----------
    .. [1] SPARQL 1.1 Query Results JSON Format, W3C Recommendation, 2013.
    .. [2] SPARQL Query Results XML Format (Second Edition), W3C Recommendation, 2013.
    """
    writer = _ROW_WRITERS.get(format_)
    if writer is None:
        raise _wrong_format("SELECT", format_, RESULT_TYPES)
    parts: list[bytes] = []
    size = len(writer.head(variables, True).encode()) + len(writer.tail)
    cut = False
    for row in solutions:
        part = writer.row(variables, row).encode()
        size += len(part) + len(writer.between)
        if len(parts) == max_rows or size > max_bytes:
            cut = True
            break
        parts.append(part)
    body = writer.between.encode().join(parts)
    return Written(
        b"".join([writer.head(variables, cut).encode(), body, writer.tail.encode()]),
        len(parts),
        cut,
    )


def write_boolean(format_: str, value: bool) -> bytes:
    """Write an ASK result; CSV and TSV, which have no form for it, hold one word."""
    word = "true" if value else "false"
    if format_ == "json":
        return json.dumps({"head": {}, "boolean": value}).encode()
    if format_ == "xml":
        return f"{_XML_HEAD}<head/>\n<boolean>{word}</boolean>\n</sparql>\n".encode()
    if format_ in RESULT_TYPES:
        return f"{word}\n".encode()
    raise _wrong_format("ASK", format_, RESULT_TYPES)


def write_graph(format_: str, triples: Sequence[ox.Triple]) -> bytes:
    """Write a CONSTRUCT or DESCRIBE result."""
    graph_format = _GRAPH_FORMATS.get(format_)
    if graph_format is None:
        raise _wrong_format("CONSTRUCT", format_, GRAPH_TYPES)
    prefixes = PREFIXES if format_ in ("turtle", "xml") else None
    if format_ == "xml":
        triples = [_for_xml(triple) for triple in triples]
    return ox.serialize(triples, format=graph_format, prefixes=prefixes) or b""


def _for_xml(triple: ox.Triple) -> ox.Triple:
    """Return a triple without characters that would make its RDF/XML unreadable."""
    found = triple.object
    if not isinstance(found, ox.Literal) or _NOT_IN_XML.search(found.value) is None:
        return triple
    allowed = _NOT_IN_XML.sub("\ufffd", found.value)
    if found.language is None:
        literal = ox.Literal(allowed, datatype=found.datatype)
    else:
        literal = ox.Literal(allowed, language=found.language)
    return ox.Triple(triple.subject, triple.predicate, literal)


def _wrong_format(form: str, format_: str, known: dict[str, str]) -> QueryError:
    return QueryError(f"A {form} result cannot be {format_}; ask for {', '.join(known)}.")


class _Writer(NamedTuple):
    """How a format writes a result: what comes first, each row, between rows, and last."""

    head: Callable[[Sequence[str], bool], str]
    row: Callable[[Sequence[str], Row], str]
    between: str
    tail: str


def _json_head(variables: Sequence[str], cut: bool) -> str:
    head: dict[str, Any] = {"vars": list(variables)}
    if cut:
        head["link"] = [TRUNCATED]
    return f'{{"head":{_compact_json(head)},"results":{{"bindings":['


def _json_row(variables: Sequence[str], row: Row) -> str:
    return _compact_json(
        {
            name: json_term(term)
            for name, term in zip(variables, row, strict=True)
            if term is not None
        }
    )


def _compact_json(value: Any) -> str:
    return _ENCODER.encode(value).decode()


def json_term(term: Any) -> dict[str, Any]:
    """Return a term as the JSON results format writes it; ``xsd:string`` goes without saying."""
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Literal):
        found = {"type": "literal", "value": term.value}
        if term.language is not None:
            found["xml:lang"] = term.language
        elif term.datatype.value != _STRING:
            found["datatype"] = term.datatype.value
        return found
    parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
    return {"type": "triple", "value": {key: json_term(part) for key, part in parts.items()}}


def _xml_head(variables: Sequence[str], cut: bool) -> str:
    out = [f"<variable name={quoteattr(name)}/>" for name in variables]
    if cut:
        out.append(f"<link href={quoteattr(TRUNCATED)}/>")
    return f"{_XML_HEAD}<head>{''.join(out)}</head>\n<results>\n"


def _xml_row(variables: Sequence[str], row: Row) -> str:
    cells = [
        f"<binding name={quoteattr(name)}>{_xml_term(term)}</binding>"
        for name, term in zip(variables, row, strict=True)
        if term is not None
    ]
    return f"<result>{''.join(cells)}</result>\n"


def _xml_term(term: Any) -> str:
    if isinstance(term, ox.NamedNode):
        return f"<uri>{_xml_text(term.value)}</uri>"
    if isinstance(term, ox.BlankNode):
        return f"<bnode>{_xml_text(term.value)}</bnode>"
    if isinstance(term, ox.Literal):
        if term.language is not None:
            return f'<literal xml:lang="{term.language}">{_xml_text(term.value)}</literal>'
        kind = term.datatype.value
        typed = "" if kind == _STRING else f" datatype={quoteattr(kind)}"
        return f"<literal{typed}>{_xml_text(term.value)}</literal>"
    parts = ((n, getattr(term, n)) for n in ("subject", "predicate", "object"))
    inner = "".join(f"<{name}>{_xml_term(part)}</{name}>" for name, part in parts)
    return f"<triple>{inner}</triple>"


def _xml_text(text: str) -> str:
    return escape(_NOT_IN_XML.sub("\ufffd", text), {"\r": "&#13;"})


def _csv_row(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def _tsv_row(cells: Sequence[str]) -> str:
    return "\t".join(cells) + "\n"


def _plain(term: Any) -> str:
    return (
        f"_:{term.value}" if isinstance(term, ox.BlankNode) else getattr(term, "value", str(term))
    )


def _turtle(term: Any) -> str:
    if isinstance(term, ox.Literal) and term.datatype.value == XSD.integer:
        return term.value
    return str(term).replace("\t", "\\t")


_ROW_WRITERS = {
    "json": _Writer(_json_head, _json_row, ",", "]}}"),
    "xml": _Writer(_xml_head, _xml_row, "", "</results>\n</sparql>\n"),
    "csv": _Writer(
        lambda variables, cut: _csv_row(variables),
        lambda variables, row: _csv_row(["" if term is None else _plain(term) for term in row]),
        "",
        "",
    ),
    "tsv": _Writer(
        lambda variables, cut: _tsv_row([f"?{name}" for name in variables]),
        lambda variables, row: _tsv_row(["" if term is None else _turtle(term) for term in row]),
        "",
        "",
    ),
}
