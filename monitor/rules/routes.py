"""Routes: which receivers are for a case, and in which group it is told. Pure.

routes (all are tried) ──▶ the first branch that matches, and further ones after `continue: true`
                           └─▶ its own branches … ──▶ receivers with the settings that hold there
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.config.routes import AuthorTier, Branch, GroupBy, Matchers, Route
from monitor.domain import Kind, Level, Severity

MEDIUM, LARGE = 1_000, 50_000
"""Followers from which an author's tier is medium, and large."""

GRAVE_GROUP = "grave"
"""How the groups of grave cases begin: they keep the route's groups, but for incidents, one message a minute each."""

_INHERITED = ("group_by", "group_wait", "group_interval", "repeat_interval")


@dataclass(frozen=True, slots=True)
class Facts:
    """What routes and silences know of a case; None is unknown, and matches no value but the word unknown."""

    case: int
    brand: str
    platform: str
    kind: Kind
    level: Level
    severity: tuple[Severity, ...]
    author: AuthorTier
    cause: str | None = None
    language: str | None = None
    incident: int | None = None

    @property
    def grave(self) -> tuple[Severity, ...]:
        """The classes that are told whatever the hour, and whatever incident the case belongs to."""
        return tuple(severity for severity in self.severity if severity.grave)


@dataclass(frozen=True, slots=True)
class Choice:
    """A route that is for a case, with the settings that hold for it, and its place in the config (routes[0], …)."""

    route: Route
    place: tuple[int, ...]


def tier_of(followers: int | None, *, vip: bool) -> AuthorTier:
    """Return the tier of an author; None is an unknown number of followers."""
    if vip:
        return AuthorTier.VIP
    if followers is None:
        return AuthorTier.UNKNOWN
    if followers >= LARGE:
        return AuthorTier.LARGE
    return AuthorTier.MEDIUM if followers >= MEDIUM else AuthorTier.SMALL


def choose(routes: Sequence[Route], facts: Facts) -> list[Choice]:
    """Return the routes that tell of a case, in their order."""
    found: list[Choice] = []
    for number, route in enumerate(routes):
        if _matches(route, route.level, facts):
            found += _within(route, route.routes, (number,), facts)
            if not route.follow_on:
                break
    return found


def audience(routes: Sequence[Route], facts: Facts) -> dict[str, Choice]:
    """Return the receivers of a case, each with the first route that leads to it."""
    found: dict[str, Choice] = {}
    for choice in choose(routes, facts):
        for receiver in choice.route.to:
            found.setdefault(receiver, choice)
    return found


def group_of(route: Route, facts: Facts) -> str:
    """Return the group of a case under a route: cases without an incident share one; grave ones are apart.

    Those of several incidents share a group: "once a minute" is a promise to whoever is woken.
    """
    values = {
        GroupBy.BRAND: facts.brand,
        GroupBy.INCIDENT: str(facts.incident or ""),
        GroupBy.LEVEL: facts.level.value,
        GroupBy.PLATFORM: facts.platform,
        GroupBy.CAUSE: facts.cause or "",
        GroupBy.KIND: facts.kind.value,
    }
    kept = [name for name in route.group_by if not (facts.grave and name is GroupBy.INCIDENT)]
    named = [f"{name.value}={values[name]}" for name in kept]
    return "/".join([GRAVE_GROUP, *named] if facts.grave else named)


def _within(route: Route, branches: Sequence[Branch], place: tuple[int, ...], facts: Facts) -> Iterator[Choice]:
    taken = False
    for number, branch in enumerate(branches):
        if _matches(branch, branch.level, facts):
            yield from _within(_inherit(route, branch), branch.routes, (*place, number), facts)
            taken = True
            if not branch.follow_on:
                break
    if not taken:
        yield Choice(route, place)


def _inherit(route: Route, branch: Branch) -> Route:
    """Return the settings of a branch, what it does not say taken from the route around it."""
    own = {name: getattr(branch, name) for name in _INHERITED if getattr(branch, name) is not None}
    return route.model_copy(update={**own, "to": branch.to or route.to})


def _matches(matchers: Matchers, levels: Sequence[Level], facts: Facts) -> bool:
    return (
        (not levels or facts.level in levels)
        and (not matchers.brand or facts.brand in matchers.brand)
        and (not matchers.platform or facts.platform in matchers.platform)
        and (not matchers.kind or facts.kind in matchers.kind)
        and (not matchers.language or (facts.language or "unknown") in matchers.language)
        and (not matchers.cause or (facts.cause or "unknown") in matchers.cause)
        and (not matchers.author or facts.author in matchers.author)
        and (not matchers.severity or any(severity in matchers.severity for severity in facts.severity))
    )
