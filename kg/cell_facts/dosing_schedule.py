"""How many times the product is given: read from counts, intervals and lists of days."""

from __future__ import annotations

import re
from typing import NamedTuple

import ahocorasick_rs

from kg.cell_facts import dosing_phrases as say
from kg.cell_facts.dosing_additions import find_additions, is_optional
from kg.cell_facts.dosing_counts import VALUES, is_giving, number_of
from kg.cell_facts.dosing_points import ONE_POINT, POINTS, read_one_point, read_points
from kg.cell_facts.dosing_series import find_series
from kg.cell_facts.dosing_text import Passage, clause_at, is_comparator, names_product


class Administration(NamedTuple):
    """One number of administrations found."""

    value: int
    start: int
    end: int
    rule: str
    passage: Passage
    field: str = "administrations"


def find_administrations(passage: Passage) -> list[Administration]:
    """Return the numbers of administrations that a passage states.

    Rules, in their order; the first that speaks in a sentence is believed there:
    ``times_given`` ("3 times", "twice"), ``interval_over_span`` ("weekly for 4 weeks"),
    ``days_given`` ("on days 0, 7 and 14"), ``counted_doses`` ("two infusions"),
    ``second_dose`` ("the second one will be given") and ``single_dose`` ("a single dose", "once").
    """
    folded = passage.folded
    found: list[Administration] = []
    taken: dict[int, int] = {}
    anchors = _anchors(folded)
    if not anchors and "first" not in folded:
        return []
    present = {kind for _, kind in anchors}
    for rank, (rule, pattern, kinds) in enumerate(_RULES):
        if present.isdisjoint(kinds):
            continue
        behind = -1
        for position, kind in anchors:
            if position < behind or kind not in kinds:
                continue
            match = pattern.match(folded, position)
            if match is None:
                continue
            behind = match.end()
            clause = clause_at(passage, match.start(), match.end())
            if taken.get(clause.start, rank) < rank:
                continue
            values = _READERS[rule](match, clause.text, clause.start, passage)
            if not values or not _speaks_of_product(passage, clause.text, rule):
                continue
            for value in values:
                found.append(Administration(value, match.start(), match.end(), rule, passage))
                taken[clause.start] = rank
    found = _times_courses(passage, _with_series(passage, _without_parts(found)))
    return _with_additions(passage, found)


def _with_additions(passage: Passage, found: list[Administration]) -> list[Administration]:
    """Add what is given on top, or may be; without a number told before, on top of one."""
    result = list(found)
    for fact in found:
        if fact.rule == "days_given" and is_optional(passage, fact.end) and fact.value > 1:
            result.append(fact._replace(value=fact.value - 1))
    additions = find_additions(passage)
    said = [(item.start, clause_at(passage, item.start, item.end).end) for item in additions]
    for more, conditional, start, end, rule in additions[:1]:
        own = [fact for fact in found if not any(a < fact.start < z for a, z in said)]
        result = [fact for fact in result if fact in own or fact.end < start]
        planned = max((fact.value for fact in own), default=1)
        if not conditional:
            result = [fact for fact in result if fact.value != planned]
        elif not own:
            result.append(Administration(planned, start, end, rule, passage))
        result += [Administration(planned + k, start, end, rule, passage) for k in more]
    return result


def _with_series(passage: Passage, found: list[Administration]) -> list[Administration]:
    """Believe a series that is told whole rather than what was read of its parts."""
    told = [
        Administration(number, start, end, rule, passage)
        for number, start, end, rule in find_series(passage)
        if _speaks_of_product(passage, clause_at(passage, start, end).text, rule)
    ]
    if not told:
        return found
    told = [fact for fact in told if fact.rule == "times_a_day"] or told
    ordinals = [fact for fact in told if fact.rule == "ordinal_doses"]
    if any(fact.value > 1 for fact in found) and len(ordinals) == len(told):
        return found
    return told


def _times_courses(passage: Passage, found: list[Administration]) -> list[Administration]:
    """Multiply by the courses of treatment: "days 1, 4 and 10 ... for up to 3 courses"."""
    folded = passage.folded
    if "course" not in folded and "cycle" not in folded:
        return found
    match = say.COURSES.search(folded)
    if match is None:
        return found
    clause = clause_at(passage, match.start(), match.end())
    if passage.kind == "prose" and not found and not match.group().startswith("treated"):
        return found
    if say.OTHER_THERAPY.search(clause.text) is not None or not is_giving(clause.text, passage):
        return found
    courses = number_of(match["n"])
    several = [fact for fact in found if fact.rule != "single_dose"]
    if several and (len(several) > 1 or several[0].start > match.start() or is_total(several[0])):
        return found
    doses = several[0].value if several else 1
    # Doses and courses may be told far apart; what is quoted stays a sentence or two.
    near = several and 0 <= match.start() - several[0].start <= _QUOTED
    start = several[0].start if near else match.start()
    if not 1 <= doses * courses <= 52:
        return found
    return [Administration(doses * courses, start, match.end(), "courses", passage)]


def _without_parts(found: list[Administration]) -> list[Administration]:
    """Drop the parts where their sum is stated: "6 times: 4 weekly, then 2 monthly"."""
    if len(found) < 2:
        return found
    totals = [fact for fact in found if fact.value > 1 and is_total(fact)]
    most = max(fact.value for fact in found)
    alone = {fact.value for fact in totals} == {most} and not _SEVERAL.search(
        found[0].passage.folded
    )
    if totals and (found[0].passage.kind == "prose" or alone):
        # "one infusion at a visit ... for a total of 10 infusions"
        return totals
    found = _repeated_series(_summed(found))
    several = any(fact.value > 1 for fact in found)
    if several and say.ARMS_DIFFER.search(found[0].passage.folded) is None:
        # "each single dose is 1e6/kg ... three times": the single one is a part of the three
        found = [fact for fact in found if fact.value > 1 or fact.rule != "single_dose"]
    whole = max(fact.value for fact in found)
    # "one or two": both ends of one range are no parts of each other
    spans = {(fact.start, fact.end) for fact in found if fact.value == whole}
    parts = [f.value for f in found if f.value < whole and (f.start, f.end) not in spans]
    if len(parts) > 1 and sum(parts) == whole:
        return [fact for fact in found if fact.value == whole]
    return found


