"""Linked data: what an IRI of ours names, in the form that is asked for.

``/trial/NCT...``, ``/concept/<scheme>/<name>``, ``/concept/<scheme>`` and ``/ontology`` are pages
for people. To those who ask for RDF or JSON they answer 303 with the address of that form, which
ends in ``.ttl``, ``.nt``, ``.rdf``, ``.jsonld`` or ``.json`` and can be asked for directly.

References
----------
.. [1] Cool URIs for the Semantic Web, W3C Interest Group Note, 2008; section 4.2 (303).
.. [2] RFC 9110, HTTP Semantics, 2022; section 12.5.1 (Accept).
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
from flask import Blueprint, Response, redirect, request
from markupsafe import Markup
from werkzeug.exceptions import NotAcceptable
from werkzeug.wrappers import Response as AnyResponse

from kg.exchange.fhir import research_study
from kg.exchange.schema_org import schema_org
from kg.study import Study
from web import described
from web.caching import answer_once, open_to_all
from web.described import Triples
from web.negotiation import best_offer
from web.served import served

blueprint = Blueprint("linked_data", __name__)

HTML_TYPE = "text/html"
FHIR_TYPE = "application/fhir+json"
RDF_TYPES = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}
"""Ending -> media type."""
_JSON_TYPE = "application/json"
_XHTML_TYPE = "application/xhtml+xml"
_NEGOTIATED = re.compile(
    r"/(?:(?P<trial>trial/[^/.]+)|(?P<concept>concept/[^/.]+(?:/[^/.]+)?)|ontology)"
)
_RDF_ENDING = "<any(ttl, jsonld, nt, rdf):ending>"
_NOT_IN_SCRIPT = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


@blueprint.before_app_request
def lead_to_the_form_asked_for() -> AnyResponse | None:
    """Answer 303 to those who ask a page's address for something else than a page.

    :raise 406: if it cannot be had in anything that is asked for.
    """
    found = _NEGOTIATED.fullmatch(request.path)
    if found is None or request.method not in ("GET", "HEAD"):
        return None
    endings = _endings(trial=found["trial"] is not None)
    best = best_offer(request.headers.get("Accept", ""), [HTML_TYPE, *endings, _XHTML_TYPE])
    if best is None:
        raise NotAcceptable(f"This can be had as {', '.join((HTML_TYPE, *endings))}.")
    if best in (HTML_TYPE, _XHTML_TYPE):
        return None
    response = redirect(f"{request.root_path}{request.path}.{endings[best]}", 303)
    response.vary.add("Accept")
    return open_to_all(response)  # type: ignore[arg-type]


@blueprint.after_app_request
def name_the_other_forms(response: Response) -> Response:
    """Say on such a page that other forms are to be had at its address, and where."""
    found = _NEGOTIATED.fullmatch(request.path)
    if found is not None:
        response.vary.add("Accept")
        if request.method == "OPTIONS":  # the page's, but scripts ask it for data
            open_to_all(response)
        if response.status_code == 200:
            for media_type, ending in _endings(trial=found["trial"] is not None).items():
                link = f'<{request.path}.{ending}>; rel="alternate"; type="{media_type}"'
                response.headers.add("Link", link)
    return response


@blueprint.after_request
def finish(response: Response) -> Response:
    """Let everyone read data; ways to it and errors too."""
    return open_to_all(response)


@blueprint.get(f"/trial/<nct_id>.{_RDF_ENDING}")
def trial(nct_id: str, ending: str) -> AnyResponse:
    """Return a trial's record, its kin and its relations as RDF.

    :raise 301: to the trial's own address, from an alias or another spelling of its id.
    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial.
    """
    found = served().generation.records.resolve(nct_id)
    if found != nct_id:
        return redirect(f"{request.root_path}/trial/{found}.{ending}", 301)
    return _rdf(ending, lambda: described.trial_triples(served(), found))


@blueprint.get("/trial/<nct_id>.fhir.json")
@blueprint.get("/trial/<nct_id>/fhir")
def trial_fhir(nct_id: str) -> AnyResponse:
    """Return a trial as a FHIR R5 ResearchStudy.

    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial.
    """
    now = served()
    found = now.generation.records.resolve(nct_id)

    def make() -> Response:
        body = msgspec.json.encode(research_study(now.generation.records.study(found)))
        return Response(body, content_type=FHIR_TYPE)

    return answer_once(now, FHIR_TYPE, make)


@blueprint.get(f"/concept/<scheme>/<name>.{_RDF_ENDING}")
def concept(scheme: str, name: str, ending: str) -> AnyResponse:
    """Return a concept, and which concepts are right below it, as RDF.

    :raise 404: if there is no such concept.
    """
    return _rdf(ending, lambda: described.concept_triples(served(), f"{scheme}/{name}"))


@blueprint.get(f"/concept/<scheme>.{_RDF_ENDING}")
def concept_scheme(scheme: str, ending: str) -> AnyResponse:
    """Return a whole concept scheme as RDF.

    :raise 404: if there is no such scheme.
    """
    return _rdf(ending, lambda: described.scheme_triples(scheme))


@blueprint.get(f"/ontology.{_RDF_ENDING}")
def ontology(ending: str) -> AnyResponse:
    """Return the vocabulary as RDF."""
    return _rdf(ending, described.ontology_triples)


@blueprint.get("/concept/<scheme>/<name>.json")
def concept_json(scheme: str, name: str) -> AnyResponse:
    """Lead to the concept in the JSON API."""
    return redirect(f"{request.root_path}/api/v1/concepts/{scheme}/{name}", 303)


@blueprint.get("/concept/<scheme>.json")
def concept_scheme_json(scheme: str) -> AnyResponse:
    """Lead to the scheme in the JSON API."""
    return redirect(f"{request.root_path}/api/v1/concepts/{scheme}", 303)


@blueprint.get("/ontology.json")
def ontology_json() -> AnyResponse:
    """Return the vocabulary as JSON-LD."""
    return ontology("jsonld")


def structured_data(study: Study) -> Markup:
    """Return a study as a ``<script type="application/ld+json">`` for its page.

    It is a data block, which a browser does not run, so that a content security policy without
    inline scripts has nothing against it (HTML, section 4.12.1). No text of a record can end it:
    what HTML gives a meaning to is written as escapes of JSON.
    """
    url = f"{request.host_url.rstrip('/')}{request.root_path}/trial/{study.nct_id}"
    raw = msgspec.json.encode(schema_org(study, page_url=url)).decode()
    safe = raw.translate(_NOT_IN_SCRIPT)
    return Markup(f'<script type="application/ld+json">{safe}</script>')  # noqa: S704


def _endings(*, trial: bool) -> dict[str, str]:
    """Return media type -> ending of all forms besides the page."""
    found = {media_type: ending for ending, media_type in RDF_TYPES.items()}
    found[_JSON_TYPE] = "json"
    if trial:
        found[FHIR_TYPE] = "fhir.json"
    return found


def _rdf(ending: str, triples: Callable[[], Triples]) -> Response:
    media_type = RDF_TYPES[ending]

    def make() -> Response:
        return Response(
            described.written(ending, triples()), content_type=_with_charset(media_type)
        )

    return answer_once(served(), media_type, make)


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
