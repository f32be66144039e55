"""What a phrase on the schedule counts to, if it speaks of giving the product at all."""

from __future__ import annotations

import re

from kg.cell_facts import dosing_phrases as say
from kg.cell_facts.dosing_text import Passage, names_product

_MOST, _MOST_AT_HOME = 52, 370
"""More doses than that are of another therapy; but drops or a serum are used every day."""
_HOME = re.compile(
    r"drops?\b|spray|serum|\bgel\b|ointment|cream|nasal|topical|lotion|\bhair\b|\beyes?\b|aerosol"
)


def number_of(text: str | None) -> int:
    """Return the number that a word or digits stand for; 0 for anything else."""
    if text is None:
        return 0
    return say.WORD.get(text, 0) or (int(text) if text.isdigit() else 0)


def near_other_therapy(match: re.Match[str], clause: str, offset: int, passage: Passage) -> bool:
    """Tell whether the words right around a match are of another therapy than the product."""
    start = match.start() - offset
    # What was done before the product is given is no therapy that is counted.
    after = say.AFTERWARDS.split(clause[match.end() - offset : match.end() - offset + 45])[0]
    near = clause[max(0, start - 45) : match.end() - offset] + after
    own = clause[clause.rfind(":", 0, start) + 1 : start]
    if say.A_DRUG.search(own) is not None and not names_product(
        passage, own + match.group() + after
    ):
        return True
    return say.OTHER_THERAPY.search(near) is not None and (
        not names_product(passage, near) or say.OTHER_THERAPY.search(match.group()) is not None
    )


def is_giving(clause: str, passage: Passage) -> bool:
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
    if near_other_therapy(match, clause, offset, passage) or not is_giving(clause, passage):
        return []
    if re.search(
        r"\b(?:biops|measur|evaluat|wash|collect|assess|blood|rins|test|analy|visit|aspiration|"
        r"screen|"
        r"examin|follow|last|first|previous)\w*\W+(?:\w+\W+){0,5}$",
        before,
    ):
        return []
    if match.group().endswith(("days", "weeks", "months", "row")) and (
        _PER.search(before) or say.ON_TOP.search(before[-90:])
    ):
        # "twice a week, for each of 4 consecutive weeks" is read as an interval
        return []
    numbers = [number_of(match["n"] or match["w"]), number_of(match["orn"])]
    if before.endswith("once or "):
        numbers.append(1)
    return [n for n in numbers if 0 < n <= 30]


