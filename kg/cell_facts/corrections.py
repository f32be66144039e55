"""What a curator corrects: read from a file, checked, and put into the facts of a trial.

Out of scope: corrections of evidence alone, and of anything but cell facts.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from kg.cell_facts.findings import guide_value
from kg.cell_facts.model import CONCEPT_FIELDS, FIELDS, CellFact, CellFacts, Evidence
from kg.iris import full_nct_id
from ontology.errors import InvalidIdentifierError, RecordError, SourceError
from ontology.schemes import load_scheme

REVIEW_COLUMNS = (
    "nct_id",
    "field",
    "value",
    "confidence",
    "rule",
    "section",
    "start",
    "end",
    "words",
    "sentence",
    "correction",
    "note",
    "curator",
)
"""The columns of the table; the last three are the curator's."""
CORRECTION_COLUMNS = ("nct_id", "field", "action", "value", "note", "curator")
"""The columns (CSV) or keys (JSON lines) of a file of corrections."""
REMOVE = "remove"
"""What a curator writes under `correction` where the value is wrong and none is right."""
CURATED = "curated"
"""Rule of a fact that a curator stated or confirmed."""

_COUNTED = ("administrations", "passage")
_MEASURED = ("dose_per_kg", "dose_total")
_PREPARATIONS = ("fresh", "cryopreserved")


class Correction(NamedTuple):
    """One change that a curator wants.

    Attributes
    ----------
    nct_id, field : str
    action : str
        ``add`` or ``remove``.
    value : str, int or float
    note : str
        Why; empty where the curator gave no reason.
    curator : str
        Who answers for it.
    """

    nct_id: str
    field: str
    action: Literal["add", "remove"]
    value: str | int | float
    note: str
    curator: str


@dataclass(frozen=True, slots=True)
class Corrections:
    """All corrections of one file, by trial."""

    by_trial: Mapping[str, tuple[Correction, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self.by_trial.values()))

    def of(self, nct_id: str) -> tuple[Correction, ...]:
        """Return the corrections of one trial, in the order of the file."""
        return self.by_trial.get(nct_id, ())


def read_corrections(path: Path) -> Corrections:
    """Read a file of corrections: CSV or JSON lines (``.jsonl``), or a reviewed table.

    In a reviewed table a row counts if its column `correction` is filled: with ``remove`` the
    value of the row is taken out; with anything else it is replaced by that, several values
    being parted by ``;``.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Corrections

    Raises
    ------
    SourceError
        If the file cannot be read or lacks a column.
    RecordError
        If a line names no such field, value, action or trial, no curator, or contradicts
        another line.
    """
    found: dict[str, list[Correction]] = {}
    seen: dict[tuple[str, str, str | int | float], tuple[int, str]] = {}
    for line, item in _lines(path):
        for correction in _of_line(path, line, item):
            key = (correction.nct_id, correction.field, correction.value)
            earlier = seen.setdefault(key, (line, correction.action))
            if earlier[1] != correction.action:
                raise RecordError(
                    f"{path}, line {line}: {correction.field} {correction.value!r} of "
                    f"{correction.nct_id} is both added and removed (line {earlier[0]}); "
                    "keep one of the two.",
                    nct_id=correction.nct_id,
                    field=correction.field,
                )
            listed = found.setdefault(correction.nct_id, [])
            if not any(other[:4] == correction[:4] for other in listed):
                listed.append(correction)
    return Corrections({nct_id: tuple(listed) for nct_id, listed in sorted(found.items())})


