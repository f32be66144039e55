"""What pages show, as files: records, kin, search results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request

from kg import views
from web.caching import answer_once, open_to_all
from web.compare import compare, compared_ids
from web.ignored import SEARCH_NAMES, ignored_parameters, note_ignored
from web.kin_request import KIN_NAMES, KinRequest
from web.search import find, find_all
from web.search_request import SearchRequest
from web.search_table import CSV_COLUMNS, csv_rows
from web.served import served

blueprint = Blueprint("exports", __name__)


@blueprint.get("/trial/<nct_id>.json")
def trial_json(nct_id: str) -> Response:
    """Return a record as it is stored, in the registry's API v2 shape.

    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial.
    """
    now = served()
    found = now.generation.records.resolve(nct_id)
    return open_to_all(
        answer_once(now, "application/json", lambda: jsonify(now.generation.records.payload(found)))
    )


@blueprint.get("/trial/<nct_id>/kin.csv")
def kin_csv(nct_id: str) -> Response:
    """Return a trial's kin as a table, with the number and the weights that the page has.

    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial.
    """
    now, asked = served(), KinRequest.of(request.args)
    generation = now.generation
    found = generation.records.resolve(nct_id)
    kin = generation.rank_kin(
        found, asked.k, weights=asked.weights or None, allowed=asked.allowed(now)
    )
    columns = (*views.KIN_COLUMNS, "shared", "differing")
    response = csv_response(views.kin_rows(generation, found, kin), columns, f"kin-{found}.csv")
    return note_ignored(response, ignored_parameters(request.args, KIN_NAMES, now.facets))


@blueprint.get("/search.csv")
def search_csv() -> Response:
    """Return the trials of one page of a search as a table; with ``all=yes`` those of all pages.

    It holds codes, for programs; with ``values=words`` the words that the page shows.
    """
    now, asked = served(), SearchRequest.of(request.args)
    if request.args.get("all") == "yes":
        nct_ids = find_all(now, asked).nct_ids
        held = now.generation.records.cards(nct_ids)
        cards, name = [held[nct_id] for nct_id in nct_ids], "trialkin-search-all"
    else:
        cards, name = list(find(now, asked).cards), "trialkin-search"
    values = request.args.get("values", "codes")
    known = SEARCH_NAMES | {"all"} | ({"values"} if values in ("codes", "words") else set())
    if in_words := values == "words":
        name += "-in-words"
    response = csv_response(csv_rows(cards, in_words=in_words), CSV_COLUMNS, f"{name}.csv")
    return note_ignored(response, ignored_parameters(request.args, known, now.facets))


@blueprint.get("/compare.csv")
def compare_csv() -> Response:
    """Return compared trials as a table, one row a trial.

    :raise 400: if one of the ids is no NCT id.
    :raise 404: if one of the trials is not here.
    """
    records = served().generation.records
    nct_ids = compared_ids(request.args, records)
    table = compare(nct_ids, records)
    rows: list[dict[str, Any]] = [
        {"nct_id": nct_id} | {name: value for row in table for name, value in row.in_files(at)}
        for at, nct_id in enumerate(nct_ids)
    ]
    columns = tuple(dict.fromkeys(name for row in table for name, _ in row.in_files(0)))
    response = csv_response(rows, ("nct_id", *columns), "trialkin-compare.csv")
    return note_ignored(response, ignored_parameters(request.args, ("nct_id", "rows")))


def csv_response(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], filename: str
) -> Response:
    """Return rows as a CSV file to keep."""
    response = make_response(views.csv_text(rows, columns))
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
