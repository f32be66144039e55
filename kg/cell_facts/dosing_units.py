"""The unit that stands after a number of cells: over body weight, area, volume, or none."""

from __future__ import annotations

import re
from typing import NamedTuple

from kg.cell_facts.dosing_text import CELL
from kg.cell_facts.quantities import Count

_WORD = re.compile(r"\s*(/|[a-z0-9µ²³][\w'+µ²³-]*|\S)")
_STOP = frozenset({
    "will", "were", "was", "are", "is", "be", "been", "in", "at", "on", "with", "every", "once",
    "by", "to", "and", "or", "for", "from", "via", "into", "as", "suspended", "diluted", "given",
    "administered", ",", ";", ":", ".", "[", "]", "than", "that", "which", "when", "over",
    "within", "then", "if", "followed", "each", "would", "may", "can", "should", "had", "have",
    "has", "during", "until", "two", "three", "up", "total", "mixed", "delivered", "infused",
    "injected", "loaded", "seeded",
})  # fmt: skip
_BODY = re.compile(
    r"\s*(?:each\s|the\s|a\s|one\s|patients?'?s?\s|recipients?'?s?\s|subjects?'?s?\s|body\s|"
    r"weight\s|of\s|"
    r"receptor'?s?\s|bw\s|participants?'?s?\s|1\s?(?=cm|sq|kg|kilo|m\s?[\^²]))*"
)
_UNITS = (
    ("kg", re.compile(r"kg\w*|kilo\w*|k\.g|㎏|weight\b")),
    ("cm2", re.compile(r"cm\s?\^?(?:2|²)|sq(?:uare)?[ .]*(?:cm|centimet)|㎠")),
    ("m2", re.compile(r"m\s?\^?(?:2|²)|square met")),
    ("cm3", re.compile(r"cm\s?\^?(?:3|³)|cubic centimet")),
    ("vial", re.compile(r"[\d.]+\s?ml\s?/\s?(?:vial|bag|ampoule)")),
    ("volume", re.compile(r"\d+(?:[.,]\d+)?(?:\s?(?:ml|cc|[uµ]?l)\b)?")),
    ("mL", re.compile(r"(?:ml|cc|millilit\w+)\b")),
    ("blood", re.compile(r"(?:l|dl|lit\w+|µl|ul|mm3|mm\^3|µ\w+|microlit\w+|hpf|field)\b|mm³")),
    ("rate", re.compile(r"(?:min\w*|hours?|hr|h|sec\w*|year|day)\b")),
    (
        "site",
        re.compile(r"(?:injection |implantation )?(?:site|point|entry|spot|segment|muscle)s?\b"),
    ),
    ("vial", re.compile(r"(?:vial|bag|ampoule|tube|flask|well|syringe|100)s?\b")),
    ("dose", re.compile(r"(?:time|dose|infusion|injection|person|patient|subject|treatment)s?\b")),
    ("unit", re.compile(r"unit\b(?! dose)")),
    ("gram", re.compile(r"(?:g|gram)\b")),
)
_PARTICLE = re.compile(r"\b(?:particles?|exosomes?|vesicles?|evs?|nano)\b")
_WRONG_COUNT = re.compile(
    r"^(?:platelet|people|patient|person|individual|case|death|american|women|men|children|subject|"
    r"infection|u\b|iu\b|units?\b(?! of|\s?/\s?kg)|dollar|copies|cfu|usd|euro|colony|population|"
    r"clusters?|"
    r"worldwide|adult|new\b|"
    r"year|procedure|birth|live\b|bacteria|spore|leukocyte|neutrophil|lymphocyte|wbc|annual|red\b|"
    r"epinephrine|adrenaline|vg\b|viral|virus|births|rad|rpm|plaque|resident|inhabitant)"
)
# "10x10^6 unit of stem cells", "MSC 30 million unit": units that are cells.
_OF_CELLS = re.compile(
    r"\s*units?(?:\s\(?cells|\sof\s(?:[\w'-]+\s){0,5}?(?:[\w-]*mscs?\b|[\w-]*\s?cells?\b))"
)
_CELLS_BEFORE = re.compile(r"(?:mscs?|stem cells?|stromal cells?)\s?[:=]?\s?$")
_KG_NEXT = re.compile(r"\s*(?:cells|[a-z-]*mscs?)\s?/\s?kg")


class Unit(NamedTuple):
    """A unit, where it ends, and what the words before it name.

    Attributes
    ----------
    name : str
        Such as ``kg`` or ``cm2``; empty where none is given.
    end : int
        Where the unit ends.
    cell, particle : bool
        Whether cells, or vesicles, are named.
    wrong : bool
        Whether what is counted is something else (people, platelets, units).
    """

    name: str
    end: int
    cell: bool
    particle: bool
    wrong: bool


def read_unit(folded: str, count: Count) -> Unit:
    """Walk the words after a count to its unit: at most 14 of them, within the sentence."""
    position, cell, particle, depth = count.end, False, False, 0
    first = True
    for _ in range(14):
        match = _WORD.match(folded, position)
        if match is None:
            break
        word = match.group(1)
        rest = match.end()
        if word in ("/", "per") or (word == "for" and folded[rest : rest + 5] == " each"):
            body = _BODY.match(folded, rest)
            begin = body.end() if body else rest
            for name, pattern in _UNITS:
                unit = pattern.match(folded, begin)
                if unit is not None:
                    if name == "mL" and _kg_follows(folded, unit.end()):
                        name = "kg"
                    return Unit(name, unit.end(), cell, particle, False)
            position = begin
            continue
        if first and word == "kg":
            return Unit("kg", rest, cell, particle, False)
        if word == "kg" and folded[rest : rest + 3] in ("-1", "^-1"):
            return Unit("kg", rest, cell, particle, False)
        if word in ("(", ")"):
            depth += 1 if word == "(" else -1
            if depth > 0 and re.match(r"\s*[\d±+]", folded[rest:]):
                closing = folded.find(")", rest, rest + 40)
                if closing < 0:
                    break
                position, depth = closing + 1, 0
                continue
            position = rest
            continue
        if first and (
            _OF_CELLS.match(folded, match.start()) is not None
            or (word in ("unit", "units") and _CELLS_BEFORE.search(folded[: count.start][-40:]))
        ):
            cell = True
            position, first = rest, False
            continue
        if first and _WRONG_COUNT.match(word):
            return Unit("", rest, False, False, True)
        first = False
        if word == "," and _KG_NEXT.match(folded, rest) is not None:
            position = rest
            continue
        if word in _STOP or word[0].isdigit():
            break
        if CELL.in_text(word):
            cell = True
        if _PARTICLE.match(word):
            particle = True
        elif _WRONG_COUNT.match(word) and not cell:
            return Unit("", rest, False, False, True)
        position = rest
    return Unit("", count.end, cell, particle, False)


def _kg_follows(folded: str, position: int) -> bool:
    return re.match(r"\s*/\s*kg", folded[position : position + 8]) is not None
