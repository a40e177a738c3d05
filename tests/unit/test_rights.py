"""What a command asks of a person's roles, and for which brand."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from monitor.access.person import Deed, Person, Refused, Role
from monitor.desk import Command
from monitor.desk.rights import refuse_crossing
from monitor.errors import MonitorError, UnknownCase
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, store_case

BEN = Person("ben", {"lumo": Role.AGENT})
VIEWER = Person("vic", {"lumo": Role.VIEWER})
TUNER = Person("tom", {"*": Role.TUNER})
LEADER = Person("mia", {"lumo": Role.MANAGER})
ADMIN = Person("ana", {"*": Role.ADMIN})


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    opened = SqliteStore(None)
    own, other = store_case(opened), store_case(opened)
    with opened.write():
        opened.connection.query("UPDATE cases SET brand = 'vela' WHERE id = :id", {"id": other})
    assert (own, other) == (1, 2)
    yield opened
    opened.close()


def may(store: SqliteStore, person: Person, name: str, **arguments: Any) -> bool:
    try:
        refuse_crossing(store, person, Command(name, person.name, arguments))
    except (Refused, UnknownCase):
        return False
    return True


def test_an_agent_works_the_cases_of_the_own_brand_alone(store: SqliteStore) -> None:
    assert may(store, BEN, "claim", case=1)
    assert not may(store, BEN, "claim", case=2)
    assert not may(store, VIEWER, "claim", case=1)
    assert may(store, ADMIN, "claim", case=2)


def test_a_case_of_another_brand_is_unknown_and_not_forbidden(store: SqliteStore) -> None:
    for number in (2, 99):
        with pytest.raises(UnknownCase, match=f"case {number}: is unknown"):
            refuse_crossing(store, BEN, Command("claim", "ben", {"case": number}))
    with pytest.raises(Refused, match="case 1: your role does not allow you to work"):
        refuse_crossing(store, VIEWER, Command("claim", "vic", {"case": 1}))


def test_one_foreign_case_among_many_refuses_them_all(store: SqliteStore) -> None:
    assert not may(store, BEN, "incident-split", cases=[1, 2])
    assert not may(store, BEN, "incident-split", case=1, cases=[2])


@pytest.mark.parametrize("number", [0, -1, True, "1", 2**63, 1.5, {}])
def test_what_is_no_number_is_refused_before_anything_is_looked_up(number: Any, store: SqliteStore) -> None:
    with pytest.raises(MonitorError, match="is no number from 1"):
        refuse_crossing(store, ADMIN, Command("claim", "ana", {"case": number}))


def test_nobody_acts_under_another_name(store: SqliteStore) -> None:
    with pytest.raises(Refused, match="under another name"):
        refuse_crossing(store, ADMIN, Command("claim", "ben", {"case": 1}))


def test_a_silence_is_for_managers_of_the_brands_that_it_names(store: SqliteStore) -> None:
    assert may(store, LEADER, "silence", matchers={"brand": ["lumo"]})
    assert not may(store, LEADER, "silence", matchers={"brand": ["lumo", "vela"]})
    assert not may(store, LEADER, "silence", matchers={"level": ["high"]}), "it would hold for every brand"
    assert not may(store, BEN, "silence", matchers={"brand": ["lumo"]})


def test_a_silence_is_ended_by_managers_of_every_brand_that_it_names(store: SqliteStore) -> None:
    until = NOW + timedelta(hours=1)
    matchers: list[dict[str, list[str]]] = [{"brand": ["lumo"]}, {"brand": ["lumo", "vela"]}, {"level": ["high"]}]
    own, shared, whole = (store.add_silence(wanted, "ana", "drill", NOW, until) for wanted in matchers)
    assert may(store, LEADER, "end-silence", silence=own)
    assert not may(store, BEN, "end-silence", silence=own)
    assert not may(store, LEADER, "end-silence", silence=shared)
    assert not may(store, LEADER, "end-silence", silence=whole)
    assert all(may(store, ADMIN, "end-silence", silence=number) for number in (own, shared, whole))


def test_a_brand_beside_a_silence_of_every_brand_opens_nothing(store: SqliteStore) -> None:
    whole = store.add_silence({"level": ["high"]}, "ana", "drill", NOW, NOW + timedelta(hours=1))
    assert not may(store, LEADER, "end-silence", silence=whole, brand="lumo")
    assert not may(store, LEADER, "silence", matchers={"level": ["high"]}, brand="lumo")


def test_a_silence_of_another_brand_is_unknown_and_not_forbidden(store: SqliteStore) -> None:
    foreign = store.add_silence({"brand": ["vela"]}, "ana", "drill", NOW, NOW + timedelta(hours=1))
    for number in (foreign, 99):
        with pytest.raises(UnknownCase, match=f"silence {number}: is unknown"):
            refuse_crossing(store, LEADER, Command("end-silence", "mia", {"silence": number}))


def test_the_config_is_for_tuners_of_every_brand(store: SqliteStore) -> None:
    assert may(store, TUNER, "config-apply", text="brands: {}")
    assert not may(store, LEADER, "config-apply", text="brands: {}")
    assert not may(store, TUNER, "claim", case=1)


@pytest.mark.parametrize("name", ["config-apply", "config-revert", "keep-suggestions"])
def test_a_brand_named_beside_a_change_of_the_whole_config_narrows_nothing(name: str, store: SqliteStore) -> None:
    own = Person("tim", {"lumo": Role.TUNER})
    assert not may(store, own, name, brand="lumo", text="brands: {}", config="0")
    assert may(store, TUNER, name, brand="lumo")


@pytest.mark.parametrize("name", ["tune-brand", "pin-add", "pin-remove"])
def test_what_tunes_a_brand_is_for_tuners_of_that_brand(name: str, store: SqliteStore) -> None:
    own = Person("tim", {"lumo": Role.TUNER})
    assert may(store, own, name, brand="lumo")
    assert not may(store, own, name, brand="vela")
    assert not may(store, own, name)
    assert not may(store, BEN, name, brand="lumo")


def test_feedback_is_for_who_works_or_tunes(store: SqliteStore) -> None:
    assert may(store, BEN, "feedback", case=1)
    assert may(store, TUNER, "feedback", case=1)
    assert not may(store, VIEWER, "feedback", case=1)


@pytest.mark.parametrize("name", ["user-add", "user-role", "user-disable", "token-add", "of-tomorrow"])
def test_people_and_whatever_has_no_line_in_the_table_are_for_admins(name: str, store: SqliteStore) -> None:
    assert may(store, ADMIN, name, user="ben")
    assert not any(may(store, person, name, user="eve", brand="lumo") for person in (BEN, TUNER, LEADER))


def test_a_token_makes_no_other_token(store: SqliteStore) -> None:
    program = Person("ben", {"lumo": Role.AGENT}, frozenset({Deed.SEE, Deed.WORK}))
    assert may(store, BEN, "token-add", user="ben")
    assert not may(store, program, "token-add", user="ben")
    assert may(store, program, "claim", case=1)
