"""The pages that people read first: start, search, a trial, its kin, about."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from kg.iris import trial_iri
from ontology.errors import InvalidIdentifierError, UnknownTrialError
from web.about import SOURCE_NAMES, about_view
from web.config import FACET_VALUES_SHOWN, KIN_MOST
from web.did_you_mean import doubt
from web.evidence import read_fields
from web.facets import RANGES
from web.files import trial_files
from web.ignored import SEARCH_NAMES, ignored_parameters
from web.kin_request import KIN_NAMES, KinRequest, answer_kin, nearest_kin
from web.kin_view import USUAL, WEIGHT_MOST, WEIGHT_PREFIX, WEIGHT_STEP
from web.labels import FACET_LABELS
from web.overview import EXAMPLE_SEARCHES, overview
from web.search import find
from web.search_request import SORTS, SearchRequest
from web.served import served
from web.trial_address import id_at_its_address
from web.trial_view import record_view

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def start() -> str:
    """Show what this is, a search box, and the graph in numbers and pictures."""
    now = served()
    return render_template(
        "start.html",
        overview=overview(now),
        manifest=now.generation.manifest,
        example_searches=EXAMPLE_SEARCHES,
    )


@blueprint.get("/search")
def search() -> AnyResponse | str:
    """Show the trials that a search finds; an NCT id that is here leads to its trial.

    :raise 400: never; parameters that make no sense are left out, and the page says so.
    """
    now = served()
    asked = SearchRequest.of(request.args)
    records = now.generation.records
    wanted: str | None = None
    nearest: tuple[str, ...] = ()
    try:
        return redirect(url_for(".trial", nct_id=records.resolve(asked.words)))
    except InvalidIdentifierError as error:
        nearest = error.nearest  # none of words that are no attempt at an id
    except UnknownTrialError as error:
        wanted, nearest = error.nct_id, error.nearest
    return render_template(
        "search.html",
        result=find(now, asked),
        sorts=SORTS,
        ranges=RANGES,
        wanted=wanted,
        nearest=records.cards(nearest),
        doubt=doubt(records, "" if wanted or nearest else asked.words),
        has_every_word=records.has_every_word(asked.words),
        ignored=ignored_parameters(request.args, SEARCH_NAMES, now.facets),
        shown_values=FACET_VALUES_SHOWN,
    )


@blueprint.get("/trial/<nct_id>")
def trial(nct_id: str) -> str:
    """Show a trial and its nearest kin.

    :raise 301: to the trial's own address, from an alias or another spelling of its id.
    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial; the page names the nearest ids.
    """
    now = served()
    found = id_at_its_address(now, nct_id)
    records = now.generation.records
    study, facts = records.study(found), records.facts(found)
    listed = [one for one in study.listed_as_related if one.nct_id is not None]
    return render_template(
        "trial.html",
        study=study,
        card=records.card(found),
        fields=read_fields(study, facts),
        record=record_view(study),
        iri=trial_iri(found),
        kin=nearest_kin(now, found),
        listed=listed,
        listed_cards=records.cards(str(one.nct_id) for one in listed),
        manifest=now.generation.manifest,
        files=trial_files(found),
    )


@blueprint.get("/trial/<nct_id>/kin")
def kin(nct_id: str) -> str:
    """Show a trial's kin: weighed and narrowed as the address says, relations first.

    :raise 301: to the trial's own address, from an alias or another spelling of its id.
    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial; the page names the nearest ids.
    """
    now = served()
    asked: dict[str, Any] = request.args.to_dict(flat=False)
    asked.pop("nct_id", None)
    found = id_at_its_address(now, nct_id, **asked)
    wish = KinRequest.of(request.args)
    return render_template(
        "kin.html",
        card=now.generation.records.card(found),
        answer=answer_kin(now, found, wish),
        asked=wish,
        ignored=ignored_parameters(request.args, KIN_NAMES, now.facets),
        k_more=min(wish.k + 20, KIN_MOST),
        can_show_more=wish.k < KIN_MOST,
        usual=USUAL,
        weight_prefix=WEIGHT_PREFIX,
        weight_most=WEIGHT_MOST,
        weight_step=WEIGHT_STEP,
        facet_labels=FACET_LABELS,
        shown_values=FACET_VALUES_SHOWN,
    )


@blueprint.get("/about")
def about() -> str:
    """Show where the data come from, how kin are found, versions, scores and limits."""
    return render_template("about.html", about=about_view(served()), source_names=SOURCE_NAMES)


@blueprint.get("/favicon.ico")
def favicon() -> AnyResponse:
    """Lead browsers that ask for the old name to the icon."""
    return redirect(url_for("static", filename="favicon.svg"), 301)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Keep crawlers off addresses that have no end."""
    paths = ("/search", "/sparql", "/evidence", "/compare", "/trial/*/kin", "/changes?")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in paths)]
    response = make_response("\n".join(lines) + "\n")
    response.mimetype = "text/plain"
    return response
