"""Points in time at which a product is given: "on days 0, 7 and 14", "at week 0"."""

from __future__ import annotations

import re

from kg.cell_facts import dosing_phrases as say
from kg.cell_facts.dosing_counts import last_of, near_other_therapy, number_of
from kg.cell_facts.dosing_text import Passage, names_product

_SLACK = r"(?:\s?\([^)]{1,45}\)|\s?(?:±|\+/-)\s?\d+(?:\s?days?|\s?hours?)?)*"
_TIME = r"(?:days?|weeks?|months?|wks?|d|w)"
_NEXT = (
    rf"(?:(?:\s?(?:,\s?and|,|\.(?=day)|and|&|/|;|then|as well as|followed by)\s?"
    rf"(?:at\s|on\s|again (?:at|on|after)\s)?(?:the\s)?|-(?=\d{{1,2}}(?:st|nd|rd|th))|"
    rf"\s(?=(?:weeks?|months?)\s\d))"
    rf"(?:{_TIME}\.?\s?[:#]?\s?[+-]?)?\d{{1,3}}(?:-\d{{1,3}})?(?!\d|\.\d|[%x*^]|\s?(?:x|\*|million|"
    rf"mg|ml|patients|cells))(?:st|nd|rd|th)?(?:\s{_TIME}\b(?!\s\d))?{_SLACK})"
)
POINTS = re.compile(
    rf"(?P<points>(?:{_TIME}\.?\s?[:#]?\s?[\"(]?[+-]?\d{{1,3}}(?:-\d{{1,3}})?[\")]?(?!\d|\.\d|"
    rf"%){_SLACK}|(?:\d{{1,3}}(?:st|nd|rd|th)?(?:\s{_TIME}\b)?|zero){_SLACK}(?=\s?(?:,|and|&|-\d))|"
    rf"baseline(?:\s\([^)]{{1,15}}\))?){_NEXT}+)"
)
_POINT = re.compile(
    rf"(?:(?P<before>{_TIME})\.?\s?[:#]?\s?[\"(]?[+-]?)?(?P<n>\d{{1,3}}|baseline|zero)"
    rf"(?:st|nd|rd|th)?(?:\s(?P<behind>{_TIME})\b)?"
)
_THEREAFTER = re.compile(
    rf"[\s,]*(?:and|then|and then)?\severy\s(?:(?P<every>{say.N})\s)?(?P<unit>day|week|month)s?\s"
    r"(?:thereafter|after ?that|afterwards?|then)[\s,]*(?:to|until|till|through|up to)\s"
    r"(?P<lastunit>day|week|month)\s(?P<last>\d{1,3})\b"
)
"""More of them up to an end: "... week 6 and every 8 weeks thereafter to week 46"."""
ONE_POINT = re.compile(
    r"(?:baseline|day\s?=?\s?0|day\s?=?\s?1|week 0|month 0|day zero)(?! ?(?:,(?! the\b)|"
    r"and\b(?! (?:placebo|sham|conventional|standard))|or\b|"
    r"to\b|through|-|&|/|\d))"
)
"""One point in time: "administered at week 0"."""
_AT_OPERATION = re.compile(
    r"(?:operation|surgery|transplantation) and (?:then )?(?:on|at) (?:day )?$"
)
_NOT_ONE = re.compile(
    r"\bfirst\b|\bthen\b(?! be followed)|second|repeat|again|every|weekly|monthly|daily|possibl|"
    r"\bafter that|follow(?:ed|ing)|until|\bcycles?\b|\bcourse|per day|times|additional|another|"
    r"\beach\b|doses|infusions|injections|\bstart|\bbefore"
)
_EXAMINED = re.compile(
    r"prior|measur|assess|evaluat|\bscore|visit|"
    r"from baseline|change|compar|sample|collected|aspirat|harvest|randomi"
)
_AT_POINT = re.compile(r"\b(?:at|on|in) (?:the )?(?:study |treatment )?$")
_ONLY = re.compile(r"\bonly (?:be )?(?:dosed|given|administered|infused|injected) (?:on|at) $")
_LATE_GIVING = re.compile(
    r"[\s,:]*(?:(?:of (?:the )?(?:study|treatment|therapy))[\s,]*)?[^.;]{0,60}?"
    r"\b(?:receive|administered|infused|injected|given|infusions?|injections?)\b"
)
# "The scale at infusion 1 and 7": numbers of infusions, no days.
_NUMBERED = re.compile(r"\b(?:infusions?|doses?|injections?|visits?|cycles?)\s*$")
_AFTER_TAKING = re.compile(
    r"\s?(?:after|following|post|from)[\s-](?:the\s)?(?:\w+[\s-]){0,3}?"
    r"(?:aspiration|harvest\w*|liposuction|surgery|operation|transplant\w*)\b"
)
_CELLS_GIVEN = re.compile(
    r"\b(?:receive|receives|given|get|undergo)\s(?:[\w-]+\s){0,5}?(?:infusions?|injections?|doses?|"
    r"transplantations?)\s$"
)
_OPENING = re.compile(r"\W*(?:then )?(?:on|at)?\s*(?:the )?$")


