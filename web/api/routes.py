"""The operations of the API, their addresses, its OpenAPI document and its page."""

from __future__ import annotations

from functools import cache, partial
from itertools import islice

import msgspec
from flask import Blueprint, Response, make_response, render_template
from werkzeug.wrappers import Response as AnyResponse

from ontology.errors import TrialKinError
from web.api import answers, concepts, kin, requests, trials
from web.api.openapi import API_BASE, openapi_document
from web.api.operations import JSON_TYPE, Operation
from web.caching import answer_once, open_to_all
from web.errors import STATUSES, problem_name
from web.served import Served, served

blueprint = Blueprint("api", __name__)

OPERATIONS = (
    Operation(
        name="status",
        method="GET",
        path="/status",
        summary="What is published: generation, counts, versions.",
        asked=requests.NothingAsked,
        answer=answers.Status,
        run=trials.status,
    ),
    Operation(
        name="trials",
        method="GET",
        path="/trials",
        summary="Trials that pass filters, page by page.",
        asked=requests.TrialsRequest,
        answer=answers.TrialPage,
        run=trials.trials,
        rows=trials.trial_rows,
        problems=(422,),
    ),
    Operation(
        name="search",
        method="GET",
        path="/search",
        summary="Trials by words, with the values that they can be narrowed by.",
        asked=requests.SearchRequest,
        answer=answers.TrialPage,
        run=trials.trials,
        rows=trials.trial_rows,
        problems=(422,),
    ),
    Operation(
        name="trial",
        method="GET",
        path="/trials/{nct_id}",
        summary="One trial, with its record as registered.",
        asked=requests.TrialRequest,
        answer=answers.Trial,
        run=trials.trial,
        problems=(404,),
    ),
    Operation(
        name="kin",
        method="GET",
        path="/trials/{nct_id}/kin",
        summary="The kin of a trial, with scores and reasons.",
        asked=requests.KinRequest,
        answer=answers.KinList,
        run=kin.kin,
        rows=kin.kin_rows,
        problems=(404, 422),
    ),
    Operation(
        name="relations",
        method="GET",
        path="/trials/{nct_id}/relations",
        summary="The typed relations of a trial, with the words that say so.",
        asked=requests.RelationsRequest,
        answer=answers.RelationList,
        run=trials.relations,
        rows=trials.relation_table,
        problems=(404,),
    ),
    Operation(
        name="trial_facts",
        method="GET",
        path="/trials/{nct_id}/facts",
        summary="What was read from a trial's text, with the words that it leans on.",
        asked=requests.OneTrialRequest,
        answer=answers.FactList,
        run=trials.trial_facts,
        rows=trials.fact_rows,
        problems=(404,),
    ),
    Operation(
        name="facts",
        method="GET",
        path="/facts",
        summary="The facts of all trials that pass filters, page by page.",
        asked=requests.FactsRequest,
        answer=answers.FactList,
        run=trials.facts,
        rows=trials.fact_rows,
        problems=(422,),
    ),
    Operation(
        name="kin_together",
        method="GET",
        path="/kin",
        summary="The trials that are closest to several trials at once.",
        asked=requests.KinTogetherRequest,
        answer=answers.KinList,
        run=kin.kin_together,
        rows=kin.kin_rows,
        problems=(404, 422),
    ),
    Operation(
        name="kin_of_text",
        method="POST",
        path="/kin",
        summary="The trials that are closest to a text, such as a synopsis.",
        asked=requests.KinOfTextRequest,
        answer=answers.KinList,
        run=kin.kin_of_text,
        problems=(413, 415, 422),
    ),
    Operation(
        name="compare",
        method="GET",
        path="/compare",
        summary="Trials side by side, question by question.",
        asked=requests.CompareRequest,
        answer=answers.ComparisonTable,
        run=trials.comparison,
        rows=trials.comparison_rows,
        problems=(404,),
    ),
    Operation(
        name="schemes",
        method="GET",
        path="/concepts",
        summary="The concept schemes.",
        asked=requests.NothingAsked,
        answer=answers.SchemeList,
        run=concepts.schemes,
    ),
    Operation(
        name="concepts",
        method="GET",
        path="/concepts/{scheme}",
        summary="The concepts of a scheme, with how many trials have each.",
        asked=requests.SchemeRequest,
        answer=answers.ConceptList,
        run=concepts.concepts,
        rows=concepts.concept_rows,
    ),
    Operation(
        name="concept",
        method="GET",
        path="/concepts/{scheme}/{name}",
        summary="One concept, its neighbours, its ids elsewhere, its trials.",
        asked=requests.ConceptRequest,
        answer=answers.ConceptDetail,
        run=concepts.concept,
        problems=(404,),
    ),
)
"""All operations, in the order in which they are shown."""

EXAMPLES = {
    "trials": "/trials?condition=systemic+sclerosis&sort=updated",
    "search": "/search?q=umbilical+cord+systemic+sclerosis",
    "trial": "/trials/{one}",
    "kin": "/trials/{one}/kin?k=5&weight=route%3D2",
    "relations": "/trials/{one}/relations",
    "trial_facts": "/trials/{one}/facts?format=csv",
    "facts": "/facts?route=intrathecal&format=csv",
    "kin_together": "/kin?nct_id={one}&nct_id={other}",
    "compare": "/compare?nct_id={one}&nct_id={other}",
    "status": "/status",
    "schemes": "/concepts",
    "concepts": "/concepts/routes?used=true",
    "concept": "/concepts/conditions/systemic_sclerosis",
}
"""Operation -> an address to try, below the base, with places for two trials."""
_TRIALS_SHOWN = ("NCT04356287", "NCT00962923")
"""The trials of the examples, where they are in the graph."""

for _operation in OPERATIONS:
    blueprint.add_url_rule(
        API_BASE + _operation.rule,
        _operation.name,
        partial(Operation.respond, _operation),
        methods=[_operation.method],
    )


@blueprint.after_request
def let_all_origins_ask(response: Response) -> Response:
    """Let scripts of any origin read answers and errors, and send JSON."""
    return open_to_all(response)


@blueprint.get(f"{API_BASE}/openapi.json")
def openapi() -> Response:
    """Return the OpenAPI document."""

    def make() -> Response:
        return Response(_document(), content_type=JSON_TYPE)

    return answer_once(served(), JSON_TYPE, make)


def example_paths(now: Served) -> dict[str, str]:
    """Return by operation an address to try, with trials that are in the graph."""
    known = now.facets.all_ids
    one, other = _TRIALS_SHOWN
    if not all(nct_id in known for nct_id in _TRIALS_SHOWN) and len(known) > 1:
        one, other = islice(known, 2)
    return {
        name: API_BASE + path.replace("{one}", one).replace("{other}", other)
        for name, path in EXAMPLES.items()
    }


@cache
def _document() -> bytes:
    return msgspec.json.encode(openapi_document(OPERATIONS))


@blueprint.get("/api")
def page() -> AnyResponse:
    """Show the operations, and the kinds of problems, to people."""
    document = openapi_document(OPERATIONS)
    return make_response(
        render_template(
            "api.html",
            base=API_BASE,
            operations=[
                (operation, document["paths"][API_BASE + operation.path][operation.method.lower()])
                for operation in OPERATIONS
            ],
            problems=[
                (problem_name(kind), status, (kind.__doc__ or "").partition("\n")[0])
                for kind, status in STATUSES
                if kind is not TrialKinError
            ],
            examples=example_paths(served()),
        )
    )
