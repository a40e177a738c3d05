"""Coverage: hours of the week in which an urgent case would find nobody who may be told. Pure.

Every kind of case that the routes tell apart is tried: each brand, level and value that a route names, and another one.
Grave cases are told at any hour and need no trial.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from itertools import chain, islice, product
from typing import Any

from monitor.config.hours import Presence
from monitor.config.routes import AuthorTier, Branch, Route
from monitor.domain import Kind, Level
from monitor.rules.hours import edges, is_active
from monitor.rules.routes import Facts, audience

TRIALS = 20_000
"""Kinds of case that are tried at most; a config with more is tried on the first of them."""

_OTHER = "another"
_MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
"""Where the year begins that is looked at. Another year has the same hours, and other dates."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A time in which nobody of `receivers` may be told of an urgent case of `brand`."""

    brand: str
    level: Level
    receivers: tuple[str, ...]
    begins: datetime
    ends: datetime


def find_holes(
    routes: Sequence[Route], brands: Sequence[str], presences: Mapping[str, Presence], fallback: Sequence[str]
) -> Iterator[Hole]:
    """Yield one hole for each set of receivers that leaves one; `presences` are the receivers that are switched on."""
    tried: set[frozenset[str]] = set()
    for facts in islice(_trials(routes, brands), TRIALS):
        names = [name for name in (*audience(routes, facts), *fallback) if name in presences]
        if not names or frozenset(names) in tried:
            continue
        tried.add(frozenset(names))
        hole = first_hole([presences[name] for name in names])
        if hole is not None:
            yield Hole(facts.brand, facts.level, tuple(dict.fromkeys(names)), *hole)


def first_hole(presences: Sequence[Presence]) -> tuple[datetime, datetime] | None:
    """Return the first time of a year in which none of these may be told, or None.

    One week is looked at for each way in which the clocks of the zones can stand to each other.
    """
    if any(not presence.hours and not presence.quiet for presence in presences):
        return None
    seen: set[tuple[timedelta | None, ...]] = set()
    for week in range(53):
        monday = _MONDAY + timedelta(weeks=week)
        offsets = tuple(monday.astimezone(presence.timezone).utcoffset() for presence in presences)
        if offsets in seen:
            continue
        seen.add(offsets)
        hole = _hole_after(monday, presences)
        if hole is not None:
            return hole
    return None


def _hole_after(monday: datetime, presences: Sequence[Presence]) -> tuple[datetime, datetime] | None:
    moments = {monday, *chain.from_iterable(edges(presence, monday) for presence in presences)}
    later = sorted(moment for moment in moments if moment >= monday)
    active = [any(is_active(presence, moment) for presence in presences) for moment in later]
    if all(active):
        return None
    # begin behind a time of activity, so that the hole is whole and not cut off by the week
    start = next((at for at in range(1, len(later)) if active[at - 1] and not active[at]), active.index(False))
    end = next((at for at in range(start, len(later)) if active[at]), None)
    return later[start], later[start] + timedelta(weeks=1) if end is None else later[end]


def _trials(routes: Sequence[Route], brands: Sequence[str]) -> Iterator[Facts]:
    """Yield a case of every kind that the routes tell apart, urgent and not grave."""
    named: dict[str, set[Any]] = {}
    _collect(routes, named)
    tiers = [tier for tier in AuthorTier if tier in named.get("author", ())]
    columns: dict[str, list[Any]] = {
        "brand": list(brands) or [_OTHER],
        "level": [Level.CRITICAL, Level.HIGH],
        "platform": [*sorted(named.get("platform", ())), _OTHER],
        "kind": list(Kind) if named.get("kind") else [Kind.COMPLAINT],
        "language": [*sorted(named.get("language", ())), _OTHER],
        "cause": [*sorted(named.get("cause", ())), _OTHER],
        "author": [*tiers, *[tier for tier in AuthorTier if tier not in tiers][:1]],
        "severity": [(), *((severity,) for severity in named.get("severity", ()) if not severity.grave)],
    }
    for values in product(*columns.values()):
        yield Facts(case=0, **dict(zip(columns, values, strict=True)))


def _collect(routes: Sequence[Route | Branch], named: dict[str, set[Any]]) -> None:
    for route in routes:
        for field in fields(Facts):
            named.setdefault(field.name, set()).update(getattr(route, field.name, ()))
        _collect(route.routes, named)
