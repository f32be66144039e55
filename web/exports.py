"""What pages show, as files: records, kin, search results, and the server's health."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request

from kg import views
from web.compare import compare, compared_ids
from web.config import KIN_MOST, KIN_SHOWN
from web.kin_view import chosen_weights
from web.search import CSV_COLUMNS, SearchRequest, csv_rows, find
from web.served import served

blueprint = Blueprint("exports", __name__)


@blueprint.get("/trial/<nct_id>.json")
def trial_json(nct_id: str) -> Response:
    """Return a record as it is stored, in the registry's API v2 shape.

    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial.
    """
    return jsonify(served().generation.records.payload(nct_id))


@blueprint.get("/trial/<nct_id>/kin.csv")
def kin_csv(nct_id: str) -> Response:
    """Return a trial's kin as a table, with the number and the weights that the page has.

    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial.
    """
    generation = served().generation
    found = generation.records.resolve(nct_id)
    k = min(max(request.args.get("k", KIN_SHOWN, int), 1), KIN_MOST)
    kin = generation.kin_index.rank(found, k, weights=chosen_weights(request.args) or None)
    columns = (*views.KIN_COLUMNS, "shared", "differing")
    return csv_response(views.kin_rows(generation, found, kin), columns, f"kin-{found}.csv")


@blueprint.get("/search.csv")
def search_csv() -> Response:
    """Return the trials of one page of a search as a table."""
    result = find(served(), SearchRequest.of(request.args))
    return csv_response(csv_rows(result.cards), CSV_COLUMNS, "trialkin-search.csv")


@blueprint.get("/compare.csv")
def compare_csv() -> Response:
    """Return compared trials as a table, one row a trial.

    :raise 400: if one of the ids is no NCT id.
    :raise 404: if one of the trials is not here.
    """
    records = served().generation.records
    nct_ids = compared_ids(request.args, records)
    table = compare(nct_ids, records)
    rows = [
        {"nct_id": nct_id} | {row.name: list(row.cells[at]) or ["not stated"] for row in table}
        for at, nct_id in enumerate(nct_ids)
    ]
    return csv_response(rows, ("nct_id", *(row.name for row in table)), "trialkin-compare.csv")


@blueprint.get("/health")
def health() -> Response:
    """Say whether a generation is served, and which.

    :raise 503: if none can be opened.
    """
    manifest = served().generation.manifest
    return jsonify(
        ok=True,
        generation=manifest.generation,
        built_at=manifest.built_at,
        software_version=manifest.software_version,
        watermark=manifest.watermark,
        trials=manifest.counts.get("trials", 0),
    )


def csv_response(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], filename: str
) -> Response:
    """Return rows as a CSV file to keep."""
    response = make_response(views.csv_text(rows, columns))
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