def apply_corrections(facts: CellFacts, corrections: Corrections) -> CellFacts:
    """Return the facts as the curator wants them.

    Parameters
    ----------
    facts : CellFacts
    corrections : Corrections
        Of any trials; those of this one count.

    Returns
    -------
    CellFacts
        Without the removed values. An added value is a fact of rule ``curated`` and confidence
        1; its evidence is no span of the record but the curator's own words: path
        ``curation[N]``, N counting the trial's corrections, and the whole of the note (of the
        value, where there is no note). A value that the rules found too keeps their evidence,
        in front of the curator's.
    """
    wanted = corrections.of(facts.nct_id)
    if not wanted:
        return facts
    kept = {(fact.field, fact.value): fact for fact in facts.facts}
    for number, correction in enumerate(wanted):
        key = (correction.field, correction.value)
        before = kept.pop(key, None)
        if correction.action == "remove":
            continue
        words = correction.note or str(correction.value)
        proof = Evidence(f"curation[{number}]", 0, len(words), words)
        kept[key] = CellFact(
            correction.field,
            correction.value,
            (*(before.evidence if before is not None else ()), proof),
            CURATED,
            before.arms if before is not None else (),
        )
    ordered = sorted(
        kept.values(),
        key=lambda fact: (FIELDS.index(fact.field), isinstance(fact.value, str), fact.value),
    )
    return CellFacts(facts.nct_id, tuple(ordered))


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the content of each line that holds a correction."""
    try:
        # Spreadsheets put a byte order mark before UTF-8.
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read ({error}); give a UTF-8 file.") from error
    if path.suffix in (".jsonl", ".ndjson"):
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                item = json.loads(line)
            except json.JSONDecodeError as error:
                raise RecordError(f"{path}, line {number}: no JSON ({error}); mend it.") from error
            if not isinstance(item, dict):
                raise RecordError(
                    f"{path}, line {number}: not a JSON object; write one with the keys "
                    f"{', '.join(CORRECTION_COLUMNS)}."
                )
            yield number, item
        return
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = reader.fieldnames or ()
    required = REVIEW_COLUMNS if "correction" in columns else CORRECTION_COLUMNS
    needed = [name for name in required if name in (*CORRECTION_COLUMNS, "correction")]
    missing = [name for name in needed if name not in columns]
    if missing:
        raise SourceError(
            f"{path}, line 1: no column {', '.join(missing)} among {', '.join(columns) or 'none'}; "
            f"a file of corrections has {', '.join(CORRECTION_COLUMNS)}."
        )
    for row in reader:
        if None in row:
            raise RecordError(
                f"{path}, line {reader.line_num}: more cells than the {len(columns)} columns; put "
                "a cell that holds a comma in double quotes."
            )
        yield reader.line_num, row


def _of_line(path: Path, line: int, item: dict[str, Any]) -> Iterator[Correction]:
    """Yield the corrections of one line of either kind of file."""
    if "correction" not in item:
        yield _checked(path, line, item, str(item.get("action") or ""), item.get("value"))
        return
    wanted = str(item["correction"] or "").strip()
    if not wanted:
        return
    values = [value.strip() for value in wanted.split(";")]
    if item.get("value"):
        if item["value"].strip() not in values:  # "4;5" for 4 keeps the 4, confirmed
            yield _checked(path, line, item, "remove", item["value"])
    elif wanted == REMOVE:
        raise RecordError(
            f"{path}, line {line}: {item.get('field')} is not stated, so there is nothing to "
            "remove; give the value to add, or leave the correction empty."
        )
    if wanted != REMOVE:
        for value in values:
            yield _checked(path, line, item, "add", value)


def _checked(path: Path, line: int, item: dict[str, Any], action: str, value: Any) -> Correction:
    """Check every part of a correction; the error names the line, the field and the remedy."""
    where = f"{path}, line {line}"
    try:
        nct_id = full_nct_id(str(item.get("nct_id") or ""))
    except InvalidIdentifierError as error:
        raise RecordError(f"{where}: {error}") from error
    name = str(item.get("field") or "").strip()
    if name not in FIELDS:
        raise RecordError(
            f"{where}: {name!r} is no field; use one of {', '.join(FIELDS)}.", nct_id=nct_id
        )
    action = action.strip().lower()
    if action not in ("add", "remove"):
        raise RecordError(
            f"{where}: {action!r} is no action on {name}; write add or remove.",
            nct_id=nct_id,
            field=name,
        )
    curator = str(item.get("curator") or "").strip()
    if not curator:
        raise RecordError(
            f"{where}: the correction of {name} names no curator; fill that column.",
            nct_id=nct_id,
            field=name,
        )
    try:
        read = _value(name, str("" if value is None else value).strip())
    except ValueError as error:
        raise RecordError(f"{where}: {name}: {error}", nct_id=nct_id, field=name) from error
    kind: Literal["add", "remove"] = "add" if action == "add" else "remove"
    return Correction(nct_id, name, kind, read, str(item.get("note") or "").strip(), curator)


def _value(name: str, text: str) -> str | int | float:
    """Read a value of a field, or raise ValueError with what would be one."""
    if not text:
        raise ValueError("no value is given; name the one to add or remove.")
    scheme = CONCEPT_FIELDS.get(name)
    if scheme is not None:
        concepts = load_scheme(scheme)
        written, text = text, "_".join(text.lower().split())
        if text not in concepts:
            tops = ", ".join(concepts.top_concepts())
            raise ValueError(f"{written!r} is no concept; use one of {tops}.")
        top = guide_value(concepts[text])
        if top != text:
            raise ValueError(f"{text!r} is a kind of {top!r}; use that.")
        return text
    if name in _COUNTED:
        if not text.isdecimal() or int(text) == 0:
            raise ValueError(f"{text!r} is no whole number from 1 up; give one.")
        return int(text)
    if name in _MEASURED:
        try:
            number = float(text)
        except ValueError:
            number = 0.0
        if not 0 < number < float("inf"):
            raise ValueError(f"{text!r} is no number of cells; give one such as 2000000.")
        return int(number) if number == int(number) else number
    if name == "preparation" and text not in _PREPARATIONS:
        raise ValueError(f"{text!r} is no preparation; use {' or '.join(_PREPARATIONS)}.")
    return text
