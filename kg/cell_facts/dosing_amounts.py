"""How many cells one administration gives: per kilogram, in all, or by another unit."""

from __future__ import annotations

import re
from typing import NamedTuple

from kg.cell_facts.dosing_counts import number_of
from kg.cell_facts.dosing_phrases import N
from kg.cell_facts.dosing_text import Passage, clause_at, is_comparator, names_cells
from kg.cell_facts.dosing_units import Unit, read_unit
from kg.cell_facts.quantities import Count, find_counts, short_number, tidy
from kg.cell_facts.screening import Screened

_CAPITAL = re.compile(r"\d ?m\b|\de\+?\d")


_WRONG_BEFORE = re.compile(
    r"(?:harvest\w*|collect\w*|yield\w*|\bcounts?|seeded|plated|density|concentration|"
    r"lymphocytes?|neutrophils?|"
    r"\banc|platelets?|leu[ck]ocytes?|wbc|cd4\+?|cd34\+?|cd3\+?|white blood|cd8\+?|hematopoietic|"
    r"haematopoietic|tnc|nucleated|"
    r"incidence|prevalence|estimated|affects?|population|\$|costs?|more than|about one|"
    r"expand\w* to|cultured? to|"
    r"aspirat\w+|isolat\w+|obtain\w*|produc(?:ed|tion|ing|es)\b|incubat\w*|proliferat\w*|rate of|"
    r"p(?:er|re) protocol|viab\w+|sterility|mycoplasma|banked|"
    r"exosomes? (?:produced|derived|secreted) (?:from|by)|medium of)\W+(?:[\w/+%-]+\W+){0,5}$"
)
_MINIMUM = re.compile(r"\bminimum dose of\W+(?:[\w-]+\W+){0,3}$")
_OTHER_CELLS = re.compile(r"cd\d|tnc|nucleated|h(?:a)?ematopoietic|harvest|collect|obtain|aspirat")
_CAP = re.compile(
    r"(?:\bmax(?:imum|imal|imally|\.)?(?! tolerated)|not (?:to )?exceed\w*|no more than|"
    r"upper limit|target dose up to|capped|limited to|total up to|cumulative|less than|never more|"
    r"minimum(?! dose of)|at least|"
    r"cut-?off|fewer than)\W+(?:[\w-]+\W+){0,6}$"
)
_GIVE = re.compile(
    r"dos(?:e|es|ed|age|ing)\b|inject|infus|receiv|administ|transplant|\bgiven|\bgive\b|treat|"
    r"deliver|"
    r"implant|cohort|group|level|\barm|\bi\.?v\b|concentration of|appl(?:y|ied)|instil|instal|"
    r"transfus"
)
_BACKGROUND = Screened(
    r"et al|\bmice\b|\bmouse\b|\brats?\b|\banimals?\b|murine|preclinical|pre-clinical|in vitro|"
    r"porcine|swine|"
    r"\bdogs?\b|previous(?:ly)? (?:stud|clinical|trial|report|treated|work|publish)|other studies|"
    r"reported that|has been shown|"
    r"have been (?:treated|reported|shown|used)|\bsheep|\bpigs?\b|\brabbits?\b|literature|"
    r"was reported|"
    r"studies (?:have|using)|trial by|colleagues|meta-analysis|primates?|well[ -]tolerated|"
    r"was safe|were safe",
    "et_al mice mouse rats rat_ rat animal murine clinical vitro porcine swine dog "
    "previous other_studies reported been sheep pig rabbit literature studies "
    "trial_by colleagues meta-analysis primate tolerated was_safe were_safe ",
)
_PLANNED = re.compile(
    r"\bwill\b|cohort|dose level|\bgroup|\barm\b|this (?:study|trial)|(?:is|are) (?:given|treated|"
    r"infused|"
    r"injected|administered)|patients (?:receive|get)|\bdoses? of\b|:"
)


class Amount(NamedTuple):
    """One dose found: its field, value, span, rule and whether it is only a ceiling."""

    field: str
    value: int | float | str
    start: int
    end: int
    rule: str
    passage: Passage
    cap: bool = False


