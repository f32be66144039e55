"""Series told whole: a number of doses by name, ordinals, days from one to another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.cell_facts import dosing_phrases as say
from kg.cell_facts.dosing_counts import is_giving, number_of
from kg.cell_facts.dosing_text import Passage, clause_at, names_product

_NOUN = r"(?:infusions?|injections?|administrations?|doses?|transplantations?|implantations?)"
_NAMED = re.compile(
    rf"(?:(?:total )?(?:#|number|no\.?)(?: of)? {_NOUN}|{_NOUN} number)"
    rf"\s?[:=]\s?(?P<n>{say.N})\b(?!\s?(?:ml|x|\*|[.,^]\d|million|%))"
)
_TOTALLED = re.compile(
    rf"\b(?P<n>{say.N})\s(?:total\s{_NOUN}|(?:[a-z-]+\s){{0,2}}?{_NOUN}\s"
    rf"(?:totally|altogether|in total)\b)"
    rf"|\btotal number of {_NOUN} (?:is|will be|was)\s(?P<m>{say.N})\b"
)
_DIVIDED = re.compile(
    rf"\b(?P<n>{say.N}) divided doses\b(?=[^.;]{{0,30}}?\b(?:intervals?|apart|weekly|every))"
)
_PER_DAY = re.compile(
    r"(?:ml|drops?|puffs?|sprays?|µg|ug)\s?(?:/|per\s|a\s|every\s)\s?day\b(?P<between>[^.;,]{0,40}?)\bfor\s"
    rf"(?P<n>{say.N})\s(?P<unit>day|week)s?\b"
)
_RATE = re.compile(
    r"\b(?:(?P<rate>once|twice|thrice)\s(?:a|per|every|each)\s(?P<unit>week|day|month)|"
    r"(?P<ly>weekly|daily|monthly))\b"
)
_COURSE = re.compile(
    r"\b(?:course|cycle)(?:\sof\s(?:the\s)?treatment)?\s(?:will\s)?"
    rf"(?:lasts?|lasted|takes|took|is|was)\s(?:for\s)?(?P<n>{say.N})\s(?P<span>week|day|month)s?\b"
)
_BRACKETED = re.compile(
    r"\b(?:weekly|monthly|daily|(?:every|each|per) (?:[\w-]+ )?(?:days?|weeks?|months?))\s?"
    r"\(n\s?=\s?(?P<n>\d{1,2})\)"
)
_DAYS = re.compile(
    r"(?:(?:/|\b(?:per|a|each|every)\s)d(?:ay)?\b|\bdaily\b|\bonce a day\b)[^.;]{0,40}?"
    r"\b(?:on|from|for)\s?(?:the\s)?days?\s(?P<first>\d{1,2})\s?(?:to|-|through|until)\s?(?:day\s)?"
    r"(?P<last>\d{1,2})\b"
)
_BY_DAY = ("/d", "per d", "a day", "each d", "every d", "daily")
_RATES = ("tid", "bid", "qid", "t.i", "b.i", "q.i")
_A_DAY = {"t": 3, "b": 2, "q": 4}
_ABBREVIATED = re.compile(
    rf"\b(?P<rate>[tbq])\.?i\.?d\b\.?(?: (?:per|a) day)?[^.;]{{0,20}}?\b(?P<n>{say.N})\s"
    r"(?P<unit>day|week)s?\b"
)
_HALVES = re.compile(
    rf"\b(?:(?P<a>{say.N}|an?|single)\s(?:[\w-]+\s){{0,2}}?{_NOUN}|"
    rf"(?P<atimes>twice|{say.N} times)(?! ?(?:weekly|daily|monthly|a|per|every)\b))\b"
    rf"[^.;]{{0,60}}?\bfollowed by\s[^.;]{{0,40}}?\b(?P<b>{say.N})\s"
    r"(?!times comparator|times placebo)(?:times\b|(?:(?!placebo|comparator|control)[\w-]+\s){0,2}?"
    r"(?:doses?|injections?|infusions?|administrations?)\b)"
)
_PHASE = re.compile(
    rf"\b(?P<rate>once|twice|{say.N} times|every week|weekly)"
    r"(?:\s(?:a|per|every|each|weekly)(?:\sweek)?)?[^.;,]{0,20}?\s(?:in|during|for|from|on|at)\s(?:the\s)?"
    r"(?:weeks?\s)?(?P<first>\d{1,2})\s?(?:-|to|through|and)\s?(?:week\s)?(?P<last>\d{1,2})\b"
    r"(?:\s(?:st|nd|rd|th)?\s?weeks?\b)?"
)
_NUMBERED = re.compile(
    r"\b(?P<noun>infusion|injection|dose)s?\s#?(?P<n>\d{1,2})\b(?![.,]\d)"
    r"(?:\s?(?:-|to|through)\s?(?:(?P=noun)s?\s)?(?P<to>\d{1,2})\b)?"
    r"(?P<more>(?<=s \d)(?:\*?\s?(?:,\s?(?:and\s)?|and\s|&\s?)\d{1,2}\b)+)?(?!\s?(?:x|\*|\^|"
    r"ml|mg|mcg|million|cells|/|%|and|days?|weeks?|months?|hours?))"
)
_FIRST_NUMBERED = (
    "fusion 1", "fusions 1", "fusion #1", "jection 1", "jections 1", "jection #1", "dose 1",
    "dose #1",
)  # fmt: skip
_AT_OPERATION = re.compile(
    r"\b(?:at|during|on the day of|at the time of|day of)\s(?:the\s)?"
    r"(?:surgery|operation|(?:\w+\s)?transplantation)\sand\s(?:then\s|again\s)?"
    r"(?:(?:on|at)\s)?(?:(?:post-?\w*)\s)?(?:day|week|month)\s\d{1,3}\b(?!\s?(?:,|and|-|to)\s?\d)"
)
_ORDINAL = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "6th": 6,
}  # fmt: skip
_WORDS = "|".join(_ORDINAL)
_SPELLED = "|".join(word for word in _ORDINAL if word.isalpha())
_ORDINAL_DOSE = re.compile(
    rf"\b(?P<n>{_WORDS})\s(?:[\w-]+\s){{0,2}}?"
    r"(?:infusion|injection|administration|dose|transplantation|implantation)\b"
    r"(?!\s(?:levels?|groups?|cohorts?|of g-csf)|\sto\b)"
)
_ORDINAL_POINTS = re.compile(
    rf"\b(?:at|on|in)\s(?:the\s)?(?P<list>(?:{_SPELLED})(?:(?:\s?,\s?|\s?,?\sand\s)(?:the\s)?"
    rf"(?:{_SPELLED}))+)\s(?:days?|weeks?|months?)\b"
)
_ONE_WORD = re.compile(_SPELLED)


def find_series(passage: Passage) -> Iterator[tuple[int, int, int, str]]:
    """Yield number, span and rule of each series of doses that a passage tells whole.

    Rules: ``named_total`` ("number of infusions: 4", "6 doses totally", "weekly (n=6)", "6 divided
    doses at intervals"), ``rate_of_course`` ("once a week. Each course lasts 3 weeks"),
    ``days_through`` ("daily from day 1 to day 5"), ``times_a_day`` ("TID, 20 days"), ``phases``
    ("twice a week in weeks 1-2, once a week in weeks 3-4"), ``numbered_doses`` ("Infusion 1 ...
    Infusion 6"), ``at_operation`` ("at surgery and on day 4"), ``halves`` ("one dose, followed by
    three doses"), ``ordinal_points`` ("in the first and fourth week"), and in arms
    ``ordinal_doses`` ("first infusion ..., second infusion ...").
    """
    folded = passage.folded
    if ("number" in folded or "#" in folded) and (":" in folded or "=" in folded):
        for match in _NAMED.finditer(folded):
            yield from _given(passage, match, number_of(match["n"]), "named_total")
    if "total" in folded or "altogether" in folded:
        for match in _TOTALLED.finditer(folded):
            yield from _given(passage, match, number_of(match["n"] or match["m"]), "named_total")
    if "divided doses" in folded:
        for match in _DIVIDED.finditer(folded):
            yield from _given(passage, match, number_of(match["n"]), "named_total")
    if "/day" in folded or "/ day" in folded or "per day" in folded:
        for match in _PER_DAY.finditer(folded):
            if names_product(passage, match["between"]) or passage.kind == "arm":
                number = number_of(match["n"]) * (7 if match["unit"] == "week" else 1)
                yield from _given(passage, match, number, "times_a_day")
    if "course" in folded or "cycle" in folded:
        yield from _rate_of_course(passage)
    if "(n" in folded:
        for match in _BRACKETED.finditer(folded):
            yield from _given(passage, match, number_of(match["n"]), "named_total")
    if "day" in folded and any(word in folded for word in _BY_DAY):
        for match in _DAYS.finditer(folded):
            number = int(match["last"]) - int(match["first"]) + 1
            yield from _given(passage, match, number, "days_through")
    if "id" in folded and any(word in folded for word in _RATES):
        for match in _ABBREVIATED.finditer(folded):
            number = _A_DAY[match["rate"]] * number_of(match["n"])
            number *= 7 if match["unit"] == "week" else 1
            yield from _given(passage, match, number, "times_a_day")
    if "week" in folded and ("twice" in folded or (passage.kind == "arm" and "once" in folded)):
        yield from _phased(passage)
    if any(word in folded for word in _FIRST_NUMBERED):
        yield from _numbered(passage)
    if "surgery and" in folded or "operation and" in folded or "transplantation and" in folded:
        for match in _AT_OPERATION.finditer(folded):
            yield from _given(passage, match, 2, "at_operation")
    if "followed by" in folded:
        for match in _HALVES.finditer(folded):
            if number_of(match["b"]) == 1 and match.group().endswith(("infusion", "injection")):
                continue  # By one way, then by another: one procedure.
            first = number_of((match["a"] or match["atimes"]).split()[0]) or 1
            yield from _given(passage, match, first + number_of(match["b"]), "halves")
    if "first" not in folded and "1st" not in folded:
        return
    for match in _ORDINAL_POINTS.finditer(folded):
        number = len(set(_ONE_WORD.findall(match["list"])))
        yield from _given(passage, match, number, "ordinal_points")
    if passage.kind == "arm":
        yield from _ordinals(passage)


def _rate_of_course(passage: Passage) -> Iterator[tuple[int, int, int, str]]:
    """Multiply: "treated once a week. Each course of treatment lasted 3 weeks"."""
    course = _COURSE.search(passage.folded)
    if course is None:
        return
    for rate in _RATE.finditer(passage.folded, max(0, course.start() - 160), course.start()):
        unit = rate["unit"] or {"weekly": "week", "daily": "day", "monthly": "month"}[rate["ly"]]
        per = number_of(rate["rate"]) or 1
        days = say.UNIT_DAYS
        number = number_of(course["n"]) * days[course["span"]] * per // days[unit]
        for value, start, _, rule in _given(passage, rate, number, "rate_of_course"):
            yield value, start, course.end(), rule
        return


def _phased(passage: Passage) -> Iterator[tuple[int, int, int, str]]:
    """Add up rates that each hold for some weeks, the first of them from week 0 or 1 on."""
    total, start, end, weeks = 0, -1, -1, -1
    last: re.Match[str] | None = None
    for match in _PHASE.finditer(passage.folded):
        near = passage.folded[match.start() : match.end() + 6]
        length = int(match["last"]) - int(match["first"]) + 1
        if "week" not in near or not 1 <= length <= 12:
            continue
        if start < 0 and int(match["first"]) > 1:
            return
        if start >= 0 and (int(match["first"]) != weeks + 1 or match.start() - end > 60):
            break
        rate = {"once": 1, "twice": 2, "weekly": 1, "every week": 1}.get(match["rate"], 0)
        total += length * (rate or number_of(match["rate"].split()[0]))
        start, end, weeks, last = (
            match.start() if start < 0 else start,
            match.end(),
            int(match["last"]),
            match,
        )
    if last is not None:
        for number, _, _, rule in _given(passage, last, total, "phases"):
            yield number, start, end, rule


def _numbered(passage: Passage) -> Iterator[tuple[int, int, int, str]]:
    """Take the last number of "Infusion 1 ... Infusion 6", if all but one before it are told."""
    told: dict[str, dict[int, re.Match[str]]] = {}
    for match in _NUMBERED.finditer(passage.folded):
        numbers = [*range(int(match["n"]), int(match["to"] or match["n"]) + 1)]
        if match["more"] and match["noun"] != "dose":  # "doses 1, 2 and 3" are levels.
            numbers += map(int, re.findall(r"\d+", match["more"]))
        for number in numbers:
            told.setdefault(match["noun"], {}).setdefault(number, match)
    for places in told.values():
        last = max(places)
        if 2 <= last <= 24 and 1 in places and len(places) >= last - 1:
            yield last, *places[last].span(), "numbered_doses"


def _given(
    passage: Passage, match: re.Match[str], number: int, rule: str
) -> Iterator[tuple[int, int, int, str]]:
    clause = clause_at(passage, match.start(), match.end())
    near = passage.folded[max(clause.start, match.start() - 60) : match.end() + 30]
    if not 1 <= number <= 120 or not is_giving(clause.text, passage):
        return
    if say.OTHER_THERAPY.search(near) is not None and not names_product(passage, near):
        return
    if rule == "times_a_day" and not names_product(passage, clause.text):
        return
    if passage.kind == "prose" and not (
        names_product(passage, clause.text) or "treatment" in clause.text
    ):
        return
    if say.FOLLOW.search(near) is None or rule != "ordinal_points":
        yield number, match.start(), match.end(), rule


def _ordinals(passage: Passage) -> Iterator[tuple[int, int, int, str]]:
    """Take the last of first, second, ... dose for their number; what may come is not counted."""
    told: dict[int, re.Match[str]] = {}
    optional: set[int] = set()
    for match in _ORDINAL_DOSE.finditer(passage.folded):
        clause = clause_at(passage, match.start(), match.end())
        near = passage.folded[max(clause.start, match.start() - 45) : match.end() + 45]
        if say.OTHER_THERAPY.search(near) is not None and not names_product(passage, near):
            continue
        number = _ORDINAL[match["n"]]
        told.setdefault(number, match)
        if number > 1 and say.CONDITIONAL.search(clause.text) is not None:
            optional.add(number)
    last = max(told, default=0)
    if last > 1 and set(told) == set(range(1, last + 1)):
        for number in sorted({min(optional, default=last + 1) - 1, last}):
            yield number, told[1].start(), told[last].end(), "ordinal_doses"
