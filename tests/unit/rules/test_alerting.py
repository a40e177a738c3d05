from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.config.routes import AuthorTier
from monitor.domain import Kind, Level, Severity
from monitor.rules.alerting import LOOK_AGAIN, News, Situation, Telling, is_silenced, judge
from monitor.rules.routes import Facts
from tests.builders import NOW, minutes

FACTS = Facts(7, "lumo", "x", Kind.COMPLAINT, Level.HIGH, (Severity.MONEY,), AuthorTier.SMALL, "billing", "de", 3)
GRAVE = replace(FACTS, severity=(Severity.SAFETY, Severity.MONEY))
CALM = Situation(NOW, News.FIRST, open=True, taken=False, active_at=NOW, repeat_interval=timedelta(hours=4))
TOLD = Telling(Level.HIGH, "billing", NOW - minutes(60))
QUIET = NOW + minutes(5)


def silence(**matchers: list[str]) -> dict[str, Any]:
    return {"id": 1, "author": "kim", "reason": "drill", "matchers": matchers, "ends_at": NOW + minutes(9)}


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "tell"),
        ({"open": False}, "drop"),
        ({"taken": True}, "tell"),
        ({"taken": True, "news": News.REPEAT}, "drop"),
        ({"told": TOLD}, "drop"),
        ({"told": replace(TOLD, told_at=NOW - timedelta(hours=4))}, "tell"),
        ({"told": replace(TOLD, level=Level.NORMAL)}, "tell"),
        ({"told": replace(TOLD, cause="outage")}, "tell"),
        ({"told": TOLD, "news": News.REPEAT}, "drop"),
        ({"told": TOLD, "news": News.STEP}, "tell"),
        ({"told": TOLD, "news": News.AGAIN}, "tell"),
        ({"silences": [silence(brand=["lumo"])]}, "hold"),
        ({"silences": [silence(brand=["other"])]}, "tell"),
        ({"active_at": QUIET}, "hold"),
        ({"active_at": None}, "hold"),
        ({"incident_told": Level.HIGH}, "hold"),
        ({"incident_told": Level.CRITICAL}, "hold"),
        ({"incident_told": Level.NORMAL}, "tell"),
        ({"incident_told": Level.HIGH, "news": News.STEP}, "hold"),
        ({"incident_told": Level.HIGH, "news": News.AGAIN}, "tell"),
        ({"active_at": QUIET, "news": News.AGAIN}, "hold"),
    ],
)
def test_a_case_is_told_held_back_or_left_out(changes: dict[str, Any], outcome: str) -> None:
    assert judge(FACTS, replace(CALM, **changes)).outcome == outcome


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"active_at": None}, "tell"),
        ({"incident_told": Level.CRITICAL}, "tell"),
        ({"silences": [silence(brand=["lumo"])]}, "tell"),
        ({"silences": [silence(severity=["safety"])]}, "hold"),
        ({"silences": [silence(case=["7"])]}, "hold"),
        ({"told": TOLD}, "drop"),
        ({"open": False}, "drop"),
    ],
)
def test_a_grave_case_passes_quiet_hours_incidents_and_what_does_not_name_it(
    changes: dict[str, Any], outcome: str
) -> None:
    assert judge(GRAVE, replace(CALM, **changes)).outcome == outcome


def test_what_is_held_back_is_looked_at_when_it_may_be_told_and_meanwhile() -> None:
    assert judge(FACTS, replace(CALM, active_at=QUIET)).until == QUIET
    assert judge(FACTS, replace(CALM, active_at=NOW + minutes(600))).until == NOW + LOOK_AGAIN
    assert judge(FACTS, replace(CALM, silences=[silence(case=["7"])])).until == NOW + minutes(9)


@pytest.mark.parametrize(
    ("matchers", "silenced"),
    [
        ({"brand": ["lumo"]}, True),
        ({"brand": ["other"]}, False),
        ({"level": ["high", "critical"], "platform": ["x"]}, True),
        ({"level": ["high"], "platform": ["reddit"]}, False),
        ({"kind": ["complaint"]}, True),
        ({"cause": ["billing"]}, True),
        ({"cause": ["unknown"]}, False),
        ({"severity": ["money", "outage"]}, True),
        ({"severity": ["outage"]}, False),
        ({"case": ["7"]}, True),
        ({"case": ["70"]}, False),
        ({"incident": ["3"]}, True),
        ({"incident": ["4"]}, False),
        ({"planet": ["mars"]}, False),
    ],
)
def test_a_silence_mutes_what_every_matcher_names(matchers: dict[str, list[str]], silenced: bool) -> None:
    assert is_silenced(FACTS, matchers) is silenced


@pytest.mark.parametrize(
    ("matchers", "silenced"),
    [
        ({"severity": ["safety"]}, False),
        ({"severity": ["legal"]}, False),
        ({"severity": ["safety", "legal"]}, True),
        ({"severity": ["safety", "legal"], "brand": ["other"]}, False),
        ({"case": ["7"], "brand": ["lumo"]}, True),
    ],
)
def test_a_grave_case_is_muted_only_by_each_of_its_classes_or_its_number(
    matchers: dict[str, list[str]], silenced: bool
) -> None:
    assert is_silenced(replace(FACTS, severity=(Severity.SAFETY, Severity.LEGAL)), matchers) is silenced


def test_a_case_of_no_known_cause_is_silenced_as_unknown() -> None:
    assert is_silenced(replace(FACTS, cause=None), {"cause": ["unknown"]})
