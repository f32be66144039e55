"""The OpenAPI 3.1 document, made from the operations and their structs.

References
----------
.. [1] OpenAPI Specification 3.1.1, 2024.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from web.api.answers import Problem
from web.api.operations import CSV_TYPE, JSON_TYPE, Operation, takes_many
from web.errors import PROBLEM_TYPE, error_title

API_BASE = "/api/v1"
_REF = "#/components/schemas/{name}"
_ALL_PROBLEMS = (406, 503)


def openapi_document(operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the document as JSON-ready values."""
    kinds: list[type[Any]] = [operation.answer for operation in operations] + [Problem]
    kinds += [operation.asked for operation in operations if operation.method == "POST"]
    references, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    by_kind = dict(zip(kinds, references, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = paths.setdefault(API_BASE + operation.path, {})
        path[operation.method.lower()] = _described(operation, by_kind)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "TrialKin",
            "version": version("trialkin"),
            "summary": "Clinical trials, their kin, and the reasons.",
            "description": (
                "Every answer is made from one published generation of the graph, which it names. "
                "Answers that depend on it alone carry an ETag. Errors are problems (RFC 9457)."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": components},
    }


def _described(operation: Operation, by_kind: dict[type[Any], dict[str, Any]]) -> dict[str, Any]:
    content = {JSON_TYPE: {"schema": by_kind[operation.answer]}}
    if operation.rows is not None:
        content[CSV_TYPE] = {"schema": {"type": "string"}}
    success = {"description": (operation.answer.__doc__ or "").strip(), "content": content}
    problem = {PROBLEM_TYPE: {"schema": by_kind[Problem]}}
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "responses": {"200": success}
        | {
            str(status): {"description": error_title(status), "content": problem}
            for status in sorted({400, *_ALL_PROBLEMS, *operation.problems})
        },
    }
    if operation.method == "POST":
        described["requestBody"] = {
            "required": True,
            "content": {JSON_TYPE: {"schema": by_kind[operation.asked]}},
        }
    else:
        described["parameters"] = list(_parameters(operation))
        described["responses"]["304"] = {"description": "The client has the answer already."}
    return described


def _parameters(operation: Operation) -> Sequence[dict[str, Any]]:
    # Parameters are described in place: a schema of the whole struct would say `object`.
    _, components = msgspec.json.schema_components([operation.asked], ref_template=_REF)
    schema = components[operation.asked.__name__]
    required = schema.get("required", ())
    found = []
    for field in msgspec.structs.fields(operation.asked):
        described = dict(schema["properties"][field.encode_name])
        in_path = field.encode_name in operation.places
        entry: dict[str, Any] = {
            "name": field.encode_name,
            "in": "path" if in_path else "query",
            "required": in_path or field.encode_name in required,
        }
        if "description" in described:
            entry["description"] = described.pop("description")
        if takes_many(field):
            entry |= {"style": "form", "explode": True}
        entry["schema"] = described
        found.append(entry)
    return found
