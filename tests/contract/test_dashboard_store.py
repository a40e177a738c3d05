"""What every store must do for the dashboard; SQLite in memory and in a file run the same suite."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.domain import Level, Status
from monitor.rules.spikes import Tally
from monitor.store.dashboard import FirstReply, LevelStanding
from monitor.store.queue_page import QueueQuery, Show, Tab
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_decision, make_mention, make_verdict, minutes, store_case, store_mentions

LUMO = ("lumo",)


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "store.db")
    yield opened
    opened.close()


def decide(store: SqliteStore, posted_at: datetime) -> None:
    store_mentions(store, [make_mention(posted_at=posted_at)], now=posted_at)
    ((hit, _),) = store.claim_hits(posted_at, 60, 10)
    assert store.save_decision(hit, make_decision(), make_verdict(), store.history(hit, posted_at, ()), "r1", posted_at)


def test_open_cases_are_counted_by_level_and_by_how_they_stand(store: SqliteStore) -> None:
    late, soon, fine, answered, closed = (store_case(store) for _ in range(5))
    for case, due in ((late, -1), (soon, 9), (fine, 60), (answered, -1), (closed, -1)):
        store.update_case(case, clock_at=NOW - minutes(30), due_at=NOW + minutes(due))
    store.update_case(soon, status=Status.CLAIMED, claimed_by="ada")
    store.update_case(answered, status=Status.REPLIED)
    store.update_case(closed, status=Status.RESOLVED)
    assert store.standing_by_level(LUMO, NOW) == {Level.HIGH: LevelStanding(4, 2, 1, 1)}
    assert store.standing_by_level(("nova",), NOW) == store.standing_by_level((), NOW) == {}


def test_late_and_at_risk_show_in_the_queue_what_is_counted(store: SqliteStore) -> None:
    for number in range(40):
        case = store_case(store)
        store.update_case(case, clock_at=NOW - minutes(30), due_at=NOW + minutes(3 * number - 30))
        store.update_case(case, status=(Status.NEW, Status.CLAIMED, Status.REPLIED, Status.DISMISSED)[number % 4])
    for later in (0, 5, 31):
        now = NOW + minutes(later)
        standing = store.standing_by_level(LUMO, now)[Level.HIGH]
        for show, counted in ((Show.LATE, standing.late), (Show.AT_RISK, standing.at_risk), (Show.OPEN, standing.open)):
            page = store.queue_page(QueueQuery(LUMO, show=show, limit=100), now)
            assert len(page.rows) == page.counts[Tab.ALL].cases == counted
        assert standing.late == sum(store.late_by_level(now).values())
        assert standing.at_risk == store.at_risk(now)


def test_posts_are_counted_by_window_and_by_quarter(store: SqliteStore) -> None:
    for ago in (1, 14, 16, 100):
        decide(store, NOW - minutes(ago))
    windows = [(NOW - minutes(15), NOW), (NOW, NOW + minutes(15)), (NOW - minutes(120), NOW - minutes(15))]
    assert store.post_windows(LUMO, windows) == [Tally(2, 2), Tally(), Tally(2, 2)]
    assert store.post_windows(("nova",), windows) == [Tally()] * 3
    last = int(NOW.timestamp()) // 900
    quarters = store.post_quarters(LUMO, [(NOW - minutes(30), NOW)])
    assert quarters == {last - 1: Tally(2, 2), last - 2: Tally(1, 1)}


def test_first_replies_are_those_given_in_the_window(store: SqliteStore) -> None:
    for waited in (10, 40, 200):
        case = store_case(store)
        replied = NOW + minutes(waited)
        store.update_case(case, status=Status.REPLIED, replied_at=replied)
    waits = [reply.wait_s for reply in store.first_replies(LUMO, NOW, NOW + minutes(60))]
    assert waits == sorted(waits)
    assert len(waits) == 2
    found = store.first_replies(LUMO, NOW, NOW + minutes(60))
    assert [reply.in_time for reply in found] == [True, False]
    assert store.first_replies(("nova",), NOW, NOW + timedelta(days=1)) == []


def test_a_reply_before_its_post_waited_no_time(store: SqliteStore) -> None:
    case = store_case(store)
    store.update_case(case, status=Status.REPLIED, replied_at=NOW - minutes(600))
    assert store.first_replies(LUMO, NOW - timedelta(days=1), NOW) == [FirstReply(0.0, in_time=True)]


def test_the_first_post_is_known_once_there_is_one(store: SqliteStore) -> None:
    assert (store.first_heard(), store.first_written()) == (None, None)
    decide(store, NOW - minutes(20))
    decide(store, NOW - minutes(50))
    assert store.first_heard() == NOW - minutes(50)
    assert store.first_written() == NOW - minutes(60)
