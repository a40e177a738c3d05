"""Tagging a cause as fixed: by whom, of what, when."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitor.access.person import Person, Refused, Role
from monitor.desk import Command, execute
from monitor.desk.rights import refuse_crossing
from monitor.errors import MonitorError, MoveRefused
from monitor.store.sqlite import SqliteStore
from tests.services import make_settings

LATE = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)


def do(store: SqliteStore, name: str, **arguments: Any) -> Mapping[str, Any]:
    return execute(store, make_settings(), Command(name, "ana", {"brand": "lumo", **arguments}), LATE)


def test_a_fix_is_of_today_unless_a_date_is_given() -> None:
    store = SqliteStore(None)
    told = do(store, "cause-fix", cause="billing", note="new invoices")["fix"]
    assert (told["brand"], told["cause"], told["who"]) == ("lumo", "billing", "ana")
    assert told["fixed_on"] == "2026-11-18"
    do(store, "cause-fix", cause="billing", on="2026-11-02")
    assert [fix.fixed_on for fix in store.cause_fixes()] == [date(2026, 11, 18), date(2026, 11, 2)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"cause": "weather"}, "is none"),
        ({"cause": "billing", "brand": "nobody"}, "is unknown"),
        ({"cause": "billing", "on": "2026-11-30"}, "lies ahead"),
        ({"cause": "billing", "on": "last week"}, "is no date"),
        ({"cause": ""}, "is empty"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: dict[str, Any], words: str) -> None:
    store = SqliteStore(None)
    with pytest.raises(MonitorError, match=words):
        do(store, "cause-fix", **arguments)
    assert store.cause_fixes() == []


def test_a_second_fix_of_a_day_is_refused_and_the_first_can_be_taken_back() -> None:
    store = SqliteStore(None)
    do(store, "cause-fix", cause="billing", on="2026-11-02")
    with pytest.raises(MoveRefused, match="has a fix on 2026-11-02 already"):
        do(store, "cause-fix", cause="billing", on="2026-11-02")
    do(store, "cause-unfix", cause="billing", on="2026-11-02")
    with pytest.raises(MonitorError, match="has no fix on 2026-11-02"):
        do(store, "cause-unfix", cause="billing", on="2026-11-02")
    with pytest.raises(MonitorError, match="is missing"):
        do(store, "cause-unfix", cause="billing")


@pytest.mark.parametrize(
    ("role", "brand", "allowed"),
    [
        (Role.MANAGER, "lumo", True), (Role.TUNER, "*", True), (Role.MANAGER, "nova", False),
        (Role.AGENT, "lumo", False), (Role.VIEWER, "*", False),
    ],
)  # fmt: skip
def test_who_manages_or_tunes_a_brand_may_say_so(role: Role, brand: str, allowed: bool) -> None:
    command = Command("cause-fix", "mia", {"brand": "lumo", "cause": "billing"})
    person = Person("mia", {brand: role})
    if allowed:
        refuse_crossing(SqliteStore(None), person, command)
    else:
        with pytest.raises(MonitorError):
            refuse_crossing(SqliteStore(None), person, command)
    assert issubclass(Refused, MonitorError)