def _repeated_series(found: list[Administration]) -> list[Administration]:
    """Multiply: "2 infusions 7 days apart. They will be repeated every 3 months for a year"."""
    counted = [fact for fact in found if fact.rule == "counted_doses" and fact.value > 1]
    again = [
        fact
        for fact in found
        if fact.rule == "interval_over_span"
        and _REPEATED.search(fact.passage.folded[max(0, fact.start - 60) : fact.start]) is not None
    ]
    if len(counted) != 1 or len(again) != 1 or counted[0].start > again[0].start:
        return found
    number = counted[0].value * again[0].value
    kept = [fact for fact in found if fact not in (counted[0], again[0])]
    whole = counted[0]._replace(value=number, end=again[0].end, rule="repeated_series")
    return [*kept, whole] if number <= 52 else found


_QUOTED = 400
_REPEATED = re.compile(
    r"\b(?:infusions|injections|doses|administrations|courses?|cycles?|series|procedures?)\s"
    r"(?:will be|are|is|were|was)\srepeated\s$"
)
_PLACEBO = re.compile(r"placebo|saline|comparator|\bsham\b")
_TOTAL_BEFORE = re.compile(r"\btotal(?: of)?[\s,:]+$")
_SEVERAL = re.compile(r"\bor\b|\bversus\b|\bvs\b|\bcohorts?\b|\bgroup [a-d1-4]\b|\beither\b")
"""Words for arms that may be given different numbers of doses."""


def is_total(fact: Administration) -> bool:
    """Return whether a number is said to be that of all administrations."""
    folded = fact.passage.folded
    if "total of " in folded[fact.start : fact.end]:
        return True
    return _TOTAL_BEFORE.search(folded[max(0, fact.start - 12) : fact.start]) is not None


def _summed(found: list[Administration]) -> list[Administration]:
    """Add up intervals that follow each other: "weekly for 4 weeks, then monthly for 2 months"."""
    intervals = [fact for fact in found if fact.rule == "interval_over_span"]
    if not 2 <= len(intervals) <= 4 or any(fact.rule == "times_given" for fact in found):
        return found
    first, last = intervals[0], intervals[-1]
    between = first.passage.folded[first.start : last.end]
    if len(between) > 110 * len(intervals) or say.THEN.search(between) is None:
        return found
    if _PLACEBO.search(between) is not None:
        return found
    whole = first._replace(value=sum(fact.value for fact in intervals), end=last.end)
    return [whole, *(fact for fact in found if fact.rule != "interval_over_span")]


_ANCHORS = ahocorasick_rs.AhoCorasick(
    say.ANCHOR_WORDS, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
)


def _anchors(folded: str) -> list[tuple[int, str]]:
    """Return where a rule may start, with the kind of word: seven searches would cost too much."""
    found = []
    for word, start, end in _ANCHORS.find_matches_as_indexes(folded):
        if (start and folded[start - 1].isalnum()) or folded[end : end + 1].isalpha():
            continue
        found.append((start, say.ANCHOR_KINDS.get(say.ANCHOR_WORDS[word], "number")))
    for match in say.ANCHOR_DIGITS.finditer(folded):
        start = match.start()
        before = folded[start - 1] if start else " "
        if before in "dw" and not folded[start - 2 : start - 1].isalnum():
            found.append((start - 1, "time"))
        elif before in ' (,\n-+/)["<>=':
            at = folded[max(0, start - 7) : start]
            found.append((start, "at_number" if at.endswith(("on ", "at ", "the ")) else "number"))
    found.sort()
    return found


def _speaks_of_product(passage: Passage, clause: str, rule: str) -> bool:
    if is_comparator(passage, clause):
        return False
    if passage.kind == "prose":
        told = say.DOSING if rule in ("days_given", "interval_over_span") else say.GIVING
        if not names_product(passage, clause) and told.search(clause) is None:
            return False
        if say.BACKGROUND.search(clause) is not None:
            return False
    return True


_READERS = VALUES | {"days_given": read_points, "one_point": read_one_point}
_NUMBERS = frozenset({"number", "at_number", "one", "twice"})


_RULES = (
    ("times_given", say.TIMES, _NUMBERS),
    ("interval_over_span", say.EVERY, frozenset({"interval", "once", "twice", "number"})),
    ("interval_from_to", say.FROM_TO, frozenset({"interval"})),
    ("days_given", POINTS, frozenset({"time", "at_number"})),
    ("counted_doses", say.COUNTED, _NUMBERS),
    ("second_dose", say.SECOND, frozenset({"second"})),
    ("second_dose", say.FOLLOWED, frozenset({"followed"})),
    ("repeated_at", say.REPEATED, frozenset({"second"})),
    ("second_received", say.SECOND_RECEIVED, frozenset({"second"})),
    ("single_dose", say.SINGLE, frozenset({"one", "number"})),
    ("single_dose", say.ONE_TIME, frozenset({"one", "number", "once"})),
    ("single_dose", say.ONCE, frozenset({"once"})),
    ("one_point", ONE_POINT, frozenset({"time"})),
)
