"""`Operation`: one thing that the API does; checks of what is asked, forms of what is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_origin
from urllib.parse import urlencode

import msgspec
from flask import Response, request
from msgspec import UNSET, UnsetType
from msgspec.structs import FieldInfo
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import (
    BadRequest,
    NotAcceptable,
    UnprocessableEntity,
    UnsupportedMediaType,
)

from kg import views
from ontology.errors import RecordError
from web.api.answers import InvalidPart
from web.caching import answer_once
from web.negotiation import best_offer
from web.served import Served, served

Rows = Callable[[Any], tuple[Sequence[Mapping[str, Any]], Sequence[str]]]
"""Answer -> the rows and the columns of its CSV form."""

JSON_TYPE = "application/json"
CSV_TYPE = "text/csv"
_PLACE = re.compile(r"\{(\w+)\}")
_MISSING = re.compile(r"Object missing required field `(\w+)`")
_PART = re.compile(r" - at `\$\.?(?P<part>[^`]*)`$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of the API.

    Attributes
    ----------
    name : str
        Unique; the operation's id in the OpenAPI document.
    method : {'GET', 'POST'}
    path : str
        Below ``/api/v1``, with places such as ``{nct_id}``.
    summary : str
        What it gives, in one line.
    asked : type
        Struct of the parameters or, for POST, of the body.
    answer : type
        Struct of the answer.
    run : callable
        Generation and what is asked -> answer.
    rows : callable, optional
        Makes the CSV form of an answer.
    problems : tuple of int
        Statuses that it can be refused with, besides those of all operations.
    """

    name: str
    method: str
    path: str
    summary: str
    asked: type[Any]
    answer: type[Any]
    run: Callable[[Served, Any], Any]
    rows: Rows | None = None
    problems: tuple[int, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """Names of the parameters in the path."""
        return tuple(_PLACE.findall(self.path))

    @property
    def rule(self) -> str:
        """The path as Flask writes it."""
        return _PLACE.sub(r"<\1>", self.path)

    def respond(self, **places: str) -> Response:
        """Answer the current request."""
        asked = self._body() if self.method == "POST" else self._parameters(places)
        media_type = self._media_type(getattr(asked, "format", UNSET))
        now = served()

        def make() -> Response:
            try:
                answer = self.run(now, asked)
            except RecordError as error:  # what was asked is well formed, and makes no sense
                raise UnprocessableEntity(str(error)) from error
            if media_type == JSON_TYPE or self.rows is None:
                return Response(msgspec.json.encode(answer), content_type=JSON_TYPE)
            rows, columns = self.rows(answer)
            response = Response(
                views.csv_text(rows, columns), content_type=f"{CSV_TYPE}; charset=utf-8"
            )
            response.headers["Content-Disposition"] = f'attachment; filename="{self.name}.csv"'
            after = getattr(answer, "next", None)
            if after is not None:  # CSV has no place for it
                response.headers["Link"] = f'<?{_next_query(after)}>; rel="next"'
            return response

        response = answer_once(now, media_type, make) if self.method == "GET" else make()
        if self.rows is not None:
            response.vary.add("Accept")
        return response

    def _parameters(self, places: Mapping[str, str]) -> Any:
        fields = {field.encode_name: field for field in msgspec.structs.fields(self.asked)}
        given: dict[str, Any] = dict(places)
        for name, values in request.args.lists():
            field = fields.get(name)
            if field is None or name in places:
                raise _invalid(name, f"is not a parameter; there are {_names(fields, places)}")
            if takes_many(field):
                given[name] = values
            elif len(values) > 1:
                raise _invalid(name, "is given more than once")
            else:
                given[name] = values[0]
        return _checked(given, self.asked, strict=False)

    def _body(self) -> Any:
        if request.mimetype != JSON_TYPE:
            raise UnsupportedMediaType(f"Send the body as {JSON_TYPE}.")
        for name in request.args:
            raise _invalid(name, "is not a parameter; say everything in the body")
        try:
            given = msgspec.json.decode(request.get_data())
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadRequest(f"The body is not JSON: {error}.") from None
        return _checked(given, self.asked, strict=True)

    def _media_type(self, form: str | UnsetType) -> str:
        if not isinstance(form, UnsetType):
            return CSV_TYPE if form == "csv" else JSON_TYPE
        offers = [JSON_TYPE] if self.rows is None else [JSON_TYPE, CSV_TYPE]
        best = best_offer(request.headers.get("Accept", ""), offers)
        if best is None:
            raise NotAcceptable(f"This can be had as {' or '.join(offers)}.")
        return best


class InvalidRequest(BadRequest):
    """The request is not valid: mend the parts that `errors` names.

    Parameters
    ----------
    detail : str
    errors : sequence of InvalidPart
    """

    problem_type = "/api#invalid-request"

    def __init__(self, detail: str, errors: Sequence[InvalidPart]):
        super().__init__(detail)
        self.errors = list(errors)


def takes_many(field: FieldInfo) -> bool:
    """Whether a parameter may be given more than once."""
    kind = field.type
    while hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    return get_origin(kind) is tuple


def _checked(given: Any, kind: type[Any], *, strict: bool) -> Any:
    try:
        return msgspec.convert(given, kind, strict=strict)
    except msgspec.ValidationError as error:
        message = str(error)
        found = _PART.search(message)
        reason = message[: found.start()] if found else message
        part = found["part"].strip(".") if found else ""
        missing = _MISSING.fullmatch(reason)
        if missing is not None:
            raise _invalid(f"{part}.{missing[1]}".strip("."), "is missing") from None
        raise _invalid(part or "request", reason[:1].lower() + reason[1:]) from None


def _invalid(name: str, message: str) -> InvalidRequest:
    shown = name if len(name) <= 60 else f"{name[:60]}..."
    return InvalidRequest(f"{shown}: {message}.", [InvalidPart(shown, message)])


def _names(fields: Mapping[str, object], places: Mapping[str, str]) -> str:
    names = sorted(name for name in fields if name not in places)
    return ", ".join(names) if names else "none"


def _next_query(cursor: str) -> str:
    asked = MultiDict(request.args)
    asked["cursor"] = cursor
    return urlencode(list(asked.items(multi=True)))
