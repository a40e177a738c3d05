from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.connector import Page, Request
from connectors.cursor import Cursor, Gap, Limits, start_backfill
from connectors.errors import BadAnswer, BadQuery, EndlessPaging, Forbidden, RateLimited, Unreachable
from connectors.mention import Author, Mention
from connectors.walk import Covered, Walk, start_walk

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LIMITS = Limits(page_cap=2, overlap=15 * MINUTE, first_window=24 * HOUR, gap_pages=2)


def page(minutes: Sequence[float], token: str | None = None, **rest: object) -> Page:
    """A page of posts that are so many minutes old."""
    mentions = tuple(Mention("m", f"{age}", Author("a"), "t", NOW - timedelta(minutes=age)) for age in minutes)
    return replace(Page(mentions=mentions, next_token=token), **rest)  # type: ignore[arg-type]


def finish(walk: Walk, *pages: Page) -> Walk:
    for one in pages:
        walk = walk.take(one)
    assert walk.request is None
    return walk


def test_the_first_walk_looks_back_one_window_and_sets_the_watermark_to_the_newest_post() -> None:
    walk = start_walk(Cursor(), ["q"], LIMITS, NOW)
    assert walk.request == Request("q", since=NOW - 24 * HOUR)
    walk = finish(walk, page([5, 6]))
    assert walk.cursor == Cursor(watermark=NOW - 5 * MINUTE)
    assert walk.covered == Covered(NOW - 24 * HOUR, NOW)


def test_an_empty_first_walk_moves_the_watermark_to_where_it_began() -> None:
    walk = finish(start_walk(Cursor(), ["q"], LIMITS, NOW), page([]))
    assert walk.cursor.watermark == NOW - 24 * HOUR


def test_later_walks_begin_one_overlap_before_the_watermark() -> None:
    walk = start_walk(Cursor(watermark=NOW - HOUR), ["q"], LIMITS, NOW)
    assert walk.request == Request("q", since=NOW - HOUR - 15 * MINUTE)


def test_the_watermark_of_a_quiet_source_follows_a_day_behind() -> None:
    walk = finish(start_walk(Cursor(watermark=NOW - 30 * 24 * HOUR), ["q"], LIMITS, NOW), page([]))
    assert walk.cursor.watermark == NOW - 24 * HOUR


def test_a_post_of_the_future_moves_the_watermark_no_further_than_now() -> None:
    walk = finish(start_walk(Cursor(), ["q"], LIMITS, NOW), page([-90, 5]))
    assert walk.cursor.watermark == NOW


def test_a_clock_that_went_back_moves_nothing_back() -> None:
    cursor = Cursor(watermark=NOW + HOUR)
    walk = start_walk(cursor, ["q"], LIMITS, NOW)
    assert walk.request is not None
    assert walk.request.since == NOW - 15 * MINUTE
    assert finish(walk, page([1])).cursor.watermark == NOW + HOUR


def test_the_watermark_waits_for_the_pages_of_all_queries() -> None:
    cursor = Cursor(watermark=NOW - HOUR)
    walk = start_walk(cursor, ["q", "r"], LIMITS, NOW).take(page([5], "t")).take(page([9]))
    assert walk.cursor.watermark == NOW - HOUR
    assert walk.request == Request("r", since=NOW - HOUR - 15 * MINUTE)
    assert finish(walk, page([7])).cursor.watermark == NOW - 5 * MINUTE


def test_an_unfinished_walk_goes_on_at_its_page_and_never_past_its_start() -> None:
    walk = start_walk(Cursor(watermark=NOW - HOUR), ["q", "r"], LIMITS, NOW).take(page([5], "t"))
    stored = Cursor.from_json(walk.cursor.to_json())
    again = start_walk(stored, ["q", "r"], LIMITS, NOW + 9 * HOUR)
    assert again.request == Request("q", since=NOW - HOUR - 15 * MINUTE, token="t")
    assert finish(again, page([9]), page([-500])).cursor.watermark == NOW


