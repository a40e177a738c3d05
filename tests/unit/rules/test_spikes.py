"""The detector: what it finds, what it leaves alone, and what must hold for any counts."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.rules.spikes import Bounds, Expected, Scene, Series, Tally, by_minute, is_over, judge
from monitor.rules.usual import Usual

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
LAST = int(NOW.timestamp()) // 60
COUNTS = st.lists(st.integers(0, 6), min_size=240, max_size=240)


def usual(rate: float = 6.0, **changes: float) -> Usual:
    values = {"clumps": 1.2, "lasting": 0.02, "passing": 0.01, "doubt": 0.01, "share": 0.2, "share_spread": 0.02}
    return Usual((rate,) * 168, **{**values, "heard_h": 500, **changes}, weekly=True)  # type: ignore[arg-type]


def scene(rate: float = 6.0, *events: Expected, bounds: Bounds | None = None, **changes: float) -> Scene:
    return Scene(usual(rate, **changes), UTC, events, bounds or Bounds())


def tallies(counts: dict[int, int], posts: int = 5) -> dict[int, Tally]:
    """Return tallies of complaints by minutes ago, among so many times as many posts."""
    return {LAST - ago: Tally(count * posts, count) for ago, count in counts.items()}


def steady(every: int, minutes: int, count: int = 1) -> dict[int, int]:
    return dict.fromkeys(range(0, minutes, every), count)


def test_what_is_usual_raises_nothing() -> None:
    assert judge(tallies(steady(10, 240)), scene(), NOW) is None


def test_a_rise_is_found_with_its_window_and_begin() -> None:
    counts = {**steady(10, 240), **dict.fromkeys(range(8), 2)}
    found = judge(tallies(counts), scene(), NOW)
    assert found is not None
    assert found.series is Series.COUNT
    assert 10 <= found.seen <= 18
    assert NOW - timedelta(minutes=10) <= found.since <= NOW - timedelta(minutes=6)
    assert found.factor > 5
    assert found.excess == pytest.approx(16 + 5 - 6, abs=1)


def test_one_angry_person_in_a_quiet_hour_is_no_spike() -> None:
    assert judge(tallies({0: 4}), scene(0.2), NOW) is None
    assert judge(tallies(dict.fromkeys(range(8), 1)), scene(0.2), NOW) is not None


def test_a_burst_of_chatter_is_none() -> None:
    counts = {**tallies(steady(10, 240)), **{LAST - ago: Tally(200, 0) for ago in range(1, 10)}}
    assert judge(counts, scene(), NOW) is None


def test_complaints_that_take_over_the_posts_are_found_by_their_share() -> None:
    noisy = {"clumps": 2.5, "lasting": 0.2, "passing": 0.1}
    counts = dict.fromkeys(range(60), 1)
    sour = tallies(counts, posts=1)
    found = judge(sour, scene(25.0, **noisy), NOW)
    assert found is not None
    assert found.series is Series.SHARE
    assert judge(tallies(counts, posts=5), scene(25.0, **noisy), NOW) is None


def test_too_little_heard_is_never_judged() -> None:
    assert judge(tallies(dict.fromkeys(range(60), 9)), scene(heard_h=23), NOW) is None


def test_a_level_that_was_high_for_hours_needs_more() -> None:
    rise = dict.fromkeys(range(10), 1)
    calm, busy = {**steady(10, 240), **rise}, {**steady(5, 240), **rise}
    unsure = {"lasting": 0.2}
    assert judge(tallies(calm), scene(9.0, **unsure), NOW) is not None
    assert judge(tallies(busy), scene(9.0, **unsure), NOW) is None


def test_an_event_scales_what_is_usual_and_what_a_rise_must_reach() -> None:
    counts = {**steady(10, 240), **dict.fromkeys(range(8), 2)}
    event = Expected("sale", NOW - timedelta(days=1), NOW + timedelta(days=1), 20.0)
    assert judge(tallies(counts), scene(), NOW) is not None
    assert judge(tallies(counts), scene(6.0, event), NOW) is None
    past = Expected("sale", NOW - timedelta(days=2), NOW - timedelta(days=1), 8.0)
    assert judge(tallies(counts), scene(6.0, past), NOW) is not None


def test_events_that_begin_within_a_window_count_from_then_on_and_the_greatest_wins() -> None:
    half = timedelta(minutes=30)
    both = (Expected("a", NOW - half, NOW + half, 4.0), Expected("b", NOW - half / 2, NOW + half, 10.0))
    judged = scene(60.0, *both)
    assert judged.expected(NOW - 2 * half, NOW) == pytest.approx(30 + 15 * 4 + 15 * 10)
    assert judged.factor(NOW - half / 3) == 10.0


def test_it_is_over_when_counts_are_back_to_what_is_usual() -> None:
    hour = timedelta(hours=1)
    assert is_over(tallies(steady(10, 240)), scene(), NOW, hour)
    assert not is_over(tallies(steady(5, 240)), scene(), NOW, hour)


@settings(max_examples=60, deadline=None)
@given(COUNTS, st.integers(0, 59), st.integers(1, 5), st.floats(0.5, 60))
def test_more_complaints_never_make_an_alarm_go_away(counts: list[int], ago: int, more: int, rate: float) -> None:
    judged = scene(rate)
    before = {LAST - at: Tally(2 * count, count) for at, count in enumerate(counts)}
    known = before[LAST - ago]
    after = {**before, LAST - ago: Tally(known.posts + more, known.complaints + more)}
    first, then = judge(before, judged, NOW), judge(after, judged, NOW)
    if first is not None:
        assert then is not None
        assert then.chance <= first.chance * (1 + 1e-6) + 1e-300


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7_000), st.booleans()), max_size=150), st.randoms(use_true_random=False))
def test_the_order_of_posts_and_their_second_change_nothing(posts: list[tuple[int, bool]], chance: Random) -> None:
    stamped = [(NOW - timedelta(seconds=ago), complains) for ago, complains in posts]
    moved = [
        (moment.replace(second=chance.randrange(60), microsecond=chance.randrange(1_000_000)), complains)
        for moment, complains in stamped
    ]
    chance.shuffle(moved)
    assert by_minute(moved) == by_minute(stamped)
    assert judge(by_minute(moved), scene(), NOW) == judge(by_minute(stamped), scene(), NOW)


@settings(max_examples=30, deadline=None)
@given(COUNTS)
def test_what_was_posted_hours_ago_is_no_rise_of_now(counts: list[int]) -> None:
    late = {LAST - 60 - at: Tally(count * 9, count * 9) for at, count in enumerate(counts)}
    assert judge(late, scene(), NOW) is None
