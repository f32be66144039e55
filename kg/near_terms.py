"""Terms of the full-text index that are a few slips away from a word, without reading it all.

The index holds its terms in order. While one after another is read, the distances of its
beginnings from those of the word are kept, as an automaton would [1]_; once a beginning is too
far away to be made good by whatever follows, all terms that begin so are skipped.

References
----------
.. [1] Schulz K, Mihov S. Fast string correction with Levenshtein automata. International Journal
   on Document Analysis and Recognition 5 (2002) 67-85.
"""

from __future__ import annotations

import sqlite3

_SURROGATES = range(0xD800, 0xE000)
_LAST = "\U0010ffff"


def terms_near(connection: sqlite3.Connection, word: str, slips: int) -> dict[str, int]:
    """Return the terms that begin as a word does and are few slips away, with how many.

    Parameters
    ----------
    connection : sqlite3.Connection
        Of a generation's records.
    word : str
        A stem, as the index holds them.
    slips : int
        At most so many letters wrong, missing, too many or swapped with the next.
    """
    from rapidfuzz.distance import OSA  # few searches ask for it

    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_instance "
        "USING fts5vocab('main', 'study_text', 'instance')"
    )
    # One term a statement: to go on to the next would read all places of this one.
    query = "SELECT term FROM temp.search_instance WHERE term >= ? AND term < ? LIMIT 1"
    found: dict[str, int] = {}
    beginnings = _Beginnings(word)
    least, end = word[:1], word[:1] + _LAST
    while (row := connection.execute(query, (least, end)).fetchone()) is not None:
        term = str(row[0])
        far = beginnings.too_far(term, slips)
        if far is None:
            distance = OSA.distance(word, term, score_cutoff=slips)
            if distance <= slips:
                found[term] = distance
            least = term + "\0"
        else:
            least = _after(term[:far])
    return found


class _Beginnings:
    """Distances of the beginnings of terms from those of a word (optimal string alignment)."""

    def __init__(self, word: str):
        self._word, self._term = word, ""
        self._rows = [list(range(len(word) + 1))]
        self._least = [0]

    def too_far(self, term: str, slips: int) -> int | None:
        """Return the length of the shortest beginning that no ending brings near enough.

        None if there is none. The rows of what a term has in common with the one before are
        used again.
        """
        same = 0
        most = min(len(self._rows) - 1, len(term))
        while same < most and term[same] == self._term[same]:
            same += 1
        del self._rows[same + 1 :], self._least[same + 1 :]
        self._term = term
        for length in range(1, len(term) + 1):
            if length > same:
                self._rows.append(self._row(length))
                self._least.append(min(self._rows[length]))
            # A swap of the next letter with this one goes on from the row before.
            if min(self._least[length], self._least[length - 1] + 1) > slips:
                return length
        return None

    def _row(self, length: int) -> list[int]:
        word, term, before = self._word, self._term, self._rows[length - 1]
        letter = term[length - 1]
        row = [length]
        for place, wanted in enumerate(word, start=1):
            cost = min(
                before[place] + 1, row[place - 1] + 1, before[place - 1] + (letter != wanted)
            )
            swapped = (
                length > 1
                and place > 1
                and letter == word[place - 2]
                and term[length - 2] == wanted
            )
            if swapped:
                cost = min(cost, self._rows[length - 2][place - 2] + 1)
            row.append(cost)
        return row


def _after(beginning: str) -> str:
    """Return the least string above all that begin so."""
    following = ord(beginning[-1]) + 1
    if following in _SURROGATES:
        following = _SURROGATES.stop
    if following > ord(_LAST):
        return _after(beginning[:-1]) if len(beginning) > 1 else _LAST
    return beginning[:-1] + chr(following)
