"""`Records`: the raw records of a generation, their cards and facts; read-only.

`kg.record_writing` writes the file, `kg.record_schema` holds its tables.
"""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec

from kg import record_search, search_words
from kg.cards import StudyCard
from kg.cell_facts.model import CellFact, CellFacts
from kg.iris import full_nct_id, near_misses
from kg.record_schema import nct_number
from kg.record_search import Match, SearchHit
from kg.search_words import DoubtfulWord
from kg.study import Study, parse_study
from ontology.errors import InvalidIdentifierError, StoreError, UnknownTrialError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FACTS = msgspec.json.Decoder(list[CellFact])
_CARD = msgspec.json.Decoder(StudyCard)
_NCT_ID = re.compile(r"NCT\d{8}", re.ASCII)
_BATCH = 500
_WORDS_REMEMBERED = 16
PARTIAL_FORMATS = frozenset({"trial-page", "v1-study-fields"})
"""Forms that hold only some of a record: what a page shows, or the fields that were asked for."""


class StudyRow(NamedTuple):
    """One record as it is stored before anything is derived from it."""

    study: Study
    payload: dict[str, Any]
    fingerprint: str
    source_format: str


class Records:
    """The records of one generation, in one SQLite file.

    Parameters
    ----------
    path : Path
        The file; opened read-only and never changed.

    Raises
    ------
    StoreError
        If the file is missing.

    Notes
    -----
    A connection belongs to the thread that made it; open one `Records` a thread.
    """

    def __init__(self, path: Path):
        if not path.is_file():
            raise StoreError(f"{path} is missing; build the store again.")
        # A generation never changes once published: immutable spares all locking.
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True)

    @cached_property
    def _matches(self) -> dict[str, Match | None]:
        return {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was written is kept."""
        self._connection.commit()
        self._connection.close()

    @property
    def connection(self) -> sqlite3.Connection:
        """The open file, for tables that others own."""
        return self._connection

    def rows(self) -> Iterator[StudyRow]:
        """Yield every stored record in the order of NCT ids."""
        last = ""
        query = (
            "SELECT nct_id, fingerprint, source_format FROM study "
            "WHERE nct_id > ? ORDER BY nct_id LIMIT ?"
        )
        while batch := self._connection.execute(query, (last, _BATCH)).fetchall():
            for nct_id, fingerprint, source_format in batch:
                record = self._payload(nct_id)
                yield StudyRow(parse_study(record), record, fingerprint, source_format)
                last = nct_id

    def row(self, nct_id: str) -> StudyRow | None:
        """Return one stored record by its canonical id, None if it is not here."""
        query = "SELECT fingerprint, source_format FROM study WHERE nct_id = ?"
        found = self._connection.execute(query, (nct_id,)).fetchone()
        if found is None:
            return None
        record = self._payload(nct_id)
        return StudyRow(parse_study(record), record, *found)

    def nct_ids(self) -> list[str]:
        """Return the NCT ids of all records, sorted."""
        return [row[0] for row in self._connection.execute("SELECT nct_id FROM study ORDER BY 1")]

    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprint of every record by NCT id, sorted."""
        query = "SELECT nct_id, fingerprint FROM study ORDER BY nct_id"
        return dict(self._connection.execute(query).fetchall())

    def fingerprint(self, nct_id: str) -> str | None:
        """Return the fingerprint of one record by its canonical id, None if it is not here."""
        query = "SELECT fingerprint FROM study WHERE nct_id = ?"
        found = self._connection.execute(query, (nct_id,)).fetchone()
        return None if found is None else str(found[0])

    def count(self) -> int:
        """Return the number of records."""
        return int(self._connection.execute("SELECT count(*) FROM study").fetchone()[0])

    def watermark(self, latest: str = "9999") -> str | None:
        """Return the latest date on which the registry posted an update of a record here.

        Dates after `latest` (ISO 8601), such as one in the future, are left out.
        """
        query = "SELECT max(last_update_posted) FROM study WHERE last_update_posted <= ?"
        found = self._connection.execute(query, (latest,)).fetchone()[0]
        return str(found) if found else None

    def source_formats(self) -> dict[str, int]:
        """Return how many records came in which format."""
        query = "SELECT source_format, count(*) FROM study GROUP BY 1 ORDER BY 1"
        return dict(self._connection.execute(query).fetchall())

    def resolve(self, nct_id: str) -> str:
        """Return the id under which a trial is stored here, following aliases.

        Raises
        ------
        InvalidIdentifierError
            If `nct_id` is no NCT id; the error names those that one slip would turn into it.
        UnknownTrialError
            If there is no such trial; the error names the nearest ids.
        """
        try:
            canonical = full_nct_id(nct_id)
        except InvalidIdentifierError as error:
            meant = tuple(sorted(self.cards(near_misses(nct_id)))[:5])
            raise InvalidIdentifierError(str(error), meant) from None
        if self.fingerprint(canonical) is not None:
            return canonical
        found = self._connection.execute(
            "SELECT nct_id FROM alias WHERE nct_id_alias = ?1 "
            "UNION ALL SELECT nct_id FROM moved WHERE nct_id_alias = ?1 LIMIT 1",
            (canonical,),
        ).fetchone()
        if found is None:
            raise UnknownTrialError(canonical, self._nearest(canonical))
        return str(found[0])

    def payload(self, nct_id: str) -> dict[str, Any]:
        """Return the record as it came, in API v2 shape."""
        return self._payload(self.resolve(nct_id))

    def study(self, nct_id: str) -> Study:
        """Return the record as a `Study`."""
        return parse_study(self.payload(nct_id))

    def facts(self, nct_id: str) -> CellFacts:
        """Return the cell facts of a trial."""
        stored = self.resolve(nct_id)
        query = "SELECT facts FROM derived WHERE number = ?"
        (raw,) = self._connection.execute(query, (nct_number(stored),)).fetchone()
        return CellFacts(stored, tuple(_FACTS.decode(zlib.decompress(raw))))

    def card(self, nct_id: str) -> StudyCard:
        """Return the card of a trial."""
        stored = self.resolve(nct_id)
        return self.cards([stored])[stored]

    def cards(self, nct_ids: Iterable[str]) -> dict[str, StudyCard]:
        """Return the cards of those of the given ids that are stored."""
        wanted = [nct_number(nct_id) for nct_id in nct_ids if _NCT_ID.fullmatch(nct_id)]
        found: dict[str, StudyCard] = {}
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            marks = ",".join("?" * len(batch))
            query = f"SELECT card FROM derived WHERE number IN ({marks})"  # noqa: S608
            for (raw,) in self._connection.execute(query, batch):
                card = _CARD.decode(raw)
                found[card.nct_id] = card
        return found

    def all_cards(self) -> Iterator[StudyCard]:
        """Yield the cards of all trials in the order of their NCT ids."""
        query = "SELECT card FROM derived ORDER BY number"
        return (_CARD.decode(raw) for (raw,) in self._connection.execute(query))

    def search(self, words: str, limit: int = 20, offset: int = 0) -> list[SearchHit]:
        """Find trials by words, NCT ids or acronyms; the best first (BM25), ties by NCT id.

        All words must occur, save small ones such as "of"; the last one may be the beginning of
        a word. If no trial has all of them, those that have any are found. Words that half of all
        trials have, or more than `kg.record_search.RANKED_MOST`, do not count for the rank. Where
        none counts, and where more trials than that match, those with the words in their titles
        come first, then those that name them as condition or intervention, the newest first in
        each.
        """
        return record_search.search(self._connection, self._match(words), limit, offset)

    def search_numbers(self, words: str, limit: int) -> list[int]:
        """Return the numbers in the NCT ids of what `search` finds, in its order."""
        found = record_search.search_numbers(self._connection, self._match(words), limit)
        return [number for number, _ in found]

    def is_ranked(self, words: str) -> bool:
        """Tell whether any of the words counts for the rank of what they find, see `search`."""
        match = self._match(words)
        return match is None or not match.found or bool(match.ranked_by)

    def matching_numbers(self, words: str) -> NDArray[np.int64]:
        """Return the numbers of the NCT ids of all that `search` can find, ascending."""
        return record_search.matching_numbers(self._connection, self._match(words))

    def has_every_word(self, words: str) -> bool:
        """Tell whether some trial has all words, see `search`."""
        match = self._match(words)
        return match is None or match.every

    def _match(self, words: str) -> Match | None:
        """Return what words are looked up as; the last are remembered, a page asks many times."""
        if words not in self._matches:
            while len(self._matches) >= _WORDS_REMEMBERED:
                del self._matches[next(iter(self._matches))]
            self._matches[words] = record_search.read_words(self._connection, words)
        return self._matches[words]

    def doubtful_words(self, words: str) -> list[DoubtfulWord]:
        """Return the words that are likely slips, with the nearest that trials have."""
        return search_words.doubtful_words(self._connection, words)

    def _payload(self, nct_id: str) -> dict[str, Any]:
        query = "SELECT json FROM payload WHERE number = ?"
        (raw,) = self._connection.execute(query, (nct_number(nct_id),)).fetchone()
        record: dict[str, Any] = msgspec.json.decode(zlib.decompress(raw))
        return record

    def _nearest(self, nct_id: str) -> tuple[str, ...]:
        """Ids that one wrong or swapped digit would explain, then the neighbours in number."""
        slips = sorted(self.cards(near_misses(nct_id)))
        around = [
            row[0]
            for query in (
                "SELECT nct_id FROM study WHERE nct_id < ? ORDER BY nct_id DESC LIMIT 1",
                "SELECT nct_id FROM study WHERE nct_id > ? ORDER BY nct_id LIMIT 1",
            )
            for row in self._connection.execute(query, (nct_id,))
        ]
        return tuple(dict.fromkeys(slips + around))[:5]


def last_update_posted(study: Study) -> str:
    """Return the date on which the registry posted the last update, empty if it is not told."""
    return study.status.last_update_post_date_struct.date or ""


def standing(study: Study, source_format: str) -> tuple[bool, str]:
    """Return what is compared where one record comes twice: the greater one is kept.

    A form that holds the record as a whole goes before one that holds some of it, whatever
    their dates; then the day of the last update counts.
    """
    return source_format not in PARTIAL_FORMATS, last_update_posted(study)
