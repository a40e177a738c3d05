from datetime import timedelta

from connectors.connector import Page
from connectors.errors import RateLimited, Unauthorized, Unreachable
from monitor.steps.poll import poll, poll_all
from monitor.store.records import SourceState
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, minutes
from tests.services import make_services, page_of


def registered() -> SqliteStore:
    store = SqliteStore(None)
    store.register_sources({"x": "replay"})
    return store


def test_a_polled_mention_becomes_a_hit_of_each_brand_that_watches_it() -> None:
    store = registered()
    done = poll(store, make_services(page_of(make_mention(), make_mention("nothing to see"))), NOW)
    assert (done.count, done.failed) == (1, 0)
    assert store.totals() == {"mentions": 2, "hits": 1, "kept": 0, "dropped": 0, "cases": 0}


def test_a_source_is_not_polled_before_it_is_due_again() -> None:
    store, services = registered(), make_services()
    assert poll(store, services, NOW).count == 1
    assert poll(store, services, NOW).count == 0
    assert poll(store, services, NOW + services.sources["x"].options.every).count == 1


def test_a_passing_failure_is_tried_again_and_a_lasting_one_stops_the_source() -> None:
    for error, state in (
        (Unreachable("x", "no connection"), SourceState.FAILING),
        (Unauthorized("x", "401"), SourceState.STOPPED),
    ):
        store = registered()
        assert poll(store, make_services(error), NOW).failed == 1
        (status,) = store.sources(NOW)
        assert (status.state, status.reason) == (state, str(error))
        assert store.blind_windows(NOW - minutes(1))[0]["reason"] == error.cause


def test_the_wait_that_a_platform_asks_for_is_kept() -> None:
    store, services = registered(), make_services(RateLimited("x", "429", timedelta(seconds=90)), page_of())
    poll(store, services, NOW)
    assert poll(store, services, NOW + timedelta(seconds=89)).count == 0
    assert poll(store, services, NOW + timedelta(seconds=90)).count == 1


def test_pages_stored_before_a_failure_stay_and_the_walk_goes_on() -> None:
    store = registered()
    first, last = make_mention(), make_mention()
    pages = (page_of(first, next_token="2"), Unreachable("x", "reset"), page_of(last))
    services = make_services(*pages)
    poll(store, services, NOW)
    assert store.totals()["mentions"] == 1
    poll(store, services, NOW + minutes(15))
    assert store.totals()["mentions"] == 2


def test_a_spent_budget_pauses_the_source_until_the_next_day() -> None:
    store = registered()
    services = make_services(page_of(make_mention(), make_mention()))
    options = services.sources["x"].options.model_copy(update={"posts_per_day": 2, "every": timedelta(minutes=1)})
    object.__setattr__(services.sources["x"], "options", options)
    poll(store, services, NOW)
    assert poll(store, services, NOW + minutes(1)).failed == 1
    (status,) = store.sources(NOW)
    assert (status.state, status.due_at.hour) == (SourceState.FAILING, 0)
    assert "budget" in (status.reason or "")


def test_run_once_polls_whatever_is_due_but_leaves_a_source_in_back_off() -> None:
    store, services = registered(), make_services(page_of(), Unreachable("x", "down"))
    poll_all(store, services, NOW)
    assert poll_all(store, services, NOW).failed == 1
    assert poll_all(store, services, NOW).failed == 1
    assert services.sources["x"].connector.fetch(None) == Page()  # type: ignore[arg-type]


def test_bad_records_are_counted_and_lose_nothing_else() -> None:
    store = registered()
    poll(store, make_services(page_of(make_mention(), skipped=("posts.jsonl:3: no text",))), NOW)
    assert (store.sources(NOW)[0].skipped, store.totals()["mentions"]) == (1, 1)