def read_points(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    """Count the points in time at which a clause says that the product is given."""
    before = clause[: match.start() - offset]
    after = clause[match.end() - offset :]
    if not (
        _told_by_name(passage, match.start())
        or _told_before(match, before, after, clause, passage)
        or _told_after(before, after, passage)
        or _after_operation(before, after)
    ):
        return []
    if near_other_therapy(match, clause, offset, passage):
        return []
    if re.search(r"(?:after|within|for|between|from|per|age[ds]?)\s*$", before):
        return []
    numbered = match.group()[0].isdigit() and _NUMBERED.search(before) is not None
    if numbered and not _after_operation(before, after):
        return []
    number, last, unit = _distinct(match["points"])
    if _AT_OPERATION.search(before) is not None:
        number += 1
    more = _THEREAFTER.match(after)
    if more is not None and last is not None and unit is not None:
        days = say.UNIT_DAYS
        span = int(more["last"]) * days[more["lastunit"]] - last * days[unit]
        number += max(0, span // ((number_of(more["every"]) or 1) * days[more["unit"]]))
    return [number] if 2 <= number <= 30 else []


def _told_before(
    match: re.Match[str], before: str, after: str, clause: str, passage: Passage
) -> bool:
    """Return whether a word of giving, and none of examining, leads to the points."""
    giving = last_of(say.GIVING, before)
    if (
        giving < 0
        and passage.kind == "arm"
        and names_product(passage, before)
        and not say.FOLLOW.search(clause)
    ):
        giving = len(before)
    if giving < 0 or last_of(say.FOLLOW, before) > giving or len(before) - giving > 130:
        return False
    if before.startswith("administ", giving) and not names_product(passage, before):
        # "Joint assessment will be administered at 1, 3 and 6 months"
        asked = say.FOLLOW.search(before[max(0, giving - 60) : giving])
        if asked is not None and say.DOSING.search(before[:giving]) is None:
            return False
    if passage.kind == "prose":
        near = before[-45:]
        asked = say.FOLLOW.search(after[:60]) or say.FOLLOW.search(before)
        if asked is not None and (
            say.GIVING.search(near) is None or say.FOLLOW.search(near) is not None
        ):
            return False
        if re.match(r"\s*(?:\w+\s){0,2}(?:after|post|follow)", after):
            return False
    return not re.search(
        r"\b(?:after|following|post)\b[\s-](?:[\w-]+\s){0,6}(?:\w+\s)?$", before[:giving]
    )


def _told_by_name(passage: Passage, start: int) -> bool:
    """Return whether the description of an infusion of cells opens with the points."""
    if not (passage.product and passage.path.endswith(".description")):
        return False
    return not passage.folded[:start].strip(" :-(")


def _after_operation(before: str, after: str) -> bool:
    """Return whether cells are given after they are taken: "1 and 4 months after aspiration"."""
    return _AFTER_TAKING.match(after) is not None and _CELLS_GIVEN.search(before) is not None


def _told_after(before: str, after: str, passage: Passage) -> bool:
    """Return whether a sentence opens with the points: "On D1 and D3, patients receive ..."."""
    if _OPENING.fullmatch(before) is None or not before.rstrip().endswith(("on", "at")):
        return False
    giving = _LATE_GIVING.match(after)
    return (
        giving is not None
        and names_product(passage, after)
        and say.FOLLOW.search(after[: giving.end()]) is None
    )


def _distinct(points: str) -> tuple[int, int | None, str | None]:
    """Return how many points are listed, the last one and its unit."""
    points = re.sub(
        r"(?<=\d)-\d{1,3}(?!\d|st|nd|rd|th)|\([^)]*\)|(?:±|\+/-)\s?\d+(?:\s?days?)?", "", points
    )
    found: dict[tuple[str | None, str], None] = {}
    unit: str | None = None
    last: int | None = None
    for point in _POINT.finditer(points):
        written = point["before"] or point["behind"]
        if written is not None:
            unit = {"d": "day", "w": "week", "m": "month"}[written[0]]
        number = point["n"]
        if number.isdigit():
            last = int(number)
        found[(None if unit is None else unit, number)] = None
    numbers = {number for key, number in found if key is None}
    kept = [key for key in found if key[0] is None or key[1] not in numbers]
    return len(kept), last, unit


def read_one_point(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    """Read "administered at week 0" as one administration, where no more is said."""
    before = clause[: match.start() - offset]
    if passage.kind != "arm":
        return []
    if _ONLY.search(before) is None and _NOT_ONE.search(passage.folded) is not None:
        return []
    near = clause[max(0, len(before) - 90) : match.end() - offset + 25]
    if _AT_POINT.search(before) is None or _EXAMINED.search(near) is not None:
        return []
    if not (passage.product or names_product(passage, clause)):
        return []
    if near_other_therapy(match, clause, offset, passage) or say.FOLLOW.search(near) is not None:
        return []
    giving = last_of(say.GIVING, before)
    return [1] if 0 <= match.start() - offset - giving <= 150 else []
