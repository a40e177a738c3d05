"""The versions of the config in the browser: who changed what, what the lab said of it, and the way back."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from monitor.access.person import EVERY, Deed
from monitor.desk import Command
from monitor.store.records import stamp
from monitor.web.pages import answer, json_answer, render
from monitor.web.request import NotFound, allowed, person_of, wants_json
from monitor.web.site import Site

HOME = "/tuning/history"
_LISTED = 200
_LINES = 2_000
"""Lines of a diff that are shown."""

_SECRET = re.compile(
    r"""(\b(?:\w*(?:secret|token|password)|client_id|\w*_key|urls?)['"]?\s*:\s*)
        (?!['"]?(?:env|file|credential):)('[^']*'|"[^"]*"|\[[^\]]*\]|[^\s,}\]]+)""",
    re.IGNORECASE | re.VERBOSE,
)
"""A secret that stands in the file itself, where a reference should."""


def routes(site: Site) -> Sequence[BaseRoute]:
    """Return the pages of the history; they show the whole config, and so are for who tunes every brand."""

    def show(request: Request) -> Response:
        allowed(request, Deed.TUNE, EVERY)
        entries = _history(site)
        if wants_json(request):
            return json_answer({"versions": [_plain(entry) for entry in entries]})
        return render(request, "history.html", entries=entries[:_LISTED])

    def one(request: Request) -> Response:
        allowed(request, Deed.TUNE, EVERY)
        entries, at = _found(site, request.path_params["version"])
        entry, before = entries[at], entries[at + 1] if at + 1 < len(entries) else None
        lines = diff_of(before, entry)
        report = json.loads(entry["report"]) if entry["report"] else None
        if wants_json(request):
            return json_answer({**_plain(entry), "diff": lines, "lab": report})
        shown: dict[str, Any] = {"entry": entry, "report": report, "in_force": at == 0, "first": before is None}
        shown |= {"lines": lines[:_LINES], "more": max(0, len(lines) - _LINES)}
        return render(request, "history_version.html", **shown)

    def revert(request: Request) -> Response:
        entries, at = _found(site, request.path_params["version"])
        wanted = {"config": entries[at]["hash"]}
        return answer(request, HOME, site.execute(Command("config-revert", person_of(request).name, wanted)))

    return [
        Route(HOME, show),
        Route(HOME + "/{version}", one),
        Route(HOME + "/{version}/revert", revert, methods=["POST"]),
    ]


def diff_of(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """Return the unified diff of two versions, file by file; of the first one, all of it. No secret is shown."""
    old, new = _files(before) if before else {}, _files(after)
    lines = (line for name in sorted({*old, *new}) for line in _diff(name, old.get(name), new.get(name)))
    return [_SECRET.sub(r"\1***", line) for line in lines]


def _diff(name: str, old: str | None, new: str | None) -> Iterator[str]:
    before, after = (old or "").splitlines(), (new or "").splitlines()
    yield from difflib.unified_diff(before, after, f"a/{name}", f"b/{name}", lineterm="")


def _files(entry: Mapping[str, Any]) -> dict[str, str | None]:
    return dict(entry["files"] or {"config": entry["text"]})


def _history(site: Site) -> list[dict[str, Any]]:
    with site.reading() as store:
        return store.config_history()


def _found(site: Site, version: str) -> tuple[list[dict[str, Any]], int]:
    entries = _history(site)
    at = next((at for at, entry in enumerate(entries) if entry["hash"] == version), None)
    if at is None:
        raise NotFound(f"version {version[:12]}", "is unknown")
    return entries, at


def _plain(entry: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: entry[name] for name in ("hash", "who", "action", "note")}
    return {**told, "at": stamp(entry["at"]), "report": entry["report"] is not None}
