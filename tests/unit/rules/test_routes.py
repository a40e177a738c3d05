from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.config.routes import AuthorTier, GroupBy, Route
from monitor.domain import Kind, Level, Severity
from monitor.rules.routes import GRAVE_GROUP, Facts, audience, choose, group_of, tier_of

FACTS = Facts(1, "lumo", "x", Kind.COMPLAINT, Level.HIGH, (Severity.MONEY,), AuthorTier.SMALL, "billing", "de", None)
ON = {"continue": True}


def receivers(*routes: Route, **changes: Any) -> list[str]:
    return list(audience(routes, replace(FACTS, **changes)))


@pytest.mark.parametrize(
    ("matcher", "value", "matching", "other"),
    [
        ("brand", ("lumo",), "lumo", "other"),
        ("platform", ("x", "reddit"), "reddit", "rss"),
        ("kind", ("complaint",), Kind.COMPLAINT, Kind.QUESTION),
        ("level", ("critical",), Level.CRITICAL, Level.HIGH),
        ("language", ("de",), "de", "en"),
        ("language", ("unknown",), None, "en"),
        ("cause", ("billing",), "billing", "outage"),
        ("cause", ("unknown",), None, "outage"),
        ("severity", ("legal", "money"), (Severity.MONEY, Severity.CHURN), (Severity.CHURN,)),
        ("author", ("vip", "large"), AuthorTier.VIP, AuthorTier.UNKNOWN),
    ],
)
def test_a_route_is_for_what_all_of_its_matchers_name(matcher: str, value: Any, matching: Any, other: Any) -> None:
    route = Route.model_validate({"to": ["desk"], matcher: value})
    assert receivers(route, **{matcher: matching}) == ["desk"]
    assert receivers(route, **{matcher: other}) == []


def test_a_route_without_a_level_tells_urgent_cases() -> None:
    assert receivers(Route(to=("desk",)), level=Level.NORMAL) == []
    assert receivers(Route(to=("desk",), level=()), level=Level.NORMAL) == ["desk"]


def test_every_route_of_the_list_that_matches_tells_its_receivers() -> None:
    routes = (Route(to=("desk",)), Route(to=("boss",), brand=("other",)), Route(to=("page", "desk")))
    assert receivers(*routes) == ["desk", "page"]


def test_a_route_that_does_not_continue_ends_the_list_where_it_matches() -> None:
    stop = Route.model_validate({"to": ["desk"], "brand": ["lumo"], "continue": False})
    assert receivers(stop, Route(to=("page",))) == ["desk"]
    assert receivers(stop, Route(to=("page",)), brand="other") == ["page"]


@pytest.mark.parametrize(
    ("branches", "told"),
    [
        ([], ["desk"]),
        ([{"to": ["law"], "severity": ["legal"]}], ["desk"]),
        ([{"to": ["money"], "severity": ["money"]}], ["money"]),
        ([{"to": ["money"], "severity": ["money"]}, {"to": ["german"], "language": ["de"]}], ["money"]),
        ([{"to": ["money"], "severity": ["money"], **ON}, {"to": ["german"], "language": ["de"]}], ["money", "german"]),
        ([{"to": ["money"], "severity": ["money"], **ON}, {"to": ["english"], "language": ["en"]}], ["money"]),
        ([{"to": ["money"], "routes": [{"to": ["big"], "author": ["large"]}]}], ["money"]),
        ([{"to": ["money"], "routes": [{"to": ["tiny"], "author": ["small"]}]}], ["tiny"]),
        ([{"group_wait": "1m"}], ["desk"]),
    ],
)
def test_the_first_branch_takes_a_case_and_the_route_what_no_branch_takes(
    branches: list[dict[str, Any]], told: list[str]
) -> None:
    assert receivers(Route.model_validate({"to": ["desk"], "routes": branches})) == told


def test_a_branch_takes_over_what_it_does_not_say() -> None:
    inner = {"to": ["tiny"], "repeat_interval": "1h"}
    outer = {"to": ["money"], "group_wait": "5s", "routes": [inner]}
    route = Route.model_validate({"to": ["desk"], "group_by": ["brand"], "group_interval": "9m", "routes": [outer]})
    (choice,) = choose([Route(to=("all",), brand=("other",)), route], FACTS)
    found = choice.route
    assert (found.group_by, found.group_interval) == ((GroupBy.BRAND,), timedelta(minutes=9))
    assert (found.group_wait, found.repeat_interval) == (timedelta(seconds=5), timedelta(hours=1))
    assert choice.place == (1, 0, 0)


def test_a_receiver_on_two_routes_takes_the_settings_of_the_first() -> None:
    first = Route(to=("desk",), group_wait=timedelta(seconds=1))
    assert audience([first, Route(to=("desk",))], FACTS)["desk"].route is first


def test_groups_are_named_by_what_they_are_grouped_by() -> None:
    assert group_of(Route(to=("desk",)), FACTS) == "brand=lumo/incident="
    every = Route(to=("desk",), group_by=tuple(GroupBy))
    named = "brand=lumo/incident=7/level=high/platform=x/cause=billing/kind=complaint"
    assert group_of(every, replace(FACTS, incident=7)) == named


def test_grave_cases_are_a_group_of_their_own() -> None:
    assert group_of(Route(to=("desk",)), replace(FACTS, severity=(Severity.SAFETY,))) == f"{GRAVE_GROUP}/brand=lumo"


@pytest.mark.parametrize(
    ("followers", "vip", "tier"),
    [
        (None, False, "unknown"),
        (0, False, "small"),
        (999, False, "small"),
        (1_000, False, "medium"),
        (49_999, False, "medium"),
        (50_000, False, "large"),
        (None, True, "vip"),
        (9_000_000, True, "vip"),
    ],
)
def test_an_author_has_one_tier(followers: int | None, vip: bool, tier: str) -> None:
    assert tier_of(followers, vip=vip) == tier
