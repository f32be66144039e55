"""How many times the product is given: read from counts, intervals and lists of days."""

from __future__ import annotations

import re
from typing import NamedTuple

from kg.cell_facts import dosing_phrases as say
from kg.cell_facts.dosing_text import Passage, clause_at, is_comparator, names_cells


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
    for rank, (rule, pattern, kinds) in enumerate(_RULES):
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
            values = _VALUES[rule](match, clause.text, clause.start, passage)
            if not values or not _speaks_of_product(passage, clause.text, rule):
                continue
            for value in values:
                found.append(Administration(value, match.start(), match.end(), rule, passage))
                taken[clause.start] = rank
    return _times_courses(passage, _without_parts(found))


def _times_courses(passage: Passage, found: list[Administration]) -> list[Administration]:
    """Multiply by the courses of treatment: "days 1, 4 and 10 ... for up to 3 courses"."""
    folded = passage.folded
    if "course" not in folded and "cycle" not in folded:
        return found
    match = say.COURSES.search(folded)
    if match is None:
        return found
    clause = clause_at(passage, match.start(), match.end())
    if passage.kind == "prose" and not found:
        return found
    if say.OTHER_THERAPY.search(clause.text) is not None or not _is_giving(clause.text, passage):
        return found
    courses = _number(match["n"])
    several = [fact for fact in found if fact.rule != "single_dose"]
    if several and (len(several) > 1 or several[0].start > match.start()):
        return found
    doses = several[0].value if several else 1
    start = min(several[0].start, match.start()) if several else match.start()
    if not 1 <= doses * courses <= 52:
        return found
    return [Administration(doses * courses, start, match.end(), "courses", passage)]


def _without_parts(found: list[Administration]) -> list[Administration]:
    """Drop the parts where their sum is stated: "6 times: 4 weekly, then 2 monthly"."""
    if len(found) < 2:
        return found
    found = _summed(found)
    several = any(fact.value > 1 for fact in found)
    if several and say.ARMS_DIFFER.search(found[0].passage.folded) is None:
        # "each single dose is 1e6/kg ... three times": the single one is a part of the three
        found = [fact for fact in found if fact.value > 1 or fact.rule != "single_dose"]
    whole = max(fact.value for fact in found)
    parts = [fact.value for fact in found if fact.value < whole]
    if len(parts) > 1 and sum(parts) == whole:
        return [fact for fact in found if fact.value == whole]
    return found


def _summed(found: list[Administration]) -> list[Administration]:
    """Add up intervals that follow each other: "weekly for 4 weeks, then monthly for 2 months"."""
    intervals = [fact for fact in found if fact.rule == "interval_over_span"]
    if len(intervals) != 2 or any(fact.rule == "times_given" for fact in found):
        return found
    first, second = intervals
    between = first.passage.folded[first.start : second.end]
    if len(between) > 220 or say.THEN.search(between) is None:
        return found
    whole = first._replace(value=first.value + second.value, end=second.end)
    return [whole, *(fact for fact in found if fact.rule != "interval_over_span")]


def _anchors(folded: str) -> list[tuple[int, str]]:
    """Return where a rule may start, with the kind of word: seven searches would cost too much."""
    found = []
    for match in say.ANCHOR_WORD.finditer(folded):
        start, end = match.span()
        if (start and folded[start - 1].isalnum()) or folded[end : end + 1].isalpha():
            continue
        found.append((start, say.ANCHOR_KINDS.get(match.group(), "number")))
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
    if is_comparator(clause):
        return False
    if passage.kind == "prose":
        told = say.DOSING if rule in ("days_given", "interval_over_span") else say.GIVING
        if not names_cells(clause) and told.search(clause) is None:
            return False
        if say.BACKGROUND.search(clause) is not None:
            return False
    return True


def _number(text: str | None) -> int:
    if text is None:
        return 0
    return say.WORD.get(text, 0) or (int(text) if text.isdigit() else 0)


def _near_other_therapy(match: re.Match[str], clause: str, offset: int) -> bool:
    """Tell whether the words right around a match are of another therapy than the product."""
    left = max(0, match.start() - offset - 45)
    near = clause[left : match.end() - offset + 45]
    return say.OTHER_THERAPY.search(near) is not None and (
        not names_cells(near) or say.OTHER_THERAPY.search(match.group()) is not None
    )


def _is_giving(clause: str, passage: Passage) -> bool:
    """Tell whether a clause is about giving; in an arm, a bare "once a week, 3 times" is too."""
    if say.GIVING.search(clause) is not None:
        return True
    return passage.kind == "arm" and say.FOLLOW.search(clause) is None


def _is_label(match: re.Match[str], clause: str, offset: int, passage: Passage) -> bool:
    """Tell whether a digit in a name is part of it: "EXO 2 inhalation"."""
    if not (passage.path.endswith((".name", ".label")) and match.group()[0].isdigit()):
        return False
    return say.AFTER_NAME.search(clause[: match.start() - offset]) is not None


