"""Full-text search over the records: what is searched, and how typed words become a query."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from kg.cards import StudyCard
from kg.study import Study

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RANKED_MOST = 10_000
"""A word that more trials have tells little of any of them, and BM25 would have to look at every
one. It must occur, but does not count for the rank; nor does one that half of all trials have."""
# bm25 weights in the order of study_text's columns: a word in a title says more than one in a
# long description.
_RANK = "bm25(study_text, 0, 10, 10, 8, 5, 5, 2, 1)"
_TIERS = ("{title} : ", "{title conditions interventions} : ", "")
"""Columns that common words are looked for in, one after another: what is about a thing names it
in its title."""
_WORD = re.compile(r"\w+")
_WORDS_MOST = 32
_SMALL_WORDS = frozenset(
    ("a", "an", "and", "are", "as", "at", "by", "for", "from", "in", "is", "of", "on", "or")
) | {"that", "the", "to", "with"}
"""Nearly every record has them, so they tell no trial from another and cost most to look up."""
_BEGINNING_LEAST = 3
"""A last word so long may be the beginning of one; a shorter one only where no record has it."""
_CARD = msgspec.json.Decoder(StudyCard)
_BATCH = 500


class SearchHit(NamedTuple):
    """One found trial; `score` is BM25 with its sign turned, so that higher is better.

    It is 0 where none of the words found tells one trial from another, see `Match`.
    """

    card: StudyCard
    score: float


class Match(NamedTuple):
    """What typed words are looked up as.

    Attributes
    ----------
    text : str
        For FTS5's MATCH.
    every : bool
        Whether some record has all words, so that those are found; else those that have any.
    found : int
        Records that match; `RANKED_MOST` + 1 stands for more.
    ranked_by : str
        The words that count for BM25, for FTS5's MATCH too. Records that match and have none of
        them follow, those with the words in the title first, then those that name them as
        condition or intervention, in each the newest (the last NCT ids) first. Empty where that
        is the order of all, as too many match, or every word is too common.
    among : frozenset of int, optional
        The numbers of the records that match, where `ranked_by` finds others too.
    """

    text: str
    every: bool
    found: int
    ranked_by: str
    among: frozenset[int] | None = None


def read_words(connection: sqlite3.Connection, words: str) -> Match | None:
    """Return what words are looked up as; None if there is no word."""
    typed = _WORD.findall(words)[:_WORDS_MOST]
    # Every word is quoted, so nothing that a person types is FTS5 syntax.
    quoted = [f'"{word}"' for word in typed if not _is_small(word)]
    quoted = quoted or [f'"{word}"' for word in typed]
    if not quoted:
        return None
    counts = {word: count_matches(connection, word) for word in quoted}
    every, last = dict(counts), quoted[-1]
    if counts[last] == 0 or (len(last) - 2 >= _BEGINNING_LEAST and counts[last] <= RANKED_MOST):
        every.pop(last)
        every[f"{last}*"] = count_matches(connection, f"{last}*")
    return _with_every(connection, every) or _with_any(connection, counts)


def _with_every(connection: sqlite3.Connection, counts: Mapping[str, int]) -> Match | None:
    if not all(counts.values()):
        return None
    text = " ".join(counts)
    query = "SELECT rowid FROM study_text WHERE study_text MATCH ? LIMIT ?"
    rows = connection.execute(query, (text, RANKED_MOST + 1)).fetchall()
    if not rows:
        return None
    rare = " ".join(_telling(connection, counts))
    if len(rows) > RANKED_MOST or not rare:
        return Match(text, True, len(rows), "")
    if rare == text:
        return Match(text, True, len(rows), text)
    return Match(text, True, len(rows), rare, frozenset(number for (number,) in rows))


def _with_any(connection: sqlite3.Connection, counts: Mapping[str, int]) -> Match:
    # The rarest words, as far as all can be ranked.
    chosen, total = set[str](), 0
    for count, word in sorted((count, word) for word, count in counts.items() if count):
        total += count
        if total <= RANKED_MOST:
            chosen.add(word)
    text = " OR ".join(word for word in counts if word in chosen or not chosen)
    rare = [word for word in _telling(connection, counts) if word in chosen]
    return Match(text, False, count_matches(connection, text), " OR ".join(rare))


def _telling(connection: sqlite3.Connection, counts: Mapping[str, int]) -> list[str]:
    """Return the words that tell one record from another: those that fewer than half have.

    The inverse document frequency of BM25, log((N - n + 0.5) / (n + 0.5)) [1]_, is 0 where half of
    the records have a word and negative beyond. FTS5 puts 1e-6 in its place, and such words alone
    would leave the order to the ids.

    References
    ----------
    .. [1] Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009,
       section 3.1.
    """
    few = {word: count for word, count in counts.items() if 0 < count <= RANKED_MOST}
    # Records are counted no further than it matters.
    query = "SELECT count(*) FROM (SELECT 1 FROM study_text_docsize LIMIT ?)"
    (records,) = connection.execute(query, (2 * max(few.values(), default=0) + 1,)).fetchone()
    return [word for word, count in few.items() if 2 * count < records]


def _is_small(word: str) -> bool:
    # In capitals it is likely an abbreviation, as of ankylosing spondylitis.
    return word.lower() in _SMALL_WORDS and not (len(word) > 1 and word.isupper())


def search(
    connection: sqlite3.Connection, match: Match | None, limit: int = 20, offset: int = 0
) -> list[SearchHit]:
    """Find trials by words; see `kg.records.Records.search`."""
    scores = dict(search_numbers(connection, match, limit, offset))
    numbers, cards = list(scores), dict[int, StudyCard]()
    for start in range(0, len(numbers), _BATCH):
        batch = numbers[start : start + _BATCH]
        marks = ",".join("?" * len(batch))
        query = f"SELECT number, card FROM derived WHERE number IN ({marks})"  # noqa: S608
        cards |= {number: _CARD.decode(raw) for number, raw in connection.execute(query, batch)}
    return [SearchHit(cards[number], score) for number, score in scores.items()]


def search_numbers(
    connection: sqlite3.Connection, match: Match | None, limit: int, offset: int = 0
) -> list[tuple[int, float]]:
    """Return the numbers of what `search` finds, in its order, with their scores."""
    if match is None:
        return []
    end = limit + offset
    hits = _by_rank(connection, match, end) if match.ranked_by else []
    if len(hits) < min(end, match.found):
        ranked = {number for number, _ in hits}
        others = _by_tier(connection, match, end)
        hits += [(number, 0.0) for number in others if number not in ranked]
    return hits[offset:end]


def _by_rank(connection: sqlite3.Connection, match: Match, limit: int) -> list[tuple[int, float]]:
    # The number of an NCT id sorts as the id does.
    query = (
        f"SELECT rowid, -{_RANK} AS score FROM study_text WHERE study_text MATCH ? "  # noqa: S608
        "ORDER BY round(-score, 6), rowid"
    )
    if match.among is None:
        return connection.execute(f"{query} LIMIT ?", (match.ranked_by, limit)).fetchall()
    ranked = connection.execute(query, (match.ranked_by,))
    return list(islice((row for row in ranked if row[0] in match.among), limit))


def matching_numbers(connection: sqlite3.Connection, match: Match | None) -> NDArray[np.int64]:
    """Return the numbers of all that `search` can find, ascending; shape (found,)."""
    import numpy as np  # few searches ask for it

    if match is None:
        return np.zeros(0, dtype=np.int64)
    # One text is read many times faster than as many rows.
    query = "SELECT group_concat(rowid) FROM study_text WHERE study_text MATCH ?"
    (text,) = connection.execute(query, (match.text,)).fetchone()
    return np.fromstring(text or "", dtype=np.int64, sep=",")


def _by_tier(connection: sqlite3.Connection, match: Match, limit: int) -> list[int]:
    """Return numbers: first those with the words in the title, in each tier the newest first."""
    query = "SELECT rowid FROM study_text WHERE study_text MATCH ? ORDER BY rowid DESC LIMIT ?"
    found: dict[int, None] = {}
    for columns in _TIERS:
        if len(found) < limit:
            rows = connection.execute(query, (f"{columns}({match.text})", limit))
            found |= dict.fromkeys(number for (number,) in rows)
    return list(found)[:limit]


def count_matches(connection: sqlite3.Connection, match: str, most: int = RANKED_MOST + 1) -> int:
    """Return how many records match what FTS5 understands, counting no further than `most`."""
    query = "SELECT count(*) FROM (SELECT 1 FROM study_text WHERE study_text MATCH ? LIMIT ?)"
    return int(connection.execute(query, (match, most)).fetchone()[0])


def searchable_texts(study: Study, card: StudyCard) -> tuple[str, ...]:
    """Return what stands in the columns of the full-text table for a trial."""
    identification, module = study.identification, study.arms_interventions
    ids = [study.nct_id, *identification.nct_id_aliases, identification.org_study_id_info.id]
    ids += [info.id for info in identification.secondary_id_infos]
    interventions = [
        text for item in module.interventions for text in (item.name, *item.other_names)
    ]
    interventions += [arm.label for arm in module.arm_groups]
    title = [identification.brief_title, identification.official_title, identification.acronym]
    conditions = [*card.condition_labels, *study.conditions.conditions, *study.conditions.keywords]
    facts = [str(value).replace("_", " ") for values in card.facts.values() for value in values]
    sponsors = [card.lead_sponsor, *card.countries]
    return (
        study.nct_id,
        _joined(title),
        _joined(ids),
        _joined(conditions),
        _joined(interventions),
        _joined(facts),
        _joined([study.description.brief_summary, *sponsors]),
        study.description.detailed_description or "",
    )


def _joined(texts: Iterable[str | None]) -> str:
    return " \n ".join(text for text in texts if text)
