"""Names that are really sentences: finding them, and cutting them to their leading part."""

from __future__ import annotations

import re
from collections import defaultdict

NAME_LIMIT = 120
"""Characters up to which a name is taken for a name; longer ones are cut."""
SENTENCE_WORDS = 8
"""Words from which on a run of words is taken for a sentence."""

_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"(?<=[a-z]{4})[.!?]\s+(?=[A-Z])|[\r\n]+")
_FINITE_VERB = re.compile(r"\s(?:is|are|was|were|will|has been|have been)\s")
_CLAUSE_MARK = re.compile(r"\s*[,;:(\[（]|\s[-–—]\s")
# Also where the part that is looked at ends in one: "$" matches there.
_JOINING_WORD = re.compile(
    r"\s(?:and|at|after|by|for|from|in|into|of|on|or|plus|that|to|using|which|who|with)(?=\s|$)"
)


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case, for comparison."""
    return tuple(_WORD.findall(text.lower()))


class FreeText:
    """The sentences of the texts that are left out, to see whether a name copies one.

    Out of scope: titles and names, which are facts also where a text repeats them.
    """

    def __init__(self) -> None:
        self._by_beginning: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)

    def add(self, text: str) -> None:
        """Take in the sentences of a text that are long enough."""
        for sentence in re.split(r"[\r\n]+|(?<=[.!?;])\s+", text):
            words = words_of(sentence)
            if len(words) >= SENTENCE_WORDS:
                self._by_beginning[words[:SENTENCE_WORDS]].add(words)

    def discard(self, text: str) -> None:
        """Forget a sentence that is a registered title or name."""
        words = words_of(text)
        self._by_beginning.get(words[:SENTENCE_WORDS], set()).discard(words)

    def copied_at(self, text: str) -> int | None:
        """Return the word at which a sentence that `text` holds begins, or None."""
        words = words_of(text)
        for start in range(len(words) - SENTENCE_WORDS + 1):
            beginning = words[start : start + SENTENCE_WORDS]
            for sentence in self._by_beginning.get(beginning, ()):
                if words[start : start + len(sentence)] == sentence:
                    return start
        return None


def shorten_name(name: str, free_text: FreeText | None = None) -> str:
    """Return a name, or its leading part if it is really a sentence or paragraph.

    In this order: cut at the end of the first of several sentences or lines; cut before the
    finite verb of a sentence of `SENTENCE_WORDS` words or more; cut to `NAME_LIMIT` characters,
    and to less than a sentence that it copies from `free_text`, each at the last clause mark or
    before the last joining word.

    Examples
    --------
    >>> shorten_name("Undifferentiated MSC is deposited in the uterine cavity through a catheter.")
    'Undifferentiated MSC'
    """
    text = " ".join(_SENTENCE_END.split(name.strip())[0].split())
    verb = _FINITE_VERB.search(text)
    if verb is not None and len(words_of(text)) >= SENTENCE_WORDS:
        text = text[: verb.start()]
    if len(text) > NAME_LIMIT:
        text = _leading_part(text, NAME_LIMIT)
    while free_text is not None and (start := free_text.copied_at(text)) is not None:
        last = list(_WORD.finditer(text))[start + SENTENCE_WORDS - 2]
        text = _leading_part(text, last.end())
    return text


def _leading_part(text: str, limit: int) -> str:
    text = text.lstrip(" ,;:-•◦")
    # Where a part of the name ends, if that is not far before the limit: better than any word.
    for mark in (_CLAUSE_MARK, _JOINING_WORD):
        places = [found.start() for found in mark.finditer(text, 0, limit)]
        if places and places[-1] >= 2 * limit // 3:
            place = places[-1]
            break
    else:
        place = text.rfind(" ", 0, limit + 1)
    part = text[: place if place > 0 else limit]
    if part.count("(") > part.count(")"):
        part = part[: part.rindex("(")] or part
    return part.rstrip(" ,;:-")
