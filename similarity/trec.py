"""Judgements (qrels) and rankings (runs), as TREC names them; judgements from their files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ontology.errors import SourceError

Qrels = dict[str, dict[str, int]]
"""Query -> trial -> relevance, 0 to 3."""
Run = dict[str, dict[str, float]]
"""Query -> trial -> score, higher is better."""

_LARGEST_RELEVANCE = 30


def read_qrels(path: Path) -> Qrels:
    """Read judgements: lines of ``query iteration document relevance``.

    Raises
    ------
    SourceError
        If the file cannot be read or a line is not a judgement; the line is named.
    """
    qrels: Qrels = {}
    for number, fields in _lines(path, 4):
        query, _, document, relevance = fields
        if not relevance.isdecimal() or int(relevance) > _LARGEST_RELEVANCE:
            raise SourceError(f"{path}, line {number}: relevance {relevance!r} is no grade.")
        grades = qrels.setdefault(query, {})
        if grades.setdefault(document, int(relevance)) != int(relevance):
            raise SourceError(f"{path}, line {number}: {query} {document} has two grades.")
    if not qrels:
        raise SourceError(f"{path} holds no judgements.")
    return qrels


def _lines(path: Path, width: int) -> Iterator[tuple[int, list[str]]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read ({error}); check the path.") from None
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split()
        if not fields:
            continue
        if len(fields) != width:
            raise SourceError(
                f"{path}, line {number}: {len(fields)} fields instead of {width}; correct the line."
            )
        yield number, fields