def test_a_walk_without_one_stored_page_begins_anew() -> None:
    cursor = Cursor(watermark=NOW - HOUR)
    walk = start_walk(cursor, ["q"], LIMITS, NOW)
    assert walk.failed(Unreachable("x", "down")) == cursor
    assert start_walk(walk.cursor, ["q"], LIMITS, NOW + HOUR).cursor.started == NOW + HOUR


def test_a_query_that_vanished_loses_its_place_and_its_gaps_are_told() -> None:
    gap = Gap("q", NOW - 3 * HOUR, NOW - 2 * HOUR)
    walk = start_walk(Cursor(watermark=NOW - HOUR, gaps=(gap,)), ["q", "r"], LIMITS, NOW).take(page([5], "t"))
    again = start_walk(walk.cursor, ["r"], LIMITS, NOW)
    assert again.request == Request("r", since=NOW - HOUR - 15 * MINUTE)
    assert (again.dropped, again.cursor.gaps) == ((gap,), ())


def test_a_walk_whose_open_queries_all_vanished_is_finished() -> None:
    walk = start_walk(Cursor(watermark=NOW - HOUR), ["q", "r"], LIMITS, NOW).take(page([5]))
    again = start_walk(walk.cursor, ["q"], LIMITS, NOW)
    assert again.request is None
    assert again.cursor.watermark == NOW - 5 * MINUTE


def test_the_walk_ends_where_the_later_half_of_a_page_is_older_than_the_start() -> None:
    walk = start_walk(Cursor(watermark=NOW - HOUR), ["q"], LIMITS, NOW)
    assert walk.take(page([900, 3, 4, 5], "t")).request is not None
    assert walk.take(page([3, 4, 900, 901], "t")).request is None


def test_the_page_cap_leaves_a_gap_that_a_later_walk_drains() -> None:
    walk = start_walk(Cursor(watermark=NOW - HOUR), ["q"], LIMITS, NOW)
    walk = finish(walk, page([5, 6], "t"), page([7, 8], "u"))
    since = NOW - HOUR - 15 * MINUTE
    gap = Gap("q", since, NOW - 8 * MINUTE + timedelta(seconds=1), "u")
    assert walk.cursor == Cursor(watermark=NOW - 5 * MINUTE, gaps=(gap,))
    later = start_walk(walk.cursor, ["q"], LIMITS, NOW).take(page([5]))
    assert later.request == Request("q", since=since, token="u")
    later = finish(later, page([9, 10], "v"), page([11]))
    assert (later.cursor.gaps, len(later.drained)) == ((), 1)


def test_a_walk_spends_only_so_many_pages_on_gaps() -> None:
    cursor = start_backfill(Cursor(watermark=NOW - HOUR), "q", NOW - 24 * HOUR, NOW)
    walk = start_walk(cursor, ["q"], LIMITS, NOW).take(page([5]))
    assert walk.request == Request("q", since=NOW - 24 * HOUR, until=NOW)
    walk = finish(walk, page([5, 6], "t"), page([7, 8], "u"))
    (gap,) = walk.cursor.gaps
    assert (gap.until, gap.token, gap.asked_until) == (NOW - 8 * MINUTE + timedelta(seconds=1), "u", NOW)
    assert start_walk(walk.cursor, ["q"], LIMITS, NOW).take(page([])).request == Request(
        "q", since=NOW - 24 * HOUR, until=NOW, token="u"
    )


def test_draining_goes_on_until_no_gap_is_left() -> None:
    limits = replace(LIMITS, page_cap=1, gap_pages=None)
    walk = start_walk(Cursor(watermark=NOW - HOUR), ["q"], limits, NOW)
    walk = finish(walk, page([5], "t"), page([6], "u"), page([7], "v"), page([8]))
    assert walk.cursor.gaps == ()