def find_amounts(passage: Passage, *, alone: bool = True) -> list[Amount]:
    """Return the doses that a passage states, in order.

    Where `alone` is false, arms or titles state doses already, and prose counts only where it
    speaks of what is planned. Rules, in their order: ``per_kilogram`` (a count over body
    weight), ``particles`` (vesicles), ``per_cm2`` and its like (another unit, as short text),
    ``concentration``, ``per_injection``, ``per_vial``, ``total_cells`` (a count of cells).
    """
    folded = passage.folded
    telling = "10" in folded or "illion" in folded or "000" in folded or "mln" in folded
    if not telling and _CAPITAL.search(folded) is None:
        return []
    counts = list(find_counts(folded))
    units = [read_unit(folded, count) for count in counts]
    for index in range(len(counts) - 2, -1, -1):
        # "0.5x10^6, 1x10^6 or 2x10^6 cells/kg": the last one's unit is that of all
        gap = folded[counts[index].end : counts[index + 1].start]
        if units[index].name in ("", "volume") and _joins(gap):
            units[index] = units[index + 1]._replace(end=counts[index].end)
    found: list[Amount] = []
    for count, unit in zip(counts, units, strict=True):
        found += _judge(passage, count, unit, alone)
    return found


_JOIN = re.compile(
    r"\s*(?:\(|(?:cells|[a-z-]*mscs?)\s(?=to\s)to\b|,|;|/|-|~|=|\bto\b|\band\b|\bor\b|,\s*and\b|"
    r",\s*or\b|and/or|\bvs\.?|versus|&|\band then\b|then)\s*"
    r"(?:a dose of\s|at\s|up to\s|\(?\d\)|finally\s)?\s*"
)


def _joins(gap: str) -> bool:
    return len(gap) < 24 and _JOIN.fullmatch(gap) is not None


def _judge(passage: Passage, count: Count, unit: Unit, alone: bool) -> list[Amount]:
    """Decide whether a count is a dose of the product, and of which field."""
    if unit.wrong or unit.name in ("blood", "rate", "gram"):
        return []
    folded = passage.folded
    clause = clause_at(passage, count.start, max(count.end, unit.end))
    before = folded[max(clause.start, count.start - 90) : count.start]
    wrong = _WRONG_BEFORE.search(before)
    if wrong is not None and not (
        unit.name in ("kg", "mL", "dose") and _OTHER_CELLS.match(wrong.group()) is None
    ):
        return []
    if is_comparator(passage, clause.text):
        return []
    if passage.kind == "prose":
        told = unit.name == "kg" or _GIVE.search(clause.text) is not None
        told = told and (alone or _PLANNED.search(clause.text) is not None)
        if not told or _BACKGROUND.search(clause.text) is not None:
            return []
    if count.form == "capital" and passage.text[count.end - 1] != "M":
        return []
    if unit.name == "":
        unit = unit._replace(name=_unit_before(before))
    values = [tidy(value) for value in count.values]
    cap = _CAP.search(before) is not None
    if not cap and _MINIMUM.search(before) is not None:
        # With a maximum beside it, a minimum is the other end of the range.
        cap = "maxim" in clause.text
    end = max(count.end, unit.end)

    def amounts(field: str, rule: str) -> list[Amount]:
        return [Amount(field, v, count.start, end, rule, passage, cap) for v in values]

    if unit.name == "kg":
        if count.form == "plain" and max(values) < 10**4:
            return []
        if unit.particle:
            return [_other(passage, count, end, "particles per kg", "particles")]
        return amounts("dose_per_kg", "per_kilogram") if max(values) >= 1000 else []
    if unit.particle:
        return [_other(passage, count, end, "particles", "particles")]
    if _EACH_SITE.search(before) is not None and _EACH.match(folded, end) is not None:
        unit = unit._replace(name="site")
    if unit.name in ("cm2", "m2", "cm3", "site", "unit"):
        return [_other(passage, count, end, f"cells per {unit.name}", f"per_{unit.name}")]
    if _MANY_INJECTIONS.search(before) is not None:
        return [_other(passage, count, end, "cells per injection", "per_injection")]
    if unit.name == "vial":
        each = _EACH_TIME.match(folded, end)
        if each is not None:
            values = [tidy(value * number_of(each["n"])) for value in count.values]
            return amounts("dose_total", "vials_each_time")
        return [a._replace(cap=True) for a in amounts("dose_total", "per_vial")]
    if _IN_TOTAL_BEFORE.search(before) is not None and _IN_TOTAL.match(folded, end) is not None:
        return []
    if _SUMMED_BEFORE.search(before) is not None and _SUMMED_AFTER.match(folded, end) is not None:
        return []
    if unit.name == "mL":
        return [_other(passage, count, end, "cells per mL", "concentration")]
    if max(values) < 10**4:
        return []
    if not (unit.cell or _dose_before(before, passage, count, clause.text)):
        return []
    if count.form in ("plain", "lost") and not unit.cell:
        return []
    return amounts("dose_total", "total_cells")


