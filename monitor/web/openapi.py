"""The description of the HTTP interface, OpenAPI 3.1, made of the same table as its routes."""

from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import monitor
from monitor.web import shapes
from monitor.web.operations import OPERATIONS, Operation

_REFERENCE = "#/components/schemas/{model}"
_FAILED: dict[int, str] = {
    400: "the request makes no sense here; the error says why",
    401: "no login, and no token that is good",
    403: "your roles, or the bounds of your token, do not allow it; or the key of the session is missing",
    404: "nothing is here that you may see",
    409: "the state of things does not allow it, somebody was quicker, or it has changed since your version",
    413: "the body is longer than 64 KiB",
    415: "the body is not declared as application/json",
    422: "query or body are not of the described form",
    503: "the store cannot be used now; try again where `retryable` says so",
}
_ALWAYS = (401, 403, 422, 503)
_TEXTS = {"type": "array", "items": {"type": "string"}}
_HEALTH = {
    "type": "object",
    "required": ["status", "reasons", "notes", "version"],
    "properties": {
        "status": {"type": "string", "enum": ["ok", "red"]},
        "reasons": {**_TEXTS, "description": "why it is red"},
        "notes": {**_TEXTS, "description": "what deserves a look"},
        "version": {"type": "string"},
    },
}

_INTRODUCTION = (
    "Everything that the inbox does. Programs send `Authorization: Bearer TOKEN` (`complaint-monitor token add`); a "
    "token never may more than its person. Pages send the cookie of their session, and its key in `X-CSRF-Token` with "
    "every POST. Unknown values are null, times are ISO 8601 in UTC. Further keys may be added to answers."
)
_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "complaint-monitor",
        "description": "`__Host-complaint-monitor` where the pages are served over TLS",
    },
    "key": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token", "description": "for POST alone"},
}
_CANARY = {
    "summary": "Acknowledge a test alert by the token that it carries; good once",
    "security": [],
    "parameters": [
        {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}},
        {"name": "token", "in": "query", "schema": {"type": "string"}, "description": "or as a bearer token"},
    ],
    "responses": {
        "200": {"description": "acknowledged"},
        "403": {"description": "unknown, or acknowledged already"},
    },
}


@cache
def describe() -> dict[str, Any]:
    """Return the document; one for all, which nobody changes."""
    health = {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}
    paths: dict[str, Any] = {
        "/healthz": _open(
            "Is the daemon well",
            {
                "200": {"description": "all is well", "content": health},
                "503": {"description": "something is wrong; the reasons say what", "content": health},
            },
        ),
        "/metrics": _open("Figures for Prometheus", {"200": _answer("text format 0.0.4", "text/plain")}),
        "/api/openapi.json": _open("This document", {"200": _answer("OpenAPI 3.1", "application/json")}),
        "/hooks/canary/{number}": {"post": _CANARY},
    }
    schemas = _schemas()
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "complaint-monitor", "version": monitor.__version__, "description": _INTRODUCTION},
        "security": [{"token": []}, {"session": [], "key": []}],
        "paths": paths,
        "components": {
            "schemas": {"Health": _HEALTH, **schemas},
            "responses": _failures(),
            "securitySchemes": _SCHEMES,
        },
    }


def _schemas() -> dict[str, Any]:
    """Return every model of the table, and what they are made of, by name; queries are told as parameters."""
    queries = {one.query for one in OPERATIONS}
    models = {one.body for one in OPERATIONS if one.body} | {one.answers for one in OPERATIONS} | {shapes.Error}
    ordered: list[type[BaseModel]] = sorted({*models, *queries}, key=lambda model: model.__name__)
    _, found = models_json_schema([(model, "validation") for model in ordered], ref_template=_REFERENCE)
    hidden = {query.__name__ for query in queries}
    return {name: schema for name, schema in found["$defs"].items() if name not in hidden}


def _operation(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    numbers = [_number(operation.subject)] if operation.subject else []
    query = operation.query.model_json_schema(ref_template=_REFERENCE)
    told = {"200": _json("done" if operation.changes else "found", operation.answers.__name__)}
    described = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"For whoever may {' or '.join(operation.deeds)}.",
        "tags": [operation.path.split("/")[3]],
        "parameters": [*numbers, *_parameters(query)],
        "responses": {**told, **{str(code): _failure(code) for code in _statuses(operation)}},
    }
    if operation.body is None:
        return described
    schema = schemas[operation.body.__name__]
    content = {"application/json": {"schema": {"$ref": _REFERENCE.format(model=operation.body.__name__)}}}
    return {**described, "requestBody": {"required": bool(schema.get("required")), "content": content}}


def _statuses(operation: Operation) -> list[int]:
    found = {*_ALWAYS}
    found |= {404} if operation.subject or operation.name == "explain" else set()
    found |= {400, 413, 415} if operation.body else set()
    return sorted(found | ({404, 409} if operation.changes else set()))


def _number(subject: str) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
    return {
        "name": subject,
        "in": "path",
        "required": True,
        "schema": schema,
        "description": f"number of the {subject}",
    }


def _parameters(query: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of a query as parameters; leaving one out stands for null."""
    required = query.get("required", [])
    found = []
    for name, schema in query.get("properties", {}).items():
        kinds = [kind for kind in schema.get("anyOf", []) if kind.get("type") != "null"]
        plain = {key: value for key, value in schema.items() if key not in {"anyOf", "title", "description"}}
        if kinds:
            plain = {**kinds[0], **{key: value for key, value in plain.items() if key != "default"}}
        told = {"description": schema["description"]} if "description" in schema else {}
        found.append({"name": name, "in": "query", "required": name in required, "schema": plain, **told})
    return found


def _failures() -> dict[str, Any]:
    return {f"E{code}": _json(words, "Error") for code, words in _FAILED.items()}


def _failure(code: int) -> dict[str, str]:
    return {"$ref": f"#/components/responses/E{code}"}


def _json(description: str, model: str) -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(model=model)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _open(summary: str, responses: dict[str, Any]) -> dict[str, Any]:
    return {"get": {"summary": summary, "security": [], "responses": responses}}


def _answer(description: str, media_type: str) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": {}}}}
