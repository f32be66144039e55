"""The pages that people read: start, search, trial, comparison, about."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from kg.iris import canonical_nct_id, trial_iri
from ontology.errors import InvalidIdentifierError, TrialKinError
from ontology.schemes import SCHEME_NAMES, load_scheme
from web.compare import compare, compared_ids
from web.config import COMPARED_TRIALS, FACET_VALUES_SHOWN, KIN_MOST, KIN_SHOWN
from web.evidence import read_fields
from web.examples import query_example
from web.kin_view import USUAL, WEIGHT_PREFIX, WEIGHTS, chosen_weights, kin_cards
from web.overview import EXAMPLE_SEARCHES, overview
from web.presentation import FACET_LABELS, FIELD_LABELS
from web.search import SORTS, SearchRequest, find
from web.served import served
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

    :raise 400: never; parameters that make no sense are left out.
    """
    now = served()
    asked = SearchRequest.of(request.args)
    wanted, nearest = None, ()
    try:
        wanted = canonical_nct_id(asked.words)
    except InvalidIdentifierError:
        pass  # words, then
    else:
        try:
            return redirect(url_for(".trial", nct_id=now.generation.records.resolve(wanted)))
        except TrialKinError as error:
            nearest = getattr(error, "nearest", ())
    return render_template(
        "search.html",
        result=find(now, asked),
        sorts=SORTS,
        wanted=wanted,
        nearest=now.generation.records.cards(nearest),
        shown_values=FACET_VALUES_SHOWN,
    )


@blueprint.get("/trial/<nct_id>")
def trial(nct_id: str) -> AnyResponse | str:
    """Show a trial and its kin.

    :raise 301: to the trial's own address, from an alias or another spelling of its id.
    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial; the page names the nearest ids.
    """
    now = served()
    records = now.generation.records
    found = records.resolve(nct_id)
    if found != nct_id:
        asked: dict[str, Any] = request.args.to_dict(flat=False)
        asked.pop("nct_id", None)
        return redirect(url_for(".trial", nct_id=found, **asked), 301)
    study, facts = records.study(found), records.facts(found)
    k = min(max(request.args.get("k", KIN_SHOWN, int), 1), KIN_MOST)
    weights = chosen_weights(request.args)
    kin = now.generation.kin_index.rank(found, k, weights=weights or None)
    listed = [one for one in study.listed_as_related if one.nct_id is not None]
    cards = records.cards([link.nct_id for link in kin] + [str(one.nct_id) for one in listed])
    return render_template(
        "trial.html",
        study=study,
        card=records.card(found),
        fields=read_fields(study, facts),
        record=record_view(study),
        iri=trial_iri(found),
        kin=kin_cards(kin, cards),
        listed=listed,
        listed_cards=cards,
        k=k,
        k_more=min(k + 20, KIN_MOST),
        can_show_more=len(kin) == k < KIN_MOST,
        weights=weights,
        weight_choices=WEIGHTS,
        weight_prefix=WEIGHT_PREFIX,
        weight_parameters={f"{WEIGHT_PREFIX}{facet}": f"{w:g}" for facet, w in weights.items()},
        weight_of={
            facet: request.args.get(WEIGHT_PREFIX + facet, usual) for facet, usual in USUAL.items()
        },
        facet_labels=FACET_LABELS,
    )


@blueprint.get("/compare")
def comparison() -> str:
    """Show two to six trials side by side.

    :raise 400: if one of the ids is no NCT id.
    :raise 404: if one of the trials is not here.
    """
    now = served()
    nct_ids = compared_ids(request.args, now.generation.records)
    return render_template(
        "compare.html",
        table=compare(nct_ids, now.generation.records),
        cards=now.generation.records.cards(nct_ids),
        nct_ids=nct_ids,
        most=COMPARED_TRIALS,
    )


@blueprint.get("/about")
def about() -> str:
    """Show where the data come from, how kin are found, versions and limits."""
    now = served()
    index = now.generation.kin_index
    return render_template(
        "about.html",
        manifest=now.generation.manifest,
        limits=now.queries.limits,
        concepts=sum(len(load_scheme(name)) for name in SCHEME_NAMES),
        field_labels=FIELD_LABELS,
        model_name=index.model_name,
        source_query=query_example("source_not_stated"),
    )


@blueprint.get("/favicon.ico")
def favicon() -> AnyResponse:
    """Lead browsers that ask for the old name to the icon."""
    return redirect(url_for("static", filename="favicon.svg"), 301)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Keep crawlers off addresses that have no end."""
    response = make_response("User-agent: *\nDisallow: /search\nDisallow: /sparql\n")
    response.mimetype = "text/plain"
    return response