_EACH_SITE = re.compile(r"\b(?:sites|points|injections)\s(?:with|of|containing)\s\(?$")
_EACH = re.compile(r"(?:\s[\w-]+){0,3}?\s(?:each|per site)\b")
_MANY_INJECTIONS = re.compile(
    r"\b(?:[4-9]|[1-3]\d|four|five|six|eight|ten|twelve|fifteen|twenty|thirty)\s(?:[\w-]+\s){0,3}"
    r"injections\s(?:of|at)\s\(?$"
)
_EACH_TIME = re.compile(
    rf"\W*(?P<n>{N})\s(?:bags|vials|ampoules|tubes|syringes)\s"
    r"(?:each|every|per|at a|at one|a)\s?(?:time|infusion|dose|injection|treatment)\b"
)
# "four doses in total and at least 40 million cells in total"
_IN_TOTAL_BEFORE = re.compile(r"\b(?:doses|injections|infusions|times|procedures)\b[^.;]*$")
_IN_TOTAL = re.compile(r"[^.;),]{0,40}\bin total\b")
_SUMMED_BEFORE = re.compile(r"\b(?:total|cumulative)\b\W+(?:[\w-]+\W+){0,4}$")
_SUMMED_AFTER = re.compile(
    r"[^.;]{0,60}?\b(?:given|divided|split|administered|delivered|over|infused|injected|"
    r"in)\W+(?:\w+\W+){0,3}?"
    r"(?:[2-9]|1\d|two|three|four|five|six)\W+(?:\w+\W+){0,2}?"
    r"(?:injections of \d+(?![\d.]*\s?(?:µl|ul|ml|cc|mm))|infusions|doses|"
    r"administrations)"
)
_UNIT_BEFORE = re.compile(
    r"(?:per|each|/)\s?(?:(?P<cm2>cm\^?2|cm²|square cent)|(?P<kg>kg|kilogram)|(?P<site>site))\b"
    r"[^.;\d]{0,40}\(?$"
)


def _unit_before(before: str) -> str:
    """Return the unit that stands before the count, as in "the dose for each cm2 is 10^6"."""
    match = _UNIT_BEFORE.search(before)
    return "" if match is None else str(match.lastgroup)


_DOSE_BEFORE = re.compile(
    r"(?:dos(?:e|es|age|ing)\w*|inject\w*|infus\w*|receiv\w*|administ\w*|transplant\w*|given|"
    r"cells?|[\w-]*mscs?|"
    r"level\w*|cohort|group|contain\w*|implant\w*|amount|number|includ\w*|deliver\w*|"
    r"with)\W+(?:[\w-]+\W+){0,7}$"
)


def _dose_before(before: str, passage: Passage, count: Count, clause: str) -> bool:
    """Tell whether the words before a count without a unit make it a dose of cells."""
    if passage.kind == "prose" and not names_cells(clause) and not before.endswith("dose: "):
        return False
    if _DOSE_BEFORE.search(before) is not None:
        return True
    return passage.kind == "arm" and count.form in ("power", "million", "capital")


def _other(passage: Passage, count: Count, end: int, unit: str, rule: str) -> Amount:
    shown = "-".join(dict.fromkeys(short_number(value) for value in count.values))
    return Amount("dose_other", f"{shown} {unit}", count.start, end, rule, passage)
