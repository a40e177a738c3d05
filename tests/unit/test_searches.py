from collections.abc import Sequence
from datetime import timedelta

import pytest

from connectors.connector import Traits
from connectors.options import HackerNewsOptions, XOptions
from monitor.searches import Search, searches_of
from monitor.steps.services import Source
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention
from tests.services import FakeConnector


class Priced(FakeConnector):
    traits = Traits(price_per_post=0.005)


SOURCES = {
    "x": Source("x", XOptions(kind="x", token="t", posts_per_day=2_000), Priced(), ("lumo -band",)),
    "hn": Source("hn", HackerNewsOptions(kind="hackernews"), FakeConnector(), ("lumo", "glow")),
}


def store_with(hours: float, posts: Sequence[bool]) -> SqliteStore:
    """Return a store whose source x was read for some hours; each post says whether a watch matched it."""
    store = SqliteStore(None)
    store.register_sources({"x": "x", "hn": "hackernews"})
    first = NOW - timedelta(hours=hours)
    old = make_mention("from before the first poll", posted_at=first - timedelta(hours=1))
    for moment, found in ((first, [(old, {"lumo": ("name",)})]), (NOW, None)):
        claim = store.claim_source(["x"], moment, 60)
        assert claim is not None
        page = found or [
            (make_mention(posted_at=first + timedelta(minutes=1)), {"lumo": ("name",)} if kept else {})
            for kept in posts
        ]
        values = {"platform": "x", "returned": len(page), "skipped": 0}
        assert store.save_page(claim, page, (), {}, moment, **values)  # type: ignore[arg-type]
        assert store.finish_poll(claim, moment, moment)
    return store


def search_of(store: SqliteStore | None, name: str = "x") -> Search:
    return next(search for search in searches_of(SOURCES, store, NOW) if search.source == name)


def test_posts_a_day_share_kept_and_cost_are_told_by_what_was_read() -> None:
    search = search_of(store_with(24, [True] * 30 + [False] * 10))
    assert search.flow is not None
    assert search.flow.posts_a_day == pytest.approx(40)
    assert search.flow.share_kept == pytest.approx(0.75)
    assert search.usd_a_month == pytest.approx(40 * 30 * 0.005)
    assert search.words() == (
        "about 40 posts a day over the last 24 h, 75% of them kept, about $6.00 a month; "
        "at most 2,000 a day, $300.00 a month"
    )


def test_no_more_than_two_days_are_counted() -> None:
    search = search_of(store_with(480, [True] * 10))
    assert search.flow is not None
    assert (search.flow.span, search.flow.fetched) == (timedelta(hours=48), 0)
    assert search.flow.share_kept is None


@pytest.mark.parametrize("store", [None, SqliteStore(None), store_with(5, [True])])
def test_what_nobody_knows_yet_is_unknown_and_never_nought(store: SqliteStore | None) -> None:
    search = search_of(store)
    assert (search.flow, search.usd_a_month) == (None, None)
    assert "unknown until it was read for 6 h; $0.005 a post" in search.words()
    assert " 0 " not in search.words()


def test_what_costs_nothing_has_no_cost() -> None:
    search = search_of(None, "hn")
    assert (search.price, search.usd_a_month, search.most_usd_a_month) == (None, None, None)
    assert search.words() == "posts a day and share kept: unknown until it was read for 6 h; free"