def _times(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    before = clause[: match.start() - offset]
    if _near_other_therapy(match, clause, offset) or not _is_giving(clause, passage):
        return []
    if re.search(
        r"\b(?:biops|measur|evaluat|wash|collect|assess|blood|rins|test|analy|visit|aspiration|screen|"
        r"examin|follow|last|first|previous)\w*\W+(?:\w+\W+){0,5}$",
        before,
    ):
        return []
    if match.group().endswith(("days", "weeks", "months", "row")) and (
        _PER.search(before) or say.ON_TOP.search(before[-90:])
    ):
        # "twice a week, for each of 4 consecutive weeks" is read as an interval
        return []
    numbers = [_number(match["n"] or match["w"]), _number(match["orn"])]
    if before.endswith("once or "):
        numbers.append(1)
    return [n for n in numbers if 0 < n <= 30]


def _from_to(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    """Count the points of an interval whose both ends are told."""
    if _near_other_therapy(match, clause, offset) or not _is_giving(clause, passage):
        return []
    every = _number(match["every"]) or 1
    length = int(match["last"]) - int(match["first"])
    return [length // every + 1] if 0 < length <= 104 and length // every < 52 else []


_PER = re.compile(
    r"\b(?:twice|two|three|2|3|two times|three times)(?:\s\w+)?\s(?:a|per|each|every)\s(?:week|day|month)\b"
    r"|\b(?:every|bi-?weekly|twice weekly)\b"
)


def _every(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    before = clause[: match.start() - offset]
    if _near_other_therapy(match, clause, offset) or not _is_giving(clause, passage):
        return []
    if _last(say.FOLLOW, before) > _last(say.GIVING, before):
        return []
    if say.ON_TOP.search(before[-90:]) is not None:
        return []
    if (
        not match.group().startswith(("per", "each"))
        and say.COUNT_BEFORE.search(before) is not None
    ):
        return []
    span, spanunit = _number(match["span"]), match["spanunit"].rstrip("s")
    if spanunit not in say.UNIT_DAYS:
        return [span] if 0 < span <= 30 else []
    if match["twice"]:
        unit, every, per = match["unit0"], 1, 2
    elif match["ly"]:
        unit = {"weekly": "week", "monthly": "month", "daily": "day"}.get(match["ly"], "week")
        every, per = (2 if match["ly"].startswith("bi") else 1), 1
    else:
        unit, per = match["unit"].rstrip("s"), 1
        ordinal = {"other": 2, "second": 2, "third": 3, "fourth": 4}
        every = ordinal.get(match["every"] or "", 0) or _number(match["every"]) or 1
    if spanunit == "year" and unit == "month":
        return [12 * span // every * per]
    elsewhere = say.PER_INTERVAL.search(before[-60:])
    if elsewhere is not None and match.group().startswith(("per", "each", "every")):
        per = _number(elsewhere.group(1))
    doses = span * say.UNIT_DAYS[spanunit] * per // (every * say.UNIT_DAYS[unit])
    return [doses] if 1 <= doses <= 52 else []


def _counted(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    n, other = _number(match["n"]), 0
    if match["orn"]:
        other = _number(re.split(r"\s?(?:or|to|-|and|/)\s?", match["orn"])[-1])
    before = clause[: match.start() - offset]
    noun = re.split(r"[\s-]", match.group())[-1]
    if _near_other_therapy(match, clause, offset):
        return []
    if say.NOT_COUNTED.search(before) is not None and say.IN_TOTAL.search(before) is None:
        return []
    after = clause[match.end() - offset : match.end() - offset + 40]
    if noun.startswith(("treatment", "intervention", "therap", "procedure", "dosage")) and re.match(
        r"[ -]*(?:groups?|arms?|options?|design|parallel|cycles?|plan|approach\w*|period|phases?|"
        r"methods?|strateg|modalit|\()",
        after,
    ):
        return []
    if noun.startswith("therap") and n != 1:
        return []
    if _is_label(match, clause, offset, passage):
        return []
    if noun.startswith("treatment") and n > 1 and (noun == "treatment" or "compar" in before):
        return []
    if say.NOT_GIVEN.match(after) is not None:
        return []
    if "dose" in noun and re.search(
        r"\b(?:different|various|escalating|test\w*|examin\w*|compar\w*|evaluat\w*|levels?|"
        r"ascending|low|high)\b",
        before[-40:] + match.group() + after,
    ):
        return []
    if n > 3 and say.POINT_ROUTES.search(clause) is not None:
        return []
    if re.match(
        r"\W*one (?:with|of)\b[^.;]{0,40}\band one (?:without|with|of)\b",
        after + clause[match.end() - offset + 40 :],
    ):
        return [1]
    if n == 1 and other == 0:
        return _single(match, clause, offset, passage)
    return sorted({v for v in (n, other) if 0 < v <= 24})


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Return where the last match of a pattern starts, or -1."""
    return max((match.start() for match in pattern.finditer(text)), default=-1)


def _points(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    before = clause[: match.start() - offset]
    giving = _last(say.GIVING, before)
    if (
        giving < 0
        and passage.kind == "arm"
        and names_cells(before)
        and not say.FOLLOW.search(clause)
    ):
        giving = match.start() - offset
    if (
        giving < 0
        or _last(say.FOLLOW, before) > giving
        or _near_other_therapy(match, clause, offset)
    ):
        return []
    if match.start() - offset - giving > 130:
        return []
    if passage.kind == "prose":
        near = clause[max(0, match.start() - offset - 45) : match.start() - offset]
        asked = say.FOLLOW.search(clause[match.end() - offset :][:60]) or say.FOLLOW.search(before)
        if asked is not None and (
            say.GIVING.search(near) is None or say.FOLLOW.search(near) is not None
        ):
            return []
    if re.search(r"\b(?:after|following|post)\b[\s-](?:[\w-]+\s){0,6}(?:\w+\s)?$", before[:giving]):
        return []
    after = clause[match.end() - offset : match.end() - offset + 40]
    late = passage.kind == "prose" and re.match(r"\s*(?:\w+\s){0,2}(?:after|post|follow)", after)
    if late or re.search(r"(?:after|within|for|between|from|per|age[ds]?)\s*$", before):
        return []
    points = match["points"]
    points = re.sub(r"(?<=\d)-\d{1,3}|\([^)]*\)|(?:±|\+/-)\s?\d+(?:\s?days?)?", "", points)
    found = re.findall(r"\d+|baseline|zero", points)
    number = len(dict.fromkeys(found))
    if say.AT_OPERATION.search(before) is not None:
        number += 1
    return [number] if 2 <= number <= 16 else []


def _one_point(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    """Read "administered at week 0" as one administration, where no more is said."""
    before = clause[: match.start() - offset]
    if passage.kind != "arm" or say.NOT_ONE_POINT.search(passage.folded) is not None:
        return []
    if not before.endswith(("at ", "on ")) or not names_cells(clause):
        return []
    if _near_other_therapy(match, clause, offset) or say.FOLLOW.search(clause) is not None:
        return []
    giving = _last(say.GIVING, before)
    return [1] if 0 <= match.start() - offset - giving <= 60 else []


def _second(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    if say.CONDITIONAL.search(clause) is not None or _near_other_therapy(match, clause, offset):
        return []
    return [2]


def _single(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    before = clause[max(0, match.start() - offset - 30) : match.start() - offset]
    after = clause[match.end() - offset : match.end() - offset + 45]
    if (
        _near_other_therapy(match, clause, offset)
        or say.GIVING.search(match.group() + clause) is None
    ):
        return []
    if _is_label(match, clause, offset, passage) or say.IS_MADE.match(
        clause[match.end() - offset :]
    ):
        return []
    if say.NOT_SINGLE.search(before) is not None:
        return []
    if re.match(
        r"[ ,]*(?:for each|per (?:week|month|day)|(?:every|each) (?:week|month|day|\d|two|three|"
        r"four)|weekly|monthly|daily|a (?:week|month|day)|levels?|and (?:repeated|multiple)|"
        r"or (?:multiple|repeated))",
        after,
    ):
        return []
    if re.search(
        r"^(?:(?!follow|then|visit|evaluat|assess|monitor).)*\b(?:weekly|monthly|every (?:\d|two|"
        r"three|four|week|month|other)|per week|a week|times|(?<!or )repeated)\b",
        clause[match.end() - offset : match.end() - offset + 70],
    ):
        return []
    return [1]


_NUMBERS = frozenset({"number", "at_number", "one", "twice"})
_RULES = (
    ("times_given", say.TIMES, _NUMBERS),
    ("interval_over_span", say.EVERY, frozenset({"interval", "once", "twice", "number"})),
    ("interval_from_to", say.FROM_TO, frozenset({"interval"})),
    ("days_given", say.POINTS, frozenset({"time", "at_number"})),
    ("counted_doses", say.COUNTED, _NUMBERS),
    ("second_dose", say.SECOND, frozenset({"second"})),
    ("second_dose", say.FOLLOWED, frozenset({"followed"})),
    ("single_dose", say.SINGLE, frozenset({"one", "number"})),
    ("single_dose", say.ONE_TIME, frozenset({"one", "number", "once"})),
    ("single_dose", say.ONCE, frozenset({"once"})),
    ("one_point", say.POINT, frozenset({"time"})),
)
_VALUES = {
    "times_given": _times,
    "interval_over_span": _every,
    "interval_from_to": _from_to,
    "counted_doses": _counted,
    "days_given": _points,
    "second_dose": _second,
    "single_dose": _single,
    "one_point": _one_point,
}
