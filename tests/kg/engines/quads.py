"""Quads that tests put into a graph: one that tells generations apart, and odd ones."""

from __future__ import annotations

import pyoxigraph as ox

from kg.iris import KIN_GRAPH
from ontology.vocabulary import XSD

GRAPH = ox.NamedNode(KIN_GRAPH)
MARK, NUMBER = ox.NamedNode("urn:mark"), ox.NamedNode("urn:number")
ODD = 'quote " back\\ nl\n cr\r tab\t bell\x07 \U0001f600 e\u0301 \u200d nbsp\u00a0 <x> . '


def mark(number: int) -> ox.Quad:
    return ox.Quad(MARK, NUMBER, ox.Literal(number), GRAPH)


def odd_quads() -> list[ox.Quad]:
    def typed(value: str, kind: str) -> ox.Literal:
        return ox.Literal(value, datatype=ox.NamedNode(kind))

    objects = [
        ox.Literal(ODD),
        ox.Literal(ODD, language="en"),
        ox.Literal("x" * 40_000),
        ox.Literal(""),
        typed("0.000001", XSD.decimal),
        typed("-12345678901.25", XSD.decimal),
        typed("1989-02-28", XSD.date),
        typed("1989-02", XSD.gYearMonth),
        typed("2026-11-23T04:28:10Z", XSD.dateTime),
        typed("false", XSD.boolean),
        ox.Literal(-7),
        ox.NamedNode("http://example.org/a%20b?c=d&e=é#f"),
    ]
    return [
        ox.Quad(MARK, ox.NamedNode(f"urn:odd/{place}"), value, GRAPH)
        for place, value in enumerate(objects)
    ]
