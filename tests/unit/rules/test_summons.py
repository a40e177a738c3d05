"""Whom a step tells: words become people who are there, and nobody is forgotten or told while away."""

from datetime import datetime

from monitor.config.people import Person
from monitor.rules.shifts import Kind, Roster, ShiftChange
from monitor.rules.summons import Summons, Turns, owner, summon
from tests.builders import NOW, minutes
from tests.staff import DAY, NIGHT, PEOPLE

PHONES = {f"{name}-phone" for name in PEOPLE} | {"desk", "pager"}


def roster(*away: str) -> Roster:
    changes = tuple(ShiftChange(Kind.ABSENT, name, NOW - minutes(5), NOW + minutes(60)) for name in away)
    return Roster(dict(PEOPLE), (DAY, NIGHT), changes)


def told(*notify: str, away: tuple[str, ...] = (), now: datetime = NOW, **more: object) -> Summons:
    return summon(notify, roster(*away), "lumo", now, usable=PHONES, **more)  # type: ignore[arg-type]


def test_words_become_the_people_that_they_mean_at_that_moment() -> None:
    assert told("on-shift").people == ("ana", "ben")
    assert told("on-shift", now=NOW + minutes(12 * 60)).people == ("cleo",)
    assert told("everyone").people == ("ana", "ben", "cleo")
    assert told("cleo", "ana").receivers == ("cleo-phone", "ana-phone")


def test_a_receiver_takes_over_without_any_person() -> None:
    assert (told("pager").people, told("pager").receivers, told("pager").told) == ((), ("pager",), ("pager",))
    assert told("pager", "ana").receivers == ("ana-phone", "pager")
    assert told("pager", "ana").told == ("ana", "pager")


def test_turns_go_round_among_those_on_shift() -> None:
    first = told("next-on-shift")
    assert (first.people, first.turn) == (("ana",), "ana")
    assert told("next-on-shift", turns=Turns(("ana",), {"ana": NOW})).turn == "ben"


def test_whoever_is_away_is_told_nothing_and_somebody_else_is() -> None:
    assert told("ana", away=("ana",)).people == ("ben",)
    assert told("on-shift", away=("ana", "ben")).people == ("cleo",)
    assert told("next-on-shift", away=("ana",)).turn == "ben"


def test_where_everybody_is_away_the_receivers_of_the_case_are_told_but_not_those_of_the_away() -> None:
    everybody = tuple(PEOPLE)
    found = told("everyone", away=everybody, others=("ana-phone", "desk"))
    assert (found.people, found.receivers, found.told) == ((), ("desk",), ("desk",))


def test_a_person_whose_receivers_are_all_gone_is_passed_over() -> None:
    found = summon(("ana",), roster(), "lumo", NOW, usable={"ben-phone", "cleo-phone"})
    assert found.receivers == ("ben-phone",)


def test_people_of_other_brands_are_not_on_shift_for_this_one() -> None:
    people = {**PEOPLE, "ana": Person(receivers=("ana-phone",), zone="Europe/Berlin", brands=("other",))}
    found = summon(("on-shift",), Roster(people, (DAY,)), "lumo", NOW, usable=PHONES)
    assert found.people == ("ben",)


def test_an_owner_is_known_however_they_write_their_name() -> None:
    assert owner(roster(), "Ana") == "ana"
    assert owner(roster(), "kim") is None
    assert owner(roster(), None) is None