def _from_to(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    """Count the points of an interval whose both ends are told."""
    if near_other_therapy(match, clause, offset, passage) or not is_giving(clause, passage):
        return []
    every = number_of(match["every"]) or 1
    length = int(match["last"]) - int(match["first"])
    return [length // every + 1] if 0 < length <= 104 and length // every < 52 else []


_IN_BRACKETS = re.compile(r"\([^()]*\)")
_PER = re.compile(
    r"\b(?:twice|two|three|2|3|two times|three times)(?:\s\w+)?\s(?:a|per|each|every)\s(?:week|"
    r"day|month)\b"
    r"|\b(?:every|bi-?weekly|twice weekly)\b"
)


def _every(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    before = clause[: match.start() - offset]
    if near_other_therapy(match, clause, offset, passage) or not is_giving(clause, passage):
        return []
    told = _IN_BRACKETS.sub(" ", before)
    if last_of(say.FOLLOW, told) > last_of(say.GIVING, told):
        return []
    if say.ON_TOP.search(before[-90:]) is not None:
        return []
    if (
        not match.group().startswith(("per", "each"))
        and say.COUNT_BEFORE.search(before) is not None
    ):
        return []
    spans = [1 if match["span"] == "a" else number_of(match["span"]), number_of(match["orspan"])]
    values = [_in_span(span, match, before, clause, passage) for span in spans if span > 0]
    return sorted({value for value in values if value > 0})


def _in_span(span: int, match: re.Match[str], before: str, clause: str, passage: Passage) -> int:
    """Return how many doses an interval makes in so many units of the span; 0 for too many."""
    spanunit = match["spanunit"].rstrip("s")
    if spanunit not in say.UNIT_DAYS:
        return span if span <= 30 else 0
    if match["twice"]:
        unit, every = match["unit0"], 1
        per = number_of(match["twice"].split()[0])
    elif match["ly"]:
        unit = {"weekly": "week", "monthly": "month", "daily": "day"}.get(match["ly"], "week")
        every, per = (2 if match["ly"].startswith("bi") else 1), 1
    else:
        unit, per = match["unit"].rstrip("s"), 1
        ordinal = {"other": 2, "second": 2, "third": 3, "fourth": 4}
        every = ordinal.get(match["every"] or "", 0) or number_of(match["every"]) or 1
    if spanunit == "year" and unit == "month":
        return 12 * span // every * per
    elsewhere = say.PER_INTERVAL.search(before[-60:])
    if elsewhere is not None and match.group().startswith(("per", "each", "every")):
        per = number_of(elsewhere.group(1))
    # The first dose stands at the start: "every other day for 5 days" are three.
    doses = -(-span * say.UNIT_DAYS[spanunit] * per // (every * say.UNIT_DAYS[unit]))
    home = unit == "day" and _HOME.search(clause) is not None and names_product(passage, clause)
    if per > 2 and unit == "day" and not home:
        return 0
    return doses if doses <= (_MOST_AT_HOME if home else _MOST) else 0


def _counted(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    n, other = number_of(match["n"]), 0
    if match["orn"]:
        other = number_of(re.split(r"\s?(?:or|to|-|and|/)\s?", match["orn"])[-1])
    before = clause[: match.start() - offset]
    noun = re.split(r"[\s-]", match.group())[-1]
    if near_other_therapy(match, clause, offset, passage):
        return []
    after = clause[match.end() - offset : match.end() - offset + 40]
    spaced = say.APART.match(clause, match.end() - offset) is not None
    if (
        say.NOT_COUNTED.search(before) is not None
        and say.IN_TOTAL.search(before) is None
        and not (n > 1 and spaced and before.endswith("at least "))
    ):
        return []
    if noun == "transplants" and "cord blood" in match.group():
        return []  # Units of cord blood, given at once.
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
    if (
        noun.startswith("treatment")
        and n > 1
        and ((noun == "treatment" and not spaced) or "compar" in before)
    ):
        return []
    if say.NOT_GIVEN.match(after) is not None:
        return []
    if "dose" in noun and re.search(
        r"\b(?:different|various|escalating|test\w*|examin\w*|compar\w*|evaluat\w*|levels?|"
        r"ascending|low|high)\b",
        before[-40:] + match.group() + after,
    ):
        return []
    if n > 3 and not noun.startswith("session") and say.POINT_ROUTES.search(clause) is not None:
        return []
    if re.match(
        r"\W*one (?:with|of)\b[^.;]{0,40}\band one (?:without|with|of)\b",
        after + clause[match.end() - offset + 40 :],
    ):
        return [1]
    if n == 1 and other == 0:
        return _single(match, clause, offset, passage)
    return sorted({v for v in (n, other) if 0 < v <= 24})


def last_of(pattern: re.Pattern[str], text: str) -> int:
    """Return where the last match of a pattern starts, or -1."""
    return max((match.start() for match in pattern.finditer(text)), default=-1)


def _second(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    if say.CONDITIONAL.search(clause) is not None or near_other_therapy(
        match, clause, offset, passage
    ):
        return []
    return [2]


def _repeated(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    """Read "infused on day 1 and repeated on day 4", on a condition as one or two."""
    before = clause[: match.start() - offset]
    giving = last_of(say.DOSING, before)
    if giving < 0 or last_of(say.FOLLOW, before) > giving or "every" in before:
        return []
    if passage.kind != "arm" or near_other_therapy(match, clause, offset, passage):
        return []
    conditional = say.CONDITIONAL.search(clause) is not None or re.search(
        r"\bprovided|\bpossibly|\bpotential", clause
    )
    return [1, 2] if conditional or before.endswith(" or ") else [2]


def _second_received(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    """Read "patients will receive a second dose", on a condition as one or two."""
    before = clause[: match.start() - offset]
    if say.RECEIVED.search(before) is None or near_other_therapy(match, clause, offset, passage):
        return []
    if "cross" in clause:
        return []
    return [1, 2] if say.CONDITIONAL.search(clause) is not None else [2]


def _single(match: re.Match[str], clause: str, offset: int, passage: Passage) -> list[int]:
    before = clause[max(0, match.start() - offset - 30) : match.start() - offset]
    after = clause[match.end() - offset : match.end() - offset + 45]
    if near_other_therapy(match, clause, offset, passage) or not is_giving(
        match.group() + clause, passage
    ):
        return []
    if _is_label(match, clause, offset, passage) or say.IS_MADE.match(
        clause[match.end() - offset :]
    ):
        return []
    if say.NOT_SINGLE.search(before) is not None:
        return []
    if (
        match.group() == "once"
        and not clause[: match.start() - offset].strip(" -*:,\"'(")
        and say.CONJUNCTION.match(clause, match.end() - offset) is not None
    ):
        return []
    if say.AT_EACH.search(clause[: match.start() - offset]) is not None:
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


VALUES = {
    "times_given": _times,
    "interval_over_span": _every,
    "interval_from_to": _from_to,
    "counted_doses": _counted,
    "second_dose": _second,
    "repeated_at": _repeated,
    "second_received": _second_received,
    "single_dose": _single,
}
"""By the name of the rule, what reads the numbers out of its match."""
