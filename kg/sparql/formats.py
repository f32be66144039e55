"""Result formats: their names, media types and how results are written in them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

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
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "jsonld": "application/ld+json",
    "xml": "application/rdf+xml",
}
"""Formats of CONSTRUCT and DESCRIBE results, with media types."""

_GRAPH_FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "xml": ox.RdfFormat.RDF_XML,
}
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_XML_HEAD = '<?xml version="1.0"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">\n'


def write_rows(format_: str, variables: Sequence[str], rows: Sequence[Row], cut: bool) -> bytes:
    """Write a SELECT result.

    Parameters
    ----------
    format_ : str
        One of `RESULT_TYPES`.
    variables : sequence of str
        Without question marks.
    rows : sequence of sequences of terms
        A term or None for each variable.
    cut : bool
        Whether rows were left out; said in the result where its format has a place for it.

    Raises
    ------
    QueryError
        If there is no such format for rows.
    """
    write = _ROW_WRITERS.get(format_)
    if write is None:
        raise _wrong_format("SELECT", format_, RESULT_TYPES)
    return write(variables, rows, cut).encode()


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
    return ox.serialize(triples, format=graph_format, prefixes=prefixes) or b""


def _wrong_format(form: str, format_: str, known: dict[str, str]) -> QueryError:
    return QueryError(f"A {form} result cannot be {format_}; ask for {', '.join(known)}.")


def _json(variables: Sequence[str], rows: Sequence[Row], cut: bool) -> str:
    bindings = [
        {
            name: _json_term(term)
            for name, term in zip(variables, row, strict=True)
            if term is not None
        }
        for row in rows
    ]
    head: dict[str, Any] = {"vars": list(variables)}
    document: dict[str, Any] = {"head": head, "results": {"bindings": bindings}}
    if cut:
        document["truncated"] = True
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _json_term(term: Any) -> dict[str, Any]:
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
    return {"type": "triple", "value": {key: _json_term(part) for key, part in parts.items()}}


def _xml(variables: Sequence[str], rows: Sequence[Row], cut: bool) -> str:
    out = [_XML_HEAD, "<head>"]
    out += [f"<variable name={quoteattr(name)}/>" for name in variables]
    out.append("</head>\n<results>\n")
    for row in rows:
        cells = [
            f"<binding name={quoteattr(name)}>{_xml_term(term)}</binding>"
            for name, term in zip(variables, row, strict=True)
            if term is not None
        ]
        out.append(f"<result>{''.join(cells)}</result>\n")
    out.append("</results>\n")
    if cut:
        out.append("<!-- truncated: more rows were found than are allowed -->\n")
    return "".join([*out, "</sparql>\n"])


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
    # XML 1.0 has no place for most control characters, not even escaped.
    allowed = "".join(c if c >= " " or c in "\t\n\r" else "\ufffd" for c in text)
    return escape(allowed, {"\r": "&#13;"})


def _csv(variables: Sequence[str], rows: Sequence[Row], cut: bool) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(variables)
    for row in rows:
        writer.writerow(["" if term is None else _plain(term) for term in row])
    return out.getvalue()


def _tsv(variables: Sequence[str], rows: Sequence[Row], cut: bool) -> str:
    lines = ["\t".join(f"?{name}" for name in variables)]
    lines += ["\t".join("" if term is None else _turtle(term) for term in row) for row in rows]
    return "\n".join([*lines, ""])


def _plain(term: Any) -> str:
    return (
        f"_:{term.value}" if isinstance(term, ox.BlankNode) else getattr(term, "value", str(term))
    )


def _turtle(term: Any) -> str:
    if isinstance(term, ox.Literal) and term.datatype.value == XSD.integer:
        return term.value
    return str(term).replace("\t", "\\t")


_ROW_WRITERS: dict[str, Callable[[Sequence[str], Sequence[Row], bool], str]] = {
    "json": _json,
    "xml": _xml,
    "csv": _csv,
    "tsv": _tsv,
}
