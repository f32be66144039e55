"""TREC files: judgements (qrels) and rankings (runs)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ontology.errors import SourceError
from similarity.kin import Kin

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


def write_qrels(qrels: Mapping[str, Mapping[str, int]], path: Path) -> None:
    """Write judgements, sorted."""
    lines = [
        f"{query} 0 {document} {grades[document]}\n"
        for query, grades in sorted(qrels.items())
        for document in sorted(grades)
    ]
    path.write_text("".join(lines), encoding="utf-8")


def read_run(path: Path) -> Run:
    """Read a ranking: lines of ``query Q0 document rank score tag``; the rank is not used.

    Raises
    ------
    SourceError
        If the file cannot be read or a line is not of a run; the line is named.
    """
    run: Run = {}
    for number, fields in _lines(path, 6):
        query, _, document, _, score, _ = fields
        try:
            value = float(score)
        except ValueError:
            raise SourceError(f"{path}, line {number}: {score!r} is no score.") from None
        run.setdefault(query, {})[document] = value
    return run


def run_lines(query: str, kin: Sequence[Kin], tag: str) -> Iterator[str]:
    """Yield the lines of one query's ranking, without line ends."""
    for one in kin:
        yield f"{query} Q0 {one.nct_id} {one.rank} {one.score:.6f} {tag}"


def write_run(ranked: Iterable[tuple[str, Sequence[Kin]]], path: Path, *, tag: str) -> None:
    """Write rankings, such as those of `KinIndex.rank_all`."""
    with path.open("w", encoding="utf-8") as file:
        for query, kin in ranked:
            file.writelines(f"{line}\n" for line in run_lines(query, kin, tag))


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