def test_a_gap_whose_token_is_refused_goes_on_by_its_times_after_the_others() -> None:
    first, second = Gap("q", NOW - 9 * HOUR, NOW - 8 * HOUR, "t"), Gap("q", NOW - 3 * HOUR, NOW - 2 * HOUR)
    cursor = Cursor(watermark=NOW - HOUR, gaps=(first, second))
    walk = start_walk(cursor, ["q"], LIMITS, NOW).take(page([5]))
    assert walk.failed(BadQuery("x", "stale")).gaps == (second, replace(first, token=None))
    assert walk.failed(Unreachable("x", "down")).gaps == (first, second)


@pytest.mark.parametrize("tokens", [["t", "t"], ["a", "b", "a"], ["a", "b", "c", "b"]])
def test_a_repeated_token_is_endless_paging(tokens: list[str]) -> None:
    walk = start_walk(Cursor(watermark=NOW - HOUR), ["q"], replace(LIMITS, page_cap=None), NOW)
    for age, token in enumerate(tokens[:-1]):
        walk = walk.take(page([age], token))
    with pytest.raises(EndlessPaging, match="same page token") as raised:
        walk.take(page([50], tokens[-1]))
    assert walk.failed(raised.value) == Cursor(watermark=NOW - HOUR)


@pytest.mark.parametrize("ages", [[5, 6], []])
def test_two_pages_without_anything_new_are_endless_paging(ages: list[float]) -> None:
    walk = start_walk(Cursor(watermark=NOW - HOUR), ["q"], replace(LIMITS, page_cap=None), NOW)
    walk = walk.take(page([5, 6], "t1")).take(page(ages, "t2"))
    with pytest.raises(EndlessPaging, match="nothing new"):
        walk.take(page(ages, "t3"))


def test_what_two_queries_both_find_is_no_endless_paging() -> None:
    walk = start_walk(Cursor(watermark=NOW - HOUR), ["q", "r"], replace(LIMITS, page_cap=9), NOW)
    walk = walk.take(page([5], "t")).take(page([6])).take(page([5], "t")).take(page([6]))
    assert walk.request is None


def test_a_monstrous_token_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer, match="5,000 characters"):
        start_walk(Cursor(), ["q"], LIMITS, NOW).take(page([5], "t" * 5_000))


@pytest.mark.parametrize(("error", "kept"), [(Forbidden, True), (RateLimited, True), (BadAnswer, False)])
def test_a_failure_keeps_the_place_unless_the_place_may_be_the_fault(error: type, kept: bool) -> None:
    walk = start_walk(Cursor(watermark=NOW - HOUR), ["q"], LIMITS, NOW).take(page([5], "t"))
    cursor = walk.failed(error("x", "cause"))
    assert bool(cursor.pending) is kept
    assert cursor.watermark == NOW - HOUR


def test_a_refused_query_is_permanent_only_where_no_kept_place_can_be_the_fault() -> None:
    refused = BadQuery("x", "too old")
    cursor = start_backfill(Cursor(watermark=NOW - HOUR), "q", NOW - 24 * HOUR, NOW)
    walk = start_walk(cursor, ["q"], LIMITS, NOW)
    assert walk.judged(refused) is refused
    assert not walk.take(page([5], "t")).judged(refused).permanent
    assert not walk.take(page([5])).judged(refused).permanent
    unreachable = Unreachable("x", "down")
    assert walk.take(page([5], "t")).judged(unreachable) is unreachable


def test_the_sweep_runs_once_a_utc_day_and_survives_a_crash() -> None:
    limits = replace(LIMITS, sweep=48 * HOUR)
    cursor = Cursor(watermark=NOW - HOUR, swept_on=(NOW - 24 * HOUR).date())
    walk = start_walk(cursor, ["q"], limits, NOW)
    assert walk.request == Request("q", since=NOW - 48 * HOUR)
    stored = Cursor.from_json(walk.take(page([5], "t")).cursor.to_json())
    swept = finish(start_walk(stored, ["q"], limits, NOW + HOUR), page([7])).cursor
    assert swept.swept_on == NOW.date()
    request = start_walk(swept, ["q"], limits, NOW + HOUR).request
    assert request == Request("q", since=NOW - 20 * MINUTE)


