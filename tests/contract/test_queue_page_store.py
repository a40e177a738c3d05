"""What every store must do for the queue page; SQLite in memory and in a file run the same suite."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.domain import Level, Status
from monitor.store._mentions import purge
from monitor.store.queue_page import Cursor, QueueQuery, Show, Standing, Tab
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, minutes, store_case, store_mentions
from tests.incident_cases import store_complaint, store_incident

LUMO = QueueQuery(("lumo",))


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "store.db")
    yield opened
    opened.close()


def shown(store: SqliteStore, query: QueueQuery = LUMO, now: datetime = NOW) -> list[int]:
    return [row.case.id for row in store.queue_page(query, now).rows]


def store_many(store: SqliteStore, number: int, level: Level = Level.HIGH, **changes: Any) -> list[int]:
    cases = []
    for _ in range(number):
        cases.append(store_case(store, level))
        if changes:
            store.update_case(cases[-1], **changes)
    return cases


def test_rows_stand_in_the_order_of_the_queue(store: SqliteStore) -> None:
    times = (-30, -5, 4, 25, 300)
    for number, level in enumerate(tuple(Level) * 5):
        case = store_case(store, level)
        store.update_case(case, due_at=NOW + minutes(times[number % 5]), score=50.0 + number % 3)
    snoozed, answered, *_ = shown(store)
    store.update_case(snoozed, snoozed_until=NOW + minutes(60))
    store.update_case(answered, status=Status.REPLIED)
    assert shown(store) == [view.id for view in store.queue(NOW)]
    assert set(shown(store)[-2:]) == {snoozed, answered}


def test_rows_say_why_they_stand_where_they_do(store: SqliteStore) -> None:
    store_case(store, Level.CRITICAL)
    for due in (-5, 5, 600):
        store.update_case(store_case(store), clock_at=NOW - minutes(30), due_at=NOW + minutes(due))
    store.update_case(store_case(store), snoozed_until=NOW + minutes(60))
    assert [row.standing for row in store.queue_page(LUMO, NOW).rows] == list(Standing)


def test_an_incident_is_one_row_at_the_place_of_its_most_urgent_case(store: SqliteStore) -> None:
    members = [store_complaint(store, native_id=f"m{n}", level=Level.NORMAL) for n in range(8)]
    incident = store_incident(store, members)
    lone = store_complaint(store, native_id="lone", level=Level.HIGH)
    store.update_case(members[3], level=Level.CRITICAL)
    first, second = store.queue_page(LUMO, NOW).rows
    assert first.incident is not None
    assert (first.incident.id, first.incident.cases, first.case.id) == (incident, 8, members[3])
    assert first.incident.words == ("login",)
    assert len(first.further) == 5
    assert (second.case.id, second.incident) == (lone, None)
    store.update_incident(incident, state="over")
    assert len(shown(store)) == 9, "the cases of an incident that is over stand alone again"


def test_pages_follow_each_other_without_gap_or_repetition(store: SqliteStore) -> None:
    cases = [store_complaint(store, native_id=f"p{n}") for n in range(23)]
    store_incident(store, cases[::7])
    whole = shown(store)
    seen: list[int] = []
    after: Cursor | None = None
    while True:
        page = store.queue_page(replace(LUMO, limit=4, after=after), NOW)
        seen += [row.case.id for row in page.rows]
        after = page.next
        if after is None:
            break
    assert seen == whole
    assert len(whole) == 20


def test_tabs_part_the_queue_and_count_it(store: SqliteStore) -> None:
    complaint, question, praise, other, foreign = store_many(store, 5)
    for case, kind in ((question, "question"), (praise, "praise"), (other, "other"), (foreign, "question")):
        store.update_case(case, kind=kind)
    store.update_case(foreign, lane="tr", level=Level.CRITICAL)
    by_tab = {tab: shown(store, replace(LUMO, tab=tab)) for tab in Tab}
    assert by_tab[Tab.COMPLAINTS] == [complaint]
    assert by_tab[Tab.QUESTIONS] == [question]
    assert by_tab[Tab.PRAISE] == [praise]
    assert by_tab[Tab.OTHER] == [other]
    assert by_tab[Tab.LANGUAGES] == [foreign]
    counts = store.queue_page(replace(LUMO, tab=Tab.PRAISE), NOW).counts
    assert {tab: count.cases for tab, count in counts.items()} == {tab: len(found) for tab, found in by_tab.items()}
    assert [tab for tab, count in counts.items() if count.critical] == [Tab.ALL, Tab.LANGUAGES]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"level": Level.LOW}, {"level": Level.LOW}),
        ({"cause": "billing"}, {"cause": "billing"}),
        ({"lane": "tr"}, {"language": "tr"}),
        ({"claimed_by": "ada", "status": Status.CLAIMED}, {"claimed_by": "ada"}),
        ({"claimed_by": "ada", "status": Status.CLAIMED}, {"show": Show.CLAIMED}),
        ({"status": Status.REPLIED}, {"show": Show.REPLIED}),
        ({"snoozed_until": NOW + minutes(9)}, {"show": Show.SNOOZED}),
    ],
)
def test_filters_narrow(store: SqliteStore, changes: dict[str, Any], wanted: dict[str, Any]) -> None:
    _, meant, _ = store_many(store, 3)
    store.update_case(meant, **changes)
    assert shown(store, replace(LUMO, **wanted)) == [meant]


def test_platform_and_language_are_those_of_the_post(store: SqliteStore) -> None:
    english, german = store_case(store, lang="en"), store_case(store, lang="de-AT")
    assert shown(store, replace(LUMO, language="de")) == [german]
    assert set(shown(store, replace(LUMO, language="en", sole_language="en"))) == {english, german}
    assert shown(store, replace(LUMO, platform="reddit")) == []
    assert shown(store, replace(LUMO, platform="x", level=Level.LOW)) == []
    choices = store.queue_choices(("lumo",), None)
    assert (choices.platforms, choices.causes, choices.languages) == (("x",), (), ("de", "en"))


def test_nobody_sees_brands_that_were_not_asked_for(store: SqliteStore) -> None:
    foreign, own = store_many(store, 2)
    store.update_case(foreign, brand="nova")
    assert shown(store) == [own]
    assert shown(store, QueueQuery(())) == []
    assert store.queue_page(LUMO, NOW).counts[Tab.ALL].cases == 1
    assert store.queue_choices((), None).platforms == ()


def test_search_finds_words_of_the_post_and_the_author(store: SqliteStore) -> None:
    lamp = store_case(store, text="Die LAMPE flackert, 100% Übel", author="ada_l")
    store_case(store, text="lumo login", author="bob")
    for words in (("lampe",), ("flack", "übel"), ("ADA_L",), ("100%",), (f"#{lamp}",)):
        assert shown(store, replace(LUMO, words=words)) == [lamp], words
    for words in (("lampe", "login"), ("adaXl",), ("_______________________",), ("1000%",)):
        assert shown(store, replace(LUMO, words=words)) == [], words


def test_search_forgets_what_the_store_forgets(store: SqliteStore) -> None:
    case = store_case(store, text="my canary sings", native_id="canary", author="canary_author")
    found = replace(LUMO, words=("canary",))
    assert shown(store, found) == [case]
    purge(store.connection, "x", "x", ["canary"], NOW, action="deleted")
    assert shown(store, found) == []
    assert store.connection.query("SELECT words FROM case_words", {}) == [{"words": "\n"}]
    (row,) = store.queue_page(LUMO, NOW).rows
    assert row.case.deleted


def test_an_edit_is_found_by_its_new_words(store: SqliteStore) -> None:
    mention = make_mention("my lamp", native_id="edited")
    case = store_case(store, text="my lamp", native_id="edited", author=mention.author.handle)
    store_mentions(store, [replace(mention, text="my kettle")])
    assert shown(store, replace(LUMO, words=("kettle",))) == [case]
    assert shown(store, replace(LUMO, words=("lamp",))) == []


def test_closed_cases_are_neither_shown_nor_found_until_reopened(store: SqliteStore) -> None:
    case = store_case(store, text="my lamp")
    store.update_case(case, status=Status.RESOLVED, closed_at=NOW)
    found = replace(LUMO, words=("lamp",))
    assert (shown(store), shown(store, found)) == ([], [])
    assert store.connection.query("SELECT * FROM case_words", {}) == []
    store.update_case(case, status=Status.NEW, closed_at=None)
    assert (shown(store), shown(store, found)) == ([case], [case])


def test_the_mark_changes_with_the_queue_and_not_with_a_poll(store: SqliteStore) -> None:
    case = store_case(store)
    marks = [store.queue_mark()]
    store_mentions(store, [make_mention("nothing of ours")])
    assert store.queue_mark() == marks[0]
    store.audit(case, "ada", "claim", NOW)
    marks.append(store.queue_mark())
    store_case(store)
    marks.append(store.queue_mark())
    assert len(set(marks)) == 3


def test_a_new_critical_is_the_first_row_among_10_000_late_cases(store: SqliteStore) -> None:
    (first,) = store_many(store, 1, due_at=NOW - minutes(500))
    columns = "brand, kind, status, level, score, reasons, severity, hit_id, opened_at, clock_at, due_at"
    store.connection.query(
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) "
        f"INSERT INTO cases (join_key, {columns}) SELECT 'k' || n.i, {columns} FROM cases, n WHERE id = :id",
        {"id": first},
    )
    critical = store_case(store, Level.CRITICAL)
    page = store.queue_page(LUMO, NOW)
    assert page.rows[0].case.id == critical
    assert page.rows[1].standing is Standing.LATE
    assert page.counts[Tab.ALL].cases == 10_001


def test_open_cases_of_an_incident_are_those_that_wait_for_something(store: SqliteStore) -> None:
    cases = [store_complaint(store, native_id=f"o{n}") for n in range(3)]
    incident = store_incident(store, cases)
    store.update_case(cases[1], status=Status.DISMISSED)
    store.update_case(cases[2], status=Status.CLAIMED, claimed_by="ada")
    members = store.open_cases_of_incident(incident)
    assert [(each.id, each.status, each.claimed_by) for each in members] == [
        (cases[0], Status.NEW, None),
        (cases[2], Status.CLAIMED, "ada"),
    ]


def test_a_long_post_is_cut_and_says_so(store: SqliteStore) -> None:
    store_case(store, text="lumo " + "a" * 5000)
    (row,) = store.queue_page(LUMO, NOW).rows
    assert (len(row.case.excerpt), row.case.cut) == (280, True)
