"""The description of the HTTP interface: what exists, and nothing else."""

from typing import Any

import monitor

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


def describe() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    health = {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "complaint-monitor", "version": monitor.__version__},
        "security": [{"token": []}],
        "paths": {
            "/": _open("Which version runs", {"200": _answer("a line of text", "text/plain")}),
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
        },
        "components": {
            "schemas": {"Health": _HEALTH},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _open(summary: str, responses: dict[str, Any]) -> dict[str, Any]:
    return {"get": {"summary": summary, "security": [], "responses": responses}}


def _answer(description: str, media_type: str) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": {}}}}
