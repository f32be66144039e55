"""Series told whole: a number of doses by name, ordinals, days from one to another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.cell_facts import dosing_phrases as say
from kg.cell_facts.dosing_counts import is_giving, number_of
from kg.cell_facts.dosing_text import Passage, clause_at, names_cells

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
    r"(?:doses|injections|infusions|administrations)\b)"
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

    Rules: ``named_total`` ("number of infusions: 4", "6 doses totally"), ``days_through``
    ("daily from day 1 to day 5"), ``times_a_day`` ("TID, 20 days"), ``halves``
    ("one dose, followed by three doses"), ``ordinal_points`` ("in the first and fourth week"),
    and in arms ``ordinal_doses`` ("first infusion ..., second infusion ...").
    """
    folded = passage.folded
    if ("number" in folded or "#" in folded) and (":" in folded or "=" in folded):
        for match in _NAMED.finditer(folded):
            yield from _given(passage, match, number_of(match["n"]), "named_total")
    if "total" in folded or "altogether" in folded:
        for match in _TOTALLED.finditer(folded):
            yield from _given(passage, match, number_of(match["n"] or match["m"]), "named_total")
    if "day" in folded and any(word in folded for word in _BY_DAY):
        for match in _DAYS.finditer(folded):
            number = int(match["last"]) - int(match["first"]) + 1
            yield from _given(passage, match, number, "days_through")
    if "id" in folded and any(word in folded for word in _RATES):
        for match in _ABBREVIATED.finditer(folded):
            number = _A_DAY[match["rate"]] * number_of(match["n"])
            number *= 7 if match["unit"] == "week" else 1
            yield from _given(passage, match, number, "times_a_day")
    if "followed by" in folded:
        for match in _HALVES.finditer(folded):
            first = number_of((match["a"] or match["atimes"]).split()[0]) or 1
            yield from _given(passage, match, first + number_of(match["b"]), "halves")
    if "first" not in folded and "1st" not in folded:
        return
    for match in _ORDINAL_POINTS.finditer(folded):
        number = len(set(_ONE_WORD.findall(match["list"])))
        yield from _given(passage, match, number, "ordinal_points")
    if passage.kind == "arm":
        yield from _ordinals(passage)


def _given(
    passage: Passage, match: re.Match[str], number: int, rule: str
) -> Iterator[tuple[int, int, int, str]]:
    clause = clause_at(passage, match.start(), match.end())
    near = passage.folded[max(clause.start, match.start() - 60) : match.end() + 30]
    if not 1 <= number <= 120 or not is_giving(clause.text, passage):
        return
    if say.OTHER_THERAPY.search(near) is not None and not names_cells(near):
        return
    if rule == "times_a_day" and not names_cells(clause.text):
        return
    if passage.kind == "prose" and not (names_cells(clause.text) or "treatment" in clause.text):
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
        if say.OTHER_THERAPY.search(near) is not None and not names_cells(near):
            continue
        number = _ORDINAL[match["n"]]
        told.setdefault(number, match)
        if number > 1 and say.CONDITIONAL.search(clause.text) is not None:
            optional.add(number)
    last = max(told, default=0)
    if last > 1 and set(told) == set(range(1, last + 1)):
        for number in sorted({min(optional, default=last + 1) - 1, last}):
            yield number, told[1].start(), told[last].end(), "ordinal_doses"