def test_the_first_walk_counts_as_the_days_sweep() -> None:
    walk = finish(start_walk(Cursor(), ["q"], replace(LIMITS, sweep=48 * HOUR), NOW), page([5]))
    assert walk.cursor.swept_on == NOW.date()


def test_a_source_with_a_state_of_its_own_is_read_from_there_alone() -> None:
    limits = Limits(page_cap=None, first_window=None, ordered_by_time=False, gap_pages=None)
    walk = start_walk(Cursor(state={"at": 0}), [""], limits, NOW)
    assert walk.request == Request("", state={"at": 0})
    walk = walk.take(page([900], "1", state={"at": 1})).take(page([900], "2", state={"at": 2})).take(page([900], "3"))
    walk = finish(walk, page([]))
    assert walk.cursor == Cursor(state={"at": 2})


def test_a_page_cap_on_a_source_with_a_state_leaves_no_gap() -> None:
    limits = Limits(page_cap=1, first_window=None, ordered_by_time=False)
    walk = finish(start_walk(Cursor(), [""], limits, NOW), page([1], "more", state={"at": 1}))
    assert walk.cursor == Cursor(state={"at": 1})


def test_gaps_beyond_the_limit_are_joined_not_lost() -> None:
    cursor = Cursor()
    for hour in range(60, 0, -1):
        cursor = start_backfill(cursor, "q", NOW - hour * HOUR, NOW - hour * HOUR + 30 * MINUTE)
    assert len(cursor.gaps) == 50
    assert cursor.gaps[0] == Gap("q", NOW - 60 * HOUR, NOW - 50 * HOUR + 30 * MINUTE)
    assert cursor.gaps[-1].until == NOW - 30 * MINUTE


def test_an_overlap_larger_than_the_page_cap_piles_up_nothing() -> None:
    cursor = finish(start_walk(Cursor(), ["q"], LIMITS, NOW), page([5])).cursor
    limits = replace(LIMITS, page_cap=1, gap_pages=1)
    for number in range(9):
        walk = start_walk(cursor, ["q"], limits, NOW).take(page([5, 6], f"t{number}"))
        cursor = finish(walk, page([7, 8], f"u{number}")).cursor if walk.request else walk.cursor
    assert [gap.again for gap in cursor.gaps] == [True, True]
    assert cursor.gaps[-1] == Gap("q", NOW - 20 * MINUTE, NOW - 6 * MINUTE + timedelta(seconds=1), again=True)


def test_a_walk_at_its_end_takes_no_page() -> None:
    walk = finish(start_walk(Cursor(), ["q"], LIMITS, NOW), page([]))
    with pytest.raises(ValueError, match="at its end"):
        walk.take(page([]))


def test_a_query_asked_for_the_first_time_has_its_past_read_as_a_gap() -> None:
    known = finish(start_walk(Cursor(watermark=NOW - HOUR), ["q"], LIMITS, NOW), page([]))
    walk = start_walk(known.cursor, ["q", "new"], LIMITS, NOW)
    assert walk.cursor.gaps == (Gap("new", NOW - 24 * HOUR, NOW - HOUR - 15 * MINUTE),)
    walk = finish(walk, page([]), page([]), page([90]))
    assert walk.cursor.gaps == ()
    assert start_walk(walk.cursor, ["q", "new"], LIMITS, NOW).cursor.gaps == ()


def test_the_first_queries_of_a_source_need_no_backfill() -> None:
    assert start_walk(Cursor(), ["q"], LIMITS, NOW).cursor.gaps == ()


def test_what_a_walk_asked_survives_the_store() -> None:
    walk = start_walk(Cursor(), ["q"], LIMITS, NOW)
    assert Cursor.from_json(walk.cursor.to_json()).asked == ("q",)
