"""What routes may hold and should not: names that lead nowhere, hours of the week in which nobody hears of anything."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from monitor.config.causes import known_causes
from monitor.config.check import Draft, unknown_names
from monitor.config.hours import DAYS
from monitor.config.problem import Path, Problem
from monitor.config.routes import Route
from monitor.rules.coverage import Hole, find_holes

UNKNOWN = "unknown"
"""What routes call the cause of a case that nobody knows the cause of."""


def check_routes(draft: Draft) -> Iterator[Problem]:
    """Return the problems of routes, and of the hours of their receivers."""
    receivers, brands = list(draft.section("receivers")), list(draft.section("brands"))
    for path, route in _all_routes(draft.entries("routes")):
        if len(path) > 2:
            yield from unknown_names(draft, (*path, "to"), route.get("to"), "receiver", receivers)
            yield from unknown_names(draft, (*path, "brand"), route.get("brand"), "brand", brands)
        yield from unknown_names(draft, (*path, "cause"), route.get("cause"), "cause", _causes(draft))
    yield from _holes(draft)


def _all_routes(entries: Sequence[tuple[Path, dict[str, Any]]]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Return routes with the routes within them, each with its path."""
    for path, route in entries:
        yield path, route
        inner = route.get("routes")
        found = enumerate(inner) if isinstance(inner, list) else ()
        yield from _all_routes([((*path, "routes", at), entry) for at, entry in found if isinstance(entry, dict)])


def _causes(draft: Draft) -> list[str]:
    """Return the causes that a case of any brand can have."""
    owners = [draft.document.value, *draft.section("brands").values()]
    tables = [owner.get("causes") for owner in owners if isinstance(owner, dict)]
    own = [str(name) for table in tables if isinstance(table, dict) for name in table]
    return list(dict.fromkeys([UNKNOWN, *known_causes(), *own]))


def _holes(draft: Draft) -> Iterator[Problem]:
    """Hours of the week in which an urgent case would find nobody: refused, since it would wait for morning."""
    try:
        routes = TypeAdapter(tuple[Route, ...]).validate_python(draft.document.value.get("routes") or ())
    except ValidationError:
        return
    presences = {name: options for name, options in draft.receivers.read.items() if options.enabled}
    named = draft.document.value.get("fallback")
    fallback = [name for name in (named if isinstance(named, list) else [named]) if isinstance(name, str)]
    for hole in find_holes(routes, list(draft.section("brands")), presences, fallback):
        yield _problem(draft, hole)


def _problem(draft: Draft, hole: Hole) -> Problem:
    read = draft.receivers.read
    name = next(name for name in hole.receivers if read[name].hours or read[name].quiet)
    zone = read[name].timezone
    since, until = _moment(hole.begins.astimezone(zone)), _moment(hole.ends.astimezone(zone))
    message = f"nobody may be told of a {hole.level} case of {hole.brand} from {since} to {until} {zone.key}"
    where = ("receivers", name, "hours" if read[name].hours else "quiet")
    return draft.problem(where, message, "name a receiver for these hours under fallback: […]")


def _moment(moment: datetime) -> str:
    return f"{DAYS[moment.weekday()]} {moment:%H:%M}"
