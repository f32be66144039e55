"""What a sentence that names another trial says of it: follow-up, earlier work, or neither."""

from __future__ import annotations

import re

_SENTENCE_END = re.compile(r"(?:[.;!?]\s+(?=[A-Z(])|\n\s*\n|\n(?=\s*[-*•\d]))")
_REACH_BEFORE, _REACH_AFTER = 260, 160

FOLLOW_UP_TITLE = re.compile(
    r"\b(?:follow(?:ed|ing)?[\s-]?up|long[\s-]?term(?:\s+\w+){0,3}\s+(?:follow|extension|observation)|"
    r"extension\s+(?:study|trial|phase|protocol)|(?:clinical|open[\s-]label)\s+extension|"
    r"roll[\s-]?over\s+(?:study|trial|protocol)|continuation\s+(?:study|trial|protocol)|"
    r"(?:re-?treatment|durability)\s+(?:study|trial|protocol)|re-?treatment\s+from\s+an?\b|"
    r"previously\s+(?:enrolled|treated|participated)|"
    r"(?:subjects|patients|participants|infants)\s+(?:who|that)\s+(?:have\s+)?"
    r"(?:completed|participated|were\s+enrolled))",
    re.IGNORECASE,
)
"""In a title: the trial follows people whom another trial treated."""

_NOT_A_FOLLOW_UP = re.compile(
    r"(?:with|and|plus|then|followed by)\s+(?:an?\s+)?(?:\w+[\s-]){0,2}"
    r"(?:follow[\s-]?up|extension|open[\s-]label\s+extension)(?!\s+(?:study|trial)\s+of)",
    re.IGNORECASE,
)
"""A trial with a follow-up period of its own."""

_FOLLOW_UP = re.compile(
    r"follow(?:ed|ing)?[\s-]?up|\bextension\b|long[\s-]?term|roll(?:ed)?[\s-]?over|"
    r"participated in|who (?:have |had )?completed|completed the|"
    r"\benrol+ed (?:in|the|to|into)\b|previously (?:enrol+ed|treated|participated)|"
    r"continuation of|continued (?:access|treatment|follow)|were administered|"
    r"treated (?:in|with\b[^.]{0,60}\bin)\b|received\b[^.]{0,60}\bin\b",
    re.IGNORECASE,
)
# Each of these words holds one of the roots; none has a letter ("i", "k", "s") that other signs
# than its capital can stand for.
_FOLLOW_UP_ROOTS = (
    *("follow", "exten", "term", "roll", "part", "complete", "enrol", "prev", "cont"),
    *("adm", "treated", "rece"),
)
_EXTENSION = re.compile(r"\b(?:extension|continuation) of\b", re.IGNORECASE)
_EARLIER = re.compile(
    r"\b(?:previous(?:ly)?|prior|earlier|preliminary|pilot|first[\s-]in[\s-](?:man|human)|"
    r"based (?:on|upon|in)|build(?:s|ing)? (?:on|upon)|continuation of|extension of|"
    r"phase\s*(?:I{1,2}|1|2)[ab]?(?:\s*/\s*(?:I{1,2}|2)a?)?\b[^.]{0,40}"
    r"(?:data|result|show|demonstrat|trial|study)|"
    r"(?:has|have|had|was|were) (?:been )?(?:shown|demonstrated|established|proven))",
    re.IGNORECASE,
)
_SAME_PEOPLE = re.compile(
    r"(?:subjects|patients|participants|infants|individuals|persons|volunteers|children)\b"
    r"[^.]{0,80}\b(?:participat|complet|enrol|treat|administered|follow)|"
    r"only subjects|followed[\s-]up",
    re.IGNORECASE,
)
_EXCLUSION = re.compile(r"exclusion\s+criteria|key\s+exclusion|\bexcluded?\b", re.IGNORECASE)


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of the sentence that holds a span, cut where it grows too long."""
    floor, ceiling = max(0, start - _REACH_BEFORE), min(len(text), end + _REACH_AFTER)
    before = [found.end() for found in _SENTENCE_END.finditer(text, floor, start)]
    after = _SENTENCE_END.search(text, end, ceiling)
    first = before[-1] if before else floor
    last = after.start() + 1 if after is not None else ceiling
    return first, last


def is_follow_up_title(title: str) -> bool:
    """Return whether a title says that the trial follows the people of another one.

    Examples
    --------
    >>> is_follow_up_title("Long-term Follow-up Study of Subjects Who Completed ABC-1")
    True
    >>> is_follow_up_title("A Phase 2 Trial With a Follow-up of One Year")
    False
    """
    found = FOLLOW_UP_TITLE.search(title)
    if found is None:
        return False
    own = _NOT_A_FOLLOW_UP.search(title)
    return own is None or not own.start() <= found.start() <= own.end()


def says_follow_up(sentence: str, *, follow_up_title: bool) -> bool:
    """Return whether a sentence says that the trial it names is continued with its people.

    The wording alone is loose ("long-term", "completed"), so unless the trial's own title says
    that it is a follow-up, the sentence must speak of the other trial's people.
    """
    lower = sentence.lower()
    if not any(root in lower for root in _FOLLOW_UP_ROOTS) or _FOLLOW_UP.search(sentence) is None:
        return False
    return follow_up_title or _SAME_PEOPLE.search(sentence) is not None


def says_extension(sentence: str) -> bool:
    """Return whether a sentence calls the trial an extension of the one it names."""
    return _EXTENSION.search(sentence) is not None


def says_earlier(sentence: str) -> bool:
    """Return whether a sentence speaks of the trial it names as earlier work."""
    return _EARLIER.search(sentence) is not None


def in_exclusion_criteria(path: str, text: str, start: int) -> bool:
    """Return whether a place in the eligibility criteria says who may not take part."""
    if path != "eligibility_criteria":
        return False
    inclusion = text.casefold().rfind("inclusion criteria", 0, start)
    exclusion = [found.start() for found in _EXCLUSION.finditer(text, 0, start)]
    return bool(exclusion) and exclusion[-1] > inclusion
