"""Ticket systems on loopback that remember their tickets: Zendesk and Jira, as far as a receiver can tell."""

import json
from base64 import b64decode
from typing import Any

from werkzeug import Request, Response

from tests.contract.receiver_subjects import CANARY, HttpSubject

LOGIN = {"username": "care@example.com", "token": CANARY}


class ZendeskSubject(HttpSubject):
    """Tickets by number; a ticket that is `closed` takes no comment."""

    kind = "zendesk"

    def __init__(self) -> None:
        super().__init__()
        self.tickets: dict[int, dict[str, Any]] = {}

    def options(self, base: str) -> dict[str, Any]:
        return {"base_url": base, **LOGIN}

    def take(self, request: Request) -> Response:
        assert _login(request) == f"care@example.com/token:{CANARY}"
        if request.method == "GET":
            wanted = request.args["external_id"]
            found = [ticket for ticket in self.tickets.values() if ticket["external_id"] == wanted]
            return _answer({"tickets": found})
        ticket = request.get_json()["ticket"]
        assert ticket["comment"]["public"] is False
        return self._changed(request, ticket) if request.method == "PUT" else self._opened(ticket)

    def _opened(self, ticket: dict[str, Any]) -> Response:
        number = len(self.tickets) + 1
        self.tickets[number] = {"id": number, "status": "new", "comments": [ticket["comment"]["body"]], **ticket}
        self.told.append(json.dumps(ticket, ensure_ascii=False))
        return _answer({"ticket": self.tickets[number]}, 201)

    def _changed(self, request: Request, change: dict[str, Any]) -> Response:
        ticket = self.tickets.get(int(request.path.rpartition("/")[2].removesuffix(".json")))
        if ticket is None:
            return _answer({"error": "RecordNotFound"}, 404)
        if ticket["status"] == "closed":
            return _answer({"error": "RecordInvalid"}, 422)
        ticket["comments"].append(change["comment"]["body"])
        ticket["status"] = change.get("status", ticket["status"])
        self.told.append(json.dumps(change, ensure_ascii=False))
        return _answer({"ticket": ticket})

    def lose(self) -> None:
        """Close every ticket for good."""
        for ticket in self.tickets.values():
            ticket["status"] = "closed"

    def contents(self) -> list[list[str]]:
        """Return the comments of each ticket."""
        return [ticket["comments"] for ticket in self.tickets.values()]


class JiraSubject(HttpSubject):
    """Issues by key, found by their labels."""

    kind = "jira"

    def __init__(self) -> None:
        super().__init__()
        self.issues: dict[str, dict[str, Any]] = {}
        self._number = 0

    def options(self, base: str) -> dict[str, Any]:
        return {"base_url": base, "project": "CARE", **LOGIN}

    def take(self, request: Request) -> Response:
        assert _login(request) == f"care@example.com:{CANARY}"
        body = request.get_json()
        if request.path == "/rest/api/3/search/jql":
            wanted = body["jql"].partition('labels = "')[2].partition('"')[0]
            found = [issue for issue in self.issues.values() if wanted in issue["fields"]["labels"]]
            return _answer({"issues": found[-1:]})
        self.told.append(json.dumps(body, ensure_ascii=False))
        if request.path == "/rest/api/3/issue":
            self._number += 1
            key = f"CARE-{self._number}"
            self.issues[key] = {"key": key, "fields": body["fields"], "comments": [body["fields"]["description"]]}
            return _answer({"id": "1", "key": key}, 201)
        issue = self.issues.get(request.path.split("/")[5])
        if issue is None:
            self.told.pop()
            return _answer({"errorMessages": ["gone"]}, 404)
        issue["comments"].append(body["body"])
        return _answer({"id": "2"}, 201)

    def lose(self) -> None:
        """Delete every issue."""
        self.issues.clear()

    def contents(self) -> list[list[str]]:
        """Return description and comments of each issue, as text."""
        return [[json.dumps(text, ensure_ascii=False) for text in issue["comments"]] for issue in self.issues.values()]


def _login(request: Request) -> str:
    return b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()


def _answer(value: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
