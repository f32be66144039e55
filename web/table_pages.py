"""Trials in tables: side by side, and as the evidence table of a review, with its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from kg.iris import trial_iri
from web.compare import asked_ids, compare
from web.config import COMPARED_TRIALS, EVIDENCE_ROWS_MOST, EVIDENCE_ROWS_SHOWN
from web.evidence_table import COLUMNS, Column, EvidenceRow, chosen_columns, evidence_rows
from web.exports import csv_response
from web.figures import Value
from web.ignored import SEARCH_NAMES, Ignored, ignored_parameters, note_ignored
from web.kin_request import KIN_NAMES, KinRequest
from web.presentation import NOT_STATED, shortened
from web.search import find_all
from web.search_request import SearchRequest
from web.served import Served, served
from web.spreadsheet import MEDIA_TYPE, workbook

blueprint = Blueprint("tables", __name__)

_SEPARATOR = "; "


@dataclass(frozen=True, slots=True)
class Selection:
    """The trials of an evidence table and where they come from.

    Attributes
    ----------
    title : str
        In words.
    nct_ids : sequence of str
    parameters : dict
        Those of the address that give these trials again.
    kin_of : str or None
        The trial whose kin they are; it stands in the first row.
    counts : bool
        Whether the title leaves open how many they are.
    """

    title: str
    nct_ids: Sequence[str]
    parameters: dict[str, Any]
    kin_of: str | None = None
    counts: bool = False


@blueprint.get("/compare")
def comparison() -> str:
    """Show two to six trials side by side.

    :raise 400: if one of the ids is no NCT id.
    :raise 404: if one of the trials is not here.
    """
    now = served()
    records = now.generation.records
    nct_ids = asked_ids(request.args, records)
    shown = nct_ids[:COMPARED_TRIALS]
    only_differing = request.args.get("rows") == "differing"
    table = compare(shown, records)
    return render_template(
        "compare.html",
        table=[row for row in table if row.differs or not only_differing],
        rows_alike=sum(not row.differs for row in table),
        only_differing=only_differing,
        cards=records.cards(shown),
        nct_ids=shown,
        dropped=nct_ids[COMPARED_TRIALS:],
        most=COMPARED_TRIALS,
        ignored=ignored_parameters(request.args, ("nct_id", "rows")),
    )


@blueprint.get("/evidence")
def evidence() -> str:
    """Show trials as the table of a review: those named, a trial's kin, or a search's.

    :raise 400: if one of the ids is no NCT id.
    :raise 404: if one of the trials is not here.
    """
    now = served()
    selection = selected(now, request.args)
    columns = chosen_columns(request.args.getlist("columns"))
    pages = max(1, -(-len(selection.nct_ids) // EVIDENCE_ROWS_SHOWN))
    page = min(max(request.args.get("page", 1, int), 1), pages)
    first = (page - 1) * EVIDENCE_ROWS_SHOWN
    shown = selection.nct_ids[first : first + EVIDENCE_ROWS_SHOWN]
    usual = columns == chosen_columns(())
    return render_template(
        "evidence.html",
        selection=selection,
        columns=columns,
        all_columns=COLUMNS,
        column_parameter=None if usual else ",".join(column.name for column in columns),
        rows=list(evidence_rows(now, shown, columns)),
        first=first + 1 if shown else 0,
        page=page,
        pages=pages,
        most=EVIDENCE_ROWS_MOST,
        ignored=_ignored(now),
    )


@blueprint.get("/evidence.csv")
def evidence_csv() -> Response:
    """Return a whole evidence table as CSV.

    :raise 400: if one of the ids is no NCT id.
    :raise 404: if one of the trials is not here.
    """
    now = served()
    columns, rows = _whole_table(now, request.args)
    names = [name for column in columns for name in _names(column)]
    lines = [dict(zip(("nct_id", *names), _line(row), strict=True)) for row in rows]
    response = csv_response(lines, ("nct_id", *names), "trialkin-evidence.csv")
    return note_ignored(response, _ignored(now))


@blueprint.get("/evidence.xlsx")
def evidence_xlsx() -> Response:
    """Return a whole evidence table as a workbook.

    :raise 400: if one of the ids is no NCT id.
    :raise 404: if one of the trials is not here.
    """
    now = served()
    columns, rows = _whole_table(now, request.args)
    book = workbook(
        [_line(row) for row in rows],
        ["NCT id", *(label for column in columns for label in _labels(column))],
        sheet="Evidence",
        links={row.nct_id: trial_iri(row.nct_id) for row in rows},
        missing=NOT_STATED,
        notes=_notes(now, selected(now, request.args), columns),
    )
    response = make_response(book)
    response.mimetype = MEDIA_TYPE
    response.headers["Content-Disposition"] = 'attachment; filename="trialkin-evidence.xlsx"'
    return note_ignored(response, _ignored(now))


def selected(now: Served, args: MultiDict[str, str]) -> Selection:
    """Return the trials that an address asks for.

    Raises
    ------
    InvalidIdentifierError, UnknownTrialError
        If one of the ids is no NCT id or not here.
    """
    records = now.generation.records
    if args.get("kin_of"):
        found = records.resolve(args["kin_of"])
        asked = KinRequest.of(args)
        kin = now.generation.rank_kin(
            found,
            asked.k,
            weights=asked.weights or None,
            allowed=asked.allowed(now),
            reasons=False,
        )
        return Selection(
            f"{found} and its {len(kin)} nearest kin",
            [found, *(link.nct_id for link in kin)],
            {"kin_of": found, **asked.parameters(expected=None)},
            found,
        )
    if "nct_id" in args:
        nct_ids = asked_ids(args, records)
        named = "1 chosen trial" if len(nct_ids) == 1 else f"{len(nct_ids)} chosen trials"
        return Selection(named, nct_ids, {"nct_id": " ".join(nct_ids)})
    asked_search = SearchRequest.of(args)
    found_ids = find_all(now, asked_search).nct_ids
    title = "All trials" if not asked_search.narrows else "Trials that a search finds"
    if asked_search.words:
        title = f"Trials found by “{asked_search.words}”"
    return Selection(title, found_ids, asked_search.parameters(), counts=True)


def _whole_table(
    now: Served, args: MultiDict[str, str]
) -> tuple[Sequence[Column], Sequence[EvidenceRow]]:
    columns = chosen_columns(args.getlist("columns"))
    nct_ids = selected(now, args).nct_ids[:EVIDENCE_ROWS_MOST]
    return columns, list(evidence_rows(now, nct_ids, columns))


def _names(column: Column) -> list[str]:
    return [column.name, *(figure.name for figure in column.figures)]


def _labels(column: Column) -> list[str]:
    return [column.label, *(figure.label for figure in column.figures)]


def _line(row: EvidenceRow) -> list[Value]:
    """Return a row as files hold it: words, and beside them the figures, empty where unknown."""
    line: list[Value] = [row.nct_id]
    for cell, figures in zip(row.cells, row.figures, strict=True):
        line += [_SEPARATOR.join(cell) or NOT_STATED, *figures]
    return line


def _ignored(now: Served) -> tuple[Ignored, ...]:
    """Return what of the address of an evidence table is left out."""
    known = {"columns", "page"}
    if request.args.get("kin_of"):
        known |= {"kin_of", *KIN_NAMES} - {"expected"}
    elif "nct_id" in request.args:
        known.add("nct_id")
    else:
        known |= SEARCH_NAMES
    found = ignored_parameters(request.args, known, now.facets)
    names = [column.name for column in COLUMNS]
    asked = (name for said in request.args.getlist("columns") for name in said.split(","))
    return found + tuple(
        Ignored("columns", f"columns={shortened(name, 60)}", "there is no such column")
        for name in dict.fromkeys(asked)
        if name and name != "all" and name not in names
    )


def _notes(now: Served, selection: Selection, columns: Sequence[Column]) -> list[tuple[str, str]]:
    manifest = now.generation.manifest
    read = ", ".join(column.label for column in columns if column.extracted) or "none"
    return [
        ("Table", selection.title),
        ("Trials", f"{min(len(selection.nct_ids), EVIDENCE_ROWS_MOST):,}"),
        ("Made", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"),
        ("Source", "ClinicalTrials.gov, U.S. National Library of Medicine"),
        ("Latest registry update", manifest.watermark or NOT_STATED),
        ("Data", f"TrialKin {manifest.software_version}, data version {manifest.generation}"),
        ("Read from the text", f"{read}. These columns are found by rules; check the record."),
        (NOT_STATED, "The record does not say, or the rules did not find it."),
        ("Figures", "Least and most of several values; empty where nothing is stated."),
    ]  # fmt: skip
