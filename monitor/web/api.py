"""The interface for programs, `/api/v1/…`: everything that the inbox does, as JSON.

request ─▶ number ─▶ query, body: checked by their models ─▶ read, or command of the desk ─▶ JSON
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.errors import MonitorError, StoreError
from monitor.web.asked import Asked, RequestError
from monitor.web.bodies import Body
from monitor.web.operations import OPERATIONS, PREFIX, Operation
from monitor.web.pages import error_json, json_answer, status_of
from monitor.web.request import NotFound, body_of, person_of
from monitor.web.site import Site

BODY_LIMIT = 64 * 1024
_NUMBER = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")
_TOLD = 5
"""Problems of a body that an error names."""

_Model = TypeVar("_Model", bound=BaseModel)


def routes(site: Site) -> list[Route]:
    """Return the addresses of the interface; the last one answers what is none of them."""
    made = [Route(one.path, _endpoint(site, one), methods=[one.method], name=one.name) for one in OPERATIONS]
    return [*made, Route(f"{PREFIX}/{{rest:path}}", _nothing_here, methods=list(_METHODS))]


def error_answer(error: MonitorError) -> Response:
    """Return an error as JSON."""
    status = error.status if isinstance(error, RequestError) else status_of(error)
    headers = {"Retry-After": "1"} if isinstance(error, StoreError) and not error.permanent else {}
    return json_answer({"error": error_json(error)}, status, headers)


def _endpoint(site: Site, operation: Operation) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        try:
            asked = _read(request, site, operation)
            return json_answer(operation.does(asked))
        except MonitorError as error:
            return error_answer(error)

    return endpoint


def _read(request: Request, site: Site, operation: Operation) -> Asked:
    """Return what a request asks for. Raises NotFound and RequestError."""
    number = _number(request.path_params, operation.subject)
    query = _checked(operation.query, "query", lambda model: model.model_validate(dict(request.query_params)))
    body = _body(request, operation.body) if operation.body else None
    return Asked(request, site, person_of(request), number, query, body)


def _number(found: Mapping[str, Any], subject: str | None) -> int:
    if subject is None:
        return 0
    given = str(found[subject])
    number = int(given) if _NUMBER.fullmatch(given) else 0
    if not 0 < number < 2**63:
        raise NotFound(subject, f"there is no such {subject}")
    return number


def _body(request: Request, model: type[Body]) -> Body:
    body = body_of(request)
    if len(body) > BODY_LIMIT:
        raise RequestError("body", f"is longer than {BODY_LIMIT:,} bytes", "send less", 413)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != "application/json":
        raise RequestError("body", "is not declared as JSON", "send it with Content-Type: application/json", 415)
    return _checked(model, "body", lambda known: known.model_validate_json(body or b"{}"))


def _checked(model: type[_Model], subject: str, read: Callable[[type[_Model]], _Model]) -> _Model:
    try:
        return read(model)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        if any(problem["type"] == "json_invalid" for problem in problems):
            raise RequestError(subject, "is no JSON", "send one JSON object", 400) from error
        told = "; ".join(_problem(problem) for problem in problems[:_TOLD])
        raise RequestError(subject, told, "see /api/openapi.json", 422) from error


def _problem(problem: Mapping[str, Any]) -> str:
    place = ".".join(str(part)[:40] for part in problem["loc"])
    cause = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return f"{place}: {cause}" if place else cause


def _nothing_here(request: Request) -> Response:
    """Answer what is no operation: another method of one, or nothing at all."""
    path = request.url.path
    methods = sorted({one.method for one in OPERATIONS if _pattern(one).fullmatch(path)})
    if not methods:
        return error_answer(NotFound("address", "nothing is here", "see /api/openapi.json"))
    answer = error_answer(RequestError("method", "is not offered here", f"use {' or '.join(methods)}", 405))
    answer.headers["Allow"] = ", ".join([*methods, "HEAD"] if "GET" in methods else methods)
    return answer


def _pattern(operation: Operation) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", operation.path))
