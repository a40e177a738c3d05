"""What every store must do for logins; SQLite in memory and in a file run the same suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.access.person import Deed, Role
from monitor.store.access import AccessEvent, SetupLink
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes

DAY = minutes(24 * 60)


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "store.db")
    opened.add_user("Ana", {"*": Role.ADMIN}, "hash", "link", NOW)
    yield opened
    opened.close()


def test_people_are_found_however_their_name_is_written(store: SqliteStore) -> None:
    assert store.has_users()
    found = store.user("ANA")
    assert found is not None
    assert (found.name, found.roles, found.made_by) == ("Ana", {"*": Role.ADMIN}, "link")
    assert store.user("\uff21na") == found, "letters that look alike are one"
    assert store.user("ben") is None


def test_roles_are_replaced_as_a_whole(store: SqliteStore) -> None:
    store.set_roles("Ana", {"lumo": Role.AGENT, "vela": Role.VIEWER})
    assert store.users()[0].roles == {"lumo": Role.AGENT, "vela": Role.VIEWER}
    store.set_roles("Ana", {})
    assert store.users()[0].roles == {}


def test_a_disabled_person_is_known_still(store: SqliteStore) -> None:
    store.set_disabled("Ana", NOW)
    assert store.users()[0].disabled_at == NOW
    store.set_disabled("Ana", None)
    assert store.users()[0].disabled_at is None


def test_sessions_are_touched_and_ended_but_for_the_one_that_is_kept(store: SqliteStore) -> None:
    for digest in ("a", "b", "c"):
        store.add_session(digest, "Ana", "127.0.0.1", NOW)
    store.touch_session("a", NOW + minutes(5))
    found = store.session("a")
    assert found is not None
    assert (found.made_at, found.seen_at) == (NOW, NOW + minutes(5))
    store.end_session("b")
    assert store.session("b") is None
    assert store.end_sessions_of("Ana", but="a") == 1
    assert store.session("a") == found
    assert store.end_sessions_of("Ana") == 1


def test_a_token_is_found_by_its_digest_until_it_ends(store: SqliteStore) -> None:
    deeds = frozenset({Deed.SEE, Deed.WORK})
    number = store.add_token("d", "Ana", "crm", deeds, frozenset({"lumo"}), "Ana", NOW)
    store.touch_token(number, NOW + minutes(1))
    (token,) = store.tokens()
    assert store.token("d") == token
    assert (token.deeds, token.brands, token.used_at) == (deeds, {"lumo"}, NOW + minutes(1))
    assert store.end_token(number, NOW)
    assert not store.end_token(number, NOW)
    assert (store.token("d"), store.tokens()) == (None, [])


def test_a_link_is_used_once_and_within_its_time(store: SqliteStore) -> None:
    store.add_setup_link("d", "Ana", NOW + minutes(10), NOW)
    assert store.setup_link("d", NOW) == SetupLink("Ana", NOW + minutes(10))
    assert not store.use_setup_link("d", NOW + minutes(10))
    assert store.use_setup_link("d", NOW)
    assert not store.use_setup_link("d", NOW)
    assert store.setup_link("d", NOW) is None


def test_a_new_link_takes_the_place_of_the_one_before(store: SqliteStore) -> None:
    store.add_setup_link("first", None, NOW + minutes(10), NOW)
    store.add_setup_link("ana's", "Ana", NOW + minutes(10), NOW)
    store.add_setup_link("second", None, NOW + minutes(10), NOW)
    found = [store.setup_link(digest, NOW) is not None for digest in ("first", "ana's", "second")]
    assert found == [False, True, True]
    store.void_setup_links("Ana")
    assert store.setup_link("ana's", NOW) is None


def test_tries_are_counted_by_key_and_forgotten_one_or_all(store: SqliteStore) -> None:
    for minute in (0, 1, 2):
        store.add_login_try("ana", NOW + minutes(minute))
    store.add_login_try("ben", NOW)
    assert store.login_tries("ana", NOW) == [NOW + minutes(1), NOW + minutes(2)]
    store.forget_tries("ana", last=True)
    assert len(store.login_tries("ana", NOW - minutes(1))) == 2
    store.forget_tries("ana")
    assert [len(store.login_tries(key, NOW - minutes(1))) for key in ("ana", "ben")] == [0, 1]


def test_the_record_is_read_newest_first_and_expires(store: SqliteStore) -> None:
    store.add_access_event("Ana", "login", "", NOW, address="::1")
    store.add_access_event("Ana", "user-made", "ben", NOW + minutes(1), detail={"roles": {"lumo": "agent"}})
    newest, oldest = store.access_events(9)
    made = (NOW + minutes(1), "Ana", "user-made", "ben", "", {"roles": {"lumo": "agent"}})
    assert newest == AccessEvent(*made)
    assert (oldest.action, oldest.address) == ("login", "::1")
    store.forget_access(NOW, events=NOW + minutes(1))
    assert store.access_events(9) == [newest]


def test_what_is_long_past_is_forgotten(store: SqliteStore) -> None:
    store.add_session("old", "Ana", "", NOW)
    store.add_setup_link("old", None, NOW + DAY, NOW)
    store.add_login_try("ana", NOW)
    store.forget_access(NOW + 62 * DAY, events=NOW)
    assert store.session("old") is None
    assert store.login_tries("ana", NOW - DAY) == []
